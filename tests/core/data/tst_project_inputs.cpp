// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/data/dataset.h"
#include "core/data/project_inputs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestProjectInputs : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_ = dir_.path().toStdString();

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  /// What a project of one stage reads, whose samples have these images.
  InputFiles inputs_of(const std::vector<ImageRef>& images) const {
    std::vector<Sample> samples;
    for (const ImageRef& image : images) samples.push_back({.images = {image}});
    const SampleList dataset(std::move(samples));
    Project project;
    StageOptions stage;
    stage.data = "data.json";
    project.stages = {stage};
    const auto dataset_of = [&](const StageOptions&) -> const Dataset& {
      return dataset;
    };
    return input_files(project, folder_ / "p.kdproj", dataset_of, {});
  }
  static std::vector<std::string> keys_of(const InputFiles& inputs) {
    std::vector<std::string> keys;
    for (const InputFile& file : inputs.files)
      keys.push_back(input_key(inputs, file.path) + (file.is_image ? " (image)" : ""));
    return keys;
  }

 private Q_SLOTS:
  void initTestCase() {
    write("data.json", "[]");
    write("a.png", "aaaa");
    write("many.bin", "aaaabbbb");
  }

  void anImageIsItsFile() {
    const InputFiles inputs = inputs_of({"a.png", "a.png", "gone.png", "../out.png"});
    QCOMPARE(keys_of(inputs), (std::vector<std::string>{"a.png (image)", "data.json", "gone.png (image)"}));
  }

  void aFileThatHoldsManyIsOneInput() {
    const std::string many = (folder_ / "many.bin").string();
    const InputFiles inputs = inputs_of({{many, 0, 4}, {many, 4, 4}, "a.png"});
    QCOMPARE(keys_of(inputs), (std::vector<std::string>{"a.png (image)", "data.json", "many.bin"}));
  }
};

QTEST_GUILESS_MAIN(TestProjectInputs)
#include "tst_project_inputs.moc"
