// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <QtTest>
#include <csignal>

#include "core/base/errors.h"
#include "core/checkpoint/export_checkpoint.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/torch_file.h"
#include "core/io/atomic_file.h"
#include "core/io/torch_archive.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestExportCheckpoint : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    const ModelConfig config = tiny_config();
    write_file_atomically(root() / "tokenizer.json", "{}");
    save_checkpoint(root() / "source", config, random_parameters(config), {at::kFloat, root(), {}});
    m_source = open_checkpoint(root() / "source");
  }

  void writesWhatOpensAsTheSame_data() {
    QTest::addColumn<QString>("layout");
    QTest::addColumn<int>("precision");
    for (const char* layout : {"hf", "split", "parts"}) {
      for (const auto precision : {at::kFloat, at::kBFloat16, at::kHalf}) {
        QTest::addRow("%s %s", layout, at::toString(precision)) << QString(layout) << static_cast<int>(precision);
      }
    }
  }

  void writesWhatOpensAsTheSame() {
    QFETCH(QString, layout);
    QFETCH(int, precision);
    const auto type = static_cast<at::ScalarType>(precision);
    const ExportReport report = export_checkpoint(m_source, layout.toStdString(), root() / "copy", type);
    const Checkpoint copy = open_checkpoint(root() / "copy");
    QCOMPARE(QString::fromStdString(copy.layout), layout == "hf" ? QString("tinyllava_hf") : QString("split"));
    QCOMPARE(copy.parameters.size(), m_source.parameters.size());
    for (const auto& [name, weight] : m_source.parameters)
      QVERIFY2(at::equal(copy.parameters.at(name), weight.to(type).to(at::kFloat)), name.c_str());
    QVERIFY(fs::exists(root() / "copy/tokenizer.json"));
    QCOMPARE(report.rounded_tensors == 0, type == at::kFloat);
    QCOMPARE(report.logit_difference == 0, type == at::kFloat);
    QVERIFY(report.logit_difference < 0.5 * report.largest_logit);
    QVERIFY(!fs::exists(root() / "copy.partial"));
  }

  void leavesATiedHeadOutOfTheSplitLayout() {
    export_checkpoint(m_source, "split", root() / "copy", at::kFloat);
    for (const StoredTensor& tensor : open_torch_archive(root() / "copy/language_model/pytorch_model.bin"))
      QVERIFY(tensor.name.starts_with("model."));
    const auto connector = open_torch_archive(root() / "copy/connector/pytorch_model.bin");
    QCOMPARE(connector.front().name, std::string("_connector.0.bias"));
    QVERIFY(fs::exists(root() / "copy/vision_tower/config.json"));
  }

  void writesPartsThatStandAlone() {
    write_file_atomically(root() / "source/preprocessor_config.json", "{}");
    export_checkpoint(m_source, "parts", root() / "copy", at::kFloat);
    const fs::path language = root() / "copy/language_model", tower = root() / "copy/vision_tower";
    QVERIFY(fs::exists(language / "tokenizer.json") && fs::exists(tower / "preprocessor_config.json"));
    QCOMPARE(read_json(language / "config.json")["architectures"][0], "Qwen2ForCausalLM");
    QCOMPARE(read_json(tower / "config.json")["architectures"][0], "SiglipVisionModel");
    const Checkpoint together = open_parts(language, tower, "mlp2x_gelu", 1);
    for (const auto& [name, weight] : m_source.parameters)
      if (!name.starts_with("connector.")) QVERIFY2(at::equal(together.parameters.at(name), weight), name.c_str());
    // Names of a torch.nn.Sequential.
    QCOMPARE(read_tensors(root() / "copy/connector/model.safetensors").begin()->first, std::string("0.bias"));
    QCOMPARE(read_json(root() / "copy/connector/config.json")["connector_type"], "mlp2x_gelu");
  }

  void refusesAFolderInUse() {
    fs::create_directory(root() / "empty");
    export_checkpoint(m_source, "hf", root() / "empty", at::kFloat);
    QVERIFY_EXCEPTION_THROWN(export_checkpoint(m_source, "hf", root() / "empty", at::kFloat), UserError);
    QVERIFY_EXCEPTION_THROWN(export_checkpoint(m_source, "hf", root() / "tokenizer.json", at::kFloat), UserError);
    QVERIFY_EXCEPTION_THROWN(export_checkpoint(m_source, "gguf", root() / "other", at::kFloat), UserError);
    QVERIFY(!fs::exists(root() / "other"));
  }

  void refusesValuesThatThePrecisionCannotHold() {
    m_source.parameters["connector._connector.0.bias"] = at::full({8}, 1e6);
    QVERIFY_EXCEPTION_THROWN(export_checkpoint(m_source, "hf", root() / "copy", at::kHalf), UserError);
    QVERIFY(!fs::exists(root() / "copy"));
    export_checkpoint(m_source, "hf", root() / "copy", at::kBFloat16);
  }

  /// LibTorch's writer ends its archive while it is destroyed: what is thrown there would end the program.
  void aFullDiskIsTold() {
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{20'000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    QVERIFY_EXCEPTION_THROWN(write_torch_file(root() / "model.bin", {{"a", at::ones({100, 100})}}, at::kFloat),
                             RunError);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY(!fs::exists(root() / "model.bin"));
    QVERIFY(!fs::exists(root() / "model.bin.partial"));
  }

  void writesTransposedAndEmptyTensors() {
    const at::Tensor matrix = at::arange(6, at::kFloat).view({2, 3}).t();
    write_torch_file(root() / "model.bin", {{"a", matrix}, {"b", at::empty({0, 4})}, {"c", at::scalar_tensor(5)}},
                     at::kFloat);
    const auto tensors = open_torch_archive(root() / "model.bin");
    QCOMPARE(tensors.size(), size_t(3));
    QVERIFY(at::equal(as_tensor(tensors[0]), matrix));
    QCOMPARE(tensors[1].shape, (std::vector<int64_t>{0, 4}));
    QCOMPARE(as_tensor(tensors[2]).item<float>(), 5.0F);
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }

  std::unique_ptr<QTemporaryDir> m_folder;
  Checkpoint m_source;
};

QTEST_APPLESS_MAIN(TestExportCheckpoint)
#include "tst_export_checkpoint.moc"
