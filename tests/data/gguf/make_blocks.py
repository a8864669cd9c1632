#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of each GGUF type and what the Python package gguf 0.19.0 makes of them: blocks.safetensors, many_blocks.json.

    python make_blocks.py        # needs gguf 0.19.0, numpy and safetensors

blocks.safetensors: three blocks a type (NAME.blocks) and their numbers (NAME.values): random codes with a middling, the
largest and a zero scale. many_blocks.json: the SHA-256 of the numbers of 512 blocks of pseudo-random bytes, in which the
bytes of `bounded` lose the bit that would make a scale infinite. Q8_K and Q1_0 aren't read by the package; they are
written here as ggml's C code reads them (ggml-quants.c, dequantize_row_q8_K and dequantize_row_q1_0).
"""
import hashlib
import json
import pathlib

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
HALF = {  # where the halves of a block stand
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ2_XXS": [0], "IQ2_XS": [0], "IQ3_XXS": [0], "IQ1_S": [0],
    "IQ4_NL": [0], "IQ3_S": [0], "IQ2_S": [0], "IQ4_XS": [0], "TQ1_0": [52], "TQ2_0": [64], "Q1_0": [0]}
BOUNDED = {"Q8_K": [3], "IQ1_M": [55], "MXFP4": [0], "NVFP4": []}  # of the others; bit 6 of these bytes


def values_of(name, blocks):
    if name == "Q8_K":
        return blocks[:, :4].copy().view(np.float32) * blocks[:, 4:260].view(np.int8).astype(np.float32)
    if name == "Q1_0":
        d = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        return np.where(np.unpackbits(blocks[:, 2:], axis=1, bitorder="little") == 1, d, -d)
    with np.errstate(over="ignore"):
        return quants.dequantize(blocks, GGMLQuantizationType[name])


def put_scale(name, block, value):
    """The same scale everywhere; None: zero."""
    number = np.float16(0 if value is None else value)
    for offset in HALF.get(name, []):
        block[offset:offset + 2] = np.frombuffer(number.tobytes(), dtype=np.uint8)
    if name == "Q8_K":
        block[:4] = np.frombuffer(np.float32(number).tobytes(), dtype=np.uint8)
    if name == "IQ1_M":
        bits = int(number.view(np.uint16))
        for i in range(4):
            block[49 + 2 * i] = (block[49 + 2 * i] & 15) | (bits >> (4 * i) & 15) << 4
    if name == "MXFP4":
        block[0] = 0 if value is None else 120 if value < 1 else 250
    if name == "NVFP4":
        block[:4] = 0 if value is None else 0x38 if value < 1 else 0x7e


def pseudo_random(count):
    """The upper bytes of a linear congruential generator modulo 2^32."""
    out, state = np.empty(count, dtype=np.uint8), 1
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        out[i] = state >> 24
    return out


tensors, many = {}, {}
draw = np.random.default_rng(9)
stream = pseudo_random(512 * 292)
for kind, (elements, size) in GGML_QUANT_SIZES.items():
    name = kind.name
    if elements == 1 or name == "Q8_1":  # Q8_1 is for products only
        continue
    blocks = draw.integers(0, 256, (3, size), dtype=np.uint8)
    for block, scale in zip(blocks, (0.0123, -65504.0, None)):
        put_scale(name, block, scale)
    values = values_of(name, blocks)
    assert values.dtype == np.float32 and np.isfinite(values).all(), name
    tensors[name + ".blocks"], tensors[name + ".values"] = blocks, values.reshape(3, elements)
    blocks = stream[:512 * size].reshape(512, size).copy()
    bounded = [offset + 1 for offset in HALF.get(name, [])] + BOUNDED.get(name, [])
    blocks[:, bounded] &= 0xbf
    values = values_of(name, blocks)
    assert not np.isnan(values).any(), name
    many[name] = {"bounded": bounded, "sha256": hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()}
save_file(tensors, HERE / "blocks.safetensors")
(HERE / "many_blocks.json").write_text(json.dumps(many, indent=1) + "\n")
