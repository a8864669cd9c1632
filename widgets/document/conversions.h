// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFile>
#include <QString>
#include <filesystem>
#include <string>
#include <string_view>

namespace llavakd {

/// Texts and paths between Qt and the torch-free core, which speaks UTF-8 and std::filesystem.
inline QString toQString(std::string_view text) {
  return QString::fromUtf8(text.data(), qsizetype(text.size()));
}
inline QString toQString(const std::filesystem::path& path) {
  return QFile::decodeName(path.c_str());
}
inline QString toQString(const std::string& text) {
  return QString::fromStdString(text);
}
inline QString toQString(const char* text) {
  return QString::fromUtf8(text);
}
inline std::filesystem::path toPath(const QString& path) {
  return QFile::encodeName(path).toStdString();
}

}  // namespace llavakd
