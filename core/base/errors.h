// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace llavakd {

/// A message that is safe for a terminal and a log, whatever a file has put into it: control characters (a zero byte
/// would end the text of what()) become "?", and it is cut between two characters after 16,000 bytes.
inline std::string sanitize_message(std::string message) {
  constexpr size_t longest = 16'000;
  for (char& c : message)
    if ((c >= 0 && c < ' ' && c != '\n') || c == '\x7f') c = '?';
  if (message.size() <= longest) return message;
  size_t end = longest;
  while (end > 0 && (message[end] & 0xC0) == 0x80) --end;
  return message.substr(0, end) + "…";
}

/// A mistake in what a person gave us: a file, a project, an option, an image. The message is one or two sentences that
/// name the value, its place (file, key, line) and the remedy. The command line prints it and exits with 2.
class UserError : public std::runtime_error {
 public:
  explicit UserError(std::string message) : std::runtime_error(sanitize_message(std::move(message))) {}
};

/// The run cannot go on although the input was right: NaN, full disk, out of memory. The command line exits with 1.
class RunError : public std::runtime_error {
 public:
  explicit RunError(std::string message) : std::runtime_error(sanitize_message(std::move(message))) {}
};

}  // namespace llavakd
