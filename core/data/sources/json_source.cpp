// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// LLaVA conversation lists, as a JSON list or as JSON lines: {"id", "image", "conversations": [{"from", "value"}]}.
// Also read: "images" as "image", "template" (in place of the stage's) and "type". What is passed over of other keys is
// noted. Samples are built while the JSON is parsed, so that memory stays near the size of the texts.

#include <algorithm>
#include <array>

#include "core/data/data_format.h"
#include "core/data/sources/json_entry_reader.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

/// The text with null in the place of Python's NaN and Infinity, which JSON doesn't have; nothing where there is none
/// outside a string.
std::optional<std::string> without_nan(std::string_view text) {
  constexpr std::array words{"NaN", "-Infinity", "Infinity"};
  if (std::ranges::all_of(words, [&](const char* word) { return text.find(word) == std::string_view::npos; }))
    return std::nullopt;
  std::string result;
  size_t copied = 0;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside && c == '\\') ++i;
    if (c == '"') inside = !inside;
    if (inside || (c != 'N' && c != 'I' && c != '-')) continue;
    const std::string_view rest = text.substr(i);
    const auto word = std::ranges::find_if(words, [&](const char* each) { return rest.starts_with(each); });
    if (word == words.end()) continue;
    result.append(text, copied, i - copied).append("null");
    copied = i + std::string_view(*word).size();
    i = copied - 1;
  }
  if (copied == 0) return std::nullopt;
  return result.append(text.substr(copied));
}

bool takes_any_file(const std::filesystem::path&, std::string_view) {
  return true;
}

/// Throws UserError naming file and line when the file is of another format (data_format.h), nested deeply or no list.
std::vector<std::string> read_json_entries(const std::filesystem::path& path, const EntrySink& sink) {
  refuse_folder(path);
  const auto file = MappedFile::open(path);
  std::string_view text = file->text();
  refuse_other_formats(path, text);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::optional<std::string> repaired = without_nan(text);
  if (repaired) text = *repaired;
  EntryReader reader(path, text, sink, repaired ? nullptr : file->text().data());
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    refuse_one_object(path, text.substr(first));
    reader.read_lines(text);
  } else {
    reader.read_list(text);
  }
  return reader.notes();
}

std::optional<Sample> read_json_entry(const std::filesystem::path& path, std::string_view text, int64_t number) {
  std::optional<Sample> read;
  const EntrySink sink{.sample = [&](Sample sample) { read = std::move(sample); },
                       .fault =
                           [](const DataFault&) {
                           }};
  EntryReader(path, text, sink).read_entry(text, number - 1);
  return read;
}

}  // namespace

extern const DataSource json_source{
    .name = "json", .recognises = takes_any_file, .read = read_json_entries, .read_entry = read_json_entry};

}  // namespace llavakd
