// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string with_slashes(std::string name) {
  std::ranges::replace(name, '\\', '/');
  return name;
}

bool goes_up(const fs::path& path) {
  return std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

std::string leads_out(const std::string& name) {
  return fmt::format("the image path '{}' leads out of the image folder", printable(name));
}

/// The file below the folder, each part in the form in which it is there; nothing where one isn't.
std::optional<fs::path> in_any_form(const fs::path& folder, const fs::path& name) {
  fs::path found = folder;
  for (const fs::path& part : name) {
    if (!is_utf8(part.string())) return std::nullopt;
    const auto is_there = [&](const fs::path& form) {
      std::error_code error;
      return fs::exists(found / form, error);
    };
    const std::vector<fs::path> forms{part, normalized(part.string(), NormalForm::nfc),
                                      normalized(part.string(), NormalForm::nfd)};
    const auto there = std::ranges::find_if(forms, is_there);
    if (there == forms.end()) return std::nullopt;
    found /= *there;
  }
  return is_file(found) ? std::optional(found) : std::nullopt;
}

/// An absolute name as one below the folder; nothing where it is outside.
std::optional<fs::path> below(const fs::path& folder, const fs::path& name) {
  std::error_code error;
  for (const auto& [inner, outer] :
       {std::pair(name.lexically_normal(), fs::absolute(folder, error).lexically_normal()),
        std::pair(fs::weakly_canonical(name, error), fs::weakly_canonical(folder, error))}) {
    const fs::path relative = inner.lexically_relative(outer);
    if (!relative.empty() && !goes_up(relative)) return relative;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> image_name_fault(const std::string& name) {
  if (name.empty()) return "the image has no name";
  if (name.find('\0') != std::string::npos) return "the image path holds a zero byte";
  for (const std::string_view scheme : {"http://", "https://", "s3://", "gs://", "hf://"}) {
    if (name.starts_with(scheme))
      return fmt::format("the image '{}' is a web address; download it and name the file", printable(name));
  }
  if (name.starts_with("data:")) return "the image's text holds the picture itself; write it as a file and name that";
  if (goes_up(name) || goes_up(with_slashes(name))) return leads_out(name);
  return std::nullopt;
}

fs::path image_path(const fs::path& images_folder, const std::string& name) {
  if (const auto fault = image_name_fault(name)) throw UserError(*fault + ".");
  fs::path relative = name;
  if (relative.has_root_path()) {
    const auto inside = below(images_folder, relative);
    if (!inside) throw UserError(leads_out(name) + fmt::format(" {}.", images_folder.string()));
    relative = *inside;
  }
  fs::path plain = images_folder / relative;
  if (is_file(plain)) return plain;
  const auto other = in_any_form(images_folder, with_slashes(relative.string()));
  return other ? *other : plain;
}

ImageRef find_image(const fs::path& images_folder, const ImageRef& image) {
  return image.is_file() ? ImageRef(image_path(images_folder, image.file)) : image;
}

}  // namespace llavakd
