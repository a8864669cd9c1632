// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/sha256.h"
#include "core/data/dataset.h"
#include "core/training/disk_cache.h"
#include "core/training/input_files.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestInputFiles : public QObject {
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
      keys.push_back(input_key(inputs, file.path) + (file.picture ? " (picture)" : ""));
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
    QCOMPARE(keys_of(inputs), (std::vector<std::string>{"a.png (picture)", "data.json", "gone.png (picture)"}));
  }

  void aFileThatHoldsManyIsOneInput() {
    const std::string many = (folder_ / "many.bin").string();
    const InputFiles inputs = inputs_of({{many, 0, 4}, {many, 4, 4}, "a.png"});
    QCOMPARE(keys_of(inputs), (std::vector<std::string>{"a.png (picture)", "data.json", "many.bin"}));
  }

  void cachesGoByTheBytes() {
    const std::string many = (folder_ / "many.bin").string();
    PictureHashes hashes;
    const std::string of_file = hashes.of(folder_ / "a.png");
    QCOMPARE(of_file, sha256_of_file(folder_ / "a.png"));
    QCOMPARE(hashes.of({many, 0, 4}), of_file);
    QCOMPARE(hashes.of({many, 4, 4}), sha256("bbbb"));
    QVERIFY(hashes.of(folder_ / "gone.png").empty());
    QVERIFY(hashes.of({many, 4, 5}).empty());
  }
};

QTEST_GUILESS_MAIN(TestInputFiles)
#include "tst_input_files.moc"
