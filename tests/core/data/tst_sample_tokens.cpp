// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/data/loader.h"
#include "core/data/sample_sets.h"
#include "core/data/sample_tokens.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

Sample conversation_of(std::vector<std::string> texts, std::vector<ImageRef> images = {}) {
  Sample sample;
  sample.id = "s";
  sample.images = std::move(images);
  for (size_t i = 0; i < texts.size(); ++i)
    sample.turns.push_back({i % 2 == 0 ? Speaker::human : Speaker::gpt, std::move(texts[i])});
  return sample;
}

/// Samples with and without pictures, one with its own template, and some that a run leaves out.
std::vector<Sample> all_kinds() {
  std::vector<Sample> samples{
      conversation_of({"<image>\nWhat is it?", "A dog."}, {"rgb.png"}),
      conversation_of({"<image>\nWhat?", "A dog.", "And <image>?", "A cat."}, {"rgb.png", "palette.gif"}),
      conversation_of({"Why?", "So."}),
      conversation_of({std::string(300, 'q'), "A dog."}),
      conversation_of({"What?", "It is <|endoftext|>."}),
      conversation_of({"What? ASSISTANT: This.", "A dog."}),
      conversation_of({"<image>\nWhat is it?", ""}, {"rgb.png"}),
      conversation_of({"<image>\nWhat is it?", "A dog."}, {"rgb.png"}),
      conversation_of({"What is it?", "A dog."}, {"rgb.png"}),
  };
  samples[7].template_name = "pretrain";
  return samples;
}

}  // namespace

class TstSampleTokens : public QObject {
  Q_OBJECT

  Tokenizer tokenizer_ = Tokenizer::load(fs::path(LLAVAKD_TEST_DATA_DIR) / "text" / "qwen2");

  TextRules rules(int64_t max_length, const char* form = "no_system") const {
    return {.tokenizer = &tokenizer_,
            .conversation_template = &conversation_template(form),
            .visual_tokens = 4,
            .max_length = max_length};
  }

 private Q_SLOTS:
  /// What is shown is what a step gets, to the last label.
  void theSequenceIsTheLoaders() {
    int left_out = 0, cut = 0;
    for (const char* form : {"no_system", "pretrain", "qwen2_base", "qwen_chatml"})
      for (const int64_t max_length : {1, 3, 8, 20, 33, 2048})
        for (const Sample& sample : all_kinds()) {
          const TextRules how = rules(max_length, form);
          PreparationOptions loader{.images_folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "image",
                                    .conversation_template = how.conversation_template,
                                    .visual_tokens = how.visual_tokens,
                                    .max_length = max_length,
                                    .processor = siglip_processor(8)};
          loader.needs_pixels = [](const ImageRef&) {
            return false;
          };
          const Sequence expected = prepare_sample(sample, 0, tokenizer_, loader).sequence;
          const SampleTokens shown = sample_tokens(sample, how);
          QCOMPARE(shown.sequence.input_ids, expected.input_ids);
          QCOMPARE(shown.sequence.labels, expected.labels);
          QVERIFY(shown.sequence.segments == expected.segments);
          QCOMPARE(shown.sequence.skipped, expected.skipped);
          QCOMPARE(shown.sequence.skipped, text_reason(sample, how));
          left_out += expected.skipped.has_value();
          cut += shown.count(TokenUse::ignored) > 0;
        }
    QVERIFY(left_out > 20 && cut > 20);
  }

  /// Runs cover all positions in order, and each is what its ids and labels say.
  void runsCoverThePositions() {
    for (const int64_t max_length : {3, 8, 20, 33, 2048})
      for (const Sample& sample : all_kinds()) {
        const SampleTokens tokens = sample_tokens(sample, rules(max_length));
        int64_t at = 0, counted = 0;
        const int64_t kept = std::ssize(tokens.sequence.input_ids);
        for (const TokenRun& run : tokens.runs) {
          QCOMPARE(run.begin, at);
          QVERIFY(run.size() > 0);
          at = run.end;
          for (int64_t i = run.begin; i < run.end; ++i) {
            const auto place = static_cast<size_t>(i);
            const bool image = tokens.input_ids[place] == image_token_index;
            QCOMPARE(run.use == TokenUse::ignored, i >= kept);
            if (i >= kept) continue;
            QCOMPARE(run.use == TokenUse::visual, image);
            QCOMPARE(run.use == TokenUse::response, tokens.sequence.labels[place] != ignore_index);
          }
        }
        QCOMPARE(at, tokens.length());
        for (const TokenUse use : {TokenUse::visual, TokenUse::prompt, TokenUse::response, TokenUse::ignored})
          counted += tokens.count(use);
        QCOMPARE(counted, tokens.length());
      }
  }

  void whatMaxLengthCutsOffIsCounted() {
    const Sample sample = all_kinds()[1];
    const SampleTokens whole = sample_tokens(sample, rules(2048));
    QCOMPARE(whole.count(TokenUse::ignored), 0);
    QCOMPARE(whole.count(TokenUse::visual), 8);
    // In the middle of the second picture.
    const int64_t second = image_spans(whole.sequence)[1].begin;
    const SampleTokens cut = sample_tokens(sample, rules(second + 1));
    QCOMPARE(cut.input_ids, whole.input_ids);
    QCOMPARE(cut.count(TokenUse::visual), 5);
    QCOMPARE(cut.count(TokenUse::ignored), whole.length() - second - 1);
    QCOMPARE(cut.runs.back().use, TokenUse::ignored);
    // The rest of the picture and the text behind it are told apart.
    QCOMPARE(cut.runs[cut.runs.size() - 2].size(), 3);
  }

  void termsReadWhereTheyCompute() {
    const SampleTokens tokens = sample_tokens(all_kinds()[1], rules(2048));
    QVERIFY(positions_read(tokens.sequence, TermPositions::visual) == image_spans(tokens.sequence));
    std::vector<int64_t> read, expected;
    for (const Segment& range : positions_read(tokens.sequence, TermPositions::response))
      for (int64_t i = range.begin; i < range.end; ++i) read.push_back(i);
    for (size_t i = 1; i < tokens.sequence.labels.size(); ++i)
      if (tokens.sequence.labels[i] != ignore_index) expected.push_back(static_cast<int64_t>(i) - 1);
    QCOMPARE(read, expected);
    QCOMPARE(std::ssize(read), tokens.count(TokenUse::response));
    QCOMPARE(positions_read(tokens.sequence, TermPositions::response).size(), size_t{2});
    const SampleTokens left_out = sample_tokens(all_kinds()[4], rules(2048));
    QVERIFY(left_out.sequence.skipped && left_out.length() > 0);
    QVERIFY(positions_read(left_out.sequence, TermPositions::response).empty());
    QVERIFY(positions_read(left_out.sequence, TermPositions::visual).empty());
  }

  void aQuestionIsThePromptOfItsAnswer() {
    const Sample probe = conversation_of({"<image>\nWhat is it?"}, {"rgb.png"});
    const SampleTokens tokens = sample_tokens(probe, rules(3));
    const Sequence prompt = make_prompt(tokenizer_, conversation_template("no_system"), probe.conversation(), 4);
    QCOMPARE(tokens.sequence.input_ids, prompt.input_ids);
    QCOMPARE(tokens.input_ids, prompt.input_ids);
    QVERIFY(!tokens.sequence.skipped);
    QCOMPARE(tokens.count(TokenUse::response) + tokens.count(TokenUse::ignored), 0);
  }

  void setsAreThoseOfTheProject() {
    const QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString(), file = folder / "a.kdproj";
    std::ofstream(folder / "data.json")
        << R"([{"id": "1", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
               {"id": "2"}])";
    Project project;
    StageOptions stage;
    stage.name = "DPT";
    stage.data = "data.json";
    stage.images = "images";
    stage.conversation_template = "pretrain";
    stage.terms = {TermOptions{}, TermOptions{.weight = 0}};
    StageOptions without_data;
    without_data.name = "SFT";
    project.stages = {stage, without_data};
    EvaluationOptions evaluation;
    evaluation.file = "data.json";
    project.evaluations = {evaluation};
    project.probes = {{"images/../images/a.png", "What?"}, {"", "Why?"}};
    const std::vector<SampleSet> sets = sample_sets(project, file);
    QCOMPARE(sets.size(), size_t{4});
    QCOMPARE(sets[0].name, std::string("DPT"));
    QCOMPARE(sets[0].images_folder, folder / "images");
    QCOMPARE(sets[0].conversation_template->name, std::string_view("pretrain"));
    QCOMPARE(sets[0].terms.size(), size_t{1});
    QCOMPARE(sets[2].name, std::string("data.json"));
    QCOMPARE(sets[2].images_folder, folder);
    QCOMPARE(sets[2].conversation_template->name, std::string_view("qwen2_base"));
    const auto data = open_samples(sets[0]);
    QCOMPARE(data->size(), 1);
    QCOMPARE(data->faults().size(), size_t{1});
    QVERIFY_EXCEPTION_THROWN(open_samples(sets[1]), UserError);
    const auto probes = open_samples(sets[3]);
    QCOMPARE(probes->size(), 2);
    QCOMPARE(probes->sample(0)->images.front().file, (folder / "images" / "a.png").string());
    QCOMPARE(probes->sample(0)->turns.front().text, std::string("<image>\nWhat?"));
    QVERIFY(probes->sample(1)->images.empty());
    QVERIFY(sample_sets(Project{}, file).empty());
  }
};

QTEST_GUILESS_MAIN(TstSampleTokens)
#include "tst_sample_tokens.moc"
