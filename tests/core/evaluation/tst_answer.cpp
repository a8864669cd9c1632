// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/answer.h"
#include "core/evaluation/generate.h"
#include "core/io/json_file.h"
#include "core/models/forward.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestAnswer : public QObject {
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

  void thePromptHasThePictureInFrontAndEndsAsking() {
    const Sequence prompt = prompt_of(*student_, question());
    QCOMPARE(prompt.prompt, std::string("USER: <image>\nWho? ASSISTANT:"));
    const auto visual = std::ranges::count(prompt.input_ids, image_token_index);
    QCOMPARE(visual, student_->model.config().visual_tokens());
    Question text = question();
    text.image.reset();
    QCOMPARE(prompt_of(*student_, text).prompt, std::string("USER: Who? ASSISTANT:"));
  }

  void theAnswerIsTheGreedyOneAsText() {
    const Answer given = answer(*student_, question(), 7);
    const at::Tensor pixels = load_pixels(*student_, {folder_ / "images/0.png"}, AspectRatio::square);
    QCOMPARE(given.ids, generate(student_->model, prompt_of(*student_, question()), pixels, {256}, 7));
    QVERIFY(given.ids.size() <= 7 && given.seconds > 0);
    QVERIFY(given.text.empty() || (given.text.front() != ' ' && given.text.back() != '\n'));
  }

  /// generation_config.json may list several tokens, any of which ends an answer.
  void endsAtAnyOfTheModelsTokens() {
    LoadedModel model = *student_;
    model.end_ids = {};
    const std::vector<int64_t> all = answer(model, question(), 7).ids;
    for (const int64_t end : all) {
      model.end_ids = {999, end};
      const std::vector<int64_t> wanted(all.begin(), std::ranges::find(all, end));
      QCOMPARE(answer(model, question(), 7).ids, wanted);
    }
    QVERIFY(!all.empty());
    fs::copy(folder_ / "student", folder_ / "ends", fs::copy_options::recursive);
    write_json(folder_ / "ends/generation_config.json", {{"eos_token_id", {256, 3, 4}}});
    QCOMPARE(load_model(folder_ / "ends").end_ids, (std::vector<int64_t>{256, 3, 4}));
    write_json(folder_ / "ends/generation_config.json", {{"eos_token_id", "256"}});
    QVERIFY_THROWS_EXCEPTION(UserError, load_model(folder_ / "ends"));
  }

  /// Where nobody asks for a shape of pictures, the model's own counts.
  void thePicturesShapeIsTheModels() {
    nlohmann::ordered_json config = read_json(folder_ / "student/config.json");
    config["image_aspect_ratio"] = "pad";
    fs::copy(folder_ / "student", folder_ / "padded", fs::copy_options::recursive);
    write_json(folder_ / "padded/config.json", config);
    const LoadedModel model = load_model(folder_ / "padded");
    QVERIFY(aspect_of(model, "") == AspectRatio::pad && aspect_of(model, "square") == AspectRatio::square);
    QVERIFY(aspect_of(*student_, "") == AspectRatio::square && aspect_of(*student_, "pad") == AspectRatio::pad);
    config["image_aspect_ratio"] = "anyres";
    write_json(folder_ / "padded/config.json", config);
    QVERIFY_THROWS_EXCEPTION(UserError, load_model(folder_ / "padded"));
  }

  void aCutAnswerSaysSo() {
    const Answer given = answer(*student_, question(), 1);
    QCOMPARE(given.cut, given.ids.size() == 1);
    QVERIFY(!given.tokens_per_second);  // one token has no speed
    QCOMPARE(given.first_token_seconds.has_value(), !given.ids.empty());
    QVERIFY(given.first_token_seconds.value_or(0) <= given.seconds);
    const Answer stopped = answer(*student_, question(), 7, {.keep_going = [] {
      return false;
    }});
    QVERIFY(!stopped.first_token_seconds && !stopped.cut && stopped.stopped);
    QVERIFY(!given.stopped);
  }

  /// Picture, prompt and the first step don't count, and few steps don't tell.
  void theSpeedIsOfTheAnswerAlone() {
    std::vector<double> known{5.0, 6.0};  // slow until the second token
    for (int i = 1; i <= 7; ++i) known.push_back(6.0 + 0.01 * i);
    QVERIFY(!decoding_speed(known));
    known.push_back(6.08);
    QCOMPARE(*decoding_speed(known), 100.0);
    QVERIFY(!decoding_speed({}));
    QVERIFY(!decoding_speed(std::vector<double>(20, 1.0)));
  }

  void canBeStopped() {
    QVERIFY(answer(*student_, question(), 7, {.keep_going = [] {
              return false;
            }}).ids.empty());
    int asked = 0;
    std::vector<int64_t> told;
    const auto three = [&] {
      return ++asked <= 4;  // the prompt, and three tokens
    };
    LoadedModel model = *student_;
    model.end_ids = {};
    const Answer given = answer(model, question(), 7, {.keep_going = three, .chosen = [&](const auto& ids) {
                                                         told = ids;
                                                       }});
    QVERIFY(given.ids.size() <= 3 && told == given.ids);
    const std::vector<int64_t> all = answer(model, question(), 7).ids;
    QVERIFY(std::equal(told.begin(), told.end(), all.begin()));
  }

  /// The pictures stand in front of the first question; what was said since lies between it and the last.
  void severalTurnsAndPictures() {
    Question asked = question();
    asked.earlier = {{"Who?", "A fox."}};
    asked.text = "Where?";
    asked.more_images = {folder_ / "images/1.png"};
    const Sequence prompt = prompt_of(*student_, asked);
    QVERIFY2(prompt.prompt.starts_with("USER: <image>\n<image>\nWho? ASSISTANT: A fox."), prompt.prompt.c_str());
    QVERIFY2(prompt.prompt.ends_with("USER: Where? ASSISTANT:"), prompt.prompt.c_str());
    QCOMPARE(std::ranges::count(prompt.input_ids, image_token_index), 2 * student_->model.config().visual_tokens());
    QCOMPARE(pixels_of(*student_, asked).size(0), int64_t{2});
    // The second picture is seen: another one in its place gives other numbers.
    Question other = asked;
    other.more_images = {folder_ / "images/0.png"};
    QVERIFY(!at::equal(pixels_of(*student_, asked), pixels_of(*student_, other)));
    QVERIFY(answer(*student_, asked, 3).ids.size() <= 3);
  }

  void aCaptionHasRoomForOnePicture() {
    Question asked = question();
    asked.conversation_template = "pretrain";
    QVERIFY(prompt_of(*student_, asked).input_ids.size() > 0);
    asked.more_images = {folder_ / "images/1.png"};
    QVERIFY_THROWS_EXCEPTION(UserError, prompt_of(*student_, asked));
    asked.more_images.clear();
    asked.earlier = {{"Who?", "A fox."}};
    QVERIFY_THROWS_EXCEPTION(UserError, prompt_of(*student_, asked));
  }

  /// A long prompt goes through the model in parts, between which it can be ended; its answer is the same.
  void aLongPromptIsTakenInParts() {
    ModelConfig config = student_->model.config();
    config.language.max_position_embeddings = 4096;
    const MultimodalModel model(config, student_->model.parameters());
    Sequence prompt;
    for (int64_t i = 0; i < 2500; ++i) prompt.input_ids.push_back((i * i + 7 * i) % 256);
    int asked = 0;
    const auto twice = [&] {
      return ++asked <= 2;
    };
    QVERIFY(generate(model, prompt, {}, {}, 3, {.prompt_wanted = twice}).empty());
    QCOMPARE(asked, 3);
    const at::NoGradGuard no_grad;
    std::vector<int64_t> expected;
    Sequence all = prompt;
    for (int i = 0; i < 3; ++i) {
      const at::Tensor hidden = model.hidden_states(embed_samples(model, {all}, {}), {});
      expected.push_back(model.logits(hidden.select(1, hidden.size(1) - 1)).argmax(-1).item<int64_t>());
      all.input_ids.push_back(expected.back());
    }
    QCOMPARE(generate(model, prompt, {}, {}, 3), expected);
  }

  void aPromptBeyondTheModelsPositionsIsRefused() {
    Question longer = question();
    longer.text = std::string(2000, 'x');
    try {
      answer(*student_, longer, 7);
      QFAIL("a long question was not noticed");
    } catch (const UserError& error) {
      const QString message = error.what();
      QVERIFY2(message.contains("256 positions") && message.contains("fewer words"), error.what());
    }
    QVERIFY_THROWS_EXCEPTION(UserError, probe_question(nullptr, *student_, longer));
    // As long as the model can bear, and answered with the positions that are left.
    longer.text = "x";
    const size_t shortest = prompt_of(*student_, longer).input_ids.size();
    longer.text = std::string(1 + 255 - shortest, 'x');
    QVERIFY(answer(*student_, longer, 7).ids.size() <= 1);
  }

  void wrongInputIsRefused() {
    Question wrong = question();
    wrong.conversation_template = "none such";
    QVERIFY_THROWS_EXCEPTION(UserError, answer(*student_, wrong, 3));
    wrong = question();
    wrong.image = folder_ / "none.png";
    QVERIFY_THROWS_EXCEPTION(UserError, answer(*student_, wrong, 3));
    wrong = question();
    wrong.aspect_ratio = "round";
    QVERIFY_THROWS_EXCEPTION(UserError, answer(*student_, wrong, 3));
    for (const Sampling& sampling : {Sampling{.temperature = -1}, Sampling{.top_p = 0}, Sampling{.top_p = 1.5}})
      QVERIFY_THROWS_EXCEPTION(UserError, answer(*student_, question(), 3, {.sampling = sampling}));
    wrong = question();
    wrong.image.reset();
    wrong.text = "a placeholder alone: <image>";
    QVERIFY_THROWS_EXCEPTION(UserError, answer(*student_, wrong, 3));
  }

  void lookingComparesBothModels() {
    const Probe probe = probe_question(&*teacher_, *student_, question());
    QCOMPARE(probe.question, std::string("Who?"));
    QVERIFY(probe.terms["rdist"] && *probe.terms["mdist_visual"] > 0);
    QCOMPARE(probe.token_kl.size(0), static_cast<int64_t>(probe.sequence.input_ids.size()));
    QVERIFY(!probe_question(nullptr, *student_, question()).token_kl.defined());
  }

  /// The teacher's own processor: the same pair with the teacher's pictures normalised otherwise.
  void eachModelSeesThroughItsOwnProcessor() {
    LoadedModel other = *student_;
    const at::Tensor same = probe_question(&other, *student_, question()).token_kl;
    QVERIFY(same.abs().max().item<double>() < 1e-6);
    other.processor.mean = {0.1, 0.2, 0.3};
    QVERIFY(probe_question(&other, *student_, question()).token_kl.abs().max().item<double>() > 1e-6);
  }
};

QTEST_APPLESS_MAIN(TestAnswer)
#include "tst_answer.moc"
