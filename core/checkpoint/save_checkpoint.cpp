// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/save_checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/atomic_file.h"
#include "core/io/dtype.h"
#include "core/io/gguf.h"
#include "core/io/image_processor_config.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/gguf_model.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr std::array kTokenizerFiles{
    "tokenizer.json",    "tokenizer_config.json", "vocab.json",   "merges.txt",          "special_tokens_map.json",
    "added_tokens.json", "tokenizer.model",       kGgufTokenizer, "chat_template.jinja", "generation_config.json"};

void copy_if_there(const fs::path& from, const fs::path& to, const char* name) {
  std::error_code error;
  if (!fs::is_regular_file(from / name, error)) return;
  copy_file_atomically(from / name, to / name);
}

void write_generation_config(const fs::path& path, const ModelConfig& config) {
  nlohmann::ordered_json json{{"_from_model_config", true}};
  if (config.language.bos_token_id) json["bos_token_id"] = *config.language.bos_token_id;
  const std::vector<int64_t>& ends = config.language.eos_token_ids;
  if (!ends.empty())
    json["eos_token_id"] = ends.size() == 1 ? nlohmann::ordered_json(ends.front()) : nlohmann::ordered_json(ends);
  write_json(path, json);
}

}  // namespace

void write_weights(const fs::path& path, const TensorMap& parameters, at::ScalarType precision) {
  const auto current = std::make_shared<at::Tensor>();
  std::vector<TensorToWrite> list;
  for (const auto& [name, tensor] : parameters) {
    list.push_back({name, dtype_of(precision), tensor.sizes().vec(), [current, source = tensor, precision] {
                      *current = source.detach().to(at::kCPU, precision).contiguous();
                      return std::span(static_cast<const std::byte*>(current->const_data_ptr()), current->nbytes());
                    }});
  }
  write_safetensors(path, std::move(list));
}

void copy_tokenizer_files(const fs::path& from, const fs::path& to) {
  if (const fs::path gguf = gguf_file(from); !gguf.empty()) {
    write_file_atomically(to / kGgufTokenizer, GgufFile::open(gguf).metadata_file());
    return;
  }
  for (const char* name : kTokenizerFiles) copy_if_there(from, to, name);
}

void copy_processor(const fs::path& from, const fs::path& to) {
  if (const auto settings = find_image_processor_config(image_processor_folder(from)))
    write_json(to / "preprocessor_config.json", settings->json);
}

void write_checkpoint(const fs::path& folder, const ModelConfig& config, const TensorMap& parameters,
                      const SaveOptions& options) {
  if (!options.tokenizer_from.empty()) {
    if (!fs::exists(options.tokenizer_from))
      throw RunError(fmt::format("{} is gone, from which the tokenizer of {} was to be copied. Put it back.",
                                 options.tokenizer_from.string(), folder.string()));
    copy_tokenizer_files(options.tokenizer_from, folder);
  }
  const fs::path processor = options.processor_from.empty() ? options.tokenizer_from : options.processor_from;
  if (!processor.empty()) copy_processor(processor, folder);
  if (!fs::exists(folder / "generation_config.json")) {
    write_generation_config(folder / "generation_config.json", config);
  }
  const std::string dtype(torch_name_of(dtype_of(options.precision)));
  write_json(folder / "config.json", write_model_config(config, dtype));
  write_weights(folder / "model.safetensors", parameters, options.precision);
}

void save_checkpoint(const fs::path& folder, const ModelConfig& config, const TensorMap& parameters,
                     const SaveOptions& options) {
  AtomicFolder building(folder);
  write_checkpoint(building.partial(), config, parameters, options);
  building.commit();
}

}  // namespace llavakd
