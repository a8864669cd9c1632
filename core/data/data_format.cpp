// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/data_format.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/data/data_keys.h"
#include "core/io/foreign_file.h"

using namespace std::string_view_literals;

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view wanted = "a data file is a JSON list of samples, or JSON lines with one sample on each line";
constexpr std::string_view convert =
    "Write its rows as JSON lines and its pictures as files, and name them under \"image\".";
constexpr std::string_view choose = "Choose the file with the conversations.";
constexpr std::string_view save_text = "Save it as UTF-8.";

struct Magic {
  size_t at;
  std::string_view bytes;
  std::string_view what;
  std::string_view way_out;
};

constexpr std::array magics{
    Magic{0, "PAR1"sv, "a Parquet file", convert},
    Magic{0, "ARROW1"sv, "an Arrow file", convert},
    Magic{0, "\xFF\xFF\xFF\xFF"sv, "an Arrow stream, as save_to_disk of datasets writes", convert},
    Magic{257, "ustar"sv, "a tar archive, such as a shard of WebDataset", convert},
    Magic{0, "SQLite format 3\0"sv, "an SQLite database", convert},
    Magic{0, "\x89HDF"sv, "an HDF5 file", convert},
    Magic{0, "\x93NUMPY"sv, "a NumPy file", convert},
    Magic{0, "\xD0\xCF\x11\xE0"sv, "an Office document", convert},
    Magic{0, "\x80\x02"sv, "a pickle of Python", convert},
    Magic{0, "\x80\x03"sv, "a pickle of Python", convert},
    Magic{0, "\x80\x04"sv, "a pickle of Python", convert},
    Magic{0, "\x80\x05"sv, "a pickle of Python", convert},
    Magic{0, "GGUF"sv, "a GGUF model", choose},
    Magic{8, "{\""sv, "a safetensors file", choose},
    Magic{0, "\xFF\xD8\xFF"sv, "a JPEG picture", choose},
    Magic{0, "\x89PNG"sv, "a PNG picture", choose},
    Magic{0, "\xFF\xFE\0\0"sv, "text in UTF-32", save_text},
    Magic{0, "\0\0\xFE\xFF"sv, "text in UTF-32", save_text},
    Magic{0, "\xFF\xFE"sv, "text in UTF-16", save_text},
    Magic{0, "\xFE\xFF"sv, "text in UTF-16", save_text},
    // Without the mark in front: JSON begins so, and has no zero bytes.
    Magic{0, "[\0"sv, "text in UTF-16 or UTF-32", save_text},
    Magic{0, "{\0"sv, "text in UTF-16 or UTF-32", save_text},
    Magic{0, "\0["sv, "text in UTF-16 or UTF-32", save_text},
    Magic{0, "\0{"sv, "text in UTF-16 or UTF-32", save_text},
    Magic{0, "\0\0\0["sv, "text in UTF-16 or UTF-32", save_text},
    Magic{0, "\0\0\0{"sv, "text in UTF-16 or UTF-32", save_text},
};

[[noreturn]] void refuse(const fs::path& path, std::string_view what, std::string_view way_out) {
  throw UserError(fmt::format("{}: this is {}; {}. {}", path.string(), what, wanted, way_out));
}

/// The JSON value without what is deeper than the values of its keys; discarded where the text is no JSON.
nlohmann::json outline(std::string_view text) {
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth < 2;
  };
  return nlohmann::json::parse(text, shallow, false);
}

/// Which key of an object may hold the samples, as a sentence, or nothing.
std::string list_inside(const nlohmann::json& object) {
  for (const auto& [key, value] : object.items())
    if (value.is_array() && !entry_key_fault(key))
      return fmt::format(" If its \"{}\" are the samples, write that list alone into the file.", printable(key, 60));
  return "";
}

/// What a text is that isn't JSON; empty where nothing is known of it.
std::string_view text_format(std::string_view text) {
  if (text.starts_with('<')) return "XML or HTML";
  if (text.starts_with("---") || text.starts_with("- ")) return "YAML";
  const std::string_view line = text.substr(0, text.find('\n'));
  const bool json = text.starts_with('[') || text.starts_with('{');
  if (!json && line.find('\t') != std::string_view::npos) return "a table (TSV)";
  return !json && line.find_first_of(",;") != std::string_view::npos ? "a table (CSV)" : std::string_view();
}

}  // namespace

void refuse_other_formats(const fs::path& path, std::string_view text) {
  for (const Magic& magic : magics) {
    // A list may hold "{" anywhere; a number of eight bytes in front of it is only found in binary files.
    if (magic.at == 8 && (text.size() < 8 || text.substr(0, 8).find('\0') == std::string_view::npos)) continue;
    if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.bytes))
      refuse(path, magic.what, magic.way_out);
  }
  if (const auto foreign = foreign_file(text.substr(0, 8192))) refuse(path, foreign->what, foreign->remedy);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  if (text.empty()) throw UserError(fmt::format("{}: the file is empty; {}.", path.string(), wanted));
  const std::string_view what = text_format(text);
  if (!what.empty()) refuse(path, what, convert);
}

void refuse_one_object(const fs::path& path, std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const nlohmann::json first = outline(line);
  const bool alone = text.find_first_not_of(" \t\r\n", line.size()) == std::string_view::npos;
  if (!first.is_discarded() && (!alone || first.contains("conversations"))) return;
  const nlohmann::json whole = first.is_discarded() ? outline(text) : first;
  if (whole.is_discarded()) return;
  throw UserError(fmt::format(
      "{}: the data file must be a list of samples, or JSON lines with one sample on each line, not an object.{}",
      path.string(), list_inside(whole)));
}

void refuse_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return;
  const bool saved = fs::exists(path / "dataset_info.json", error) || fs::exists(path / "dataset_dict.json", error);
  refuse(path, saved ? "a folder that save_to_disk of datasets has written" : "a folder", saved ? convert : choose);
}

}  // namespace llavakd
