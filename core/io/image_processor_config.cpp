// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/image_processor_config.h"

#include <fmt/format.h>

#include <system_error>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/json_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

Json read_object(const std::filesystem::path& file) {
  Json json = read_json(file);
  if (!json.is_object())
    throw UserError(fmt::format("{}: must be a JSON object, not {}.", printable(file.string()), json.type_name()));
  return json;
}

}  // namespace

std::optional<ImageProcessorConfig> find_image_processor_config(const std::filesystem::path& folder) {
  std::error_code error;
  if (const auto file = folder / "processor_config.json"; std::filesystem::is_regular_file(file, error)) {
    const Json json = read_object(file);
    if (const auto inner = json.find("image_processor"); inner != json.end() && !inner->is_null())
      return ImageProcessorConfig{*inner, file, printable(file.string()) + ": image_processor"};
  }
  if (const auto file = folder / "preprocessor_config.json"; std::filesystem::is_regular_file(file, error))
    return ImageProcessorConfig{read_object(file), file, printable(file.string())};
  return std::nullopt;
}

}  // namespace llavakd
