// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The reference numbers next to the repository, where they are there: decoding, preparing, and pictures that are none.
#include <fmt/format.h>

#include "core/image/decode.h"
#include "core/image/processor.h"
#include "tests/core/image/image_testing.h"
#include "tests/golden/golden_tests.h"

using namespace llavakd;
using namespace llavakd::testing;

namespace {
const std::string here = (golden::root / "").string();
}

class GoldenImage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void decodes();
  void prepares();
  void refusesBadPictures();
};

void GoldenImage::decodes() {
  const auto pictures = json_file(here + "image/expected.json");
  for (const auto& [name, expected] : pictures.items()) {
    const Image image = read_image(here + "image/" + name);
    const std::string decoded = expected["decoded_rgb_sha256"];
    QVERIFY2(sha256(image) == expected.value("high_byte_rgb_sha256", decoded), name.c_str());
  }
}

void GoldenImage::prepares() {
  const auto modes = json_file(here + "image/index.json")["modes"];
  const auto pictures = json_file(here + "image/expected.json");
  for (const auto& [name, picture] : pictures.items()) {
    const Image image = read_image(here + "image/" + name);
    for (const auto& [mode, how] : modes.items()) {
      auto expected = picture["modes"][mode];
      if (expected.contains("expected_high_byte")) expected = expected["expected_high_byte"];
      const int size = how["size"];
      const ImageProcessor processor = how["processor"] == "clip" ? clip_processor(size) : siglip_processor(size);
      const AspectRatio aspect = how["pad_to_square"] ? AspectRatio::pad : AspectRatio::square;
      const std::string label = name + " " + mode;
      QVERIFY2(sha256(prepare(image, processor, aspect)) == expected["uint8_sha256"].get<std::string>(), label.c_str());
      const std::vector<float> values = pixel_values(image, processor, aspect);
      for (int channel = 0; channel < 3; ++channel) {
        const auto slice =
            expected["pixel_slices"][fmt::format("[{},{},{}:{}]", channel, size / 2, size / 2, size / 2 + 4)];
        QCOMPARE(slice.size(), size_t{4});
        for (int i = 0; i < 4; ++i) {
          const float value = values[(static_cast<size_t>(channel) * size + size / 2) * size + size / 2 + i];
          QVERIFY2(std::abs(value - slice[i].get<float>()) <= 1e-6F, label.c_str());
        }
      }
    }
  }
}

void GoldenImage::refusesBadPictures() {
  int pictures = 0;
  const auto index = json_file(here + "bad/INDEX.json");
  for (const auto& entry : index) {
    if (entry["target"] != "image") continue;
    ++pictures;
    const std::string path = here + entry["file"].get<std::string>();
    const QString message = user_error([&] { read_image(path); });
    const bool may_pass = entry["expect"].get<std::string>().find("accept") != std::string::npos;
    QVERIFY2(may_pass || message.contains(QString::fromStdString(path)), path.c_str());
  }
  QVERIFY(pictures >= 8);
}

std::unique_ptr<QObject> golden::make_image() {
  return std::make_unique<GoldenImage>();
}

#include "golden_image.moc"
