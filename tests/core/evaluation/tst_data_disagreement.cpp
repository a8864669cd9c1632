// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/data_disagreement.h"
#include "core/evaluation/sample_losses.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class TestDataDisagreement : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;
  std::optional<LoadedModel> student_, teacher_;

  PreparationOptions preparation() const {
    PreparationOptions how;
    how.images_folder = folder_ / "images";
    how.conversation_template = &conversation_template("no_system");
    how.visual_tokens = student_->model.config().visual_tokens();
    how.max_length = 80;
    how.processor = student_->processor;
    return how;
  }
  DataDisagreement of(const char* file, int64_t limit = 0, const DisagreementProgress& progress = {}) const {
    return data_disagreement(*teacher_, *student_, *open_dataset(folder_ / file), preparation(), limit, 1, progress);
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
    student_ = load_model(folder_ / "student");
    teacher_ = load_model(folder_ / "teacher");
  }

  /// Per token, the forward KL of answers and pictures is what the losses distil on.
  void agreesWithTheLosses() {
    const DataDisagreement all = of("data.json");
    QCOMPARE(all.samples.size(), size_t{9});
    QCOMPARE(all.left_out.size(), size_t{1});
    QVERIFY2(all.left_out[0].starts_with("s9: "), all.left_out[0].c_str());
    std::vector<Term> terms;
    for (const char* name : {"mdist_response", "mdist_visual"}) terms.push_back({.kind = term_named(name)});
    const auto dataset = open_dataset(folder_ / "data.json");
    for (size_t i = 0; i < all.samples.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const PreparedSample sample = prepare_sample(*dataset->sample(at), at, student_->tokenizer, preparation());
      const at::Tensor pixels = load_pixels(*student_, sample.images, AspectRatio::square);
      const SampleTerms losses =
          sample_losses(teacher_->model, student_->model, sample.sequence, pixels, pixels, terms, false).terms;
      const SegmentDisagreement& sums = all.samples[i].sums;
      const auto each = [](const Disagreement& sum) {
        return sum.forward_kl / static_cast<double>(sum.rows);
      };
      QVERIFY(std::abs(each(sums.response) - *losses["mdist_response"]) < 1e-5);
      QVERIFY(std::abs(each(sums.visual) - *losses["mdist_visual"]) < 1e-5);
      QVERIFY(sums.prompt.rows > 0 && sums.prompt.forward_kl > 0);
    }
  }

  void saysMeansDeviationsAndTheMost() {
    const auto sums = [](double response, int64_t rows) {
      return SegmentDisagreement{.response = {rows, response, 0, 0}};
    };
    DataDisagreement all{.samples = {{"a", sums(2, 2)}, {"b", sums(6, 2)}, {"c", sums(8, 4)}}, .asked = 3};
    const Json json = data_disagreement_json(all, 2);
    const Json& response = json["segments"]["response"];
    QVERIFY(response["samples"] == 3 && response["rows"] == 8);
    // Per token 1, 3 and 2; the sums 2, 6 and 8.
    QCOMPARE(response["forward_kl"]["per_token"]["mean"].get<double>(), 2.0);
    QCOMPARE(response["forward_kl"]["per_token"]["sd"].get<double>(), 1.0);
    QVERIFY(std::abs(response["forward_kl"]["sum"]["mean"].get<double>() - 16.0 / 3) < 1e-12);
    QVERIFY(std::abs(response["forward_kl"]["sum"]["sd"].get<double>() - std::sqrt(28.0 / 3)) < 1e-12);
    QCOMPARE(response["most"].size(), size_t{2});
    QVERIFY(response["most"][0]["id"] == "b" && response["most"][1]["id"] == "c");
    // Nobody has a picture: no mean of nothing.
    QVERIFY(json["segments"]["visual"]["samples"] == 0);
    QVERIFY(json["segments"]["visual"]["forward_kl"]["sum"]["mean"].is_null());
  }

  void aLimitTakesTheFirst() {
    const DataDisagreement two = of("data.json", 2);
    QVERIFY(two.asked == 2 && two.samples.size() == 2 && two.samples[1].id == "s1" && !two.stopped);
    QCOMPARE(of("data.json", 1000).asked, int64_t{10});
  }

  void stopsWithWhatThereIs() {
    std::vector<int64_t> told;
    const DataDisagreement some = of("data.json", 0, [&](int64_t done, int64_t total) {
      told.push_back(done);
      return total == 10 && done < 3;
    });
    QVERIFY(some.stopped && some.samples.size() == 3);
    QCOMPARE(told, (std::vector<int64_t>{0, 1, 2, 3}));
    QVERIFY(data_disagreement_json(some, 5)["stopped"].get<bool>());
  }

  /// A sample whose picture isn't there is left out and named; text alone has no visual rows.
  void leavesOutWhatCantBeUsed() {
    Json samples = read_json(folder_ / "data.json");
    samples[0]["image"] = "gone.png";
    samples[1].erase("image");
    samples[1]["conversations"][0]["value"] = "What?";
    samples.push_back({{"id", "none"}});
    write_json(folder_ / "odd.json", samples);
    const DataDisagreement all = of("odd.json", 3);
    QCOMPARE(all.samples.size(), size_t{2});
    QCOMPARE(all.left_out.size(), size_t{2});
    QVERIFY2(all.left_out[0].find("none") != std::string::npos, all.left_out[0].c_str());
    QVERIFY2(all.left_out[1].find("gone.png") != std::string::npos, all.left_out[1].c_str());
    QVERIFY(all.samples[0].sums.visual.rows == 0 && all.samples[1].sums.visual.rows > 0);
  }

  void refusesWhatDoesNotFit() {
    const auto dataset = open_dataset(folder_ / "data.json");
    QVERIFY_THROWS_EXCEPTION(UserError, data_disagreement(*teacher_, *student_, *dataset, preparation(), 0, 0));
    LoadedModel other = *teacher_;
    ModelConfig config = config_of_width(16);
    config.vision.image_size = 12;
    other.model = MultimodalModel(config, small_parameters(config, 2));
    QVERIFY_THROWS_EXCEPTION(UserError, data_disagreement(other, *student_, *dataset, preparation(), 0, 1));
  }
};

QTEST_APPLESS_MAIN(TestDataDisagreement)
#include "tst_data_disagreement.moc"
