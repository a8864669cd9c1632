// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/text/conversation.h"
#include "core/text/tokenizer.h"

namespace llavakd {

/// How texts become tokens in a run, as far as that decides what is left out.
struct TextRules {
  const Tokenizer* tokenizer = nullptr;
  const ConversationTemplate* conversation_template = nullptr;  ///< A sample's own goes before.
  int64_t visual_tokens = 0;
  int64_t max_length = 2048;
};

/// Why a sample is left out for its text, the same as in a run; or nothing.
std::optional<std::string> text_reason(const Sample& sample, const TextRules& rules);

/// What is looked at besides the entries themselves.
struct DataCheck {
  std::filesystem::path images_folder;
  std::optional<TextRules> texts;  ///< Nothing: texts aren't looked at.
  int64_t most_texts = 0;          ///< Looks at so many texts, spread evenly over the file; 0: at all.
  int64_t most_images = 0;         ///< Decodes so many images, and looks whether the others are there; 0: all.
};

/// What a run would make of a data file.
struct DataReport {
  int64_t entries = 0;             ///< All, faulty ones included.
  int64_t readable = 0;            ///< Those without a fault of the entry itself: as many take part in the steps.
  std::vector<DataFault> faults;   ///< What is left out, one a sample, by line.
  std::vector<std::string> notes;  ///< What is passed over, used although it isn't whole, or not looked at; sentences.
  int64_t cut_short = 0;           ///< Images that are used as far as they go.
};

/// Why a run would learn from none of ten samples, spread evenly over the data: the reason of their first, for a
/// template that doesn't fit the tokenizer or a max_length that is too small; nothing where one of them keeps labels.
std::optional<std::string> nothing_learnt_reason(const Dataset& dataset, const TextRules& rules);

/// Looks into the samples: each reason is what a run says when it leaves the sample out. Each image is read
/// once; texts and images are looked at on several threads.
DataReport check_data(const Dataset& dataset, const DataCheck& check);

/// The same for a file. Throws UserError like open_dataset_to_check.
DataReport check_data(const std::filesystem::path& path, const DataCheck& check);

/// "line 3, sample 'a': …; line 9, …", after five "and N more".
std::string first_faults(const std::vector<DataFault>& faults);

}  // namespace llavakd
