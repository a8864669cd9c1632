#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes gguf_codebooks.cpp next to this file from the tables of the Python package gguf 0.19.0 (gguf/quants.py)."""
import pathlib

import numpy
from gguf import quants

BOOKS = [("kIq1", quants.IQ1_S, 2), ("kIq2Xxs", quants.IQ2_XXS, 2), ("kIq2Xs", quants.IQ2_XS, 2),
         ("kIq2S", quants.IQ2_S, 2), ("kIq3Xxs", quants.IQ3_XXS, 4), ("kIq3S", quants.IQ3_S, 4)]

lines = ["// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors", "// SPDX-License-Identifier: GPL-3.0-or-later",
         "// Written by make_gguf_codebooks.py.", '#include "core/io/gguf_codebooks.h"', "", "namespace llavakd::gguf {", "",
         "// clang-format off"]
for name, kind, bits in BOOKS:
    kind.init_grid()
    entries, width = kind.grid_shape
    codes = numpy.searchsorted(kind.grid_map, kind.grid.reshape(entries, width))
    packed = [sum(int(code) << (bits * i) for i, code in enumerate(row)) for row in codes]
    lines.append(f"const std::array<uint16_t, {entries}> {name}{{")
    for start in range(0, entries, 16):
        lines.append(" " + ", ".join(f"0x{value:x}" for value in packed[start:start + 16]) + ",")
    lines[-1] = lines[-1][:-1] + "};"
lines += ["// clang-format on", "", "}  // namespace llavakd::gguf", ""]
pathlib.Path(__file__).with_name("gguf_codebooks.cpp").write_text("\n".join(lines))
