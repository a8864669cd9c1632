// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtTest>
#include <filesystem>
#include <memory>

namespace llavakd::golden {

/// The reference numbers next to the repository.
inline const std::filesystem::path root = std::filesystem::path(LLAVAKD_SHARED_DIR) / "golden";

/// One row for each case of vlm/.
inline void add_cases() {
  QTest::addColumn<QString>("name");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root / "vlm"))
    if (entry.is_directory()) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

// One test class a file.
std::unique_ptr<QObject> make_checkpoints();
std::unique_ptr<QObject> make_files();
std::unique_ptr<QObject> make_hostile_input();
std::unique_ptr<QObject> make_image();
std::unique_ptr<QObject> make_losses();
std::unique_ptr<QObject> make_losses_command();
std::unique_ptr<QObject> make_text();
std::unique_ptr<QObject> make_training();

}  // namespace llavakd::golden
