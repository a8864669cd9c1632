// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

namespace llavakd {

/// Its "id", where that is text or a number; null for anything else, which isn't sent back.
nlohmann::ordered_json id_of(const nlohmann::ordered_json& request);

/// Requests in order of arrival. What is cancelled overtakes them: without an id the one that is worked on or, before
/// that begins, the first of those that wait; with an id the request of that id, wherever it is. For several threads.
class RequestQueue {
 public:
  /// A request, or nothing: no more will come.
  void push(std::optional<nlohmann::ordered_json> request);
  void cancel();
  void cancel(const nlohmann::ordered_json& id);
  void cancel_all();
  /// The next request, once there is one; nothing at the end. It is worked on until finish().
  std::optional<nlohmann::ordered_json> pop();
  /// Whether the request that is worked on still counts.
  bool wanted();
  void finish();

 private:
  struct Waiting {
    std::optional<nlohmann::ordered_json> request;
    int64_t number = 0;
  };
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Waiting> waiting_;
  nlohmann::ordered_json id_at_work_;
  int64_t pushed_ = 0, finished_ = 0;  // numbers of requests, from 1; the one at work is finished_ + 1
  std::set<int64_t> cancelled_;
};

/// Reads requests, one message a line, until the input ends or says "shutdown"; what was asked before the end is still
/// to be answered. Nobody's line fills the memory: what is too long, or no JSON, becomes a discarded request.
void read_requests(std::istream& in, RequestQueue& queue);

}  // namespace llavakd
