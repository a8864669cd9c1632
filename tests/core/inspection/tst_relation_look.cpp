// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/inspection/kept_look.h"
#include "core/inspection/relation_report.h"
#include "core/io/safetensors.h"
#include "core/models/forward.h"
#include "tests/core/inspection/plain_decoder.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// A model of tests/data/models with the prompt that transformers ran, and what transformers computed.
struct KnownPrompt {
  MultimodalModel model;
  TensorMap expected;
  Sequence prompt;
  Segment picture;

  at::Tensor pixels() const { return expected.at("pixel_values").narrow(0, 0, 1); }
};

KnownPrompt known_prompt(const QString& name) {
  const fs::path folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "models" / name.toStdString();
  const Checkpoint checkpoint = open_checkpoint(folder);
  KnownPrompt known{{checkpoint.config, checkpoint.parameters}, read_tensors(folder / "expected.safetensors"), {}, {}};
  const at::Tensor ids = known.expected.at("input_ids")[0].contiguous();
  known.prompt.input_ids.assign(ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + ids.numel());
  known.prompt.labels.assign(known.prompt.input_ids.size(), ignore_index);
  const auto first = std::ranges::find(known.prompt.input_ids, image_token_index) - known.prompt.input_ids.begin();
  const int64_t visual = known.model.config().visual_tokens(), all = ids.numel();
  known.picture = {SegmentKind::visual, first, first + visual};
  known.prompt.segments = {{SegmentKind::prompt, 0, first}, known.picture, {SegmentKind::prompt, first + visual, all}};
  return known;
}

/// What enters the decoder: the words' rows of the table, and what transformers' connector made of the picture.
PlainRows plain_inputs(const KnownPrompt& known) {
  const PlainRows table = plain_rows(known.model.parameters().at("language_model.model.embed_tokens.weight"));
  PlainRows rows;
  const PlainRows connected = plain_rows(known.expected.at("connected")[0]);
  size_t next = 0;
  for (const int64_t id : known.prompt.input_ids)
    rows.push_back(id == image_token_index ? connected.at(next++) : table.at(size_t(id)));
  return rows;
}

bool close(const at::Tensor& ours, const PlainRows& plain) {
  if (ours.scalar_type() != at::kFloat || ours.size(0) != std::ssize(plain)) return false;
  double largest = 0, off = 0;
  for (size_t i = 0; i < plain.size(); ++i)
    for (size_t j = 0; j < plain[i].size(); ++j) {
      const double value = ours[int64_t(i)][int64_t(j)].item<double>();
      largest = std::max(largest, std::abs(plain[i][j]));
      off = std::max(off, std::abs(value - plain[i][j]));
    }
  return off <= 1e-4 * largest;
}

PlainRows square_of(const PlainRows& rows, const Segment& picture) {
  PlainRows square;
  for (const PlainRow& row : plain_slice(rows, picture.begin, picture.end))
    square.emplace_back(row.begin() + picture.begin, row.begin() + picture.end);
  return square;
}

}  // namespace

class TestRelationLook : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;
  Project project_;
  std::shared_ptr<const LoadedModel> student_, teacher_;

  Question question() const { return {folder_ / "images/0.png", "Who?", "no_system", "square"}; }
  RelationComparison compared(const char* source) const {
    return compare_relations(look_inside(&*teacher_, *student_, question()), read_relation_source(source));
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_tiny_project(folder_);
    student_ = std::make_shared<LoadedModel>(load_model(folder_ / "student"));
    teacher_ = std::make_shared<LoadedModel>(load_model(folder_ / "teacher"));
  }

  /// Every source of tiny Qwen2, Llama and Mistral models (the last with a window) against plain loops.
  void isWhatPlainLoopsCompute_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"tied", "untied", "llama_mof", "llama_qformer", "mistral"}) QTest::newRow(name) << name;
  }
  void isWhatPlainLoopsCompute() {
    QFETCH(const QString, name);
    const KnownPrompt known = known_prompt(name);
    const ModelLook look = look_at(known.model, known.prompt, known.pixels());
    const PlainPass plain = PlainDecoder(known.model).run(plain_inputs(known));
    const int64_t vocabulary = known.model.head_weight().size(0);
    const auto ours = [&](const std::string& source) {
      return relation_of(look, read_relation_source(source), vocabulary);
    };
    const auto visual = [&](const PlainRows& rows) {
      return plain_products(plain_slice(rows, known.picture.begin, known.picture.end));
    };
    QVERIFY(close(ours("logits"), visual(plain.logits)));
    for (int64_t state = 0; state <= look.layers(); ++state)
      QVERIFY2(close(ours(fmt::format("hidden:{}", state)), visual(plain.states[size_t(state)])),
               fmt::format("state {}", state).c_str());
    for (int64_t layer = 1; layer <= look.layers(); ++layer) {
      const auto& heads = plain.attention[size_t(layer) - 1];
      PlainRows mean = square_of(heads[0], known.picture);
      for (size_t h = 0; h < heads.size(); ++h) {
        const PlainRows head = square_of(heads[h], known.picture);
        QVERIFY2(close(ours(fmt::format("attention:{}:{}", layer, h)), head), fmt::format("{} {}", layer, h).c_str());
        for (size_t i = 0; h > 0 && i < head.size(); ++i)
          for (size_t j = 0; j < head.size(); ++j) mean[i][j] += head[i][j];
      }
      for (PlainRow& row : mean)
        for (double& value : row) value /= double(heads.size());
      QVERIFY(close(ours(fmt::format("attention:{}", layer)), mean));
    }
  }

  /// What transformers computed of every family: final states, logits, connector and tower.
  void isWhatTransformersComputed_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"tied", "untied", "qwen3", "llama_clip", "mistral", "phi_dinov2", "gemma_clip_full",
                             "phi3", "stablelm", "openelm", "llama_mof", "qwen2_resampler"})
      QTest::newRow(name) << name;
  }
  void isWhatTransformersComputed() {
    QFETCH(const QString, name);
    const KnownPrompt known = known_prompt(name);
    const ModelConfig& config = known.model.config();
    const ModelLook look = look_at(known.model, known.prompt, known.pixels());
    const auto agrees = [&](const char* source, const at::Tensor& theirs) {
      return close(relation_of(look, read_relation_source(source), known.model.head_weight().size(0)),
                   plain_products(plain_rows(theirs)));
    };
    const auto visual = [&](const char* expected) {
      return known.expected.at(expected)[0].slice(0, known.picture.begin, known.picture.end);
    };
    const std::string last = fmt::format("hidden:{}", look.layers());
    QVERIFY(agrees("logits", visual("logits")));
    QVERIFY(agrees(last.c_str(), visual("final")));
    QVERIFY(agrees("connector", known.expected.at("connected")[0]));
    std::vector<at::Tensor> towers;
    const auto features = [&](const char* prefix, const VisionConfig& tower) {
      const at::Tensor rows = known.expected.at(fmt::format("{}.{}", prefix, config.layers_used(tower)))[0];
      towers.push_back(config.drops_first_token() ? rows.slice(0, 1) : rows);
    };
    features("hidden", config.vision);
    if (config.second_vision) features("hidden2", *config.second_vision);
    QVERIFY(agrees("tower", at::cat(towers)));
  }

  /// Looking changes no bit of the pass, and without a look nothing is kept.
  void lookingDisturbsNothing() {
    const KnownPrompt known = known_prompt("tied");
    const at::NoGradGuard no_grad;
    const at::Tensor embedded = embed_samples(known.model, {known.prompt}, known.pixels());
    at::Tensor states;
    const ModelLook look = look_at(known.model, known.prompt, known.pixels(), nullptr, &states);
    QVERIFY(at::equal(states, known.model.hidden_states(embedded, {})));
    QVERIFY(at::equal(look.decoder.states.back(), states[0].slice(0, known.picture.begin, known.picture.end)));
    KeyValueCache cache;
    DecoderCapture capture;
    QVERIFY_THROWS_EXCEPTION(c10::Error, known.model.hidden_states(embedded, {}, &cache, false, &capture));
  }

  void oneSourceKeepsWhatItNeeds() {
    const KnownPrompt known = known_prompt("untied");
    const ModelLook whole = look_at(known.model, known.prompt, known.pixels());
    for (const char* text : {"logits", "hidden:1", "attention:2:1", "connector", "tower"}) {
      const RelationSource source = read_relation_source(text);
      const ModelLook one = look_at(known.model, known.prompt, known.pixels(), &source);
      const auto kept = std::ranges::count_if(one.decoder.states, [](const at::Tensor& t) { return t.defined(); });
      QVERIFY2(kept == (needed_state(source, 3) >= 0 ? 1 : 0), text);
      QVERIFY2(at::equal(relation_of(one, source, 27), relation_of(whole, source, 27)), text);
    }
  }

  /// The trained source is RDist to the last digits that a float32 has, and says so.
  void theTrainedValueIsTheTerm() {
    const RelationLook look = look_inside(&*teacher_, *student_, question());
    const RelationComparison comparison = compare_relations(look, {});
    QVERIFY(std::abs(*comparison.distance - *look.terms["rdist"]) <= 1e-9);
    QVERIFY(*comparison.distance > 1e-3);
    const Probe probe = probe_question(&*teacher_, *student_, question());
    QVERIFY(at::equal(comparison.student.relation, probe.relation_student));
    QVERIFY(at::equal(comparison.teacher->relation, probe.relation_teacher));
    const TrainedNote note = trained_note(comparison, &project_, at::kFloat);
    QVERIFY2(note.trained == true && note.why.find("DPT (rdist)") != std::string::npos, note.why.c_str());
  }

  void whatIsNotTrainedSaysWhy() {
    const auto note = [&](const char* source, const Project* project, at::ScalarType type = at::kFloat) {
      return trained_note(compared(source), project, type);
    };
    QVERIFY(!note("logits", nullptr).trained);
    QVERIFY(note("attention:1", nullptr).trained == false);
    QVERIFY(note("hidden:1", &project_).trained == false);
    QVERIFY(note("hidden:1", &project_).why.find("last layer alone, 2") != std::string::npos);
    QVERIFY(note("hidden:2", &project_).why.find("No stage") != std::string::npos);
    QVERIFY(note("logits", &project_, at::kBFloat16).why.find("fp32") != std::string::npos);
    Project on_hidden = project_;
    for (StageOptions& stage : on_hidden.stages)
      for (TermOptions& term : stage.terms) term.on = "hidden";
    QVERIFY(note("hidden:2", &on_hidden).trained == true);
    QVERIFY(note("logits", &on_hidden).trained == false);
    QVERIFY(note("tower", &project_).trained == false);
  }

  void eachModelHasItsLayerAndHead() {
    const RelationComparison head = compared("attention:1:3");
    QCOMPARE(head.student.source.layer, 1);
    QCOMPARE(head.teacher->source.layer, 1);
    QVERIFY(head.teacher->source.head.has_value());
    // No other head of that layer is nearer.
    const RelationLook look = look_inside(&*teacher_, *student_, question());
    for (int64_t h = 0; h < 4; ++h) {
      const at::Tensor other = relation_of(*look.teacher, {RelationKind::attention, 1, h}, look.vocabulary);
      const at::Tensor a = other.to(at::kDouble).flatten(), b = head.student.relation.to(at::kDouble).flatten();
      QVERIFY(*head.distance <= 1 - ((a * b).sum() / (a.norm() * b.norm())).item<double>() + 1e-6);
    }
    QVERIFY_THROWS_EXCEPTION(UserError, compared("attention:1:4"));
    QVERIFY_THROWS_EXCEPTION(UserError, compared("attention:3"));
    QVERIFY_THROWS_EXCEPTION(UserError, compared("hidden:3"));
  }

  /// A teacher that sees 3 × 3 patches where the student sees 2 × 2.
  void otherNumbersOfTokensMeetOnOnePlane() {
    ModelConfig config = config_of_width(16);
    config.vision.image_size = 12;
    save_checkpoint(folder_ / "finer", config, small_parameters(config, 5), {.tokenizer_from = folder_ / "tokenizer"});
    const LoadedModel finer = load_model(folder_ / "finer");
    const RelationLook look = look_inside(&finer, *student_, question());
    QVERIFY(look.terms.values.empty());
    const RelationComparison comparison = compare_relations(look, {});
    QVERIFY(comparison.averaged);
    QCOMPARE(comparison.teacher->tokens, 8);
    QCOMPARE(comparison.student.tokens, 3);
    QCOMPARE(comparison.plane.patches, (std::vector<int64_t>{1, 2, 3}));
    QVERIFY(at::allclose(comparison.student.relation, relation_of(look.student, {}, look.vocabulary)));
    // The lower right cell of the teacher is patches 5 to 9 (tokens 3, 4, 6, 7) by their areas 1, 2, 2, 4 of 9.
    const at::Tensor whole = relation_of(*look.teacher, {}, look.vocabulary).to(at::kDouble);
    const std::pair<int, double> shares[] = {{3, 1.0 / 9}, {4, 2.0 / 9}, {6, 2.0 / 9}, {7, 4.0 / 9}};
    double mean = 0;
    for (const auto& [i, a] : shares)
      for (const auto& [j, b] : shares) mean += a * b * whole[i][j].item<double>();
    QVERIFY(std::abs(comparison.teacher->relation[2][2].item<double>() - mean) < 1e-4 * std::abs(mean));
    const TrainedNote note = trained_note(comparison, &project_, at::kFloat);
    QVERIFY(note.trained == false && note.why.find("averaged") != std::string::npos);
    const auto json = relation_json(look, comparison, note, {});
    QVERIFY(json["averaged"] == true);
    QVERIFY(json["tokens_compared"].get<std::string>().find("8 tokens and the student 3") != std::string::npos);
  }

  void withoutATeacherThereIsNoDifference() {
    const RelationLook look = look_inside(nullptr, *student_, question());
    const RelationComparison comparison = compare_relations(look, read_relation_source("hidden:1"));
    QVERIFY(!comparison.teacher && !comparison.difference.defined() && !comparison.distance);
    QVERIFY(comparison.worst.empty() && comparison.colours.student.defined() && !comparison.colours.teacher.defined());
    QCOMPARE(comparison.cluster_order.size(), size_t{3});
    const auto json = relation_json(look, comparison, trained_note(comparison, &project_, at::kFloat), {});
    QVERIFY(json["teacher"].is_null() && json["distance"].is_null() && json["trained"] == false);
    Question text = question();
    text.image.reset();
    QVERIFY_THROWS_EXCEPTION(UserError, look_inside(nullptr, *student_, text));
    text = question();
    text.text = std::string(2000, 'x');
    QVERIFY_THROWS_EXCEPTION(UserError, look_inside(nullptr, *student_, text));
  }

  void theFileReadsLikeAProbe() {
    const fs::path file = folder_ / "relations.safetensors";
    const RelationLook look = look_inside(&*teacher_, *student_, question());
    const RelationSource source = read_relation_source("hidden:1");
    const RelationComparison comparison = compare_relations(look, source);
    const auto json = relation_json(look, comparison, trained_note(comparison, &project_, at::kFloat), {});
    write_relations(look, comparison, json, file);
    const TensorMap tensors = read_tensors(file);
    for (const char* name : {"relation.teacher", "relation.student", "difference", "disagreement", "colours.teacher",
                             "colours.student", "order.cluster", "patches"})
      QVERIFY2(tensors.count(name) == 1, name);
    QVERIFY(at::equal(tensors.at("relation.student"), comparison.student.relation));
    const auto metadata = open_safetensors(file).metadata;
    QCOMPARE(metadata.at("grid") + " " + metadata.at("first_patch") + " " + metadata.at("tokens_per_patch"),
             std::string("2x2 1 1"));
    QCOMPARE(metadata.at("question"), std::string("Who?"));
    const auto kept = nlohmann::ordered_json::parse(metadata.at("relations"));
    QVERIFY(kept == json);
    QCOMPARE(kept["source"].get<std::string>(), std::string("hidden:1"));
    QCOMPARE(kept["student"]["layer"].get<int>(), 1);
    QCOMPARE(kept["disagreement"].size(), size_t{3});
  }

  void anotherSourceOfTheSamePictureNeedsNoPass() {
    KeptLook kept;
    const auto ask = [&](KeptLook& looks, const char* source, const Question& asked) {
      const RelationSource from = read_relation_source(source);
      return compare_relations(looks.look(teacher_, student_, asked, from), from).student.relation;
    };
    ask(kept, "logits", question());
    QVERIFY(!kept.reused());
    QVERIFY(at::equal(ask(kept, "hidden:1", question()), compared("hidden:1").student.relation));
    QVERIFY(kept.reused());
    ask(kept, "attention:2", question());
    QVERIFY(kept.reused());
    Question other = question();
    other.image = folder_ / "images/1.png";
    ask(kept, "attention:2", other);
    QVERIFY(!kept.reused());
    write_picture(folder_ / "images/1.png", 9);  // the same name, another picture
    fs::last_write_time(folder_ / "images/1.png", fs::file_time_type::clock::now() + std::chrono::seconds(5));
    ask(kept, "attention:2", other);
    QVERIFY(!kept.reused());
    // The same folder, opened again.
    student_ = std::make_shared<LoadedModel>(load_model(folder_ / "student"));
    ask(kept, "attention:2", other);
    QVERIFY(!kept.reused());
  }

  /// Under a budget that both looks don't fit in, the layer that was asked for is kept alone.
  void theBudgetIsKept() {
    const int64_t tokens = int64_t(prompt_of(*student_, question()).input_ids.size());
    QVERIFY(look_bytes(student_->model, tokens) > 1000 && look_bytes(student_->model, tokens) < 10'000);
    KeptLook small(1000);
    const auto ask = [&](const char* source) {
      const RelationSource from = read_relation_source(source);
      return compare_relations(small.look(teacher_, student_, question(), from), from).student.relation;
    };
    QVERIFY(at::equal(ask("attention:1"), compared("attention:1").student.relation));
    QVERIFY(at::equal(ask("attention:1:2"), compared("attention:1:2").student.relation));
    QVERIFY(small.reused());
    QVERIFY(at::equal(ask("hidden:1"), compared("hidden:1").student.relation));
    QVERIFY(!small.reused());
  }
};

QTEST_APPLESS_MAIN(TestRelationLook)
#include "tst_relation_look.moc"
