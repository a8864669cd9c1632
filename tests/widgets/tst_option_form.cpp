// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QLocale>
#include <QTest>
#include <QToolButton>
#include <QToolTip>

#include "made_project.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/forms/path_edit.h"

using namespace llavakd;

class OptionFormTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { qRegisterMetaType<FieldValue>(); }

  void hasARowForEachPlainFieldWithItsHelpAndBounds() {
    OptionForm form;
    form.setFields(formFields(StageOptions{}));
    for (const FormField& field : formFields(StageOptions{})) {
      QWidget* editor = form.editor(toQString(field.field.name));
      QVERIFY2(editor, std::string(field.field.name).c_str());
      QVERIFY(editor->toolTip().contains(toQString(field.field.help).toHtmlEscaped()));
    }
    auto* warmUp = qobject_cast<NumberBox*>(form.editor(QStringLiteral("warmup_ratio")));
    QVERIFY(warmUp);
    QCOMPARE(warmUp->minimum(), 0.0);
    QCOMPARE(warmUp->maximum(), 1.0);
    QVERIFY(!form.editor(QStringLiteral("terms")));
    QCOMPARE(OptionForm::fieldLabel("learning_rate"), QStringLiteral("Learning rate"));
  }

  void offersTheCatalogsChoices() {
    OptionForm form;
    StageOptions stage;
    stage.schedule = "linear";
    form.setFields(formFields(stage));
    auto* box = qobject_cast<QComboBox*>(form.editor(QStringLiteral("schedule")));
    QVERIFY(box);
    QCOMPARE(box->count(), int(catalog::schedules().size()));
    QCOMPARE(box->currentData().toString(), QStringLiteral("linear"));
    auto* prompt = qobject_cast<QComboBox*>(form.editor(QStringLiteral("template")));
    QCOMPARE(prompt->currentData().toString(), QString());  // the project's
    QSignalSpy edited(&form, &OptionForm::edited);
    form.show();
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    QCOMPARE(edited.count(), 1);
    QCOMPARE(edited[0][0].toString(), QStringLiteral("schedule"));
    QCOMPARE(std::get<std::string>(edited[0][1].value<FieldValue>()), std::string("cosine"));
  }

  void takesTypedNumbersWithinTheirBounds() {
    OptionForm form;
    form.setFields(formFields(StageOptions{}));
    form.show();
    auto* rate = qobject_cast<NumberBox*>(form.editor(QStringLiteral("learning_rate")));
    QCOMPARE(rate->text(), QStringLiteral("0.001"));
    QSignalSpy edited(&form, &OptionForm::edited);
    rate->selectAll();
    QTest::keyClicks(rate, QStringLiteral("2e-5"));
    QTest::keyClick(rate, Qt::Key_Return);
    QCOMPARE(edited.count(), 1);
    QCOMPARE(std::get<double>(edited[0][1].value<FieldValue>()), 2e-5);
    rate->selectAll();
    QTest::keyClicks(rate, QStringLiteral("99"));  // the bound is 10
    QTest::keyClick(rate, Qt::Key_Return);
    QVERIFY(rate->value() <= 10);
  }

  void readsNumbersAsTheLocaleDoes_data() {
    QTest::addColumn<QLocale>("locale");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<double>("read");  // 7: refused, and the value stays
    const QLocale c = QLocale::c(), english(QStringLiteral("en_US")), german(QStringLiteral("de_DE")),
                  french(QStringLiteral("fr_FR"));
    QTest::newRow("grouped") << c << QStringLiteral("1,000") << 1000.0;
    QTest::newRow("grouped, English") << english << QStringLiteral("1,000") << 1000.0;
    QTest::newRow("grouped, German") << german << QStringLiteral("1.000") << 1000.0;
    // French groups by a space that nobody types.
    QTest::newRow("grouped, French") << french << QStringLiteral("1 000") << 1000.0;
    QTest::newRow("half, French") << french << QStringLiteral("1.5") << 7.0;
    QTest::newRow("plain") << german << QStringLiteral("1000") << 1000.0;
    QTest::newRow("power") << german << QStringLiteral("1e3") << 1000.0;
    QTest::newRow("half, English") << english << QStringLiteral("1,5") << 7.0;
    QTest::newRow("half, German") << german << QStringLiteral("1.5") << 7.0;
    QTest::newRow("no whole number") << german << QStringLiteral("1,5") << 7.0;
    QTest::newRow("two groups") << german << QStringLiteral("1.00.0") << 7.0;
    QTest::newRow("no number") << english << QStringLiteral("1e") << 7.0;
    QTest::newRow("too small") << english << QStringLiteral("0") << 7.0;
  }
  void readsNumbersAsTheLocaleDoes() {
    QFETCH(QLocale, locale);
    QFETCH(QString, typed);
    QFETCH(double, read);
    QLocale::setDefault(locale);
    OptionForm form;
    StageOptions stage;
    stage.batch_size = 7;
    form.setFields(formFields(stage));
    form.show();
    auto* box = qobject_cast<NumberBox*>(form.editor(QStringLiteral("batch_size")));
    QSignalSpy edited(&form, &OptionForm::edited);
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, typed);
    QTest::keyClick(box, Qt::Key_Return);
    QLocale::setDefault(QLocale::c());
    QCOMPARE(box->value(), read);
    QCOMPARE(edited.count(), read == 7 ? 0 : 1);
    QCOMPARE(QToolTip::isVisible(), read == 7);
    QToolTip::hideText();
    QTRY_VERIFY(!QToolTip::isVisible());
  }

  void showsNumbersAsItReadsThem() {
    const QLocale german(QStringLiteral("de_DE"));
    QLocale::setDefault(german);
    NumberBox box;
    box.setRange(0, 1e7);
    box.setValue(0.0625);
    const QString small = box.text();
    box.setRange(0, 1e9);
    box.setValue(123456789);
    const QString large = box.text();
    const auto back = box.valueFromText(large);
    QLocale::setDefault(QLocale::c());
    QCOMPARE(small, QStringLiteral("0,0625"));
    QCOMPARE(large, QStringLiteral("123456789"));
    QCOMPARE(back, 123456789.0);
  }

  void advancedFieldsStandBehindMore() {
    OptionForm form;
    form.setFields(formFields(StageOptions{}));
    form.show();
    QWidget* sampler = form.editor(QStringLiteral("sampler"));
    QVERIFY(!sampler->isVisible());
    QTest::mouseClick(form.findChild<QToolButton*>(QString(), Qt::FindChildrenRecursively), Qt::LeftButton);
    bool found = false;
    for (QToolButton* button : form.findChildren<QToolButton*>())
      if (button->isCheckable()) {
        button->setChecked(true);
        found = true;
      }
    QVERIFY(found);
    QVERIFY(sampler->isVisible());
  }

  /// The Tab key reaches every field in sight before what opens the others.
  void tabReachesTheFieldsBeforeMore() {
    OptionForm form;
    form.setFields(formFields(RunOptions{}));
    form.show();
    form.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&form));
    QWidget* first = form.editor(QStringLiteral("device"));
    first->setFocus();
    QStringList reached;
    for (int i = 0; i < 12 && reached.value(reached.size() - 1) != QStringLiteral("More"); ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      QVERIFY(QApplication::focusWidget());
      const auto* button = qobject_cast<const QToolButton*>(QApplication::focusWidget());
      reached << (button ? button->text() : QApplication::focusWidget()->objectName());
    }
    QCOMPARE(reached, (QStringList{QStringLiteral("precision"), QStringLiteral("seed"),
                                   QStringLiteral("checkpoint_every"), QStringLiteral("More")}));
  }

  /// A path's field says what it is for, whatever path it holds, and bounds are written as people type them.
  void fieldsSayWhatTheyAreFor() {
    OptionForm form;
    form.setFields(formFields(StageOptions{}));
    form.show();
    auto* path = qobject_cast<PathEdit*>(form.editor(QStringLiteral("data")));
    path->line()->setFocus();
    QTest::keyClicks(path->line(), QStringLiteral("somewhere/data.json"));
    QVERIFY(path->line()->toolTip().contains(QStringLiteral("conversation file")));
    QCOMPARE(path->line()->accessibleName(), QStringLiteral("Data"));
    QVERIFY(path->findChild<QToolButton*>()->accessibleName().startsWith(QStringLiteral("Data: ")));
    const QString batch = form.editor(QStringLiteral("batch_size"))->toolTip();
    QVERIFY2(batch.contains(QStringLiteral("Between 1 and 1048576.")), qPrintable(batch));
  }

  void assignsByName() {
    StageOptions stage;
    QVERIFY(assignField(stage, "batch_size", int64_t(7)));
    QCOMPARE(stage.batch_size, int64_t(7));
    QVERIFY(!assignField(stage, "batch_size", 7.5));
    QVERIFY(!assignField(stage, "no_such_field", int64_t(7)));
  }

  void showsWhatChangedWithoutRebuilding() {
    OptionForm form;
    StageOptions stage;
    form.setFields(formFields(stage));
    QWidget* before = form.editor(QStringLiteral("batch_size"));
    stage.batch_size = 32;
    stage.data = "data.json";
    QSignalSpy edited(&form, &OptionForm::edited);
    form.setFields(formFields(stage));
    QCOMPARE(form.editor(QStringLiteral("batch_size")), before);
    QCOMPARE(qobject_cast<NumberBox*>(before)->value(), 32.0);
    QCOMPARE(qobject_cast<PathEdit*>(form.editor(QStringLiteral("data")))->path(), QStringLiteral("data.json"));
    QCOMPARE(edited.count(), 0);
  }
};

QTEST_MAIN(OptionFormTest)
#include "tst_option_form.moc"
