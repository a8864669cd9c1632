// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/describe_error.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <string_view>
#include <system_error>

#include "core/base/errors.h"
#include "core/training/memory_limits.h"

namespace llavakd {
namespace {

constexpr std::string_view needs_less =
    "What helps, cheapest first: a smaller micro_batch_size, a smaller max_length, precision bf16, a higher limit on "
    "memory.";

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

/// oneDNN says so where it can't allocate what it computes in: "could not create a primitive", "a memory object" ….
bool is_refused_by_onednn(std::string_view text) {
  return text.starts_with("could not create ") || text.starts_with("could not execute ");
}

std::string describe_system_error(const std::system_error& error) {
  if (error.code() == std::errc::resource_unavailable_try_again)
    return "No further thread could be started: the limit on processes (ulimit -u) or on memory (ulimit -v), or the "
           "job's, is reached. Raise it, or lower run.threads and run.workers.";
  if (error.code() == std::errc::too_many_files_open || error.code() == std::errc::too_many_files_open_in_system)
    return fmt::format("Too many files are open ({}). Raise the limit (ulimit -n).", error.what());
  if (error.code() == std::errc::not_enough_memory) return fmt::format("Out of memory. {}", needs_less);
  return error.what();
}

}  // namespace

std::string describe_error(const std::exception& error) {
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch ? torch->what_without_backtrace() : error.what();
  if (is_out_of_memory(error))
    return torch ? fmt::format("Out of memory. {} ({})", needs_less, first_line(text))
                 : fmt::format("Out of memory. {}", needs_less);
  if (is_refused_by_onednn(text))
    return fmt::format("A computation could not be set up, mostly because memory ran out ({}). {}", first_line(text),
                       needs_less);
  if (const auto* system = dynamic_cast<const std::system_error*>(&error)) return describe_system_error(*system);
  return sanitize_message(text);
}

}  // namespace llavakd
