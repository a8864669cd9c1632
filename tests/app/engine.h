// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Starts the built `llavakd` and reads what it says.
#include <fmt/format.h>

#include <QProcess>
#include <QStringList>
#include <QTest>
#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/io/json_file.h"
#include "tests/run_events.h"

namespace llavakd {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

inline QString engine_path() {
  return QStringLiteral(LLAVAKD_BIN_DIR "/llavakd");
}
inline QString text(const fs::path& path) {
  return QString::fromStdString(path.string());
}

struct Outcome {
  int code = -1;
  QByteArray out, err;

  /// All of stdout as one document; discarded when it is none.
  Json json() const { return Json::parse(out.toStdString(), nullptr, false); }
  std::vector<QByteArray> lines() const {
    std::vector<QByteArray> lines;
    for (const QByteArray& line : out.split('\n'))
      if (!line.isEmpty()) lines.push_back(line);
    return lines;
  }
};

/// Runs the program to its end; `input` is all that it can read.
inline Outcome run_engine(const QStringList& arguments, const QByteArray& input = {}, int milliseconds = 120'000) {
  QProcess process;
  process.start(engine_path(), arguments);
  process.write(input);
  process.closeWriteChannel();
  if (!process.waitForFinished(milliseconds)) process.kill();
  process.waitForFinished(5000);
  const int code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
  return {code, process.readAllStandardOutput(), process.readAllStandardError()};
}

inline const fs::path& models_folder() {
  static const fs::path folder = fs::path(LLAVAKD_SOURCE_DIR) / "projects/emoji/models";
  return folder;
}

/// A project of the emoji models and eight samples, trained in one or two steps a stage: `folder`/small.kdproj.
inline fs::path write_small_project(const fs::path& folder) {
  fs::create_directories(folder / "images");
  const fs::path pictures = fs::path(LLAVAKD_TEST_DATA_DIR) / "image";
  Json samples = Json::array();
  const char* names[] = {"rgb.png", "palette.png", "baseline.jpg", "lossy.webp"};
  for (const char* name : names) fs::copy_file(pictures / name, folder / "images" / name);
  for (int i = 0; i < 8; ++i) {
    const Json turns = {{{"from", "human"}, {"value", "<image>\nWhat is at the top left?"}},
                        {{"from", "gpt"}, {"value", i % 2 == 0 ? "a cat" : "a red car"}}};
    samples.push_back({{"id", fmt::format("s{}", i)},
                       {"image", names[i % 4]},
                       {"type", i % 2 == 0 ? "animal" : "thing"},
                       {"conversations", turns}});
  }
  write_json(folder / "data.json", samples);
  Json project = read_json(fs::path(LLAVAKD_SOURCE_DIR) / "projects/emoji-quick/project.kdproj");
  project["name"] = "small";
  project["teacher"]["checkpoint"] = (models_folder() / "teacher").string();
  project["student"]["language_model"] = (models_folder() / "language-student").string();
  project["student"]["vision_tower"] = (models_folder() / "tower").string();
  for (auto& stage : project["stages"]) {
    stage["data"] = "data.json";
    stage["images"] = "images";
    stage["epochs"] = 1;
    stage["max_steps"] = 2;
    stage["batch_size"] = 4;
    stage["micro_batch_size"] = 4;
  }
  project["probes"] = Json::array({{{"image", "images/rgb.png"}, {"question", "How many things are there?"}}});
  project["evaluations"] = Json::array({{{"task", "exact_match"}, {"file", "data.json"}, {"images", "images"}}});
  project["run"]["device"] = "cpu";
  write_json(folder / "small.kdproj", project);
  return folder / "small.kdproj";
}

}  // namespace llavakd
