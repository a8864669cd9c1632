// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/data_keys.h"
#include "core/data/sources/data_source.h"

namespace llavakd {

/// Builds samples while the parser runs. Levels: 1 the list, 2 an entry, 3 its turns or images, 4 a turn; what else is
/// nested is passed over. Of JSON lines, each line is an entry at level 1.
class EntryReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  /// `file_begin` is where the file's bytes begin; null where the text isn't the file's own.
  EntryReader(const std::filesystem::path& path, std::string_view text, const EntrySink& sink,
              const char* file_begin = nullptr)
      : path_(path.string()), counted_(text.data()), reached_(text.data()), file_begin_(file_begin), sink_(sink) {}

  /// Parses the whole text as one list.
  void read_list(std::string_view text);
  /// Parses a text line by line; a line that is no JSON is a fault of that line.
  void read_lines(std::string_view text);
  /// Parses one entry, of which there are `before` in front.
  void read_entry(std::string_view text, int64_t before);
  std::vector<std::string> notes() const { return passed_over_.notes(); }

  bool null() override { return value("null", nullptr); }
  bool boolean(bool) override { return value("true or false", nullptr); }
  bool number_integer(number_integer_t number) override { return number_value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return number_value(std::to_string(number)); }
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

  bool parse(std::string_view text);
  void read_line(std::string_view line);
  bool value(std::string_view kind, std::string* text);
  bool number_value(const std::string& text);
  void entry_value(std::string_view kind, std::string* text);
  void turn_value(std::string_view kind, std::string* text);
  void begin_entry();
  void end_entry();
  void end_turn();
  void descend();
  void entry_key_seen();
  bool names_images() const { return entry_key_ == "image" || entry_key_ == "images"; }
  void hand_over();
  void fault(std::string reason);
  int64_t line();

  std::string path_;
  const char* counted_;  // newlines before this are in lines_
  const char* reached_;
  const char* file_begin_;
  const char* entry_begin_ = nullptr;
  int64_t lines_ = 1;
  int level_ = 0;
  int64_t entries_ = 0;
  bool lines_mode_ = false;
  std::string broken_;  // why the line being read is no JSON
  const EntrySink& sink_;
  PassedOver passed_over_;

  Sample sample_;
  std::optional<std::string> fault_;  // the first of the entry
  bool has_turns_ = false;
  std::string images_key_;            // "image" or "images", whichever the entry has
  std::string dropped_;               // who the first turn is from, where that isn't human
  bool other_turns_ = false;          // turns with "role" and "content"
  std::set<std::string> other_keys_;  // that nothing reads
  std::string entry_key_;
  Part part_ = Part::other;
  std::string turn_key_;
  std::optional<std::string> from_;
  std::optional<std::string> text_;
};

}  // namespace llavakd
