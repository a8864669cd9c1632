// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/project/catalog.h"
#include "core/text/conversation.h"
#include "core/text/label_reason.h"

using namespace llavakd;

namespace {

/// Every byte is in this vocabulary; its added tokens are <|end|> and <pad>.
Tokenizer tokenizer() {
  return Tokenizer::load(std::filesystem::path(LLAVAKD_TEST_DATA_DIR) / "text" / "qwen2");
}

Conversation conversation(std::vector<Turn> turns, int64_t images = 0) {
  return {"s", std::move(turns), images};
}

const Turn question{Speaker::human, "What is this?"};
const Turn picture_question{Speaker::human, "What <image> is\nthis? "};
const Turn answer{Speaker::gpt, "A dog."};

}  // namespace

class TstConversation : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void promptsOfTheTemplates() {
    const Tokenizer t = tokenizer();
    const auto prompt = [&](const char* name, const Conversation& c) {
      return make_sequence(t, conversation_template(name), c, 4, 2048).prompt;
    };
    const std::string system =
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        "detailed, and polite answers to the user's questions. ";
    const Conversation c = conversation({picture_question, answer}, 1);
    const std::string rest = "USER: <image>\nWhat  is\nthis? ASSISTANT: A dog.";
    QCOMPARE(prompt("qwen2_base", c), system + rest + "<|endoftext|>");
    QCOMPARE(prompt("llama", c), system + rest + "</s>");
    QCOMPARE(prompt("gemma", c), system + rest + "<eos>");
    QCOMPARE(prompt("qwen2_instruct", c), system + rest + "<|im_end|>");
    QCOMPARE(prompt("no_system", c), rest + "<|endoftext|>");
    QCOMPARE(prompt("pretrain", c), std::string("<image>A dog.\n"));
  }

  void segmentsCoverEverything() {
    const Tokenizer t = tokenizer();
    const Sequence s = make_sequence(t, conversation_template("no_system"),
                                     conversation({picture_question, answer, question, answer}, 1), 9, 2048);
    QVERIFY(!s.skipped);
    QVERIFY(!s.tokenization_mismatch);
    const std::vector<SegmentKind> kinds{SegmentKind::prompt,   SegmentKind::visual, SegmentKind::prompt,
                                         SegmentKind::response, SegmentKind::prompt, SegmentKind::response};
    QCOMPARE(s.segments.size(), kinds.size());
    int64_t end = 0;
    for (size_t i = 0; i < kinds.size(); ++i) {
      QCOMPARE(s.segments[i].kind, kinds[i]);
      QCOMPARE(s.segments[i].begin, end);
      end = s.segments[i].end;
    }
    QCOMPARE(end, std::ssize(s.input_ids));
    QCOMPARE(s.segments[1].end - s.segments[1].begin, 9);
    QCOMPARE(s.labels.size(), s.input_ids.size());
  }

  /// Two pictures side by side are two; the last may be cut.
  void touchingPicturesAreTwo() {
    constexpr int64_t v = image_token_index, none = ignore_index;
    const std::vector<int64_t> ids{7, v, v, 8, 9, v, v}, labels{none, none, none, 8, none, none, none};
    Sequence s;
    expand_images(ids, labels, 2, 10, s);
    QCOMPARE(s.input_ids, (std::vector<int64_t>{7, v, v, v, v, 8, 9, v, v, v}));
    QCOMPARE(s.labels, (std::vector<int64_t>{none, none, none, none, none, 8, none, none, none, none}));
    QCOMPARE(s.segments, (std::vector<Segment>{{SegmentKind::prompt, 0, 1},
                                               {SegmentKind::visual, 1, 3},
                                               {SegmentKind::visual, 3, 5},
                                               {SegmentKind::response, 5, 6},
                                               {SegmentKind::prompt, 6, 7},
                                               {SegmentKind::visual, 7, 9},
                                               {SegmentKind::visual, 9, 10}}));
    QCOMPARE(image_spans(s).size(), size_t{4});
    QCOMPARE(image_spans(s).back(), (Segment{SegmentKind::visual, 9, 10}));
    Sequence shorter;
    expand_images(ids, labels, 2, 7, shorter);
    QCOMPARE(image_spans(shorter).size(), size_t{2});
  }

  void captionsKeepEverythingButThePicture() {
    const Sequence s = make_sequence(tokenizer(), conversation_template("pretrain"),
                                     conversation({picture_question, answer}, 1), 3, 64);
    QCOMPARE(s.segments,
             (std::vector<Segment>{{SegmentKind::visual, 0, 3}, {SegmentKind::response, 3, std::ssize(s.input_ids)}}));
  }

  void cutSequencesMayLoseTheirLabels() {
    const Tokenizer t = tokenizer();
    const Conversation c = conversation({picture_question, answer}, 1);
    const auto& form = conversation_template("no_system");
    QCOMPARE(make_sequence(t, form, c, 200, 100).skipped.value_or(""),
             std::string("it is longer than max_length: the picture alone takes 200 tokens, max_length is 100"));
    QCOMPARE(std::ssize(make_sequence(t, form, c, 200, 100).input_ids), 100);
    QVERIFY(!make_sequence(t, form, c, 2, 2048).skipped);
  }

  void aSeparatorInTheTextMasksTheSample() {
    const Sequence s = make_sequence(tokenizer(), conversation_template("qwen2_base"),
                                     conversation({{Speaker::human, "Say USER: x ASSISTANT: y"}, answer}), 0, 2048);
    QVERIFY(s.tokenization_mismatch);
    QCOMPARE(s.skipped.value_or(""), std::string("' ASSISTANT: ' stands inside a question, so that by the released "
                                                 "rules nothing is learnt from it"));
  }

  void whatIsLeftOutSaysWhy() {
    const Tokenizer t = tokenizer();
    const auto reason = [&](const char* form, std::vector<Turn> turns, int64_t max_length) {
      return make_sequence(t, conversation_template(form), conversation(std::move(turns)), 4, max_length)
          .skipped.value_or("");
    };
    const Turn ends{Speaker::gpt, "Texts end with <|endoftext|>, mostly."};
    const Turn asks{Speaker::human, "What is <|endoftext|>?"};
    QVERIFY(
        reason("no_system", {question, ends}, 512).starts_with("the end token <|endoftext|> stands inside an answer"));
    QVERIFY(
        reason("no_system", {asks, answer}, 512).starts_with("the end token <|endoftext|> stands inside a question"));
    QCOMPARE(reason("no_system", {{Speaker::human, std::string(900, 'q')}, answer}, 512),
             std::string("it is longer than max_length: its first answer begins after 917 tokens, max_length is 512"));
  }

  void aPromptEndsWithTheAssistant() {
    const Tokenizer t = tokenizer();
    const auto& form = conversation_template("no_system");
    const Sequence s = make_prompt(t, form, conversation({question, answer, question}), 0);
    QCOMPARE(s.prompt, std::string("USER: What is this? ASSISTANT: A dog.<|endoftext|>USER: What is this? ASSISTANT:"));
    QCOMPARE(std::count(s.labels.begin(), s.labels.end(), ignore_index), std::ssize(s.input_ids));
    QCOMPARE(make_prompt(t, conversation_template("pretrain"), conversation({picture_question}, 1), 3).input_ids,
             (std::vector<int64_t>{-200, -200, -200}));
    QVERIFY_EXCEPTION_THROWN(make_prompt(t, form, conversation({question, answer}), 0), UserError);
  }

  /// Who asks for a sequence names the sample, and its place in the file.
  void errorsDontNameTheSample() {
    const Tokenizer t = tokenizer();
    try {
      make_sequence(t, conversation_template("pretrain"), conversation({question, answer}), 1, 64);
      QFAIL("nothing was thrown");
    } catch (const UserError& error) {
      QCOMPARE(std::string(error.what()),
               std::string("<image> is 1 time in the prompt, which has 0 pictures; there must be as many."));
    }
  }

  void faults() {
    QVERIFY(!conversation_fault(conversation({question, answer})));
    QVERIFY(!conversation_fault(conversation({answer, question, answer})));  // the first is dropped
    QVERIFY(conversation_fault(conversation({})));
    QVERIFY(conversation_fault(conversation({answer})));
    QVERIFY(conversation_fault(conversation({question})));
    QVERIFY(conversation_fault(conversation({question, question})));
    const Tokenizer t = tokenizer();
    const auto& form = conversation_template("no_system");
    QVERIFY_EXCEPTION_THROWN(make_sequence(t, form, conversation({question}), 0, 64), UserError);
    QVERIFY_EXCEPTION_THROWN(make_sequence(t, form, conversation({picture_question, answer}, 2), 1, 64), UserError);
    QVERIFY_EXCEPTION_THROWN(make_sequence(t, form, conversation({question, answer}, 1), 1, 64), UserError);
    QVERIFY_EXCEPTION_THROWN(make_sequence(t, form, conversation({question, answer}), 0, 0), UserError);
    QVERIFY_EXCEPTION_THROWN(conversation_template("chatml"), UserError);
  }

  void templatesAreCheckedAgainstTheTokenizer() {
    QVERIFY(template_fault(tokenizer(), conversation_template("qwen2_base")));  // its end isn't one token here
    QVERIFY(!template_fault(tokenizer(), conversation_template("pretrain")));
  }

  void theCatalogNamesTheSameTemplates() {
    const Catalog entries = catalog::conversation_templates();
    QCOMPARE(entries.size(), conversation_templates().size());
    for (const ConversationTemplate& form : conversation_templates()) QVERIFY(contains(entries, form.name));
  }
};

QTEST_APPLESS_MAIN(TstConversation)
#include "tst_conversation.moc"
