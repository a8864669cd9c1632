// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Event files of TensorBoard: TFRecord (tensorflow/core/lib/io/record_writer.h) of Event messages
// (tensorboard/compat/proto/event.proto, summary.proto, tensor.proto).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <fstream>
#include <optional>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/crc32c.h"
#include "core/io/protobuf_fields.h"
#include "core/io/scalar_curves.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t longest_record = uint64_t{16} << 20;  // pictures may be longer; no number is

uint64_t number_at(std::string_view bytes, size_t size) {
  uint64_t number = 0;
  for (size_t i = 0; i < size; ++i) number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

/// The records of a file, one after the other.
class RecordFile {
 public:
  explicit RecordFile(const fs::path& file) : stream_(file, std::ios::binary | std::ios::ate) {
    if (!stream_) throw UserError(fmt::format("{} can't be read.", file.string()));
    size_ = static_cast<uint64_t>(std::max<std::streamoff>(stream_.tellg(), 0));
    stream_.seekg(0);
  }

  /// The next record into `data`, which is empty for one that is passed over; false at the end.
  bool next(std::string& data) {
    constexpr size_t record_head = 12, foot_size = 4;
    std::array<char, record_head> head{};
    if (damaged_ || size_ - at_ < record_head || !stream_.read(head.data(), record_head)) return false;
    const std::string_view bytes(head.data(), record_head);
    const uint64_t length = number_at(bytes, 8);
    if (number_at(bytes.substr(8), foot_size) != masked_crc32c(bytes.substr(0, 8))) return damage();
    const uint64_t left = size_ - at_ - record_head;
    if (left < foot_size || length > left - foot_size) return false;  // still being written
    data.clear();
    if (length > longest_record)
      stream_.seekg(static_cast<std::streamoff>(length + foot_size), std::ios::cur);
    else if (!read_data(data, static_cast<size_t>(length)))
      return false;
    at_ += record_head + length + foot_size;
    return !damaged_;
  }

  bool damaged() const { return damaged_; }
  uint64_t at() const { return at_; }

 private:
  bool read_data(std::string& data, size_t length) {
    std::array<char, 4> foot{};
    data.resize(length);
    if (!stream_.read(data.data(), static_cast<std::streamsize>(length)) || !stream_.read(foot.data(), foot.size()))
      return false;
    if (number_at({foot.data(), foot.size()}, foot.size()) != masked_crc32c(data)) return damage();
    return true;
  }
  bool damage() {
    damaged_ = true;
    return false;
  }

  std::ifstream stream_;
  uint64_t size_ = 0, at_ = 0;
  bool damaged_ = false;
};

double float_of(uint64_t bits) {
  return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
}

double bfloat16_of(uint64_t bits) {
  return float_of((bits & 0xFFFF) << 16);
}

/// IEEE 754 binary16.
double half_of(uint64_t bits) {
  const auto exponent = static_cast<int>((bits >> 10) & 0x1F);
  const auto fraction = static_cast<double>(bits & 0x3FF);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0x1F) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

/// Types of a tensor (tensorboard/compat/proto/types.proto).
enum TensorType : uint64_t {
  type_float = 1,
  type_double = 2,
  type_int32 = 3,
  type_int64 = 9,
  type_bfloat16 = 14,
  type_half = 19
};

double number_of_type(uint64_t bits, uint64_t type) {
  switch (type) {
    case type_float:
      return float_of(bits);
    case type_double:
      return std::bit_cast<double>(bits);
    case type_int32:
      return static_cast<double>(static_cast<int32_t>(static_cast<uint32_t>(bits)));
    case type_int64:
      return static_cast<double>(static_cast<int64_t>(bits));
    case type_bfloat16:
      return bfloat16_of(bits);
    case type_half:
      return half_of(bits);
    default:
      return NAN;
  }
}

/// Bytes of one number; 0 for types that hold none.
size_t size_of_type(uint64_t type) {
  switch (type) {
    case type_float:
    case type_int32:
      return 4;
    case type_double:
    case type_int64:
      return 8;
    case type_bfloat16:
    case type_half:
      return 2;
    default:
      return 0;
  }
}

/// The one number of a field that holds numbers of this type, packed or alone.
std::optional<double> single_number(const ProtobufField& field, uint64_t type) {
  if (!field.has_bytes) return number_of_type(field.value, type);
  if (type == type_float || type == type_double) {
    const size_t size = size_of_type(type);
    if (field.bytes.size() != size) return std::nullopt;
    return number_of_type(number_at(field.bytes, size), type);
  }
  ProtobufReader packed(field.bytes);
  const auto number = packed.varint();
  if (!number || packed.varint()) return std::nullopt;
  return number_of_type(*number, type);
}

/// A TensorProto's number, where it has just one.
std::optional<double> number_of_tensor(std::string_view message) {
  uint64_t type = 0;
  std::optional<double> number;
  for (ProtobufReader first(message); const auto field = first.next();)
    if (field->number == 1 && !field->has_bytes) type = field->value;
  if (size_of_type(type) == 0) return std::nullopt;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    constexpr std::array<std::pair<uint32_t, uint64_t>, 6> fields{
        {{5, type_float}, {6, type_double}, {7, type_int32}, {10, type_int64}, {13, type_half}, {13, type_bfloat16}}};
    std::optional<double> found;
    if (field->number == 4 && field->has_bytes && field->bytes.size() == size_of_type(type))
      found = number_of_type(number_at(field->bytes, field->bytes.size()), type);
    else if (std::ranges::count(fields, std::pair(field->number, type)) > 0)
      found = single_number(*field, type);
    else
      continue;
    if (!found || number) return std::nullopt;
    number = found;
  }
  return reader.damaged() ? std::nullopt : number;
}

/// What of an Event message counts here.
struct BoardEvent {
  double time = 0;
  int64_t step = 0;
  bool restart = false;
  std::vector<std::pair<std::string_view, double>> scalars;
};

void read_summary_value(std::string_view message, BoardEvent& event) {
  std::string_view tag;
  std::optional<double> number;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->has_bytes) tag = field->bytes;
    if (field->number == 2 && !field->has_bytes) number = float_of(field->value);
    if (field->number == 8 && field->has_bytes) number = number_of_tensor(field->bytes);
  }
  if (!reader.damaged() && number && !tag.empty()) event.scalars.emplace_back(tag, *number);
}

/// Whether a SessionLog says that a process has started.
bool is_start(std::string_view message) {
  bool starts = false;
  for (ProtobufReader reader(message); const auto field = reader.next();)
    if (field->number == 1 && !field->has_bytes) starts = field->value == 1;
  return starts;
}

/// Nothing of a message that is damaged behind a good checksum: another program's.
std::optional<BoardEvent> read_board_event(std::string_view message) {
  BoardEvent event;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1 && !field->has_bytes) event.time = std::bit_cast<double>(field->value);
    if (field->number == 2 && !field->has_bytes) event.step = static_cast<int64_t>(field->value);
    if (field->number == 5 && field->has_bytes)
      for (ProtobufReader summary(field->bytes); const auto value = summary.next();)
        if (value->number == 1 && value->has_bytes) read_summary_value(value->bytes, event);
    if (field->number == 7 && field->has_bytes) event.restart = is_start(field->bytes);
  }
  if (reader.damaged()) return std::nullopt;
  if (!std::isfinite(event.time)) event.time = 0;
  return event;
}

bool is_event_file(const fs::path& file) {
  std::error_code error;
  return file.filename().string().find("tfevents") != std::string::npos && fs::is_regular_file(file, error);
}

/// The scalars of one file after the other.
class BoardImport {
 public:
  /// `before` comes before each tag; files with the same are of one run.
  void read(const fs::path& file, const std::string& before) {
    RecordFile records(file);
    std::string data;
    Curves& curves = runs_[before];
    while (records.next(data)) {
      const auto event = read_board_event(data);
      if (!event) continue;
      if (event->restart) purge(curves, event->step);
      for (const auto& [tag, value] : event->scalars) add(curves, tag, {event->step, event->time, value});
    }
    if (records.damaged())
      warnings_.push_back(
          fmt::format("{} is damaged at byte {}: what follows is left out.", printable(file.string()), records.at()));
  }

  ScalarCurves finish(const fs::path& of) {
    ScalarCurves result{.curves = {}, .warnings = std::move(warnings_)};
    for (auto& [before, curves] : runs_)
      for (auto& [tag, points] : curves)
        if (!points.empty()) result.curves[before + tag] = std::move(points);
    if (runs_.empty()) throw UserError(fmt::format("{} holds no TensorBoard event file (*tfevents*).", of.string()));
    if (result.curves.empty())
      throw UserError(fmt::format("{} holds no scalars{}", of.string(),
                                  result.warnings.empty() ? "." : ": " + result.warnings.front()));
    return result;
  }

 private:
  using Curves = std::map<std::string, std::vector<CurvePoint>>;

  /// As TensorBoard: a process that starts at a step writes it and what follows again.
  void purge(Curves& curves, int64_t from_step) {
    constexpr int most_restarts = 1000;
    if (++restarts_ > most_restarts)
      throw UserError(fmt::format("There are more than {} restarts; import a part of the files.", most_restarts));
    for (auto& [name, points] : curves)
      std::erase_if(points, [&](const CurvePoint& point) { return point.step >= from_step; });
  }

  void add(Curves& curves, std::string_view tag, const CurvePoint& point) {
    constexpr size_t longest_name = 200;
    if (++points_ > most_curve_points)
      throw UserError(fmt::format("There are more than {} numbers; import a part of them.", most_curve_points));
    const auto [at, is_new] = curves.try_emplace(printable(tag, longest_name));
    at->second.push_back(point);
    if (is_new && ++curves_ > most_curves)
      throw UserError(fmt::format("There are more than {} curves; import a part of them.", most_curves));
  }

  std::map<std::string, Curves> runs_;
  std::vector<std::string> warnings_;
  size_t points_ = 0, curves_ = 0;
  int restarts_ = 0;
};

}  // namespace

ScalarCurves read_tensorboard(const fs::path& file_or_folder) {
  BoardImport board;
  std::error_code error;
  if (!fs::is_directory(file_or_folder, error)) {
    if (!fs::is_regular_file(file_or_folder, error))
      throw UserError(fmt::format("There is no file or folder {}.", file_or_folder.string()));
    board.read(file_or_folder, "");
    return board.finish(file_or_folder);
  }
  std::vector<fs::path> files;
  const auto how = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(file_or_folder, how, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error))
    if (is_event_file(at->path())) files.push_back(at->path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const fs::path below = file.parent_path().lexically_relative(file_or_folder);
    board.read(file, below == "." ? "" : printable(below.generic_string(), 200) + "/");
  }
  return board.finish(file_or_folder);
}

}  // namespace llavakd
