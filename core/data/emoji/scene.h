// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/data/emoji/drawings.h"
#include "core/data/emoji/random.h"

namespace llavakd::emoji {

inline constexpr int kSide = 96;
inline constexpr int kQuarter = 48;

struct Background {
  std::string_view name;
  std::array<int, 3> rgb;
};
inline constexpr std::array<Background, 6> kBackgrounds = {{{"white", {245, 245, 245}},
                                                            {"gray", {128, 128, 128}},
                                                            {"red", {200, 60, 60}},
                                                            {"green", {70, 160, 80}},
                                                            {"blue", {70, 100, 200}},
                                                            {"yellow", {235, 215, 90}}}};

/// What is where: the concept number of each quarter (top left, top right, bottom left, bottom right; -1 = nothing)
/// and the index into kBackgrounds.
struct Scene {
  std::array<int, 4> cells = {-1, -1, -1, -1};
  int background = 0;

  bool operator==(const Scene&) const = default;
};

/// Which pairs of concepts a scene may hold.
enum class Pairs {
  seen,   ///< none that is held out: training scenes, of 1 to 4 things
  unseen  ///< at least one that is held out: validation and test scenes, of 2 to 4 things
};

/// True if two of the scene's things are a held-out pair.
bool has_held_out_pair(const Scene& scene);

/// A random scene of different things in random quarters.
Scene draw_scene(Random& random, int concept_count, Pairs pairs);

/// [96][96][3] bytes.
using Picture = std::vector<uint8_t>;

/// Paints a scene: each thing at a random size and place inside its quarter with a brightness of 0.8 to 1.1, the
/// background shifted by up to 15 levels (6 %) per channel. Integers throughout, so that every machine makes the same
/// bytes.
Picture paint(Random& random, const Scene& scene, const std::vector<Drawing>& drawings);

}  // namespace llavakd::emoji
