// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/sources/json_entry_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/tracked_iterator.h"

namespace llavakd {
namespace {

constexpr int deepest_level = 32;

}  // namespace

int64_t EntryReader::line() {
  lines_ += std::count(counted_, reached_, '\n');
  counted_ = reached_;
  return lines_;
}

void EntryReader::fault(std::string reason) {
  if (!fault_) fault_ = std::move(reason);
}

void EntryReader::descend() {
  if (++level_ > deepest_level) {
    throw UserError(fmt::format("{}, line {}: nested too deeply ({} levels).", path_, line(), level_));
  }
}

void EntryReader::begin_entry() {
  ++entries_;
  sample_ = Sample{};
  sample_.line = line();
  sample_.id = fmt::format("entry {}", entries_);
  fault_.reset();
  has_turns_ = false;
  other_turns_ = false;
  images_key_.clear();
  dropped_.clear();
  other_keys_.clear();
}

void EntryReader::end_entry() {
  if (!has_turns_) fault("it has no \"conversations\"");
  if (!dropped_.empty() && sample_.turns.empty())
    fault(fmt::format("no turn is human: the only one is from '{}'", printable(dropped_, 60)));
  if (!dropped_.empty() && !sample_.turns.empty() && sample_.turns.front().speaker != Speaker::human)
    fault(fmt::format("after the first turn, from '{}', which is dropped, comes one from gpt instead of human",
                      printable(dropped_, 60)));
  if (!fault_) fault_ = sample_fault(sample_);
  if (!lines_mode_) hand_over();  // of a line only once it is known to be whole
}

void EntryReader::hand_over() {
  if (fault_) return sink_.fault({sample_.line, sample_.id, *fault_});
  for (const std::string& key : other_keys_) passed_over_.key(key);
  if (dropped_.empty() && sample_.turns.front().speaker != Speaker::human) dropped_ = "gpt";
  if (!dropped_.empty()) passed_over_.first_turn(dropped_, sample_.line, sample_.id);
  if (file_begin_ != nullptr) {
    sample_.offset = entry_begin_ - file_begin_;
    sample_.bytes = reached_ - entry_begin_;
  }
  sink_.sample(std::move(sample_));
}

void EntryReader::end_turn() {
  if (!from_ || !text_) {
    return fault(other_turns_ ? "a turn has \"role\" and \"content\"; it needs \"from\" (human, gpt) and \"value\""
                              : "a turn needs \"from\" and \"value\"");
  }
  if (*from_ != "human" && *from_ != "gpt") {
    // The released code drops a first turn that isn't human, whoever it is from.
    if (sample_.turns.empty() && dropped_.empty()) return void(dropped_ = *from_);
    return fault(fmt::format("a turn is from '{}'; it must be human or gpt", printable(*from_, 60)));
  }
  sample_.turns.push_back({*from_ == "human" ? Speaker::human : Speaker::gpt, std::move(*text_)});
}

/// A key of the entry has a value that isn't null.
void EntryReader::entry_key_seen() {
  if (is_passed_over(entry_key_)) other_keys_.insert(entry_key_);
  if (auto reason = entry_key_fault(entry_key_)) fault(std::move(*reason));
  if (!names_images()) return;
  if (!images_key_.empty() && images_key_ != entry_key_)
    fault("it has \"image\" and \"images\"; one must hold them all");
  images_key_ = entry_key_;
}

bool EntryReader::key(string_t& text) {
  if (level_ == 2) {
    entry_key_ = std::move(text);
  } else if (level_ == 4) {
    turn_key_ = std::move(text);
    const bool usual = turn_key_ == "from" || turn_key_ == "value";
    if (part_ == Part::turns && !usual && is_passed_over(turn_key_, true))
      other_keys_.insert("conversations[]." + turn_key_);
    if (part_ == Part::turns && (turn_key_ == "role" || turn_key_ == "content")) other_turns_ = true;
  }
  return true;
}

bool EntryReader::start_object(std::size_t) {
  if (level_ == 0) throw UserError(fmt::format("{}: the data file must be a list of samples, not an object.", path_));
  descend();
  if (level_ == 2) {
    begin_entry();
    entry_begin_ = reached_ - 1;  // its bracket has just been read
  }
  if (level_ == 3) {
    entry_key_seen();
    part_ = Part::other;
    if (entry_key_ == "conversations" || names_images()) fault(fmt::format("\"{}\" is an object", entry_key_));
  }
  if (level_ == 4 && part_ == Part::turns) {
    from_.reset();
    text_.reset();
  }
  if (level_ == 4 && part_ == Part::images) fault("an image must be a text");
  if (level_ == 5 && part_ == Part::turns) turn_value("an object", nullptr);
  return true;
}

bool EntryReader::end_object() {
  if (level_ == 2) end_entry();
  if (level_ == 4 && part_ == Part::turns) end_turn();
  --level_;
  return true;
}

bool EntryReader::start_array(std::size_t) {
  descend();
  if (level_ == 2) {
    begin_entry();
    fault("it must be an object, but it is a list");
  }
  if (level_ == 3) {
    entry_key_seen();
    part_ = entry_key_ == "conversations" ? Part::turns : names_images() ? Part::images : Part::other;
    if (part_ == Part::turns) {
      has_turns_ = true;
      sample_.turns.clear();
      dropped_.clear();
    }
    if (part_ == Part::images) sample_.images.clear();
  }
  if (level_ == 4 && part_ != Part::other) fault(fmt::format("\"{}\" holds a list", entry_key_));
  if (level_ == 5 && part_ == Part::turns) turn_value("a list", nullptr);
  return true;
}

bool EntryReader::end_array() {
  if (level_ == 2) end_entry();
  --level_;
  return true;
}

bool EntryReader::number_value(const std::string& text) {
  if (level_ == 2 && entry_key_ == "id") {
    sample_.id = text;
    return true;
  }
  return value("a number", nullptr);
}

bool EntryReader::value(std::string_view kind, std::string* text) {
  if (level_ == 0) throw UserError(fmt::format("{}: the data file must be a list of samples, not {}.", path_, kind));
  if (level_ == 1) {
    begin_entry();
    fault(fmt::format("it must be an object, but it is {}", kind));
    end_entry();
  }
  if (level_ == 2) entry_value(kind, text);
  if (level_ == 3 && part_ == Part::turns) fault(fmt::format("a turn is {}, it must be an object", kind));
  if (level_ == 3 && part_ == Part::images) {
    if (text == nullptr) {
      fault(fmt::format("an image is {}, it must be a text", kind));
    } else {
      sample_.images.emplace_back(std::move(*text));
    }
  }
  if (level_ == 4 && part_ == Part::turns) turn_value(kind, text);
  return true;
}

void EntryReader::entry_value(std::string_view kind, std::string* text) {
  if (kind == "null") return;
  const bool image = names_images();
  const bool empty = text != nullptr && text->empty() && !image;
  if (!empty) entry_key_seen();
  const bool known =
      image || entry_key_ == "id" || entry_key_ == "template" || entry_key_ == "type" || entry_key_ == "conversations";
  if (!known) return;
  if (entry_key_ == "conversations" || text == nullptr) {
    return fault(fmt::format("\"{}\" is {}, it must be a {}", entry_key_, kind,
                             entry_key_ == "conversations" ? "list" : "text"));
  }
  if (entry_key_ == "id") sample_.id = std::move(*text);
  if (image) sample_.images = {std::move(*text)};
  if (entry_key_ == "template") sample_.template_name = std::move(*text);
  if (entry_key_ == "type") sample_.type = std::move(*text);
}

void EntryReader::turn_value(std::string_view kind, std::string* text) {
  if (turn_key_ != "from" && turn_key_ != "value") return;
  if (text == nullptr) return fault(fmt::format("\"{}\" of a turn is {}, it must be a text", turn_key_, kind));
  (turn_key_ == "from" ? from_ : text_) = std::move(*text);
}

bool EntryReader::parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
  // The library's text repeats its own position; what follows the last colon of the prefix is the reason.
  std::string reason = error.what();
  if (const size_t at = reason.find("syntax error"); at != std::string::npos) reason = reason.substr(at);
  reason = fmt::format("this is not valid JSON ({})", printable(reason));
  if (!lines_mode_) throw UserError(fmt::format("{}, line {}: {}.", path_, line(), reason));
  broken_ = std::move(reason);
  return false;
}

bool EntryReader::parse(std::string_view text) {
  const TrackedIterator begin{text.data(), &reached_};
  const TrackedIterator end{text.data() + text.size(), &reached_};
  return nlohmann::json::sax_parse(begin, end, this);
}

void EntryReader::read_list(std::string_view text) {
  parse(text);
}

void EntryReader::read_line(std::string_view text) {
  const int64_t before = entries_;
  level_ = 1;
  reached_ = text.data();
  broken_.clear();
  if (parse(text)) return hand_over();
  if (entries_ == before) {
    reached_ = text.data();
    begin_entry();
  }
  sink_.fault({sample_.line, sample_.id, broken_});
}

void EntryReader::read_entry(std::string_view text, int64_t before) {
  lines_mode_ = true;
  entries_ = before;
  read_line(text);
}

void EntryReader::read_lines(std::string_view text) {
  lines_mode_ = true;
  while (!text.empty()) {
    const size_t length = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, length);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) read_line(line);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

}  // namespace llavakd
