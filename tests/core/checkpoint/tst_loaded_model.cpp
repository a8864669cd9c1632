// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/checkpoint/loaded_model.h"
#include "core/project/catalog.h"
#include "core/run/run_folder.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

template <class Action>
QString refusal(Action&& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

class TestLoadedModel : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;
  Project project_;

  /// The student with another configuration.
  LoadedModel variant(const char* name, const ModelConfig& config) const {
    save_checkpoint(folder_ / name, config, small_parameters(config, 1), {.tokenizer_from = folder_ / "tokenizer"});
    return load_model(folder_ / name);
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_tiny_project(folder_);
  }

  void aCheckpointComesWithItsTokenizerAndProcessor() {
    const LoadedModel model = load_model(folder_ / "student");
    QCOMPARE(model.folder, folder_ / "student");
    QCOMPARE(model.tokenizer.size(), 257);
    QCOMPARE(model.processor.width, 8);
    const at::Tensor pixels =
        load_pixels(model, {folder_ / "images/0.png", folder_ / "images/1.png"}, AspectRatio::square);
    QVERIFY(pixels.sizes() == (at::IntArrayRef{2, 3, 8, 8}));
    QVERIFY(!load_pixels(model, {}, AspectRatio::square).defined());
  }

  void aPairThatFitsIsTaken() { refuse_mismatch(load_model(folder_ / "teacher"), load_model(folder_ / "student")); }

  void otherVisualTokensAreRefused() {
    ModelConfig config = config_of_width(8);
    config.vision.patch_size = 2;
    const LoadedModel fine = variant("fine", config), student = load_model(folder_ / "student");
    const QString said = refusal([&] { refuse_mismatch(fine, student); });
    QVERIFY2(said.contains("visual tokens") && said.contains("fine") && said.contains("student"), qPrintable(said));
  }

  void otherIdsAreRefused() {
    auto json = read_json(folder_ / "student/tokenizer.json");
    std::swap(json["model"]["vocab"]["a"], json["model"]["vocab"]["b"]);
    fs::copy(folder_ / "student", folder_ / "swapped", fs::copy_options::recursive);
    write_json(folder_ / "swapped/tokenizer.json", json);
    const LoadedModel teacher = load_model(folder_ / "teacher"), student = load_model(folder_ / "swapped");
    const QString said = refusal([&] { refuse_mismatch(teacher, student); });
    QVERIFY2(said.contains("swapped") && (said.contains("ids to a") || said.contains("ids to b")), qPrintable(said));
  }

  void aProcessorOfAnotherSizeIsRefused() {
    fs::copy(folder_ / "student", folder_ / "resized", fs::copy_options::recursive);
    write_json(folder_ / "resized/preprocessor_config.json",
               {{"image_processor_type", "SiglipImageProcessor"}, {"size", {{"height", 16}, {"width", 16}}}});
    const QString said = refusal([&] { load_model(folder_ / "resized"); });
    QVERIFY2(said.contains("preprocessor_config.json") && said.contains("16"), qPrintable(said));
  }

  void missingThingsAreNamed() {
    Project project = project_;
    project.teacher.checkpoint.clear();
    const fs::path file = folder_ / "tiny.kdproj";
    QVERIFY(refusal([&] { load_teacher(project, file); }).contains("teacher.checkpoint"));
    project.student = {};
    QVERIFY(refusal([&] { load_student(project, file); }).contains("language_model"));
    QVERIFY(refusal([&] { load_model(folder_ / "nowhere"); }).contains("nowhere"));
    const LoadedModel model = load_model(folder_ / "student");
    QVERIFY(refusal([&] { load_pixels(model, {folder_ / "none.png"}, AspectRatio::square); }).contains("none.png"));
    std::ofstream(folder_ / "text.png") << "not a picture";
    QVERIFY(refusal([&] { load_pixels(model, {folder_ / "text.png"}, AspectRatio::square); }).contains("text.png"));
  }

  void theNewestRunWithACheckpointIsChosen() {
    const fs::path file = folder_ / "tiny.kdproj";
    QVERIFY(!newest_model(file));
    create_run(file, "empty");
    QVERIFY(!newest_model(file));
  }

  void namesOfDevicesAndPrecisions() {
    QVERIFY(device_of("cpu").is_cpu());
    QVERIFY(precision_of("bf16") == at::kBFloat16 && precision_of("fp32") == at::kFloat);
    for (const auto& precision : catalog::precisions()) precision_of(std::string(precision.name));
    for (const char* unknown : {"fp16", "", "BF16"}) QVERIFY_EXCEPTION_THROWN(precision_of(unknown), UserError);
  }
};

QTEST_APPLESS_MAIN(TestLoadedModel)
#include "tst_loaded_model.moc"
