// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/conversation_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/data/conversation_reader.h"
#include "core/project/errors.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

bool holds_placeholder(const Turn& turn) {
  return turn.text.find(image_placeholder) != std::string::npos;
}

/// Placeholders that a conversation template leaves: one for each question that has any, and those in answers.
int64_t placeholder_count(const std::vector<Turn>& turns) {
  int64_t count = 0;
  for (size_t i = turns.front().speaker == Speaker::human ? 0 : 1; i < turns.size(); ++i) {
    if (!holds_placeholder(turns[i])) continue;
    if (turns[i].speaker == Speaker::human) {
      ++count;
      continue;
    }
    for (size_t at = 0; (at = turns[i].text.find(image_placeholder, at)) != std::string::npos; ++at) ++count;
  }
  return count;
}

int64_t word_count(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    const bool space = is_white_space(c.value);
    if (!space && !inside) ++words;
    inside = !space;
    i += c.length;
  }
  return words;
}

/// Why an image name can't be looked for, or nothing.
std::optional<std::string> image_name_fault(const std::string& name) {
  if (name.empty()) return "the image has no name";
  if (name.find('\0') != std::string::npos) return "the image path holds a zero byte";
  const fs::path path(name);
  const bool leaves = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (leaves || path.has_root_path() || name.find('\\') != std::string::npos) {
    return fmt::format("the image path '{}' leads out of the image folder", name);
  }
  return std::nullopt;
}

std::optional<std::string> image_file_fault(const fs::path& folder, const std::string& name,
                                            const ImageCheck& check_image) {
  const fs::path file = folder / name;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return fmt::format("the image {} is not there", file.string());
  return check_image ? check_image(file) : std::nullopt;
}

}  // namespace

Conversation Sample::conversation() const {
  return {id, turns, static_cast<int64_t>(images.size())};
}

std::string DataFault::sentence() const {
  return fmt::format("line {}, sample '{}': {}.", line, id, reason);
}

std::optional<std::string> sample_fault(const Sample& sample) {
  for (const std::string& image : sample.images) {
    if (auto fault = image_name_fault(image)) return fault;
  }
  if (auto fault = conversation_fault(sample.conversation())) return fault;
  if (!sample.template_name.empty()) {
    try {
      conversation_template(sample.template_name);
    } catch (const UserError& error) {
      std::string reason = error.what();
      reason.pop_back();
      return reason;
    }
  }
  const int64_t placeholders = placeholder_count(sample.turns);
  const auto images = static_cast<int64_t>(sample.images.size());
  if (placeholders != images) {
    return fmt::format("{} {} in the text but {} image(s)", placeholders, image_placeholder, images);
  }
  return std::nullopt;
}

SampleSet read_samples(const fs::path& path) {
  SampleSet set = read_sample_entries(path);
  if (set.samples.empty()) {
    throw UserError(fmt::format("{}: none of the {} samples can be used; {}", path.string(), set.faults.size(),
                                set.faults.front().sentence()));
  }
  return set;
}

std::vector<DataFault> check_samples(const fs::path& path, const fs::path& images_folder,
                                     const ImageCheck& check_image) {
  SampleSet set = read_sample_entries(path);
  std::unordered_map<std::string, std::optional<std::string>> known;
  for (const Sample& sample : set.samples) {
    for (const std::string& image : sample.images) {
      const auto [it, is_new] = known.try_emplace(image);
      if (is_new) it->second = image_file_fault(images_folder, image, check_image);
      if (it->second) set.faults.push_back({sample.line, sample.id, *it->second});
    }
    const auto separated = [](const Turn& turn) {
      return turn.text.find(" ASSISTANT: ") != std::string::npos;
    };
    if (std::any_of(sample.turns.begin(), sample.turns.end(), separated)) {
      set.faults.push_back({sample.line, sample.id,
                            "a turn contains the separator ' ASSISTANT: ', so nothing is learnt from the sample"});
    }
  }
  std::stable_sort(set.faults.begin(), set.faults.end(),
                   [](const DataFault& a, const DataFault& b) { return a.line < b.line; });
  return set.faults;
}

fs::path image_path(const fs::path& images_folder, const std::string& name) {
  if (const auto fault = image_name_fault(name)) throw UserError(*fault + ".");
  return images_folder / name;
}

std::vector<SampleLength> sample_lengths(const std::vector<Sample>& samples) {
  std::vector<SampleLength> lengths;
  lengths.reserve(samples.size());
  for (const Sample& sample : samples) {
    SampleLength length{0, !sample.images.empty()};
    for (const Turn& turn : sample.turns) length.words += word_count(turn.text);
    lengths.push_back(length);
  }
  return lengths;
}

}  // namespace llavakd
