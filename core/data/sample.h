// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/errors.h"
#include "core/data/sampler.h"
#include "core/image/image_ref.h"
#include "core/text/conversation.h"

namespace llavakd {

/// One sample of a data file: a conversation about its images.
struct Sample {
  std::string id;
  std::vector<ImageRef> images;  ///< Files as written; image_file.h finds them.
  std::vector<Turn> turns;
  std::string template_name;  ///< Empty: the stage's.
  std::string type;           ///< A label by which answers are counted.
  int64_t line = 0;           ///< Where the entry begins.
  int64_t offset = 0;         ///< The same in bytes of the file.
  int64_t bytes = 0;          ///< Of the entry in the file; 0: it can't be read by itself.

  Conversation conversation() const;
};

/// What is wrong with one entry; the rest of the file can be used.
struct DataFault {
  int64_t line = 0;
  std::string id;
  std::string reason;

  std::string message() const;  ///< "line 12, sample 'x': …"
};

/// The message of an error as a reason: a part of a sentence, without its full stop.
std::string reason_of(const UserError& error);

/// Why a sample can't be used, from the entry alone: turns that don't alternate, an unknown template, placeholders that
/// aren't as many as images, an image path that leads out of its folder; or nothing.
std::optional<std::string> sample_fault(const Sample& sample);

/// The template that a sample's text goes through: its own, or the given one. Throws UserError for an unknown name.
const ConversationTemplate& template_of(const Sample& sample, const ConversationTemplate& otherwise);

/// Words and kind of a sample, for epoch_order.
SampleLength sample_length(const Sample& sample);

}  // namespace llavakd
