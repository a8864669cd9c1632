// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "compare_fixture.h"
#include "page_picture.h"
#include "widgets/pages/compare/blind_vote_dialog.h"
#include "widgets/pages/compare/thread_export.h"
#include "widgets/pages/compare/thread_json.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

const AskedModel teacher{.who = theme::Who::teacher, .name = QStringLiteral("Teacher")};
const AskedModel student{.folder = QStringLiteral("/runs/a/checkpoints/SFT-160/model"),
                         .name = QStringLiteral("SFT-160")};

ModelAnswer said(const QString& text) {
  return {.given = GivenAnswer{.text = text, .seconds = 0.5, .firstTokenSeconds = 0.25}};
}

AskedRow askedRow(qint64 id, const QString& question, const QString& ofTeacher, const QString& ofStudent) {
  return {.id = id,
          .time = 1763978400,
          .pictures = {QStringLiteral("/data/first.png")},
          .models = {teacher, student},
          .turns = {{.question = question, .answers = {said(ofTeacher), said(ofStudent)}}}};
}

std::deque<AskedRow> threeRows() {
  std::deque<AskedRow> rows{
      askedRow(3, QStringLiteral("c?"), QStringLiteral("teacher c"), QStringLiteral("student c")),
      askedRow(2, QStringLiteral("b?"), QStringLiteral("alike"), QStringLiteral("alike")),
      askedRow(1, QStringLiteral("a?"), QStringLiteral("teacher a"), QStringLiteral("student a"))};
  std::swap(rows[0].models[0], rows[0].models[1]);
  std::swap(rows[0].turns[0].answers[0], rows[0].turns[0].answers[1]);
  return rows;
}

}  // namespace

class BlindVotesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { useMadeEngine(m_folder); }

  /// A pair is one, in whichever order it was asked; equal answers leave nothing to choose, stopped ones neither.
  void findsPairs() {
    auto rows = threeRows();
    auto pairs = modelPairs(rows, {});
    QCOMPARE(pairs.size(), std::size_t(1));
    QCOMPARE(pairs[0].first.name, QStringLiteral("Teacher"));
    QCOMPARE(pairs[0].open, 2);
    QCOMPARE(pairs[0].sameText, 1);
    const auto open = openQuestions(rows, {}, pairs[0]);
    QCOMPARE(open.size(), std::size_t(2));
    QCOMPARE(open[1].first, QStringLiteral("teacher c"));
    QCOMPARE(open[1].second, QStringLiteral("student c"));
    rows[2].turns[0].answers[1].given->stopped = true;
    QCOMPARE(modelPairs(rows, {})[0].open, 1);
    rows.resize(1);
    rows[0].models[0] = rows[0].models[1];
    rows[0].turns[0].answers[0] = {.why = QStringLiteral("none")};
    QVERIFY(modelPairs(rows, {}).empty());
  }

  /// 6 to 0 come with 2 / 2⁶, were both equally good; ties don't count.
  void countsVotes() {
    const ModelPair pair = modelPairs(threeRows(), {}).front();
    std::vector<BlindVote> votes;
    for (int i = 0; i < 6; ++i)
      votes.push_back({.row = i, .first = teacher, .second = student, .choice = BlindVote::Choice::second});
    votes.push_back({.row = 7, .first = teacher, .second = student, .choice = BlindVote::Choice::tie});
    votes.push_back({.row = 8, .first = teacher, .second = {}, .choice = BlindVote::Choice::first});  // another pair's
    const VoteTally tally = tallyOf(votes, pair);
    QCOMPARE(tally.first, 0);
    QCOMPARE(tally.second, 6);
    QCOMPARE(tally.ties, 1);
    QCOMPARE(tally.p, 2.0 / 64);
    QVERIFY(tallyText(pair, tally).contains(QStringLiteral("0.031")));
  }

  /// Keys 1, 2 and 3 judge; names and counts come at the end, and a vote goes to whoever stood there.
  void judgesByKeys() {
    ServeClient serve;
    AskedThread thread(&serve);
    thread.replace(threeRows(), {});
    BlindVoteDialog dialog(&thread, 7);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    QVERIFY(!dialog.isDone() && dialog.resultText().isEmpty());
    takePicture(&dialog, QStringLiteral("compare-vote"));
    QVERIFY(!dialog.leftText().contains(QStringLiteral("SFT")));
    const bool studentLeft = dialog.leftText().startsWith(QStringLiteral("student"));
    QTest::keyClick(&dialog, studentLeft ? Qt::Key_1 : Qt::Key_2);
    QVERIFY(!dialog.isDone() && dialog.resultText().isEmpty());
    QCOMPARE(thread.votes().size(), std::size_t(1));
    QVERIFY(thread.votes()[0].choice == BlindVote::Choice::second);  // the student's
    QTest::keyClick(&dialog, Qt::Key_3);
    QVERIFY(dialog.isDone());
    QVERIFY(thread.votes()[1].choice == BlindVote::Choice::tie);
    QVERIFY2(dialog.resultText().contains(QStringLiteral("SFT-160 better: 1")), qPrintable(dialog.resultText()));
    QVERIFY(dialog.resultText().contains(QStringLiteral("Teacher better: 0")));
    takePicture(&dialog, QStringLiteral("compare-voted"));
    QTest::keyClick(&dialog, Qt::Key_1);
    QCOMPARE(thread.votes().size(), std::size_t(2));
  }

  /// Which answer stands left is drawn by lot: over 40 beginnings both come up.
  void drawsTheOrder() {
    ServeClient serve;
    AskedThread thread(&serve);
    thread.replace({askedRow(1, QStringLiteral("a?"), QStringLiteral("t"), QStringLiteral("s"))}, {});
    int teacherLeft = 0;
    for (unsigned seed = 0; seed < 40; ++seed)
      teacherLeft += BlindVoteDialog(&thread, seed).leftText() == QStringLiteral("t") ? 1 : 0;
    QVERIFY2(teacherLeft > 5 && teacherLeft < 35, qPrintable(QString::number(teacherLeft)));
  }

  /// What is written is read again, votes too; what can't be read is refused.
  void keepsEverything() {
    auto rows = threeRows();
    rows[0].settings = {.temperature = 0.7, .topP = 0.9, .seed = 5, .mostTokens = 64};
    rows[0].turns[0].reference = QStringLiteral("c");
    rows[1].turns[0].answers[0].given->cutAt = 128;
    rows[2].turns[0].answers[1] = {.why = QStringLiteral("first.png is no picture.")};
    const std::vector<BlindVote> votes{
        {.row = 3, .first = teacher, .second = student, .choice = BlindVote::Choice::first}};
    const auto json = threadJson(rows, votes);
    const KeptThread read = threadFromJson(json);
    QCOMPARE(threadJson(read.rows, read.votes).dump(), json.dump());
    QCOMPARE(read.rows[0].settings, rows[0].settings);
    QVERIFY(*read.rows[1].turns[0].answers[0].given == *rows[1].turns[0].answers[0].given);
    auto damaged = json;
    damaged["asks"][0]["turns"][0]["answers"].erase(0);
    QVERIFY_THROWS_EXCEPTION(std::exception, threadFromJson(damaged));
    damaged = json;
    damaged["version"] = 2;
    QVERIFY_THROWS_EXCEPTION(std::exception, threadFromJson(damaged));
    damaged = json;
    damaged["votes"][0]["ask"] = 99;
    QVERIFY(threadFromJson(damaged).votes.empty());
  }

  void exportsForOthers() {
    auto rows = threeRows();
    rows[2].turns[0].reference = QStringLiteral("teacher a");
    rows[2].turns[0].answers[1] = said(QStringLiteral("# \"one\", two\nthree"));
    const std::vector<BlindVote> votes{
        {.row = 1, .first = teacher, .second = student, .choice = BlindVote::Choice::first}};
    const QString markdown = toQString(threadText(rows, votes, ThreadFormat::markdown));
    QVERIFY(markdown.contains(QStringLiteral("**Teacher** · right · first token after 0.25 s\n\n> teacher a\n")));
    QVERIFY(markdown.contains(QStringLiteral("> \\# \"one\", two\n> three")));
    QVERIFY2(
        markdown.contains(QStringLiteral("- Teacher better 1, SFT-160 better 0, equally good 0, still to be judged 1")),
        qPrintable(markdown));
    const QString csv = toQString(threadText(rows, votes, ThreadFormat::csv));
    QVERIFY(csv.contains(
        QStringLiteral(",SFT-160,/runs/a/checkpoints/SFT-160/model,\"# \"\"one\"\", two\nthree\",wrong,")));
    QVERIFY(csv.contains(QStringLiteral(",Teacher,,teacher a,right,,0.5,0.25,,,0,0,1,0,128,1,0,0\n")));
    QCOMPARE(csv.split(u'\n').front().count(u','), csv.split(u'\n')[1].count(u','));
    QVERIFY(threadFormatOf(QStringLiteral("a.CSV")) == ThreadFormat::csv);
    QVERIFY(threadFormatOf(QStringLiteral("a.json")) == ThreadFormat::json);
    QVERIFY(threadFormatOf(QStringLiteral("a")) == ThreadFormat::markdown);
  }

  /// From the page: two questions, the vote, and a file.
  void votesAndExportsOnThePage() {
    OpenedCompare opened(m_folder.filePath(QStringLiteral("page")));
    auto* vote = opened.page.findChild<QToolButton*>(QStringLiteral("blindVote"));
    QVERIFY(!vote->isEnabled());
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    QTest::mouseClick(vote, Qt::LeftButton);
    auto* dialog = opened.page.findChild<BlindVoteDialog*>();
    QVERIFY(dialog);
    dialog->activateWindow();
    QTRY_VERIFY(dialog->isActiveWindow());
    QTest::keyClick(dialog, Qt::Key_3);
    QVERIFY(dialog->isDone());
    dialog->accept();
    QCOMPARE(opened.page.thread()->votes().size(), std::size_t(1));
    const QString file = m_folder.filePath(QStringLiteral("thread.json"));
    opened.page.saveThread(file);
    QTRY_VERIFY(opened.page.message()->text().contains(file));
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const auto json = nlohmann::ordered_json::parse(written.readAll().toStdString());
    QCOMPARE(threadFromJson(json).votes.size(), std::size_t(1));
    opened.page.saveThread(m_folder.filePath(QStringLiteral("none/thread.md")));
    QTRY_VERIFY(opened.page.message()->text().contains(QStringLiteral("none")));
  }

 private:
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::BlindVotesTest)
#include "tst_blind_votes.moc"
