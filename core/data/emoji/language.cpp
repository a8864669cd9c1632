// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/language.h"

#include <fmt/format.h>

#include <utility>

namespace llavakd::emoji {
namespace {

constexpr int kOftenPercent = 85;  // how often a question asks for a thing when it could ask for an empty quarter
constexpr std::array<std::string_view, 4> kCells = {"top left", "top right", "bottom left", "bottom right"};
constexpr std::array<std::string_view, 5> kNumbers = {"zero", "one", "two", "three", "four"};

/// "left of" etc. and the quarter that is there, seen from a quarter.
struct Relation {
  std::string_view words;
  int dx;
  int dy;
};
constexpr std::array<Relation, 4> kRelations = {
    {{"left of", -1, 0}, {"right of", 1, 0}, {"above", 0, -1}, {"below", 0, 1}}};

/// The quarter next to `cell`, or -1 outside the 2x2 grid.
int neighbour(int cell, const Relation& relation) {
  const int x = cell % 2 + relation.dx, y = cell / 2 + relation.dy;
  return x < 0 || x > 1 || y < 0 || y > 1 ? -1 : 2 * y + x;
}

std::string with_article(std::string_view word) {
  const bool vowel = std::string_view("aeiou").find(word.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", word);
}

int thing_at(const Scene& scene, int cell) {
  return scene.cells[static_cast<size_t>(cell)];
}

std::string name_at(const Scene& scene, const std::vector<Concept>& concepts, int cell) {
  const int thing = thing_at(scene, cell);
  return thing < 0 ? "nothing" : concepts[static_cast<size_t>(thing)].name;
}

std::vector<int> occupied_cells(const Scene& scene) {
  std::vector<int> cells;
  for (int cell = 0; cell < 4; ++cell) {
    if (thing_at(scene, cell) >= 0) cells.push_back(cell);
  }
  return cells;
}

Question ask_relation(Random& random, const Scene& scene, const std::vector<Concept>& concepts) {
  using Pair = std::pair<int, const Relation*>;
  std::vector<Pair> possible, filled;
  for (const int cell : occupied_cells(scene)) {
    for (const Relation& relation : kRelations) {
      const int there = neighbour(cell, relation);
      if (there < 0) continue;
      possible.emplace_back(cell, &relation);
      if (thing_at(scene, there) >= 0) filled.emplace_back(cell, &relation);
    }
  }
  const bool thing = !filled.empty() && random.chance(kOftenPercent);
  const auto [cell, relation] = random.choose(thing ? filled : possible);
  return {"rel", fmt::format("What is {} the {}?", relation->words, name_at(scene, concepts, cell)),
          name_at(scene, concepts, neighbour(cell, *relation))};
}

}  // namespace

std::string caption(const Scene& scene, const std::vector<Concept>& concepts) {
  const auto cells = occupied_cells(scene);
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += i + 1 == cells.size() ? " and " : ", ";
    text += with_article(name_at(scene, concepts, cells[i])) + " at the ";
    text += kCells[static_cast<size_t>(cells[i])];
  }
  return text + " on " + with_article(kBackgrounds[static_cast<size_t>(scene.background)].name) + " background";
}

Question ask(Random& random, const Scene& scene, const std::vector<Concept>& concepts, std::string_view type) {
  const auto occupied = occupied_cells(scene);
  if (type == "cell") {
    const int cell = random.chance(kOftenPercent) ? random.choose(occupied) : random.below(4);
    return {type, fmt::format("What is at the {}?", kCells[static_cast<size_t>(cell)]), name_at(scene, concepts, cell)};
  }
  if (type == "count") return {type, "How many things are there?", std::string(kNumbers[occupied.size()])};
  if (type == "rel") return ask_relation(random, scene, concepts);
  if (type == "color") {
    return {type, "What color is the background?",
            std::string(kBackgrounds[static_cast<size_t>(scene.background)].name)};
  }
  const int cell = random.choose(occupied);
  return {"group", fmt::format("Which group is the thing at the {} in?", kCells[static_cast<size_t>(cell)]),
          concepts[static_cast<size_t>(thing_at(scene, cell))].group};
}

std::vector<Question> dialogue(Random& random, const Scene& scene, const std::vector<Concept>& concepts, int turns) {
  std::vector<Question> questions;
  for (const int type : random.sample(static_cast<int>(kQuestionTypes.size()), turns)) {
    questions.push_back(ask(random, scene, concepts, kQuestionTypes[static_cast<size_t>(type)]));
  }
  return questions;
}

}  // namespace llavakd::emoji
