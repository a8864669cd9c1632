// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QCryptographicHash>
#include <QtTest>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/errors.h"
#include "core/image/image.h"

namespace llavakd::testing {

inline std::string sha256(const Image& image) {
  const QByteArrayView bytes(reinterpret_cast<const char*>(image.rgb.data()), static_cast<qsizetype>(image.rgb.size()));
  return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString();
}

inline std::vector<uint8_t> file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::json json_file(const std::string& path) {
  return nlohmann::json::parse(file_bytes(path));
}

/// The picture that tests/data/image/make_images.py draws.
inline Image picture(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      uint8_t* pixel = image.row(y) + x * 3;
      pixel[0] = static_cast<uint8_t>(x * 7 + y * 3);
      pixel[1] = static_cast<uint8_t>(x * x + y * 11);
      pixel[2] = static_cast<uint8_t>((x / 4 + y / 3) % 2 * 255);
    }
  }
  return image;
}

/// What the function's UserError says; empty when it throws none.
template <typename Function>
QString user_error(Function function) {
  try {
    function();
  } catch (const UserError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

}  // namespace llavakd::testing
