// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <iosfwd>

namespace llavakd {

/// `llavakd serve`: JSON-RPC 2.0, one message a line. Holds the project's models and answers the studio's questions:
///   answer     {"model": "teacher"|"student", "checkpoint"?, "image"?, "question", "max_new_tokens"?, "template"?}
///              -> {"text", "ids", "seconds", "first_token_seconds" (null: an empty answer),
///                  "tokens_per_second" (of what follows; null: too short to tell), "cut" (by the limit)}
///   relations  {"image", "question", "checkpoint"?, "out"} -> {"file", "terms"}
///   cancel     stops the answer that is being made
///   shutdown   ends the program, as the end of input does
/// `checkpoint` is the student's folder; without it the student is the one that training starts from.
int serve(const std::filesystem::path& project_file, std::istream& in, std::ostream& out);

}  // namespace llavakd
