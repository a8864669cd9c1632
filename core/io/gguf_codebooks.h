// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>

/// Data of gguf_codebook_blocks.cpp: the codebooks of the IQ types, as ggml-common.h and gguf/quants.py have them. They
/// are choices of points of a lattice by the format's authors, which no formula gives.
namespace llavakd::gguf {

// Eight codes of two bits each, the first one lowest.
extern const std::array<uint16_t, 2048> kIq1;    ///< Stands for -1, 0, 1.
extern const std::array<uint16_t, 256> kIq2Xxs;  ///< This and the next two: 8, 25, 43.
extern const std::array<uint16_t, 512> kIq2Xs;
extern const std::array<uint16_t, 1024> kIq2S;
// Four codes of four bits each, the first one lowest.
extern const std::array<uint16_t, 256> kIq3Xxs;  ///< 4, 12, 20, 28, 36, 44, 52, 62.
extern const std::array<uint16_t, 512> kIq3S;    ///< 1, 3, 5, … 15.

}  // namespace llavakd::gguf
