// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/conversation_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/io/mapped_file.h"
#include "core/io/printable.h"
#include "core/io/tracked_iterator.h"
#include "core/project/errors.h"

namespace llavakd {
namespace {

using Json = nlohmann::json;

constexpr int deepest_level = 32;

/// Builds samples while the parser runs. Levels: 1 the list, 2 an entry, 3 its turns or images, 4 a turn; what else is
/// nested is passed over.
class EntryReader : public nlohmann::json_sax<Json> {
 public:
  EntryReader(const std::filesystem::path& path, std::string_view text)
      : path_(path.string()), counted_(text.data()), reached_(text.data()) {}

  const char** reached() { return &reached_; }
  SampleSet take() { return std::move(set_); }
  int64_t entries() const { return entries_; }

  bool null() override { return value("null", nullptr); }
  bool boolean(bool) override { return value("true or false", nullptr); }
  bool number_integer(number_integer_t number) override { return number_value(fmt::format("{}", number)); }
  bool number_unsigned(number_unsigned_t number) override { return number_value(fmt::format("{}", number)); }
  bool number_float(number_float_t, const string_t& text) override { return number_value(text); }
  bool string(string_t& text) override { return value("a text", &text); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& text) override;
  bool start_object(std::size_t) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override;

 private:
  enum class Part { other, turns, images };

  bool value(std::string_view kind, std::string* text);
  bool number_value(const std::string& text);
  void entry_value(std::string_view kind, std::string* text);
  void turn_value(std::string_view kind, std::string* text);
  void begin_entry();
  void end_entry();
  void end_turn();
  void descend();
  void fault(std::string reason);
  int64_t line();

  std::string path_;
  const char* counted_;  // newlines before this are in lines_
  const char* reached_;
  int64_t lines_ = 1;
  int level_ = 0;
  int64_t entries_ = 0;
  SampleSet set_;

  Sample sample_;
  std::optional<std::string> fault_;  // the first of the entry
  bool has_turns_ = false;
  std::string entry_key_;
  Part part_ = Part::other;
  std::string turn_key_;
  std::optional<std::string> from_;
  std::optional<std::string> text_;
};

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
}

void EntryReader::end_entry() {
  if (!has_turns_) fault("it has no \"conversations\"");
  if (!fault_) fault_ = sample_fault(sample_);
  if (fault_) {
    set_.faults.push_back({sample_.line, sample_.id, *fault_});
  } else {
    set_.samples.push_back(std::move(sample_));
  }
}

void EntryReader::end_turn() {
  if (!from_ || !text_) return fault("a turn needs \"from\" and \"value\"");
  if (*from_ != "human" && *from_ != "gpt") {
    return fault(fmt::format("a turn is from '{}'; it must be human or gpt", *from_));
  }
  sample_.turns.push_back({*from_ == "human" ? Speaker::human : Speaker::gpt, std::move(*text_)});
}

bool EntryReader::key(string_t& text) {
  if (level_ == 2) {
    entry_key_ = std::move(text);
  } else if (level_ == 4) {
    turn_key_ = std::move(text);
  }
  return true;
}

bool EntryReader::start_object(std::size_t) {
  if (level_ == 0) throw UserError(fmt::format("{}: the data file must be a list of samples, not an object.", path_));
  descend();
  if (level_ == 2) begin_entry();
  if (level_ == 3) {
    part_ = Part::other;
    if (entry_key_ == "conversations" || entry_key_ == "image") fault(fmt::format("\"{}\" is an object", entry_key_));
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
    part_ = entry_key_ == "conversations" ? Part::turns : entry_key_ == "image" ? Part::images : Part::other;
    if (part_ == Part::turns) {
      has_turns_ = true;
      sample_.turns.clear();
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
      sample_.images.push_back(std::move(*text));
    }
  }
  if (level_ == 4 && part_ == Part::turns) turn_value(kind, text);
  return true;
}

void EntryReader::entry_value(std::string_view kind, std::string* text) {
  const bool known = entry_key_ == "id" || entry_key_ == "image" || entry_key_ == "template" || entry_key_ == "type" ||
                     entry_key_ == "conversations";
  if (!known || kind == "null") return;
  if (entry_key_ == "conversations" || text == nullptr) {
    return fault(fmt::format("\"{}\" is {}, it must be a {}", entry_key_, kind,
                             entry_key_ == "conversations" ? "list" : "text"));
  }
  if (entry_key_ == "id") sample_.id = std::move(*text);
  if (entry_key_ == "image") sample_.images = {std::move(*text)};
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
  throw UserError(fmt::format("{}, line {}: this is not valid JSON ({}).", path_, line(), printable(reason)));
}

}  // namespace

SampleSet read_sample_entries(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  const std::string_view text = file->text();
  EntryReader reader(path, text);
  const TrackedIterator begin{text.data(), reader.reached()};
  const TrackedIterator end{text.data() + text.size(), reader.reached()};
  Json::sax_parse(begin, end, &reader);
  if (reader.entries() == 0) throw UserError(fmt::format("{}: there is no sample in the file.", path.string()));
  return reader.take();
}

}  // namespace llavakd
