// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <filesystem>

#include "core/evaluation/token_agreement.h"
#include "core/models/forward.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

const fs::path models = fs::path(LLAVAKD_TEST_DATA_DIR) / "models";

MultimodalModel model_of(const char* name) {
  const Checkpoint checkpoint = open_checkpoint(models / name);
  return {checkpoint.config, checkpoint.parameters};
}

at::Tensor picture_of(const char* name) {
  return read_tensors(models / name / "expected.safetensors").at("pixel_values").narrow(0, 0, 1);
}

/// The same model with other weights in its language model.
MultimodalModel disturbed(const MultimodalModel& model) {
  at::manual_seed(3);
  TensorMap parameters = model.parameters();
  for (auto& [name, tensor] : parameters)
    if (part_of(name) == "language_model") tensor = tensor + 0.1 * at::randn_like(tensor);
  return {model.config(), parameters};
}

/// A word, a picture, a word, an answer of two tokens, and a question behind it that nobody answers.
Sequence two_labels(const MultimodalModel& model) {
  const int64_t visual = model.config().visual_tokens();
  Sequence sequence;
  sequence.input_ids = {5};
  sequence.input_ids.resize(static_cast<size_t>(visual) + 1, image_token_index);
  for (const int64_t id : {7, 8, 9, 6}) sequence.input_ids.push_back(id);
  sequence.labels.assign(sequence.input_ids.size(), ignore_index);
  const auto end = static_cast<size_t>(visual) + 1;
  sequence.labels[end + 1] = 8;
  sequence.labels[end + 2] = 9;
  sequence.segments = {{SegmentKind::prompt, 0, 1},
                       {SegmentKind::visual, 1, visual + 1},
                       {SegmentKind::prompt, visual + 1, visual + 2},
                       {SegmentKind::response, visual + 2, visual + 4},
                       {SegmentKind::prompt, visual + 4, visual + 5}};
  return sequence;
}

using Row = std::vector<double>;

/// All logits of a sequence as plain numbers.
std::vector<Row> plain_logits(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixels) {
  const at::Tensor logits = model.logits(model.hidden_states(embed_samples(model, {sequence}, pixels), {}))[0];
  std::vector<Row> rows;
  for (int64_t t = 0; t < logits.size(0); ++t) {
    const at::Tensor row = logits[t].to(at::kDouble).contiguous();
    rows.emplace_back(row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel());
  }
  return rows;
}

/// Softmax of the first `vocabulary` logits at a temperature.
Row plain_softmax(Row logits, size_t vocabulary, double temperature) {
  logits.resize(vocabulary);
  double sum = 0;
  for (double& x : logits) sum += x = std::exp(x / temperature);
  for (double& x : logits) x /= sum;
  return logits;
}

struct Three {
  double forward = 0, reverse = 0, jsd = 0;
};

Three plain_divergences(const Row& teacher, const Row& student, double temperature) {
  const size_t vocabulary = std::min(teacher.size(), student.size());
  const Row p = plain_softmax(teacher, vocabulary, temperature), q = plain_softmax(student, vocabulary, temperature);
  Three of;
  for (size_t v = 0; v < vocabulary; ++v) {
    const double m = (p[v] + q[v]) / 2;
    of.forward += p[v] * std::log(p[v] / q[v]);
    of.reverse += q[v] * std::log(q[v] / p[v]);
    of.jsd += (p[v] * std::log(p[v] / m) + q[v] * std::log(q[v] / m)) / 2;
  }
  const double factor = temperature * temperature;
  return {of.forward * factor, of.reverse * factor, of.jsd * factor};
}

bool is_near(double value, double wanted) {
  return std::abs(value - wanted) <= 1e-4 * std::abs(wanted) + 1e-6;
}

bool are_near(const Disagreement& sums, const std::vector<Row>& teacher, const std::vector<Row>& student,
              const std::vector<size_t>& rows, double temperature = 1) {
  Three wanted;
  for (const size_t row : rows) {
    const Three of = plain_divergences(teacher[row], student[row], temperature);
    wanted.forward += of.forward, wanted.reverse += of.reverse, wanted.jsd += of.jsd;
  }
  return sums.rows == std::ssize(rows) && is_near(sums.forward_kl, wanted.forward) &&
         is_near(sums.reverse_kl, wanted.reverse) && is_near(sums.jsd, wanted.jsd);
}

/// Whether a model's expectations are those of its logits at `row` for the token `id`.
bool expects(const TokenExpectation& of, int64_t token, const Row& logits, int64_t id) {
  const Row p = plain_softmax(logits, logits.size(), 1);
  const auto own = static_cast<size_t>(id);
  const auto likelier = std::ranges::count_if(p, [&](double other) { return other > p[own]; });
  Row sorted = p;
  std::ranges::sort(sorted, std::greater{});
  bool right = is_near(of.probability[token].item<double>(), p[own]) && of.rank[token].item<int64_t>() == likelier + 1;
  for (int64_t k = 0; k < 5; ++k) {
    const auto top = static_cast<size_t>(of.top_ids[token][k].item<int64_t>());
    right = right && is_near(p[top], sorted[static_cast<size_t>(k)]) &&
            is_near(of.top_probabilities[token][k].item<double>(), p[top]);
  }
  return right;
}

}  // namespace

class TestTokenAgreement : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachTokenIsComparedWhereItIsPredicted() {
    const MultimodalModel student = model_of("untied"), teacher = disturbed(student);
    const at::Tensor pixels = picture_of("untied");
    const Sequence sequence = two_labels(student);
    const auto p = plain_logits(teacher, sequence, pixels), q = plain_logits(student, sequence, pixels);
    for (const double temperature : {1.0, 2.5}) {
      const TokenAgreement agreement = token_agreement(teacher, student, sequence, pixels, {}, temperature);
      const int64_t first = student.config().visual_tokens() + 2;
      QCOMPARE(agreement.positions, (std::vector<int64_t>{first, first + 1}));
      QCOMPARE(agreement.ids, (std::vector<int64_t>{8, 9}));
      for (int64_t i = 0; i < 2; ++i) {
        const auto row = static_cast<size_t>(first + i - 1);
        const Three wanted = plain_divergences(p[row], q[row], temperature);
        QVERIFY(wanted.forward > 1e-4);
        QVERIFY(is_near(agreement.divergences.forward_kl[i].item<double>(), wanted.forward));
        QVERIFY(is_near(agreement.divergences.reverse_kl[i].item<double>(), wanted.reverse));
        QVERIFY(is_near(agreement.divergences.jsd[i].item<double>(), wanted.jsd));
        QVERIFY(expects(agreement.teacher, i, p[row], 8 + i));
        QVERIFY(expects(agreement.student, i, q[row], 8 + i));
      }
    }
  }

  /// Visual rows are not shifted, those of the answer are; where the answer ends, nothing is counted.
  void segmentsAreSumsOverTheirRows() {
    const MultimodalModel student = model_of("tied"), teacher = disturbed(student);
    const at::Tensor pixels = picture_of("tied");
    const Sequence sequence = two_labels(student);
    const auto p = plain_logits(teacher, sequence, pixels), q = plain_logits(student, sequence, pixels);
    const SegmentDisagreement sums = token_agreement(teacher, student, sequence, pixels).segments;
    const auto visual = static_cast<size_t>(student.config().visual_tokens());
    std::vector<size_t> of_picture;
    for (size_t t = 1; t <= visual; ++t) of_picture.push_back(t);
    QVERIFY(are_near(sums.visual, p, q, of_picture));
    QVERIFY(are_near(sums.response, p, q, {visual + 1, visual + 2}));
    QVERIFY(are_near(sums.prompt, p, q, {0, visual + 4}));
    const Json json = segment_disagreement_json(sums);
    QCOMPARE(json["prompt"]["rows"].get<int>(), 2);
    QCOMPARE(json["visual"]["forward_kl"].get<double>(), sums.visual.forward_kl);
  }

  /// A caption's first token is predicted by the picture's last, which both count.
  void aRowMayBeOfTwoSegments() {
    Sequence sequence;
    sequence.input_ids = {image_token_index, image_token_index, 8};
    sequence.labels = {ignore_index, ignore_index, 8};
    sequence.segments = {{SegmentKind::visual, 0, 2}, {SegmentKind::response, 2, 3}};
    const ComparedRows rows = compared_rows(sequence);
    QCOMPARE(rows.visual, (std::vector<int64_t>{0, 1}));
    QCOMPARE(rows.response, (std::vector<int64_t>{1}));
    QVERIFY(rows.prompt.empty());
  }

  /// Divergences see the tokens that both have, probabilities all of each model.
  void vocabulariesMayDiffer() {
    const MultimodalModel teacher = model_of("untied");
    const int64_t shorter = teacher.config().language.vocab_size - 6;
    ModelConfig config = teacher.config();
    config.language.vocab_size = shorter;
    TensorMap parameters = disturbed(teacher).parameters();
    for (const char* name : {"language_model.model.embed_tokens.weight", "language_model.lm_head.weight"})
      parameters.at(name) = parameters.at(name).narrow(0, 0, shorter).clone();
    const MultimodalModel student(config, parameters);
    const at::Tensor pixels = picture_of("untied");
    const Sequence sequence = two_labels(student);
    const TokenAgreement agreement = token_agreement(teacher, student, sequence, pixels);
    QCOMPARE(agreement.compared_vocabulary, shorter);
    const auto p = plain_logits(teacher, sequence, pixels), q = plain_logits(student, sequence, pixels);
    const auto row = static_cast<size_t>(agreement.positions[0] - 1);
    QVERIFY(p[row].size() == q[row].size() + 6);
    QVERIFY(is_near(agreement.divergences.forward_kl[0].item<double>(), plain_divergences(p[row], q[row], 1).forward));
    QVERIFY(expects(agreement.teacher, 0, p[row], 8));
    Sequence beyond = sequence;
    beyond.labels[static_cast<size_t>(agreement.positions[0])] = shorter;
    QVERIFY_THROWS_EXCEPTION(UserError, token_agreement(teacher, student, beyond, pixels));
  }

  void theSameModelTwiceAgrees() {
    const MultimodalModel model = model_of("tied");
    const TokenAgreement agreement = token_agreement(model, model, two_labels(model), picture_of("tied"));
    QVERIFY(agreement.divergences.forward_kl.abs().max().item<double>() < 1e-6);
    QVERIFY(agreement.divergences.jsd.abs().max().item<double>() < 1e-6);
    QVERIFY(at::equal(agreement.teacher.rank, agreement.student.rank));
  }

  void textAloneHasNoVisualRows() {
    const MultimodalModel model = model_of("tied");
    Sequence sequence;
    sequence.input_ids = {5, 6, 7};
    sequence.labels = {ignore_index, ignore_index, 7};
    sequence.segments = {{SegmentKind::prompt, 0, 2}, {SegmentKind::response, 2, 3}};
    const SegmentDisagreement sums = token_agreement(disturbed(model), model, sequence, {}).segments;
    QVERIFY(sums.visual.rows == 0 && sums.visual.forward_kl == 0);
    QVERIFY(sums.prompt.rows == 1 && sums.response.rows == 1 && sums.response.forward_kl > 0);
  }

  void refusesWhatCantBeCompared() {
    const MultimodalModel model = model_of("tied");
    const at::Tensor pixels = picture_of("tied");
    Sequence sequence = two_labels(model);
    for (const double temperature : {0.0, -1.0, std::nan("")})
      QVERIFY_THROWS_EXCEPTION(UserError, token_agreement(model, model, sequence, pixels, {}, temperature));
    sequence.labels.assign(sequence.labels.size(), ignore_index);
    QVERIFY_THROWS_EXCEPTION(UserError, token_agreement(model, model, sequence, pixels));
  }

  void theJsonHasTheTokensTexts() {
    const QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write_byte_tokenizer(folder);
    const Tokenizer tokenizer = Tokenizer::load(folder);
    const MultimodalModel model = model_of("tied");
    const TokenAgreement agreement = token_agreement(model, model, two_labels(model), picture_of("tied"));
    const Json json = token_agreement_json(agreement, tokenizer);
    QCOMPARE(json["tokens"].size(), size_t{2});
    const Json& second = json["tokens"][1];
    QVERIFY(second["index"] == 1 && second["id"] == 9 && second["text"] == "\t");
    QCOMPARE(second["teacher"]["top"].size(), size_t{5});
    QCOMPARE(second["student"]["rank"].get<int64_t>(), agreement.student.rank[1].item<int64_t>());
  }
};

QTEST_APPLESS_MAIN(TestTokenAgreement)
#include "tst_token_agreement.moc"
