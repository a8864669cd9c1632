// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluation/token_agreement.h"
#include "core/evaluation/visual_grid.h"
#include "core/models/multimodal_model.h"

// Which patches of a picture a word of an answer depends on, by several methods. None of them is the truth: each has
// its own meaning and its own blind spot, which travel with its numbers.

namespace llavakd {

/// A way to measure a patch's part in a word.
struct AttributionMethod {
  std::string_view name, label;
  std::string_view shows;        ///< What a patch's number is.
  std::string_view cannot_show;  ///< What must not be read into it.
};
/// All of them, in the order in which results list them.
std::span<const AttributionMethod> attribution_methods();

/// Tokens of an answer: the rows of the output that predict them, and their ids.
struct WordTarget {
  std::vector<int64_t> rows, ids;
};
/// The tokens [begin, end) of the answer that the models were compared on.
WordTarget word_target(const TokenAgreement& agreement, const Segment& tokens);

/// ln p of a word's tokens, each given those before it: a scalar, differentiable. hidden [T, W].
at::Tensor word_log_probability(const MultimodalModel& model, const at::Tensor& hidden, const WordTarget& target);

/// One method's values: float32 [rows, columns] of the tower's patches, NaN where a patch has no token; or [tokens]
/// where the tokens are queries, which have no place.
struct PatchMap {
  const AttributionMethod* method = nullptr;
  at::Tensor values;
};

struct WordAttribution {
  double log_probability = 0;  ///< Of the word, with the whole picture.
  VisualGrid grid;
  int64_t tile = 1;  ///< Patches on a side of what occlusion blanks at a time.
  std::vector<PatchMap> maps;
};

/// Told before each tile of how many; false ends the work.
using AttributionProgress = std::function<bool(int64_t done, int64_t total)>;

/// Patches on a side of a tile so that a picture has at most eight tiles on a side.
int64_t default_tile(const ModelConfig& config);

/// All methods for one model: one pass forward and backward, and one forward for each tile. pixel_values [1, 3, H, W];
/// `sequence` has one picture. Throws UserError without a picture and for a tile that isn't from 1 to the grid's side,
/// RunError where `progress` ends it.
WordAttribution word_attribution(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixel_values,
                                 const WordTarget& target, int64_t tile, const AttributionProgress& progress = {});

/// {"log_probability", "grid": [rows, columns], "tile", "maps": [{"method", "label", "shows", "cannot_show",
/// "values"}]}. Values are rows of the grid, or one list of tokens; null where a patch has no token.
nlohmann::ordered_json word_attribution_json(const WordAttribution& attribution);

/// Both models' values as a safetensors file, atomically: teacher.METHOD and student.METHOD as in PatchMap; metadata:
/// word, teacher.grid and student.grid ("27x27", "0x0" where tokens have no place), .log_probability and .tile
/// likewise, METHOD.shows and METHOD.cannot_show.
void write_word_attribution(const WordAttribution& teacher, const WordAttribution& student, const std::string& word,
                            const std::filesystem::path& file);

}  // namespace llavakd
