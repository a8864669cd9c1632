// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <iosfwd>

namespace llavakd {

/// `llavakd serve`: JSON-RPC 2.0, one message a line. Holds the project's models and answers the studio's questions:
///   answer     {"model": "teacher"|"student", "checkpoint"?, "image"?, "more_images"?: [..], "question",
///               "earlier"?: [{"question", "answer"}], "max_new_tokens"?, "template"?,
///               "temperature"?, "top_p"?, "seed"?, "stream"?}
///              -> {"text", "ids", "seconds", "first_token_seconds" (null: an empty answer),
///                  "tokens_per_second" (of what follows; null: too short to tell), "cut" (by the limit),
///                  "ended": "end"|"limit"|"stopped" (by a cancel), "template"}
///              With "stream", notifications come before: "token" {"id": of the request, "piece", "tokens": so far}.
///              The pieces together are a beginning of the text.
///   relations  {"image", "question", "checkpoint"?, "out"} -> {"file", "terms"}: a look as a run records it
///              With "source" ("hidden:3"; or "hidden" and "layer", "head"?), "pairs"?, "radius"?: relations from there
///              -> {"file", "reused" (no forward pass was needed), "template"} and what `inspect --source --json`
///              prints
///   models     -> {"budget_bytes", "held_bytes", "models": [{"name", "bytes"}]}
///   cancel     {"id"?} stops the answer that is being made, or that of a request's id, which may still wait
///   shutdown   ends the program, as the end of input does
/// The last picture and question that relations from a source were asked of are kept, up to 1 GiB of both models'
/// numbers: another layer of them needs no forward pass. `checkpoint` is the student's folder; without it the student
/// is the one that training starts from. Models are held within `memory_bytes` (ServedModels); <= 0: a share of the
/// free memory.
int serve(const std::filesystem::path& project_file, int64_t memory_bytes, std::istream& in, std::ostream& out);

}  // namespace llavakd
