// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <string>

#include "core/base/errors.h"
#include "core/io/safetensors.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/step_slider.h"
#include "widgets/pages/inspect/token_choices.h"
#include "widgets/pages/inspect/token_panel.h"
#include "widgets/pages/inspect/token_strip.h"
#include "widgets/pages/inspect/token_table.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/value_table_dialog.h"

namespace llavakd {

/// The tab Tokens of the Inspect page.
class TokenPanelTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

  std::filesystem::path file(const char* name) const { return toPath(m_folder.filePath(QLatin1String(name))); }
  /// A probe of 2 × 2 patches: four words, three of the picture, eight words.
  std::filesystem::path madeProbe(bool withTeacher = true) const {
    write_made_probe(file("probe.safetensors"), 2, 0, 0.5, withTeacher);
    return file("probe.safetensors");
  }
  static std::shared_ptr<const ProbeLook> lookAt(const std::filesystem::path& path) {
    auto look = std::make_shared<ProbeLook>();
    look->file = toQString(path);
    look->probe = read_probe_file(path);
    return look;
  }

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void readsTheTokensOfAProbe() {
    const std::vector<ProbeToken> tokens = read_probe_tokens(madeProbe());
    QCOMPARE(tokens.size(), std::size_t{15});
    QVERIFY(tokens[0].kind == SegmentKind::prompt && tokens[0].visual == -1 && tokens[0].id == 20);
    QVERIFY(tokens[4].kind == SegmentKind::visual && tokens[4].visual == 0 && tokens[6].visual == 2);
    QVERIFY(tokens[7].kind == SegmentKind::prompt && tokens[7].id == 20);
    QCOMPARE(tokens[3].teacher.size(), std::size_t{5});
    QVERIFY(tokens[3].teacher[0].id == 30 && tokens[3].teacher[0].probability == 0.6f);
    QVERIFY(tokens[3].student[0].id == 31 && tokens[3].student[1].probability == 0.15f);
    QVERIFY(tokens[0].divergence > 0);
    QVERIFY(read_probe_tokens(madeProbe(false)).empty());  // no teacher: nothing is compared
  }

  /// What doesn't fit together is refused with the file's name.
  void refusesDamagedTokens() {
    const std::vector<float> three{1, 2, 3};
    const std::vector<int64_t> ids{1, 2, 3};
    const auto bytes = [](const auto& values) {
      return [&values] {
        return std::as_bytes(std::span(values));
      };
    };
    const auto refused = [&](std::vector<TensorToWrite> tensors, const std::string& segments) {
      write_safetensors(file("damaged.safetensors"), std::move(tensors), {{"segments", segments}});
      try {
        read_probe_tokens(file("damaged.safetensors"));
      } catch (const UserError& error) {
        return QString::fromUtf8(error.what()).contains(QStringLiteral("damaged.safetensors"));
      }
      return false;
    };
    const TensorToWrite kl{"token_kl", DType::F32, {3}, bytes(three)}, input{"input_ids", DType::I64, {3}, bytes(ids)};
    std::vector<TensorToWrite> whole{kl, input};
    for (const char* who : {"teacher", "student"}) {
      whole.push_back({std::string("topk.") + who + ".ids", DType::I64, {3, 1}, bytes(ids)});
      whole.push_back({std::string("topk.") + who + ".probabilities", DType::F32, {3, 1}, bytes(three)});
    }
    QVERIFY(!refused(whole, R"([{"kind":"prompt","begin":0,"end":3}])"));
    QVERIFY(refused(whole, R"([{"kind":"prompt","begin":0,"end":4}])"));
    QVERIFY(refused(whole, R"([{"kind":"prompt","begin":2,"end":1}])"));
    QVERIFY(refused(whole, "{"));
    QVERIFY(refused({kl, input}, "[]"));
    auto other = whole;
    other[1] = {"input_ids", DType::I64, {1}, [&ids] {
                  return std::as_bytes(std::span(ids).first(1));
                }};
    QVERIFY(refused(other, "[]"));
  }

  void oneWordIsChosenByPointerAndKeys() {
    TokenStrip strip;
    strip.resize(600, 160);
    strip.setTokens(read_probe_tokens(madeProbe()));
    strip.show();
    QSignalSpy chosen(&strip, &TokenStrip::chosenByUser);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.positionOf(7).toPoint());
    QCOMPARE(strip.chosen(), 7);
    for (const auto& [key, wanted] :
         {std::pair(Qt::Key_Right, 8), std::pair(Qt::Key_Left, 7), std::pair(Qt::Key_End, 14),
          std::pair(Qt::Key_Right, 14), std::pair(Qt::Key_Home, 0)}) {
      QTest::keyClick(&strip, key);
      QCOMPARE(strip.chosen(), wanted);
    }
    QCOMPARE(chosen.size(), 5);  // the end stays where it is
    strip.setTokens({}, QStringLiteral("nothing"));
    QTest::keyClick(&strip, Qt::Key_Right);
    QVERIFY(strip.chosen() == -1 && chosen.size() == 5);
  }

  /// However many tokens a picture has, words keep half of the width.
  void wordsKeepTheirRoom() {
    std::vector<ProbeToken> tokens(1010);
    for (int i = 5; i < 1005; ++i) tokens[std::size_t(i)].visual = i - 5;
    TokenStrip strip;
    strip.resize(700, 160);
    strip.setTokens(tokens);
    const double word = strip.positionOf(1).x() - strip.positionOf(0).x();
    const double patch = strip.positionOf(11).x() - strip.positionOf(10).x();
    QVERIFY(word > 25 && word <= 40);
    QVERIFY(patch > 0.2 && patch < 1);
    QVERIFY(strip.positionOf(1009).x() < 700);
  }

  void saysWhatBothExpect() {
    TokenPanel panel;
    panel.resize(900, 500);
    panel.setLook(lookAt(madeProbe()));
    QTRY_VERIFY(panel.hasTokens());
    QVERIFY2(panel.placeText().contains(QStringLiteral("KL")), qPrintable(panel.placeText()));  // the furthest apart
    QTest::keyClick(panel.strip(), Qt::Key_Home);
    QVERIFY(panel.placeText().contains(QStringLiteral("token 20")) &&
            panel.placeText().contains(QStringLiteral("the same")));
    QCOMPARE(panel.teacher()->text().section(u',', 0, 0), QStringLiteral("token 30 60.0 %"));
    QTest::keyClick(panel.strip(), Qt::Key_Right);
    QVERIFY(panel.placeText().contains(QStringLiteral("different")));
    QCOMPARE(panel.student()->text().section(u',', 0, 0), QStringLiteral("token 31 30.0 %"));
    QCOMPARE(panel.strip()->accessibleDescription(), panel.placeText());
    QCOMPARE(panel.student()->accessibleDescription(), panel.student()->text());
    for (int i = 0; i < 3; ++i) QTest::keyClick(panel.strip(), Qt::Key_Right);
    QVERIFY2(panel.placeText().contains(QStringLiteral("row 1, column 2")), qPrintable(panel.placeText()));
    // With a tokenizer the tokens are words; the position stays.
    const auto folder = std::filesystem::path(LLAVAKD_SOURCE_DIR) / "projects/emoji/models/language-student";
    panel.setTokenizer(std::make_shared<const Tokenizer>(Tokenizer::load(folder)));
    QVERIFY2(panel.teacher()->text().startsWith(u'“'), qPrintable(panel.teacher()->text()));
    panel.setLook(lookAt(madeProbe(false)));
    QTRY_VERIFY(!panel.hasTokens());
    QVERIFY(panel.placeText().isEmpty() && panel.teacher()->text().isEmpty());
  }

  void theTableHasEveryPosition() {
    const std::vector<ProbeToken> tokens = read_probe_tokens(madeProbe());
    QStringList texts;
    for (std::size_t i = 0; i < tokens.size(); ++i) texts << QStringLiteral("a \"%1\"").arg(i);
    const TokenTable table(tokens, texts, {tokens.size(), {QStringLiteral("x,"), QStringLiteral("y")}});
    QVERIFY(table.rows() == 15 && table.columns() == 5);
    QCOMPARE(table.text(3, 1), texts[3]);
    QCOMPARE(table.value(3, 2), tokens[3].divergence);
    QCOMPARE(table.text(3, 3), QStringLiteral("x, 60.0 %"));
    const QString csv = table.commaSeparated({3});
    QVERIFY2(csv.startsWith(QStringLiteral("position,token,kl,teacher,student,")), qPrintable(csv));
    QVERIFY2(csv.contains(QStringLiteral("\n3,\"a \"\"3\"\"\",")) && csv.contains(QStringLiteral("\"x,\"")),
             qPrintable(csv));
  }

  /// The tab follows the run's time like the other: the same slider, the same word from step to step.
  void isATabOfThePage() {
    OpenedRun opened(make_run(toPath(m_folder.filePath(QStringLiteral("run")))));
    InspectPage page(&opened.document, &opened.run);
    page.resize(1280, 800);
    page.show();
    opened.open();
    QTRY_VERIFY(page.panel()->hasLook());
    QVERIFY(!page.tokens()->isVisible() && !page.tokens()->hasTokens());
    page.tabs()->setCurrentIndex(1);
    QVERIFY(page.tokens()->isVisible() && !page.panel()->isVisible() && page.chart()->isVisible());
    QTRY_VERIFY(page.tokens()->hasTokens());
    QTest::keyClick(page.tokens()->strip(), Qt::Key_Home);
    QTest::keyClick(page.tokens()->strip(), Qt::Key_Right);
    const QString last = page.tokens()->placeText();
    takePicture(&page, QStringLiteral("inspect-tokens"));
    page.slider()->setValue(0);
    QTRY_VERIFY(page.tokens()->placeText() != last);  // another step: another number
    QCOMPARE(page.tokens()->strip()->chosen(), 1);
    page.tokens()->showTable();
    auto* table = page.findChild<ValueTableDialog*>();
    QVERIFY(table && table->model()->rowCount() == 47);
    delete table;
    page.tabs()->setCurrentIndex(0);
    QVERIFY(page.panel()->isVisible() && page.chart()->isVisible());
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::TokenPanelTest)
#include "tst_token_panel.moc"
