// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/scene.h"

#include <algorithm>

namespace llavakd::emoji {
namespace {

constexpr int kJitter = 15;                                     // levels of 255
constexpr int kDarkest = 800, kBrightest = 1100, kFull = 1000;  // brightness in thousandths

/// Blends a drawing over the picture with its top left corner at (left, top).
void blend(Picture& picture, const Bitmap& drawing, int left, int top, int brightness) {
  for (int y = 0; y < drawing.height; ++y) {
    for (int x = 0; x < drawing.width; ++x) {
      const uint8_t* rgba = drawing.at(x, y);
      const int alpha = rgba[3];
      uint8_t* under = &picture[static_cast<size_t>((top + y) * kSide + left + x) * 3];
      for (int k = 0; k < 3; ++k) {
        const int lit = std::min(255 * kFull, rgba[k] * brightness);
        under[k] = static_cast<uint8_t>((under[k] * kFull * (255 - alpha) + lit * alpha) / (255 * kFull));
      }
    }
  }
}

}  // namespace

bool has_held_out_pair(const Scene& scene) {
  for (size_t i = 0; i < scene.cells.size(); ++i) {
    for (size_t j = i + 1; j < scene.cells.size(); ++j) {
      if (scene.cells[i] >= 0 && scene.cells[j] >= 0 && held_out(scene.cells[i], scene.cells[j])) return true;
    }
  }
  return false;
}

Scene draw_scene(Random& random, int concept_count, Pairs pairs) {
  Scene scene;
  do {
    scene.cells.fill(-1);
    const int count = random.between(pairs == Pairs::unseen ? 2 : 1, 4);
    const auto things = random.sample(concept_count, count);
    const auto quarters = random.sample(4, count);
    for (size_t i = 0; i < things.size(); ++i) scene.cells[static_cast<size_t>(quarters[i])] = things[i];
  } while (has_held_out_pair(scene) != (pairs == Pairs::unseen));
  scene.background = random.below(static_cast<int>(kBackgrounds.size()));
  return scene;
}

Picture paint(Random& random, const Scene& scene, const std::vector<Drawing>& drawings) {
  std::array<uint8_t, 3> ground{};
  for (size_t k = 0; k < 3; ++k) {
    const int level = kBackgrounds[static_cast<size_t>(scene.background)].rgb[k] + random.between(-kJitter, kJitter);
    ground[k] = static_cast<uint8_t>(std::clamp(level, 0, 255));
  }
  Picture picture(static_cast<size_t>(kSide) * kSide * 3);
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = ground[i % 3];
  for (int cell = 0; cell < 4; ++cell) {
    const int thing = scene.cells[static_cast<size_t>(cell)];
    if (thing < 0) continue;
    const auto size = static_cast<size_t>(random.below(static_cast<int>(kSizes.size())));
    const int top = (cell / 2) * kQuarter + random.between(0, kQuarter - kSizes[size]);
    const int left = (cell % 2) * kQuarter + random.between(0, kQuarter - kSizes[size]);
    blend(picture, drawings[static_cast<size_t>(thing)][size], left, top, random.between(kDarkest, kBrightest));
  }
  return picture;
}

}  // namespace llavakd::emoji
