// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_requests.h"

#include <istream>

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_message = 1 << 20;

std::string method_of(const Json& request) {
  if (!request.is_object()) return {};
  const auto method = request.find("method");
  return method != request.end() && method->is_string() ? method->get<std::string>() : std::string();
}

/// The next line, cut off after what no request has; false at the end.
bool read_line(std::istream& in, std::string& line) {
  using Traits = std::istream::traits_type;
  line.clear();
  Traits::int_type next = in.rdbuf()->sbumpc();
  if (Traits::eq_int_type(next, Traits::eof())) return false;
  for (; !Traits::eq_int_type(next, Traits::eof()) && next != '\n'; next = in.rdbuf()->sbumpc())
    if (line.size() <= longest_message) line += Traits::to_char_type(next);
  return true;
}

/// Discarded when the line is too long or no JSON. What is nested deeper than any request needs is left out: copying
/// and printing are recursive, and a megabyte of brackets would be the end of the stack.
Json parse_request(const std::string& line) {
  if (line.size() > longest_message) return Json(Json::value_t::discarded);
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    return depth <= 4;
  };
  return Json::parse(line, shallow, false);
}

/// The id that a "cancel" names; null: none.
Json cancelled_id(const Json& request) {
  const Json parameters = request.value("params", Json());
  return id_of(parameters);
}

}  // namespace

Json id_of(const Json& request) {
  const Json id = request.is_object() ? request.value("id", Json()) : Json();
  return id.is_string() || id.is_number() ? id : Json();
}

void RequestQueue::push(std::optional<Json> request) {
  const std::lock_guard lock(mutex_);
  if (request) ++pushed_;
  waiting_.push_back({std::move(request), pushed_});
  arrived_.notify_one();
}

void RequestQueue::cancel() {
  const std::lock_guard lock(mutex_);
  if (pushed_ > finished_) cancelled_.insert(finished_ + 1);
}

void RequestQueue::cancel(const Json& id) {
  const std::lock_guard lock(mutex_);
  if (!id_at_work_.is_null() && id_at_work_ == id) cancelled_.insert(finished_ + 1);
  for (const Waiting& each : waiting_)
    if (each.request && id_of(*each.request) == id) cancelled_.insert(each.number);
}

void RequestQueue::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (int64_t number = finished_ + 1; number <= pushed_; ++number) cancelled_.insert(number);
}

std::optional<Json> RequestQueue::pop() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !waiting_.empty(); });
  auto request = std::move(waiting_.front().request);
  waiting_.pop_front();
  id_at_work_ = request ? id_of(*request) : Json();
  return request;
}

bool RequestQueue::wanted() {
  const std::lock_guard lock(mutex_);
  return !cancelled_.contains(finished_ + 1);
}

void RequestQueue::finish() {
  const std::lock_guard lock(mutex_);
  cancelled_.erase(++finished_);
  id_at_work_ = Json();
}

void read_requests(std::istream& in, RequestQueue& queue) {
  for (std::string line; read_line(in, line);) {
    if (line.empty()) continue;
    Json request = parse_request(line);
    const std::string method = method_of(request);
    if (method == "cancel") {
      const Json id = cancelled_id(request);
      id.is_null() ? queue.cancel() : queue.cancel(id);
      continue;
    }
    if (method == "shutdown") {
      queue.cancel_all();
      break;
    }
    queue.push(std::move(request));
  }
  // What was asked before the input ended is still answered: a script may have no more to say.
  queue.push(std::nullopt);
}

}  // namespace llavakd
