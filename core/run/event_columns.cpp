// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The file, in the order of the bytes of the machine that wrote it:
//   "LKDSTEPS", version, 0x01020304, rows of a block (32 bits each)
//   bytes and lines of the log that it covers (64), checksum of their begin and end (64)
//   number of keys (32), each a length (32) and text
//   number of stages (32), each a length and text, first row (64), begin and planned steps (double)
//   number of events (32), each a length and a line of JSON
//   number of rows (64), then blocks: steps and times (double), number of columns (32), each a number of values (32)
//     and the values (float)
//   checksum of all that is before it (64)
#include "core/run/event_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr char columns_magic[8] = {'L', 'K', 'D', 'S', 'T', 'E', 'P', 'S'};
constexpr uint32_t columns_version = 1, columns_byte_order = 0x01020304;
constexpr int64_t compared_bytes = 4096;

/// Finds damage, not intent: every length is checked as well.
class ColumnsChecksum {
 public:
  void add(const void* data, size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), bytes += sizeof(uint64_t)) add_word(bytes, 8);
    if (size > 0) add_word(bytes, size);
  }
  uint64_t value() const { return state_; }

 private:
  void add_word(const char* bytes, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 29;
  }
  uint64_t state_ = 0x243f6a8885a308d3ULL;
};

/// Of the first and the last bytes before that place: enough to know an append-only file by. Nothing where the file is
/// shorter.
std::optional<uint64_t> log_checksum(const fs::path& log, int64_t bytes) {
  std::error_code error;
  if (bytes < 0 || !fs::is_regular_file(log, error)) return std::nullopt;
  std::ifstream stream(log, std::ios::binary);
  ColumnsChecksum checksum;
  std::string text(static_cast<size_t>(std::min(bytes, compared_bytes)), '\0');
  for (const int64_t begin : {int64_t{0}, bytes - static_cast<int64_t>(text.size())}) {
    stream.seekg(begin);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream) return std::nullopt;
    checksum.add(text.data(), text.size());
  }
  return checksum.value();
}

class ColumnsWriter {
 public:
  explicit ColumnsWriter(const fs::path& file) : file_(file) {}

  template <class T>
  void put(const T& value) requires std::is_arithmetic_v<T> {
    put_bytes(&value, sizeof value);
  }
  void put(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    put_bytes(text.data(), text.size());
  }
  template <class T>
  void put_all(std::span<const T> values) {
    put_bytes(values.data(), values.size_bytes());
  }
  void put_bytes(const void* data, size_t size) {
    checksum_.add(data, size);
    buffer_.append(static_cast<const char*>(data), size);
    if (buffer_.size() < buffered) return;
    file_.write(buffer_);
    buffer_.clear();
  }
  void commit() {
    put(checksum_.value());
    file_.write(buffer_);
    file_.commit();
  }

 private:
  static constexpr size_t buffered = size_t{1} << 20;
  AtomicFile file_;
  ColumnsChecksum checksum_;
  std::string buffer_;
};

/// The index is of no use; never seen outside of this file.
struct UnfitColumns {};

class ColumnsReader {
 public:
  explicit ColumnsReader(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) throw UnfitColumns();
    stream_.open(file, std::ios::binary | std::ios::ate);
    if (!stream_) throw UnfitColumns();
    left_ = static_cast<uint64_t>(stream_.tellg());
    stream_.seekg(0);
  }

  template <class T>
  T take() requires std::is_arithmetic_v<T> {
    T value{};
    take_bytes(&value, sizeof value);
    return value;
  }
  std::string take_text() {
    std::string text(room_for(take<uint32_t>(), 1), '\0');
    take_bytes(text.data(), text.size());
    return text;
  }
  template <class T>
  std::vector<T> take_all(uint64_t count) {
    std::vector<T> values(room_for(count, sizeof(T)));
    take_bytes(values.data(), values.size() * sizeof(T));
    return values;
  }
  void take_bytes(void* data, size_t size) {
    room_for(size, 1);
    stream_.read(static_cast<char*>(data), static_cast<std::streamsize>(size));
    if (!stream_) throw UnfitColumns();
    checksum_.add(data, size);
    left_ -= size;
  }
  /// So many things of that size, if the file still holds them.
  size_t room_for(uint64_t count, size_t size) const {
    if (count > left_ / size) throw UnfitColumns();
    return static_cast<size_t>(count);
  }
  void finish() {
    const uint64_t computed = checksum_.value();
    if (take<uint64_t>() != computed || left_ != 0) throw UnfitColumns();
  }

 private:
  std::ifstream stream_;
  uint64_t left_ = 0;
  ColumnsChecksum checksum_;
};

void check(bool fits) {
  if (!fits) throw UnfitColumns();
}

void put_block(const StepBlock& block, ColumnsWriter& writer) {
  writer.put_all(std::span(block.steps));
  writer.put_all(std::span(block.times));
  writer.put(static_cast<uint32_t>(block.columns.size()));
  for (const NumberColumn& column : block.columns) {
    writer.put(static_cast<uint32_t>(column.size()));
    writer.put_all(column.values());
  }
}

StepBlock take_block(ColumnsReader& reader, size_t rows, size_t keys, double& last_step) {
  StepBlock block;
  block.steps = reader.take_all<double>(rows);
  block.times = reader.take_all<double>(rows);
  for (const double step : block.steps) {
    check(step > last_step && std::isfinite(step));
    last_step = step;
  }
  const auto columns = reader.take<uint32_t>();
  check(columns <= keys);
  block.columns.resize(columns);
  for (NumberColumn& column : block.columns) {
    const auto values = reader.take<uint32_t>();
    check(values <= rows);
    column.assign(reader.take_all<float>(values));
  }
  return block;
}

std::vector<std::string> take_keys(ColumnsReader& reader) {
  const auto count = reader.take<uint32_t>();
  check(count <= StepHistory::most_keys);
  std::vector<std::string> keys;
  for (uint32_t i = 0; i < count; ++i) keys.push_back(reader.take_text());
  const auto& first = StepHistory::first_keys();
  check(keys.size() >= first.size() && std::equal(first.begin(), first.end(), keys.begin()));
  return keys;
}

std::vector<StageSpan> take_spans(ColumnsReader& reader) {
  std::vector<StageSpan> spans;
  const auto count = reader.take<uint32_t>();
  for (uint32_t i = 0; i < count; ++i) {
    StageSpan span{.name = reader.take_text()};
    span.first_row = reader.take<uint64_t>();
    span.begin_step = reader.take<double>();
    span.planned_steps = reader.take<double>();
    check(spans.empty() || spans.back().first_row <= span.first_row);
    check(std::isfinite(span.begin_step) && std::isfinite(span.planned_steps));
    spans.push_back(std::move(span));
  }
  return spans;
}

std::vector<Event> take_events(ColumnsReader& reader) {
  std::vector<Event> events;
  const auto count = reader.take<uint32_t>();
  for (uint32_t i = 0; i < count; ++i) {
    auto event = parse_event(reader.take_text());
    check(event && !event->is<UnknownEvent>());
    events.push_back(std::move(*event));
  }
  return events;
}

ReadLog take_log(ColumnsReader& reader, const fs::path& log) {
  char magic[sizeof columns_magic];
  reader.take_bytes(magic, sizeof magic);
  check(std::equal(std::begin(magic), std::end(magic), std::begin(columns_magic)));
  check(reader.take<uint32_t>() == columns_version);
  check(reader.take<uint32_t>() == columns_byte_order);
  check(reader.take<uint32_t>() == StepBlock::most_rows);
  ReadLog read;
  read.position.bytes = reader.take<int64_t>();
  read.position.lines = reader.take<int64_t>();
  check(read.position.lines >= 0 && log_checksum(log, read.position.bytes) == reader.take<uint64_t>());
  auto keys = take_keys(reader);
  auto spans = take_spans(reader);
  read.events = take_events(reader);
  const uint64_t rows = reader.room_for(reader.take<uint64_t>(), 2 * sizeof(double));
  check(spans.empty() || spans.back().first_row <= rows);
  std::vector<StepBlock> blocks;
  double last_step = -INFINITY;
  for (uint64_t row = 0; row < rows; row += StepBlock::most_rows) {
    const uint64_t count = std::min<uint64_t>(StepBlock::most_rows, rows - row);
    blocks.push_back(take_block(reader, static_cast<size_t>(count), keys.size(), last_step));
  }
  reader.finish();
  read.steps = StepHistory::of_parts(std::move(keys), std::move(spans), std::move(blocks));
  return read;
}

void put_log(const ReadLog& read, uint64_t checksum, ColumnsWriter& writer) {
  writer.put_bytes(columns_magic, sizeof columns_magic);
  writer.put(columns_version);
  writer.put(columns_byte_order);
  writer.put(static_cast<uint32_t>(StepBlock::most_rows));
  writer.put(read.position.bytes);
  writer.put(read.position.lines);
  writer.put(checksum);
  writer.put(static_cast<uint32_t>(read.steps.keys().size()));
  for (const std::string& key : read.steps.keys()) writer.put(key);
  writer.put(static_cast<uint32_t>(read.steps.spans().size()));
  for (const StageSpan& span : read.steps.spans()) {
    writer.put(span.name);
    writer.put(static_cast<uint64_t>(span.first_row));
    writer.put(span.begin_step);
    writer.put(span.planned_steps);
  }
  writer.put(static_cast<uint32_t>(read.events.size()));
  for (const Event& event : read.events) writer.put(to_line(event));
  writer.put(static_cast<uint64_t>(read.steps.size()));
  for (size_t i = 0; i < read.steps.block_count(); ++i) put_block(read.steps.block_at(i), writer);
}

}  // namespace

fs::path columns_file(const fs::path& log) {
  return fs::path(log).replace_extension(".columns");
}

std::optional<ReadLog> read_columns(const fs::path& log) {
  try {
    ColumnsReader reader(columns_file(log));
    return take_log(reader, log);
  } catch (const UnfitColumns&) {
  } catch (const UserError&) {  // an event that can't be read
  }
  return std::nullopt;
}

bool write_columns(const fs::path& log, const ReadLog& read) {
  const auto checksum = log_checksum(log, read.position.bytes);
  if (!checksum) return false;
  try {
    ColumnsWriter writer(columns_file(log));
    put_log(read, *checksum, writer);
    writer.commit();
    return true;
  } catch (const std::exception&) {
    return false;  // a full disk, a folder that can't be written: the log is read as it is
  }
}

}  // namespace llavakd
