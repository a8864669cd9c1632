// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace llavakd {

/// One question of an evaluation and what a model said.
struct KeptAnswer {
  std::string id;
  std::string question;  ///< The first one of the row, without the placeholder of its picture.
  std::string type;
  std::vector<std::string> images;  ///< As the file of questions writes them.
  std::string reference;            ///< The expected answer to that question.
  std::string answer;               ///< The model's own.
  bool right = false;               ///< As the task judged it: of a row with several turns, all of them.
  bool cut = false;                 ///< The answer ran into the limit on its tokens.
  int64_t turns = 1;                ///< Questions of the row.
  std::string template_name;        ///< The row's own; empty: as the evaluation asks.
};

/// What one model answered to the questions of one file.
struct AnswerSet {
  std::string model;                ///< The folder of the model.
  std::string task;                 ///< How answers were judged.
  std::filesystem::path file;       ///< The questions.
  std::filesystem::path images;     ///< Folder that the image paths start from.
  std::vector<KeptAnswer> answers;  ///< In the order of the file.
};

/// Writes JSON lines, one answer each, by AtomicFile: "id", "question", "type", "image" (null, a path, or a list),
/// "reference", "answer", "right", "model", "task", "file", "images"; "cut", "turns" and "template" where they aren't
/// the usual. Throws UserError where there are none, and like AtomicFile.
void write_answers(const std::filesystem::path& path, const AnswerSet& set);

/// Reads that. Throws UserError that names file and line for what isn't such a line, and for answers of several models,
/// tasks or files in one file.
AnswerSet read_answers(const std::filesystem::path& path);

}  // namespace llavakd
