// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/input_hashes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

int64_t number_or_unknown(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : InputState::unknown;
}

InputState file_state(const Json& value) {
  if (value.is_string()) return {.hash = value.get<std::string>()};  // as earlier versions wrote it
  if (!value.is_object()) return {};
  const auto hash = value.find("sha256");
  return {.bytes = number_or_unknown(value, "bytes"),
          .modified = number_or_unknown(value, "modified"),
          .hash = hash != value.end() && hash->is_string() ? hash->get<std::string>() : std::string()};
}

/// Earlier versions wrote absolute paths.
std::string without_folder(const std::string& key, const std::filesystem::path& project_file) {
  const std::string folder = project_file.parent_path().string() + "/";
  return folder.size() > 1 && key.starts_with(folder) ? key.substr(folder.size()) : key;
}

/// A line of pictures.txt: hash or "-", bytes, time of change, path.
void add_image_line(std::string_view line, InputStates& images) {
  const size_t first = line.find(' '), second = line.find(' ', first + 1), third = line.find(' ', second + 1);
  if (first == line.npos || second == line.npos || third == line.npos) return;
  InputState state;
  if (line.substr(0, first) != "-") state.hash = line.substr(0, first);
  std::from_chars(line.data() + first + 1, line.data() + second, state.bytes);
  std::from_chars(line.data() + second + 1, line.data() + third, state.modified);
  images[std::string(line.substr(third + 1))] = std::move(state);
}

/// How the file differs from what is known of it, or nothing.
std::string file_difference(const InputFile& file, const InputState& was) {
  const InputState now = read_input_state(file.path);
  if (now.bytes == InputState::absent) return was.bytes == InputState::absent ? "" : "is gone";
  if (was.bytes == InputState::absent) return "is new";
  if (was.bytes == InputState::unknown) return "";  // of an earlier version there are hashes only
  if (was.bytes != now.bytes) return fmt::format("has {} bytes, had {}", now.bytes, was.bytes);
  if (was.modified == now.modified) return "";
  if (was.hash.empty()) return "was written since";
  return hash_of_input(file) == was.hash ? "" : "holds something else";
}

bool is_at_or_below(const std::string& key, const std::string& folder) {
  return key.starts_with(folder) && (key.size() == folder.size() || key[folder.size()] == '/');
}

/// Whether input_key() left the path as it is.
bool is_utf8_path(const std::string& key) {
  return key.find("\\x") == key.npos;
}

/// Files that have come or gone in what the options name.
void add_new_and_missing(const InputFiles& inputs, const InputStates& known, std::vector<InputChange>& changes) {
  std::set<std::string> present;
  for (const InputFile& file : inputs.files)
    if (!file.is_image) present.insert(input_key(inputs, file.path));
  for (const InputFile& named : inputs.named) {
    const std::string folder = input_key(inputs, named.path);
    const auto inside = [&](const auto& key) {
      return is_at_or_below(key, folder);
    };
    bool was_named = false;
    for (const auto& [key, state] : known) {
      was_named |= inside(key);
      if (inside(key) && !present.contains(key)) changes.push_back({key, "is gone", named.needed});
    }
    if (!was_named) continue;
    for (const std::string& key : present)
      if (inside(key) && !known.contains(key)) changes.push_back({key, "is new", named.needed});
  }
}

}  // namespace

KnownInputs read_known_inputs(const RunFolder& run) {
  KnownInputs known;
  const RunInfo info = read_run_info(run);
  for (const auto& [key, value] : info.inputs.items())
    known.files[without_folder(key, info.project_file)] = file_state(value);
  std::error_code error;
  known.has_images = std::filesystem::is_regular_file(run.image_hashes(), error);
  if (!known.has_images) return known;
  const auto file = MappedFile::open(run.image_hashes());
  for (std::string_view rest = file->text(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    add_image_line(line, known.images);
  }
  return known;
}

Json to_json(const InputStates& states) {
  Json json = Json::object();
  for (const auto& [key, state] : states)
    json[key] = Json{{"sha256", state.hash.empty() ? Json() : Json(state.hash)},
                     {"bytes", state.bytes},
                     {"modified", state.modified}};
  return json;
}

std::vector<InputChange> changed_inputs(const InputFiles& inputs, const KnownInputs& known) {
  std::vector<InputChange> changes, images;
  for (const InputFile& file : inputs.files) {
    const InputStates& states = file.is_image ? known.images : known.files;
    const auto was = states.find(input_key(inputs, file.path));
    if (was == states.end()) continue;
    std::string what = file_difference(file, was->second);
    if (!what.empty()) (file.is_image ? images : changes).push_back({was->first, std::move(what), file.needed});
  }
  add_new_and_missing(inputs, known.files, changes);
  changes.insert(changes.end(), images.begin(), images.end());
  return changes;
}

std::vector<InputChange> compare_inputs(const InputFiles& inputs, const KnownInputs& known) {
  std::vector<InputChange> changes = changed_inputs(inputs, known);
  std::set<std::string> named, present;
  for (const InputChange& change : changes) named.insert(change.file);
  for (const InputFile& file : inputs.files) {
    const InputStates& states = file.is_image ? known.images : known.files;
    const auto was = states.find(input_key(inputs, file.path));
    if (was == states.end()) continue;
    if (file.is_image) present.insert(was->first);
    if (was->second.hash.empty() || named.contains(was->first)) continue;
    if (hash_of_input(file) != was->second.hash) changes.push_back({was->first, "holds something else", file.needed});
  }
  // A picture that isn't there is none of the inputs: its samples are left out.
  std::error_code error;
  for (const auto& [key, state] : known.images)
    if (!present.contains(key) && is_utf8_path(key) && !std::filesystem::exists(inputs.project_folder / key, error))
      changes.push_back({key, "is gone"});
  return changes;
}

std::string to_text(const std::vector<InputChange>& changes) {
  constexpr size_t most_named = 5;
  std::string text;
  for (size_t i = 0; i < std::min(most_named, changes.size()); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : "; ", changes[i].file, changes[i].what);
  if (changes.size() > most_named) text += fmt::format("; and {} more", changes.size() - most_named);
  return text;
}

std::string refusal_text(const std::vector<InputChange>& changes, RunKind kind) {
  const char* way_on = kind == RunKind::ablate
                           ? "Put back what it was, or remove the run's folder to run it again."
                           : "Put back what it was, start a new run, or go on to another result: by --accept-changes "
                             "in this run, by --branch in one of its own.";
  return fmt::format("What the run reads isn't what it read before: {}. {}", to_text(changes), way_on);
}

InputHashes::InputHashes(InputFiles inputs, KnownInputs known, std::filesystem::path images_file)
    : inputs_(std::move(inputs)),
      known_(std::move(known)),
      images_file_(std::move(images_file)),
      thread_([this](const std::stop_token& stop) {
        try {
          compute(stop);
        } catch (...) {
          failure_ = std::current_exception();
        }
        ready_ = true;
        ready_.notify_all();
      }) {}

void InputHashes::compute(const std::stop_token& stop) {
  InputStates images = initial_states(true);
  write_image_states(images);
  files_ = initial_states(false);
  for (const bool images_now : {false, true})
    for (const InputFile& file : inputs_.files) {
      if (file.is_image != images_now) continue;
      if (stop.stop_requested()) return;
      compare(file, (images_now ? images : files_)[input_key(inputs_, file.path)], stop);
    }
  write_image_states(images);
}

const std::vector<InputChange>& InputHashes::changes() const {
  if (failure_) std::rethrow_exception(failure_);
  return changes_;
}

InputStates InputHashes::initial_states(bool of_images) const {
  InputStates states = of_images ? known_.images : known_.files;
  for (const InputFile& file : inputs_.files) {
    if (file.is_image != of_images) continue;
    const auto [state, added] = states.try_emplace(input_key(inputs_, file.path));
    if (added) state->second = read_input_state(file.path);
  }
  return states;
}

/// `state` is what is known of the file, or what was seen of it as the run began.
void InputHashes::compare(const InputFile& file, InputState& state, const std::stop_token& stop) {
  if (!file.needed && !state.hash.empty()) return;
  std::string hash = hash_of_input(file, [&] { return stop.stop_requested(); });
  if (hash.empty()) return;  // the training itself notices a file that has gone meanwhile
  if (!state.hash.empty() && state.hash != hash) {
    changes_.push_back({input_key(inputs_, file.path), "holds something else"});
    state.modified = InputState::unknown;  // so that the next resume hashes it
    return;
  }
  state = read_input_state(file.path);
  state.hash = std::move(hash);
}

void InputHashes::write_image_states(const InputStates& images) const {
  if (images.empty()) return;
  std::string text;
  for (const auto& [key, state] : images)
    text += fmt::format("{} {} {} {}\n", state.hash.empty() ? "-" : state.hash, state.bytes, state.modified, key);
  try {
    write_file_atomically(images_file_, text);
  } catch (const std::bad_alloc&) {
    throw;  // unlike a full disk this may be over when the next checkpoint is written
  } catch (const std::exception&) {
    // A full disk ends the run when the next checkpoint is written, which can report it.
  }
}

}  // namespace llavakd
