// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how fast a picture becomes a tower's input on one core:  bench_image PICTURE PROCESSOR [SECONDS [VALUES]]
// Decodes, resizes and normalises the file's bytes again and again and prints one JSON line; times are of the
// processor, the quickest of all turns. The float32 values are written to the file VALUES, so that another program can
// compare.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/image/decode.h"
#include "core/image/processor.h"

namespace {

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Seconds of the quickest of the calls that fit into `budget` seconds, at least three.
template <typename Work>
double quickest(double budget, const Work& work) {
  double best = 1e9;
  const double start = processor_seconds();
  for (int turn = 0; turn < 3 || processor_seconds() - start < budget; ++turn) {
    const double begin = processor_seconds();
    work();
    best = std::min(best, processor_seconds() - begin);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_image PICTURE PROCESSOR [SECONDS [VALUES]]\n");
    return 2;
  }
  try {
    std::ifstream file(argv[1], std::ios::binary);
    const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    const auto processor = llavakd::find_processor(argv[2]);
    const double budget = argc > 3 ? std::atof(argv[3]) : 1;
    llavakd::Image image;
    std::vector<float> values;
    const double decode = quickest(budget, [&] { image = llavakd::decode_image(bytes, argv[1]); });
    const double all = quickest(budget, [&] {
      values = llavakd::pixel_values(llavakd::decode_image(bytes, argv[1]), processor, llavakd::AspectRatio::square);
    });
    if (argc > 4) {
      std::ofstream out(argv[4], std::ios::binary);
      out.write(reinterpret_cast<const char*>(values.data()),
                static_cast<std::streamsize>(values.size() * sizeof(float)));
    }
    fmt::print("{{\"width\": {}, \"height\": {}, \"decode_seconds\": {:.6f}, \"seconds\": {:.6f}}}\n", image.width,
               image.height, decode, all);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_image: {}\n", error.what());
    return 1;
  }
}
