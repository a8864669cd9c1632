// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/foreign_file.h"
#include "core/io/mapped_file.h"
#include "core/io/tracked_iterator.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

/// "line 3, column 14" of a byte in the text.
std::string place_of(std::string_view text, size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

/// Builds the value. Unlike the library's own builder it limits depth, refuses duplicate keys, and appends to objects
/// without searching them, which keeps a vocabulary of 150,000 keys linear.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, std::string where, int max_depth)
      : reached_(text.data()), text_(text), where_(std::move(where)), max_depth_(max_depth) {}

  bool null() override { return put(nullptr), true; }
  bool boolean(bool value) override { return put(value), true; }
  bool number_integer(number_integer_t value) override { return put(value), true; }
  bool number_unsigned(number_unsigned_t value) override { return put(value), true; }
  bool number_float(number_float_t value, const string_t&) override { return put(value), true; }
  bool string(string_t& value) override { return put(std::move(value)), true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    if (!levels_.back().keys.insert(value).second)
      refuse(fmt::format("the key \"{}\" stands twice in one object", value));
    levels_.back().key = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while …; last read: '…'"
    std::string reason = error.what();
    if (const size_t colon = reason.find(": "); colon != std::string::npos) reason.erase(0, colon + 2);
    // "[json.exception.out_of_range.406] number overflow parsing '…'"
    if (dynamic_cast<const nlohmann::detail::out_of_range*>(&error)) reason = "a number is too large";
    if (const size_t last_read = reason.find("last read: "); last_read != std::string::npos) {
      reason.resize(std::min(reason.size(), last_read + 60));
      reason.erase(std::remove_if(reason.begin(), reason.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || (c & 0x80) != 0; }),
                   reason.end());
    }
    throw UserError(fmt::format("{}, {}: this is not valid JSON ({}).", where_,
                                place_of(text_, position > 0 ? position - 1 : 0), reason));
  }

  Json take() { return std::move(root_); }

  const char* reached_;  ///< Moved by TrackedIterator.

 private:
  struct Level {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  [[noreturn]] void refuse(const std::string& reason) const {
    throw UserError(
        fmt::format("{}, {}: {}.", where_, place_of(text_, static_cast<size_t>(reached_ - text_.data()) - 1), reason));
  }

  Json* put(Json value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Level& level = levels_.back();
    if (level.value->is_array()) {
      auto& array = level.value->get_ref<Json::array_t&>();
      array.push_back(std::move(value));
      return &array.back();
    }
    auto& object = level.value->get_ref<Json::object_t&>();
    // The vector below: ordered_map's own emplace would search all keys first.
    auto& entries = static_cast<Json::object_t::Container&>(object);
    entries.emplace_back(std::move(level.key), std::move(value));
    return &entries.back().second;
  }

  bool open(Json value) {
    if (static_cast<int>(levels_.size()) >= max_depth_) {
      refuse(fmt::format("the JSON is nested more than {} levels deep", max_depth_));
    }
    Json* placed = put(std::move(value));
    levels_.push_back({placed, {}, {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string where_;
  int max_depth_;
  Json root_;
  std::vector<Level> levels_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    throw UserError(fmt::format("{}: {} MiB of JSON is more than the {} MiB that are accepted here.", where,
                                text.size() >> 20, limits.max_bytes >> 20));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Builder builder(text, where, limits.max_depth);
  const TrackedIterator begin{text.data(), &builder.reached_};
  const TrackedIterator end{text.data() + text.size(), &builder.reached_};
  Json::sax_parse(begin, end, static_cast<nlohmann::json_sax<Json>*>(&builder));
  return builder.take();
}

Json read_json(const std::filesystem::path& path, const JsonLimits& limits) {
  const auto file = MappedFile::open(path);
  if (file->bytes().empty()) throw UserError(fmt::format("{} is empty; it must hold JSON.", path.string()));
  refuse_foreign_file(path, file->text());
  return parse_json(file->text(), path.string(), limits);
}

void write_json(const std::filesystem::path& path, const Json& json) {
  write_file_atomically(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace llavakd
