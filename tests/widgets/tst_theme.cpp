// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QRadioButton>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/theme/list_button.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// Relative luminance and contrast as WCAG 2.1 defines them (1.4.3, 1.4.11).
double luminance(const QColor& color) {
  const auto linear = [](double part) {
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
  const double first = luminance(a), second = luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor tinted(const QColor& ground, const QColor& color, double share) {
  const auto mixed = [share](int under, int over) {
    return int(std::lround(under * (1 - share) + over * share));
  };
  return {mixed(ground.red(), color.red()), mixed(ground.green(), color.green()), mixed(ground.blue(), color.blue())};
}

}  // namespace

class ThemeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() { theme::apply(*qApp, theme::Appearance::light); }

  void wordsCanBeRead_data() { appearances(); }
  void wordsCanBeRead() {
    QFETCH(int, appearance);
    theme::apply(*qApp, theme::Appearance(appearance));
    for (const QColor& ground : {theme::window(), theme::card(), theme::cardSunken()}) {
      for (const QColor& words : {theme::text(), theme::mutedText(), theme::accent()}) reads(words, ground, 4.5);
      for (const auto state : {theme::State::none, theme::State::running, theme::State::paused, theme::State::done,
                               theme::State::failed, theme::State::stopped, theme::State::interrupted})
        reads(theme::stateColor(state), ground, 4.5);
    }
    const QPalette palette = QApplication::palette();
    reads(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight), 4.5);
    reads(palette.color(QPalette::ButtonText), palette.color(QPalette::Button), 4.5);
    reads(palette.color(QPalette::PlaceholderText), palette.color(QPalette::Base), 4.5);
    // The chosen page in the rail.
    reads(theme::accent(), tinted(theme::window(), theme::accent(), 0.14), 4.5);
  }

  void linesCanBeSeen_data() { appearances(); }
  void linesCanBeSeen() {
    QFETCH(int, appearance);
    theme::apply(*qApp, theme::Appearance(appearance));
    for (const QColor& ground : {theme::window(), theme::card(), theme::cardSunken()}) {
      reads(theme::fieldBorder(), ground, 3);
      for (const auto who : {theme::Who::teacher, theme::Who::student}) reads(theme::whoColor(who), ground, 3);
    }
    reads(theme::termColor("total"), theme::card(), 3);
    for (const TermInfo& term : term_catalog()) reads(theme::termColor(term.name), theme::card(), 3);
    for (const char* use : {"visual", "prompt", "response"}) reads(theme::tokenColor(use), theme::card(), 3);
  }

  /// Tool tips have the theme's colours without a style sheet, which would slow down every widget.
  void toolTipsAreOfTheTheme_data() { appearances(); }
  void toolTipsAreOfTheTheme() {
    QFETCH(int, appearance);
    theme::apply(*qApp, theme::Appearance(appearance));
    QVERIFY(qApp->styleSheet().isEmpty());
    QWidget widget;
    widget.show();
    QToolTip::showText(QPoint(10, 10), QStringLiteral("A tip"), &widget);
    QWidget* tip = nullptr;
    for (QWidget* each : QApplication::topLevelWidgets())
      if (each->inherits("QTipLabel")) tip = each;
    QVERIFY(tip);
    const QImage drawn = tip->grab().toImage();
    QCOMPARE(drawn.pixelColor(2, drawn.height() / 2), theme::card());
    QCOMPARE(drawn.pixelColor(0, drawn.height() / 2), theme::border());
    QToolTip::hideText();
  }

  /// Which template is chosen is seen wherever the pointer and the keyboard are.
  void theChosenTemplateIsMarked() {
    QTemporaryDir settings;
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings.path());
    StartPage page;
    page.resize(1000, 900);
    page.show();
    QList<ListButton*> templates;
    for (auto* button : page.findChildren<ListButton*>())
      if (button->objectName().startsWith(QStringLiteral("template-"))) templates << button;
    QVERIFY(templates.size() > 1);
    const auto chosen = [&] {
      QList<ListButton*> found;
      for (auto* button : templates)
        if (button->isChecked()) found << button;
      return found;
    };
    QCOMPARE(chosen().size(), qsizetype(1));
    ListButton* other = templates[0]->isChecked() ? templates[1] : templates[0];
    const QImage before = other->grab().toImage();
    QTest::mouseClick(other, Qt::LeftButton);
    QVERIFY(chosen() == QList<ListButton*>{other});
    QVERIFY(other->grab().toImage() != before);
  }

  void boxesAndFieldsHaveBorders_data() { appearances(); }
  void boxesAndFieldsHaveBorders() {
    QFETCH(int, appearance);
    theme::apply(*qApp, theme::Appearance(appearance));
    QWidget page;
    page.resize(400, 300);
    QWidget* fields[] = {new QCheckBox(&page), new QRadioButton(&page), new QLineEdit(&page), new QSpinBox(&page),
                         new QComboBox(&page)};
    for (int i = 0; i < 5; ++i) fields[i]->setGeometry(20, 20 + 50 * i, 160, 32);
    page.show();
    QTRY_VERIFY(page.isVisible());
    page.setFocus();
    const QImage image = page.grab().toImage();
    const double scale = image.devicePixelRatio();
    for (QWidget* field : fields) {
      double best = 1;
      const int y = field->geometry().center().y();
      const bool box = field == fields[0] || field == fields[1];  // of the others only the edge: digits are dark anyway
      for (int x = field->x() - 1; x < field->x() + (box ? 24 : 3); ++x)
        best = std::max(best, contrast(image.pixelColor(int(x * scale), int(y * scale)), theme::window()));
      QVERIFY2(best >= 3, qPrintable(QStringLiteral("%1: %2").arg(field->metaObject()->className()).arg(best)));
    }
  }

 private:
  static void appearances() {
    QTest::addColumn<int>("appearance");
    QTest::newRow("light") << int(theme::Appearance::light);
    QTest::newRow("dark") << int(theme::Appearance::dark);
  }
  static void reads(const QColor& color, const QColor& ground, double least) {
    const double found = contrast(color, ground);
    QVERIFY2(found >= least, qPrintable(QStringLiteral("%1 on %2: %3").arg(color.name(), ground.name()).arg(found)));
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ThemeTest)
#include "tst_theme.moc"
