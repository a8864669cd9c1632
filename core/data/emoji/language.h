// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/emoji/scene.h"

namespace llavakd::emoji {

/// The five kinds of question; each answer is one word without a full stop.
inline constexpr std::array<std::string_view, 5> kQuestionTypes = {"cell", "count", "rel", "color", "group"};

struct Question {
  std::string_view type;
  std::string question;
  std::string answer;
};

/// "a fox at the top left, a hut at the top right and an ox at the bottom left on a red background"
std::string caption(const Scene& scene, const std::vector<Concept>& concepts);

/// A question of one of kQuestionTypes about the scene, with its answer:
///   cell   "What is at the top left?"                        -> name | nothing (an occupied quarter in 85 % + of the
///   draws) count  "How many things are there?"                      -> one | two | three | four rel    "What is left
///   of the fox?" (left of, right of, above, below; inside the 2x2 grid; 85 %: a thing is there)
///                                                            -> name | nothing
///   color  "What color is the background?"                   -> white | gray | red | green | blue | yellow
///   group  "Which group is the thing at the top left in?"    -> animal | food | travel | activity | object
Question ask(Random& random, const Scene& scene, const std::vector<Concept>& concepts, std::string_view type);

/// `turns` questions of different types in random order.
std::vector<Question> dialogue(Random& random, const Scene& scene, const std::vector<Concept>& concepts, int turns);

}  // namespace llavakd::emoji
