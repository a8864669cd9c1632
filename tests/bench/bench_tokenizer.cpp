// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how fast a tokenizer encodes on one core:  bench_tokenizer FOLDER TEXTS [SECONDS]
// TEXTS holds one text a line. Prints one JSON line; "digest" tells whether another program found the same ids, "cold"
// is the first pass over the texts, when no word is known yet. Times are of the processor.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"

namespace {

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// FNV-1a over the ids of all texts.
uint64_t digest_of(const llavakd::Tokenizer& tokenizer, const std::vector<std::string>& texts, size_t& ids) {
  uint64_t digest = 0xCBF29CE484222325ULL;
  for (const std::string& text : texts) {
    for (const int64_t id : tokenizer.encode(text)) {
      digest = (digest ^ static_cast<uint64_t>(id)) * 0x100000001B3ULL;
      ++ids;
    }
  }
  return digest;
}

/// Seconds of the quickest of the passes that fit into `budget` seconds, at least three.
double quickest_pass(const llavakd::Tokenizer& tokenizer, const std::vector<std::string>& texts, double budget) {
  double quickest = 1e9;
  const double start = processor_seconds();
  for (int pass = 0; pass < 3 || processor_seconds() - start < budget; ++pass) {
    const double begin = processor_seconds();
    for (const std::string& text : texts) tokenizer.encode(text);
    quickest = std::min(quickest, processor_seconds() - begin);
  }
  return quickest;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_tokenizer FOLDER TEXTS [SECONDS]\n");
    return 2;
  }
  try {
    const auto texts = lines_of(argv[2]);
    size_t bytes = 0;
    for (const std::string& text : texts) bytes += text.size();
    const double begin = processor_seconds();
    const auto tokenizer = llavakd::Tokenizer::load(argv[1]);
    const double load = processor_seconds() - begin;
    size_t ids = 0;
    const double cold_begin = processor_seconds();
    const uint64_t digest = digest_of(tokenizer, texts, ids);
    const double cold = processor_seconds() - cold_begin;
    const double seconds = quickest_pass(tokenizer, texts, argc > 3 ? std::atof(argv[3]) : 3);
    const double megabytes = static_cast<double>(bytes) / 1e6;
    fmt::print("{{\"bytes\": {}, \"ids\": {}, \"digest\": \"{:016x}\", \"load_seconds\": {:.4f}, ", bytes, ids, digest,
               load);
    fmt::print("\"cold_mb_per_s\": {:.3f}, \"mb_per_s\": {:.3f}}}\n", megabytes / cold, megabytes / seconds);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_tokenizer: {}\n", error.what());
    return 1;
  }
}
