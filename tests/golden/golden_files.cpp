// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/checkpoint/tensor_io.h"
#include "core/data/data_check.h"
#include "core/io/gguf.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/io/tensor_files.h"
#include "core/io/torch_archive.h"
#include "tests/golden/golden_tests.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// Refused by the reader with a sentence of moderate length that names the file.
template <typename Read>
void must_refuse(const fs::path& file, Read read) {
  try {
    read(file);
    QFAIL(file.c_str());
  } catch (const UserError& error) {
    const std::string message = error.what();
    QVERIFY2(message.find(file.filename()) != std::string::npos && message.size() < 500, error.what());
  }
}

}  // namespace

/// What each reader of core/io and core/data makes of whole and of damaged files, on its own.
class GoldenFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void gguf() {
    const Json expected = read_json(golden::root / "gguf/expected.json");
    for (const char* name : {"types.gguf", "qwen2_tiny.gguf"}) {
      const GgufFile file = GgufFile::open(golden::root / "gguf" / name);
      QCOMPARE(file.tensors().size(), expected[name]["tensors"].size());
      for (const StoredTensor& stored : file.tensors()) {
        const Json& entry = expected[name]["tensors"][stored.name];
        QCOMPARE(std::string(stored.type_name()), entry["type"].get<std::string>());
        QCOMPARE(stored.shape, entry["shape_rows_cols"].get<std::vector<int64_t>>());
        const at::Tensor values = as_tensor(stored).to(at::kFloat).contiguous();
        const std::string_view bytes(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
        QVERIFY2(sha256(bytes) == entry["float32_le_sha256"].get<std::string>(), stored.name.c_str());
      }
    }
  }

  void split() {
    const fs::path folder = golden::root / "vlm/b_split_bin/student";
    QCOMPARE(open_torch_archive(folder / "connector/pytorch_model.bin").size(), size_t{4});
    // Twelve tensors a layer of Qwen2, the embedding, the last norm and a rotary buffer; the tied head is absent.
    const Json config = read_json(folder / "language_model/config.json");
    const bool tied = config.value("tie_word_embeddings", true);
    const size_t count = 12 * config["num_hidden_layers"].get<size_t>() + (tied ? 3 : 4);
    QCOMPARE(open_torch_archive(folder / "language_model/pytorch_model.bin").size(), count);
  }

  void sharded() {
    const fs::path folder = golden::root / "vlm/c_sharded_bf16/teacher";
    const TensorFiles files = open_tensor_files(folder);
    QCOMPARE(files.files.size(), size_t{3});
    QCOMPARE(files.tensors.size(), read_json(folder / "model.safetensors.index.json")["weight_map"].size());
  }

  void damagedGguf() {
    const auto files = files_of(golden::root / "bad/gguf");
    QCOMPARE(files.size(), size_t{9});
    for (const fs::path& file : files) must_refuse(file, GgufFile::open);
  }

  void damagedTorchArchives() {
    const auto files = files_of(golden::root / "bad/pickle");
    QVERIFY(files.size() >= 24);
    for (const fs::path& file : files) must_refuse(file, open_torch_archive);
    QVERIFY(!fs::exists("LLAVAKD_PWNED_MARKER"));
  }

  /// Weights with NaN or of another shape are whole files; what is wrong with them is seen where the model is known.
  void damagedSafetensors() {
    const std::set<std::string> whole{"nan_weight", "inf_weight", "missing_tensor", "wrong_shape"};
    for (const fs::path& file : files_of(golden::root / "bad/safetensors"))
      whole.contains(file.stem()) ? void(open_safetensors(file)) : must_refuse(file, open_safetensors);
  }

  void damagedIndexes() {
    const QTemporaryDir folder;
    const fs::path path = folder.path().toStdString();
    for (const fs::path& file : files_of(golden::root / "bad/index")) {
      fs::copy_file(file, path / "model.safetensors.index.json", fs::copy_options::overwrite_existing);
      QVERIFY_EXCEPTION_THROWN(open_tensor_files(path), UserError);
    }
  }

  /// One sample of each file is faulty, if the file is read at all.
  void damagedSamples() {
    for (const Json& entry : read_json(golden::root / "bad/INDEX.json")) {
      if (entry["target"] != "dataset") continue;
      const std::string expect = entry["expect"], file = entry["file"];
      try {
        const auto faults =
            check_data(golden::root / file, {.images_folder = golden::root / "vlm/a_qwen2_siglip_hf/images"}).faults;
        QVERIFY2(expect != "refuse", file.c_str());
        if (expect.find("accept") == std::string::npos && expect.find("drop_first_turn") == std::string::npos)
          QCOMPARE(faults.size(), size_t{1});
      } catch (const UserError& error) {
        QVERIFY2(expect.find("refuse") != std::string::npos, error.what());
        QVERIFY2(std::string(error.what()).find(".json") != std::string::npos, error.what());
      }
    }
  }
};

std::unique_ptr<QObject> golden::make_files() {
  return std::make_unique<GoldenFiles>();
}

#include "golden_files.moc"
