// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <fstream>

#include "core/data/sample_tokens.h"
#include "core/project/project_file.h"
#include "page_picture.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_details.h"
#include "widgets/pages/data/sample_list.h"
#include "widgets/pages/data/sample_list_panel.h"
#include "widgets/pages/data/sample_view.h"
#include "widgets/pages/data/token_flow.h"
#include "widgets/theme/parts.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const fs::path sources = LLAVAKD_SOURCE_DIR;
using Phase = SampleBrowser::Phase;
using Filter = SampleBrowser::Filter;

/// A project of the emoji models, whose data have two faulty entries, a picture that isn't there, an answer that no
/// label is left of, and a picture under two names.
struct EmojiProject {
  EmojiProject() {
    fs::create_directories(folder / "images");
    for (const char* name : {"a.png", "copy.png"})
      fs::copy_file(sources / "tests/data/image/rgb.png", folder / "images" / name);
    write("data.json", R"([
      {"id": "first", "image": "a.png", "conversations": [{"from": "human", "value": "<image>\nWhat is at the top left?"},
        {"from": "gpt", "value": "a red car"}]},
      {"id": "none"},
      {"id": "words", "conversations": [{"from": "human", "value": "Why a tiger?"}, {"from": "gpt", "value": "So."}]},
      {"id": "copy", "image": "copy.png", "conversations": [{"from": "human", "value": "<image>\nWhat color is it?"},
        {"from": "gpt", "value": "red"}, {"from": "human", "value": "And how many?"}, {"from": "gpt", "value": "two"}]},
      {"id": "gone", "image": "gone.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"},
        {"from": "gpt", "value": "a cat"}]},
      {"id": "ends", "conversations": [{"from": "human", "value": "What?"},
        {"from": "gpt", "value": "It ASSISTANT: is."}]},
      {"id": "unpaired", "conversations": [{"from": "human", "value": "What <image>?"}, {"from": "gpt", "value": "x"}]}])");
    Project project;
    project.name = "small";
    const fs::path models = sources / "projects/emoji/models";
    project.teacher.checkpoint = (models / "teacher").string();
    project.student.language_model = (models / "language-student").string();
    project.student.vision_tower = (models / "tower").string();
    project.conversation_template = "no_system";
    for (const char* name : {"DPT", "SFT"}) {
      StageOptions stage;
      stage.name = name;
      stage.data = "data.json";
      stage.images = "images";
      stage.terms = {};
      for (const TermInfo& term : term_catalog()) {
        TermOptions options;
        options.term = std::string(term.name);
        stage.terms.push_back(options);
      }
      project.stages.push_back(stage);
    }
    project.stages[0].conversation_template = "pretrain";
    project.probes = {{"images/a.png", "How many things are there?"}};
    save_project(project, file);
  }

  void write(const char* name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }

  QTemporaryDir dir;
  fs::path folder = toPath(dir.path()), file = folder / "small.kdproj";
};

/// The page of that project, shown, with everything measured.
struct OpenedPage {
  OpenedPage() {
    document.open(toQString(made.file));
    page.resize(1200, 800);
  }
  /// Waits until the samples are read and measured.
  void show() {
    QTRY_VERIFY(document.isOpen());
    page.show();
    QVERIFY(QTest::qWaitForWindowActive(&page) || page.isVisible());
    QTRY_COMPARE(browser().phase(), Phase::ready);
    QTRY_VERIFY(browser().maxLength().has_value());
    QTRY_VERIFY_WITH_TIMEOUT(!browser().textProgress(), 30'000);
  }
  SampleBrowser& browser() { return *page.browser(); }
  QStringList listed() {
    QStringList ids;
    for (const int64_t row : browser().rows()) ids << browser().table().id(row);
    return ids;
  }
  void click(int place) {
    const QModelIndex index = page.list()->model()->index(place, SampleListModel::text);
    page.list()->scrollTo(index);
    QTest::mouseClick(page.list()->viewport(), Qt::LeftButton, {}, page.list()->visualRect(index).center());
  }
  /// Chooses a filter by keys.
  void filter(SampleBrowser::Filter filter) {
    QTest::keyClick(page.panel()->filters(), Qt::Key_Home);
    for (int i = 0; i < int(filter); ++i) QTest::keyClick(page.panel()->filters(), Qt::Key_Down);
  }

  EmojiProject made;
  ProjectDocument document;
  DataPage page{&document};
};

}  // namespace

class DataPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void readsOnlyWhatIsLookedAt() {
    OpenedPage opened;
    QTRY_VERIFY(opened.document.isOpen());
    QTest::qWait(50);
    QCOMPARE(opened.browser().phase(), Phase::none);
    opened.show();
    QCOMPARE(opened.listed(), (QStringList{"first", "none", "words", "copy", "gone", "ends", "unpaired"}));
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("first"));
    takePicture(&opened.page, QStringLiteral("data"));
    opened.page.resize(880, 620);
    takePicture(&opened.page, QStringLiteral("data-small"));
  }

  /// What stands in the list is what a run makes of the sample.
  void lengthsAndFaultsAreTheRuns() {
    OpenedPage opened;
    opened.show();
    QComboBox* sets = opened.page.sets();
    sets->setFocus();
    QTest::keyClick(sets, Qt::Key_Down);
    QCOMPARE(sets->currentText(), QStringLiteral("SFT · data.json"));
    QTRY_COMPARE(toQString(opened.browser().set().conversation_template->name), QStringLiteral("no_system"));
    QTRY_VERIFY(!opened.browser().textProgress());
    const Tokenizer tokenizer = Tokenizer::load(sources / "projects/emoji/models/language-student");
    const TextRules rules{.tokenizer = &tokenizer,
                          .conversation_template = &conversation_template("no_system"),
                          .visual_tokens = 35,
                          .max_length = 2048};
    const auto whole = open_dataset(opened.made.folder / "data.json");
    for (int64_t i = 0; i < whole->size(); ++i) {
      const SampleTokens tokens = sample_tokens(*whole->sample(i), rules);
      const int64_t row = opened.browser().table().rowOfSample(i);
      QCOMPARE(opened.browser().tokensOf(row), std::optional(tokens.length()));
      QCOMPARE(opened.browser().faultOf(row), toQString(tokens.sequence.skipped.value_or("")));
    }
    QCOMPARE(opened.browser().faultCount(), 3);  // two entries and the separator within an answer
    opened.filter(Filter::faults);
    QCOMPARE(opened.listed(), (QStringList{"none", "ends", "unpaired"}));
    opened.click(0);
    QCOMPARE(opened.page.view()->title(), QStringLiteral("none"));
    QVERIFY(opened.page.view()->message()->text().contains(QStringLiteral("conversations")));
    QTest::keyClick(opened.page.list(), Qt::Key_Down);
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("ends"));
    QTRY_VERIFY(opened.page.view()->message()->text().contains(QStringLiteral("ASSISTANT")));
  }

  void tokensSayWhatTheyAre() {
    OpenedPage opened;
    opened.show();
    opened.page.sets()->setFocus();
    QTest::keyClick(opened.page.sets(), Qt::Key_Down);
    SampleView* view = opened.page.view();
    QTRY_VERIFY(view->tokens()->cellCount() > 10);
    QVERIFY(view->modelText().contains(QStringLiteral("same tokens and pictures")));
    QVERIFY(!view->button(theme::Who::teacher)->isVisible());
    TokenFlow* tokens = view->tokens();
    int picture = 0, answer = 0;
    for (int cell = 0; cell < tokens->cellCount(); ++cell) {
      if (tokens->describe(cell).contains(QStringLiteral(" · visual · "))) picture = cell;
      if (tokens->describe(cell).contains(QStringLiteral(" · response · ")) && answer == 0) answer = cell;
    }
    QVERIFY(picture > 0 && answer > picture);
    QVERIFY2(tokens->describe(picture).contains(QStringLiteral("RDist")), qPrintable(tokens->describe(picture)));
    QTest::mouseClick(tokens, Qt::LeftButton, {}, tokens->cellRect(picture).center());
    QCOMPARE(tokens->currentCell(), picture);
    QCOMPARE(view->tokenText(), tokens->describe(picture));
    QTest::keyClick(tokens, Qt::Key_Right);
    QCOMPARE(tokens->currentCell(), picture + 1);
    QTest::keyClick(tokens, Qt::Key_End);
    QCOMPARE(tokens->currentCell(), tokens->cellCount() - 1);
    // The token before an answer is where its first token is predicted.
    QVERIFY2(tokens->describe(answer - 1).contains(QStringLiteral("Cross entropy")),
             qPrintable(tokens->describe(answer - 1)));
  }

  void searchesTheTexts() {
    OpenedPage opened;
    opened.show();
    opened.page.list()->setFocus();
    QTest::keyClick(&opened.page, Qt::Key_F, Qt::ControlModifier);
    QLineEdit* field = opened.page.panel()->searchField();
    QTRY_VERIFY(opened.page.focusWidget() == field);
    QTest::keyClicks(field, QStringLiteral("TIGER"));
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_COMPARE(opened.listed(), QStringList{"words"});
    QVERIFY(opened.page.focusWidget() == opened.page.list());
    opened.click(0);
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("words"));
    field->clear();
    QTRY_COMPARE(opened.listed().size(), qsizetype(7));
    QCOMPARE(opened.page.list()->currentRow(), 2);  // stays the chosen one
  }

  /// A search that finds nothing says so, and no sample of before is left next to it.
  void saysThatASearchFindsNothing() {
    OpenedPage opened;
    opened.show();
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("first"));
    auto* none = opened.page.findChild<TextLabel*>(QStringLiteral("noneListed"));
    QVERIFY(!none->isVisible());
    QTest::keyClicks(opened.page.panel()->searchField(), QStringLiteral("giraffe"));
    QTRY_VERIFY(none->isVisible());
    QCOMPARE(none->text(), QStringLiteral("No sample has “giraffe” in its id or texts."));
    QTRY_COMPARE(opened.page.view()->title(), QString());
    QTest::mouseClick(opened.page.findChild<QPushButton*>(QStringLiteral("showAllSamples")), Qt::LeftButton);
    QTRY_COMPARE(opened.listed().size(), qsizetype(7));
    QVERIFY(!none->isVisible());
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("first"));
  }

  void picturesAreReadWhenAsked() {
    OpenedPage opened;
    opened.show();
    QVERIFY(!opened.browser().pictureScan());
    QTest::mouseClick(opened.page.panel()->picturesButton(), Qt::LeftButton);
    QTRY_VERIFY(opened.browser().pictureScan());
    QVERIFY2(opened.page.panel()->statusText().contains(QStringLiteral("3 pictures, 1 under several names")),
             qPrintable(opened.page.panel()->statusText()));
    opened.filter(Filter::duplicates);
    QCOMPARE(opened.listed(), (QStringList{"first", "copy"}));
    opened.click(1);
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("copy"));
    QTRY_VERIFY(opened.page.view()->message()->text().contains(QStringLiteral("a.png, copy.png")));
    opened.filter(Filter::faults);
    QVERIFY(opened.listed().contains(QStringLiteral("gone")));
  }

  void aSampleThatAnErrorNamesOpens() {
    OpenedPage opened;
    QTRY_VERIFY(opened.document.isOpen());
    opened.page.openSample(QStringLiteral("SFT"), QStringLiteral("copy"));  // before anything was read
    opened.show();
    QCOMPARE(opened.page.sets()->currentIndex(), 1);
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("copy"));
    opened.filter(Filter::withoutPicture);
    QVERIFY(!opened.listed().contains(QStringLiteral("first")));
    opened.page.openSample(QStringLiteral("DPT"), QStringLiteral("first"));  // which the filter hides
    QCOMPARE(opened.page.sets()->currentIndex(), 0);
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("first"));
    QVERIFY(!opened.page.message()->isVisible());
    opened.page.openSample(QStringLiteral("DPT"), QStringLiteral("nobody"));
    QVERIFY(opened.page.message()->isVisible() && opened.page.message()->text().contains(QStringLiteral("nobody")));
  }

  /// From the check: all that a run would leave out, for its text or its picture.
  void whatARunLeavesOutIsListed() {
    OpenedPage opened;
    QTRY_VERIFY(opened.document.isOpen());
    opened.page.openLeftOut(QStringLiteral("stages[1]"));  // before anything was read
    opened.show();
    QCOMPARE(opened.page.sets()->currentIndex(), 1);
    QCOMPARE(opened.page.panel()->filters()->currentData().toInt(), int(Filter::faults));
    QTRY_COMPARE(opened.listed(), (QStringList{"none", "gone", "ends", "unpaired"}));
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("none"));  // the first of them is chosen
  }

  void theFirstBatchIsWhatARunBeginsWith() {
    OpenedPage opened;
    opened.show();
    opened.filter(Filter::firstBatch);
    QTRY_COMPARE(opened.listed().size(), qsizetype(5));  // all that can be used fit into one
    opened.document.edit(QStringLiteral("batch"), [](Project& project) { project.stages[0].batch_size = 2; });
    QTRY_COMPARE(opened.listed().size(), qsizetype(2));
    const SampleSet& set = opened.browser().set();
    QStringList begins;
    for (const int64_t sample : first_batch(set, *opened.browser().dataset()))
      begins << opened.browser().table().id(opened.browser().table().rowOfSample(sample));
    QStringList listed = opened.listed();
    begins.sort();
    listed.sort();
    QCOMPARE(listed, begins);
  }

  void whatMaxLengthCutsOffIsShown() {
    OpenedPage opened;
    opened.show();
    opened.page.openStage(QStringLiteral("SFT"));
    opened.document.edit(QStringLiteral("shorten"), [](Project& project) { project.max_length = 55; });
    QTRY_COMPARE(opened.browser().maxLength(), std::optional<int64_t>(55));
    QTRY_VERIFY(!opened.browser().textProgress());
    opened.filter(Filter::longer);
    QCOMPARE(opened.listed(), QStringList{"copy"});
    opened.click(0);
    QTRY_VERIFY(opened.page.view()->title() == QStringLiteral("copy") &&
                opened.page.view()
                    ->tokens()
                    ->describe(opened.page.view()->tokens()->cellCount() - 1)
                    .contains(QStringLiteral("ignored")));
  }

  void probesAndErrorsHaveTheirPlaces() {
    OpenedPage opened;
    opened.show();
    QComboBox* sets = opened.page.sets();
    sets->setFocus();
    QTest::keyClick(sets, Qt::Key_End);
    QCOMPARE(sets->currentText(), QStringLiteral("Probes"));
    QTRY_COMPARE(opened.listed(), QStringList{"probe 1"});
    QTRY_COMPARE(opened.page.view()->title(), QStringLiteral("probe 1"));
    opened.made.write("broken.json", "<!doctype html><p>Not found");
    opened.document.edit(QStringLiteral("choose"), [](Project& project) { project.stages[0].data = "broken.json"; });
    QTest::keyClick(sets, Qt::Key_Home);
    QTRY_COMPARE(opened.browser().phase(), Phase::failed);
    QVERIFY2(opened.page.emptyText().contains(QStringLiteral("broken.json")), qPrintable(opened.page.emptyText()));
    // Where it can be mended is one click away.
    QSignalSpy fields(&opened.page, &DataPage::fieldRequested);
    auto* show = opened.page.findChild<QPushButton*>(QStringLiteral("showDataOption"));
    QVERIFY(show->isVisible() && opened.page.findChild<QPushButton*>(QStringLiteral("chooseDataFile"))->isVisible());
    QTest::mouseClick(show, Qt::LeftButton);
    QCOMPARE(fields.size(), 1);
    QCOMPARE(fields[0][0].toString(), QStringLiteral("stages[0].data"));
    opened.page.setDataFile(toQString(opened.made.folder / "data.json"));
    QTRY_COMPARE(opened.browser().phase(), Phase::ready);
    QCOMPARE(opened.document.project().stages[0].data, std::string("data.json"));
    opened.document.undoStack()->undo();
    opened.document.undoStack()->undo();
    QTRY_COMPARE(opened.browser().phase(), Phase::ready);
    opened.document.edit(QStringLiteral("empty"), [](Project& project) {
      project.stages.clear();
      project.probes.clear();
    });
    QVERIFY2(opened.page.emptyText().contains(QStringLiteral("no samples")), qPrintable(opened.page.emptyText()));
    opened.document.close();
    QVERIFY(opened.page.emptyText().contains(QStringLiteral("Open or make a project")));
  }

  void longWorkSaysWhatIsLeft() {
    QVERIFY(!secondsLeft(0.5, 1) && !secondsLeft(0.001, 60));  // too little to go by
    QCOMPARE(secondsLeft(0.25, 60), std::optional(180.0));
    QCOMPARE(progressText({0.21, 300.0}), QStringLiteral("21\u202f%, 5 min left"));
    QCOMPARE(progressText({0.21, std::nullopt}), QStringLiteral("21\u202f%"));
  }

  /// What is wrong with a sample is said once, next to its id.
  void aReasonDoesNotRepeatTheId() {
    OpenedPage opened;
    opened.show();
    opened.filter(Filter::faults);
    const int64_t row = opened.browser().table().rowOfId(QStringLiteral("words"));  // DPT's captions need a picture
    QVERIFY(opened.listed().contains(QStringLiteral("words")));
    QVERIFY2(!opened.browser().faultOf(row).contains(QStringLiteral("words")),
             qPrintable(opened.browser().faultOf(row)));
    QVERIFY2(opened.browser().faultOf(row).startsWith(QStringLiteral("<image> is 1 time")),
             qPrintable(opened.browser().faultOf(row)));
  }

  /// The window goes on while a large file is read, measured and searched.
  void largeFilesNeverBlock() {
    OpenedPage opened;
    constexpr int count = 10'000;
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines +=
          fmt::format(
              R"({{"id": "{0}", "conversations": [{{"from": "human", "value": "What is number {0}?"}}, {{"from": "gpt", "value": "A number."}}]}})",
              i) +
          "\n";
    opened.made.write("data.json", lines);
    qint64 longest = 0;
    QElapsedTimer since;
    QTimer beat;
    connect(&beat, &QTimer::timeout, this, [&] { longest = std::max(longest, since.restart()); });
    opened.show();
    QCOMPARE(opened.browser().rows().size(), size_t(count));
    since.start();
    beat.start(5);
    QTest::mouseClick(opened.page.reloadButton(), Qt::LeftButton);
    QTRY_COMPARE(opened.browser().phase(), Phase::ready);
    QTest::keyClick(opened.page.list(), Qt::Key_End, Qt::ControlModifier);
    QTRY_COMPARE(opened.page.view()->title(), QString::number(count - 1));
    opened.page.panel()->searchField()->setText(QStringLiteral("number 9999?"));
    QTRY_COMPARE_WITH_TIMEOUT(opened.listed(), QStringList{QString::number(count - 1)}, 60'000);
    beat.stop();
    QVERIFY2(longest < 500, qPrintable(QString::number(longest)));
  }
};

QTEST_MAIN(DataPageTest)
#include "tst_data_page.moc"
