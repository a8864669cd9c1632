// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/answered_question.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<int64_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

/// The tiny project's tokenizer has a token for each byte, and 256 ends an answer.
class TestAnsweredQuestion : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;
  std::optional<LoadedModel> student_, teacher_;

  Question question() const { return {folder_ / "images/0.png", "Who?", "no_system", "square"}; }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
    student_ = load_model(folder_ / "student");
    teacher_ = load_model(folder_ / "teacher");
  }

  /// What is labelled of a reference is what training would learn of it.
  void aReferenceIsReadAsInTraining() {
    const Sequence sequence = question_with_reference(*student_, question(), "a fox");
    Conversation conversation{.turns = {{Speaker::human, "<image>\nWho?"}, {Speaker::gpt, "a fox"}}, .images = 1};
    const Sequence trained = make_sequence(student_->tokenizer, conversation_template("no_system"), conversation,
                                           student_->model.config().visual_tokens(), 200);
    QCOMPARE(sequence.input_ids, trained.input_ids);
    QCOMPARE(sequence.labels, trained.labels);
    const TokenAgreement agreement = agreement_on(*teacher_, *student_, question(), sequence);
    QVERIFY(student_->tokenizer.decode(agreement.ids, true).ends_with("a fox"));
    QVERIFY(agreement.divergences.forward_kl.min().item<double>() > 0);
  }

  void anAnswerIsReadWithItsEnd() {
    Answer given;
    given.ids = bytes_of(" fox");
    const Sequence prompt = prompt_of(*student_, question());
    const Sequence sequence = question_with_answer(*student_, question(), given);
    const auto begin = std::ssize(prompt.input_ids);
    QCOMPARE(std::ssize(sequence.input_ids), begin + 5);
    QVERIFY(sequence.segments.back() == (Segment{SegmentKind::response, begin, begin + 5}));
    QCOMPARE(sequence.labels.back(), int64_t{256});
    QCOMPARE(std::ssize(response_positions(sequence)), std::ptrdiff_t{5});
    given.cut = true;  // then nobody knows whether it had ended
    QCOMPARE(question_with_answer(*student_, question(), given).labels.back(), int64_t{'x'});
    given.ids.clear();
    QVERIFY_THROWS_EXCEPTION(UserError, question_with_answer(*student_, question(), given));
  }

  /// A model that says "fox" to everything expects each of its tokens.
  void aModelExpectsItsOwnAnswer() {
    const LoadedModel fox = fox_model(folder_ / "student");
    const Answer given = answer(fox, question(), 10);
    QCOMPARE(given.text, std::string("fox"));
    const TokenAgreement agreement =
        agreement_on(fox, *student_, question(), question_with_answer(fox, question(), given));
    QVERIFY((agreement.teacher.rank == 1).all().item<bool>());
    QVERIFY(!(agreement.student.rank == 1).all().item<bool>());
  }

  void withoutAPictureThereAreNoVisualRows() {
    Question text = question();
    text.image.reset();
    const TokenAgreement agreement =
        agreement_on(*teacher_, *student_, text, question_with_reference(*student_, text, "a fox"));
    QCOMPARE(agreement.segments.visual.rows, int64_t{0});
    QVERIFY(agreement.segments.response.forward_kl > 0);
  }

  void refusesWhatCantBeRead() {
    Question asked = question();
    asked.conversation_template = "nonsense";
    QVERIFY(refusal([&] { question_with_reference(*student_, asked, "a fox"); }).find("nonsense") != std::string::npos);
    const std::string longer(300, 'x');
    QVERIFY(refusal([&] { question_with_reference(*student_, question(), longer); }).find("256") != std::string::npos);
    Answer given;
    given.ids = bytes_of(longer);
    const Sequence sequence = question_with_answer(*student_, question(), given);
    QVERIFY(refusal([&] { agreement_on(*teacher_, *student_, question(), sequence); }).find("256") !=
            std::string::npos);
    asked = question();
    asked.image = folder_ / "images/none.png";
    const Sequence known = question_with_reference(*student_, asked, "a fox");
    QVERIFY(refusal([&] { agreement_on(*teacher_, *student_, asked, known); }).find("none.png") != std::string::npos);
  }

  void aWordIsATokensNumberOrAPartOfTheText() {
    const std::vector<int64_t> ids = bytes_of("a cat, at sea 2");
    const auto tokens = [&](const std::string& word) {
      const Segment found = word_tokens(student_->tokenizer, ids, word);
      return std::pair(found.begin, found.end);
    };
    QCOMPARE(tokens("cat"), (std::pair<int64_t, int64_t>(2, 5)));
    QCOMPARE(tokens("at"), (std::pair<int64_t, int64_t>(7, 9)));  // the word, not the end of "cat"
    QCOMPARE(tokens("se"), (std::pair<int64_t, int64_t>(10, 12)));
    QCOMPARE(tokens("3"), (std::pair<int64_t, int64_t>(3, 4)));
    QCOMPARE(tokens("a cat, at sea 2"), (std::pair<int64_t, int64_t>(0, 15)));
    const auto why = [&](const std::string& word) {
      return refusal([&] { word_tokens(student_->tokenizer, ids, word); });
    };
    QVERIFY(why("dog").find("isn't in the answer") != std::string::npos);
    QVERIFY(why("15").find("no token 15") != std::string::npos);
    QVERIFY(why("-1").find("no token -1") != std::string::npos);
    QVERIFY(why(" ").find("times in the answer, at the tokens 1, 6, 9, 13") != std::string::npos);
    QVERIFY(why("").find("Which word") != std::string::npos);
  }

  void aWordHasAllPiecesOfItsCharacters() {
    const std::vector<int64_t> ids = {'e', 0xC3, 0xA9, 'e'};  // e é e
    const Segment found = word_tokens(student_->tokenizer, ids, "é");
    QVERIFY(found.begin == 1 && found.end == 3);
  }
};

QTEST_APPLESS_MAIN(TestAnsweredQuestion)
#include "tst_answered_question.moc"
