// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_reader.h"

#include <algorithm>
#include <utility>

namespace llavakd {
namespace {

constexpr size_t read_bytes = size_t{8} << 20, glance_bytes = size_t{4} << 20;
constexpr int64_t long_log = int64_t{16} << 20, least_new_of_index = int64_t{4} << 20;

int64_t size_of_log(const std::filesystem::path& log) {
  std::error_code error;
  const auto size = std::filesystem::file_size(log, error);
  return error ? 0 : static_cast<int64_t>(size);
}

}  // namespace

void RunReader::open() {
  opened_ = true;
  auto known = read_columns(log_);
  if (!known) return;
  steps_ = std::move(known->steps);
  for (const Event& event : known->events) recent_.add(event);
  reader_.begin_at(known->position);
  indexed_ = known->position.bytes;
}

std::optional<ReadLog> RunReader::glance() {
  if (!opened_) open();
  const int64_t size = size_of_log(log_);
  if (size - reader_.position().bytes < long_log) return std::nullopt;
  // In a format that isn't known nothing is shown.
  EventReader begin(log_);
  begin.read_some(1, [](Event&) {});
  if (begin.met_newer_format()) return std::nullopt;
  ReadLog read;
  RecentEvents recent;
  EventReader end(log_);
  end.begin_at({size - static_cast<int64_t>(glance_bytes), 0});  // the half line there is no event
  end.read_some(glance_bytes, [&](Event& event) {
    read.steps.add(event);
    recent.add(event);
  });
  if (end.met_newer_format()) return std::nullopt;
  read.events = recent.take();
  return read;
}

bool RunReader::read_some() {
  if (!opened_) open();
  bool first = true;
  const bool more = reader_.read_some(read_bytes, [&](Event& event) {
    if (std::exchange(first, false) && reader_.restarted()) forget();
    steps_.add(event);
    recent_.add(event);
  });
  restarted_ = reader_.restarted();
  if (first && restarted_) forget();
  return more;
}

void RunReader::forget() {
  steps_ = {};
  recent_ = {};
  index_.reset();
  indexed_ = 0;
  taken_ = false;
}

double RunReader::share() const {
  const int64_t size = size_of_log(log_);
  return size > 0 ? std::min(1.0, static_cast<double>(reader_.position().bytes) / static_cast<double>(size)) : 1;
}

std::vector<Event> RunReader::take_events() {
  std::vector<Event> events = recent_.take();
  const int64_t bytes = reader_.position().bytes;
  // A log with lines that can't be read has no index: its warnings would be lost.
  const bool whole = !reader_.left_something_out() && !reader_.met_newer_format();
  if (!std::exchange(taken_, true) && whole && bytes - indexed_ > std::max(least_new_of_index, indexed_ / 4))
    index_ = ReadLog{reader_.position(), steps_, events};
  return events;
}

std::optional<ReadLog> RunReader::take_index() {
  return std::exchange(index_, std::nullopt);
}

std::shared_ptr<const StepHistory> read_steps(const std::filesystem::path& log) {
  RunReader reader(log);
  while (reader.read_some()) {
  }
  reader.take_events();
  if (const auto index = reader.take_index()) write_columns(log, *index);
  return std::make_shared<const StepHistory>(reader.steps());
}

}  // namespace llavakd
