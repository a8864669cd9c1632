// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/json_file.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_list.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_text = 100'000, most_tags = 50, most_pinned = 10'000;
constexpr int64_t longest_tag = 50;

std::filesystem::path notes_file(const RunFolder& run) {
  return run.path / "notes.json";
}

[[noreturn]] void refuse_notes(const std::string& file, const std::string& what) {
  throw UserError(fmt::format("{}: {} Mend it, or move it away.", file, what));
}

/// The whole object, with what newer versions may have put into it.
Json notes_object(const RunFolder& run) {
  std::error_code error;
  const auto file = notes_file(run);
  if (!std::filesystem::exists(file, error)) return Json::object();
  constexpr JsonLimits limits{.max_bytes = size_t{1} << 20, .max_depth = 8};
  Json json = read_json(file, limits);
  if (!json.is_object()) refuse_notes(file.string(), "the notes of a run are an object.");
  return json;
}

std::vector<std::string> texts(const Json& object, const char* key, const std::string& file, size_t most) {
  std::vector<std::string> list;
  const auto found = object.find(key);
  if (found == object.end()) return list;
  if (!found->is_array() || found->size() > most)
    refuse_notes(file, fmt::format("\"{}\" must be a list of at most {} texts.", key, most));
  for (const Json& each : *found) {
    if (!each.is_string()) refuse_notes(file, fmt::format("\"{}\" must be a list of texts.", key));
    list.push_back(each.get<std::string>());
  }
  return list;
}

/// Characters, not bytes.
int64_t characters(std::string_view utf8) {
  return std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; });
}

/// What no version has ever taken for a tag.
std::string line_fault(std::string_view tag) {
  const std::string shown = printable(tag, 60);
  if (tag.empty()) return "A tag has at least one character.";
  if (!is_utf8(tag)) return fmt::format("The tag \"{}\" is no UTF-8 text.", shown);
  if (characters(tag) > longest_tag)
    return fmt::format("The tag \"{}\" has {} characters; it may have {}.", shown, characters(tag), longest_tag);
  if (std::ranges::any_of(tag, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f' || c == ','; }))
    return fmt::format("The tag \"{}\" must be one line without a comma.", shown);
  if (tag.front() == ' ' || tag.back() == ' ') return fmt::format("The tag \"{}\" begins or ends with a space.", shown);
  return {};
}

void refuse_unfit_notes(const RunNotes& notes) {
  if (notes.text.size() > longest_text)
    throw UserError(fmt::format("The notes have {} bytes; a run keeps up to {}.", notes.text.size(), longest_text));
  if (!is_utf8(notes.text)) throw UserError("The notes are no UTF-8 text.");
  if (notes.tags.size() > most_tags) throw UserError(fmt::format("A run has at most {} tags.", most_tags));
  for (const std::string& tag : notes.tags)
    if (const std::string fault = tag_fault(tag); !fault.empty()) throw UserError(fault);
  if (notes.pinned.size() > most_pinned)
    throw UserError(fmt::format("At most {} checkpoints are pinned.", most_pinned));
}

}  // namespace

RunNotes read_run_notes(const RunFolder& run) {
  const Json json = notes_object(run);
  const std::string file = notes_file(run).string();
  RunNotes notes;
  if (const auto text = json.find("text"); text != json.end()) {
    if (!text->is_string()) refuse_notes(file, "\"text\" must be a text.");
    notes.text = text->get<std::string>();
  }
  notes.tags = texts(json, "tags", file, most_tags);
  for (const std::string& tag : notes.tags)
    if (const std::string fault = line_fault(tag); !fault.empty()) refuse_notes(file, fault);
  if (const auto baseline = json.find("baseline"); baseline != json.end()) {
    if (!baseline->is_boolean()) refuse_notes(file, "\"baseline\" must be true or false.");
    notes.baseline = baseline->get<bool>();
  }
  notes.pinned = texts(json, "pinned", file, most_pinned);
  return notes;
}

void write_run_notes(const RunFolder& run, const RunNotes& notes) {
  refuse_unfit_notes(notes);
  Json json = notes_object(run);
  json["text"] = notes.text;
  json["tags"] = notes.tags;
  json["baseline"] = notes.baseline;
  json["pinned"] = notes.pinned;
  write_json(notes_file(run), json);
}

std::string tag_fault(std::string_view tag) {
  if (std::string fault = line_fault(tag); !fault.empty()) return fault;
  // What printable() changes in a line of that length is what a terminal or a table would act on.
  if (printable(tag) != tag)
    return fmt::format("The tag \"{}\" holds a control character or a mark of direction.", printable(tag, 60));
  return {};
}

void add_tags(const RunFolder& run, const std::vector<std::string>& tags) {
  RunNotes notes = read_run_notes(run);
  const size_t before = notes.tags.size();
  for (const std::string& tag : tags)
    if (std::ranges::count(notes.tags, tag) == 0) notes.tags.push_back(tag);
  if (notes.tags.size() > before) write_run_notes(run, notes);
}

void remove_tags(const RunFolder& run, const std::vector<std::string>& tags) {
  RunNotes notes = read_run_notes(run);
  for (const std::string& tag : tags)
    if (std::erase(notes.tags, tag) == 0)
      throw UserError(fmt::format("The run {} has no tag \"{}\".", run.id(), printable(tag, 60)));
  write_run_notes(run, notes);
}

void pin_checkpoint(const RunFolder& run, const std::string& name, bool pinned) {
  RunNotes notes = read_run_notes(run);
  const bool was = std::erase(notes.pinned, name) > 0;
  if (pinned) {
    const auto all = list_training_checkpoints(run.checkpoints());
    if (std::ranges::none_of(all, [&](const auto& folder) { return folder.filename() == name; }))
      throw UserError(fmt::format("The run {} has no checkpoint \"{}\".", run.id(), printable(name, 60)));
    notes.pinned.push_back(name);
  } else if (!was) {
    throw UserError(fmt::format("The checkpoint \"{}\" of the run {} isn't pinned.", printable(name, 60), run.id()));
  }
  write_run_notes(run, notes);
}

void set_baseline(const std::filesystem::path& project_file, const std::string& run_id) {
  const std::vector<ListedRun> runs = all_runs(project_file);
  const auto is_chosen = [&](const ListedRun& run) {
    return run.belongs && run.fault.empty() && run.folder.id() == run_id;
  };
  if (!run_id.empty() && std::ranges::none_of(runs, is_chosen))
    throw UserError(fmt::format("{} has no run \"{}\".", project_file.filename().string(), printable(run_id, 60)));
  for (const ListedRun& run : runs) {
    if (!run.belongs) continue;
    RunNotes notes = read_run_notes(run.folder);
    if (notes.baseline == is_chosen(run)) continue;
    notes.baseline = is_chosen(run);
    write_run_notes(run.folder, notes);
  }
}

}  // namespace llavakd
