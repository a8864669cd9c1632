// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <utility>

namespace llavakd {

/// The rule that the newest request wins, for one kind of request: whatever answers an older one comes too late and is
/// dropped. For one thread, though a ticket may travel to another one and back.
class NewestRequest {
 public:
  /// One request. Empty: none, which is never the newest.
  class Ticket {
   public:
    Ticket() = default;
    bool isNewest() const { return m_newest && *m_newest == m_number; }

    /// `done`, called only while this request is the newest.
    template <class Done>
    auto only(Done done) const {
      return [ticket = *this, done = std::move(done)](auto&&... results) mutable {
        if (ticket.isNewest()) done(std::forward<decltype(results)>(results)...);
      };
    }

   private:
    friend class NewestRequest;
    Ticket(std::shared_ptr<const int> newest, int number) : m_newest(std::move(newest)), m_number(number) {}
    std::shared_ptr<const int> m_newest;
    int m_number = 0;
  };

  NewestRequest() = default;
  NewestRequest(const NewestRequest&) = delete;
  NewestRequest& operator=(const NewestRequest&) = delete;

  /// A new request; the older ones no longer count.
  Ticket begin() {
    ++*m_newest;
    return newest();
  }
  /// The request that was begun last.
  Ticket newest() const { return {m_newest, *m_newest}; }
  /// No request that was begun until now counts any longer.
  void cancel() { ++*m_newest; }

 private:
  std::shared_ptr<int> m_newest = std::make_shared<int>(0);
};

}  // namespace llavakd
