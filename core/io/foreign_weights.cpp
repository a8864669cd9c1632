// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/foreign_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/base/name_list.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostEntries = 10'000;

/// Names that begin and end so -> what they are and the way out. The first row that any file matches counts.
struct WeightsName {
  std::string_view begin, end, what, remedy;
};

constexpr std::string_view kFetchThem = "Fetch them again.";
constexpr std::string_view kIndex = "Fetch the file that ends with .index.json, too.";
constexpr std::string_view kConvertThem = "Load them with the library that wrote them and save them as safetensors.";
constexpr std::string_view kShards =
    "Gather the shards first: zero_to_fp32.py (DeepSpeed) or `accelerate merge-weights` (FSDP).";
constexpr std::string_view kRename = "If they are the model's, call the file model.safetensors or pytorch_model.bin.";

constexpr std::array kWeightsNames{
    WeightsName{"", ".incomplete", "unfinished downloads", kFetchThem},
    WeightsName{"", ".part", "unfinished downloads", kFetchThem},
    WeightsName{"", ".crdownload", "unfinished downloads", kFetchThem},
    WeightsName{"", ".aria2", "unfinished downloads", kFetchThem},
    WeightsName{"model-0", ".safetensors", "shards without their index", kIndex},
    WeightsName{"pytorch_model-0", ".bin", "shards without their index", kIndex},
    WeightsName{"", ".distcp", "shards of a distributed checkpoint", kShards},
    WeightsName{"zero_to_fp32", ".py", "DeepSpeed's shards", kShards},
    WeightsName{"mp_rank_", ".pt", "DeepSpeed's shards", kShards},
    WeightsName{"zero_pp_rank_", ".pt", "DeepSpeed's shards", kShards},
    WeightsName{"", ".h5", "TensorFlow (Keras) weights", kConvertThem},
    WeightsName{"", ".keras", "TensorFlow (Keras) weights", kConvertThem},
    WeightsName{"saved_model", ".pb", "a TensorFlow graph", kConvertThem},
    WeightsName{"", ".msgpack", "Flax weights", kConvertThem},
    WeightsName{"", ".onnx", "an ONNX graph", "Take the model as safetensors."},
    WeightsName{"onnx", "onnx", "a folder of ONNX graphs", "Take the model as safetensors."},
    WeightsName{"", ".tflite", "a TensorFlow Lite graph", "Take the model as safetensors."},
    WeightsName{"openvino_model", "", "an OpenVINO graph", "Take the model as safetensors."},
    WeightsName{"", ".npz", "NumPy or MLX weights", kConvertThem},
    WeightsName{"", ".gguf", "a GGUF file", "Name the .gguf file itself, or move config.json away from it."},
    WeightsName{"consolidated", ".pth", "weights in their publisher's own format",
                "Take the model in Hugging Face's format."},
    WeightsName{"consolidated", ".safetensors", "weights in their publisher's own format",
                "Take the model in Hugging Face's format."},
    WeightsName{"", ".ckpt", "a checkpoint of Lightning", "Save its state_dict as safetensors."},
    WeightsName{"", ".ot", "weights of Rust's tch", kConvertThem},
    WeightsName{"adapter_model", "", "an adapter alone", "Fetch its adapter_config.json, too."},
    WeightsName{"", ".safetensors", "safetensors files of other names", kRename},
    WeightsName{"pytorch_model", ".bin", "files of torch.save of other names", kRename},
    WeightsName{"", ".pth", "files of torch.save of other names", kRename},
    WeightsName{"", ".pt", "files of torch.save of other names", kRename},
    WeightsName{"", ".parquet", "data, not weights", "Choose the folder of a model."},
};

std::vector<std::string> file_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && entry != end && names.size() < kMostEntries; entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string other_weights(const fs::path& folder) {
  const auto names = file_names(folder);
  for (const WeightsName& row : kWeightsNames) {
    std::vector<std::string> found;
    std::ranges::copy_if(names, std::back_inserter(found),
                         [&](std::string_view name) { return name.starts_with(row.begin) && name.ends_with(row.end); });
    if (!found.empty()) return fmt::format("It holds {}: {}. {}", row.what, name_list(found), row.remedy);
  }
  return {};
}

}  // namespace llavakd
