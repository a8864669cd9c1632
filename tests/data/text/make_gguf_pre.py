#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids by the pre-tokenizers that GGUF files name (tokenizer.ggml.pre): tests/data/text/gguf_pre/expected.json.

    python make_gguf_pre.py        # needs tokenizers; make_random_unicode.py ran before

Each pre-tokenizer is written as in the tokenizer.json of its family (openai-community/gpt2, Qwen/Qwen2.5-0.5B,
stabilityai/stablelm-2-zephyr-1_6b, meta-llama/Meta-Llama-3-8B, databricks/dbrx-base, HuggingFaceTB/SmolLM2-135M); vocabulary and merges are
those of qwen2/tokenizer.json, the texts a part of qwen2/expected.json.
"""
import json
import os

from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(pattern, **options):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False, **options}


def byte_level(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def sequence(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


FAMILIES = {  # pre-tokenizer, normalizer, ignore_merges
    "gpt-2": (byte_level(True), None, False),
    "qwen2": (sequence(split(QWEN2), byte_level(False)), {"type": "NFC"}, False),
    "stablelm2": (sequence(split(QWEN2, behavior="Removed", invert=True), byte_level(False)), None, False),
    "llama-bpe": (sequence(split(LLAMA3), byte_level(False)), None, True),
    "dbrx": (sequence(split(LLAMA3, behavior="Removed", invert=True), byte_level(False)), None, False),
    "smollm": (sequence({"type": "Digits", "individual_digits": True}, byte_level(True)), None, False),
}
with open(os.path.join(HERE, "qwen2", "tokenizer.json"), encoding="utf-8") as f:
    BASE = json.load(f)
with open(os.path.join(HERE, "qwen2", "expected.json"), encoding="utf-8") as f:
    TEXTS = [row["text"] for row in json.load(f)][::4]
TEXTS += ["it's 12345 IT'S\n\n  x", "a  b   c", "１２３ ½", "\t\r\n \n", "we'll've", "the small dog", "don’t", "x=1;\n\n\ty"]
TEXTS = [t for t in TEXTS if "<|" not in t and "<pad>" not in t]


def ids_of(family):
    pre_tokenizer, normalizer, ignore_merges = FAMILIES[family]
    parts = {**BASE, "pre_tokenizer": pre_tokenizer, "normalizer": normalizer, "added_tokens": []}
    parts["model"] = {**BASE["model"], "ignore_merges": ignore_merges}
    tokenizer = Tokenizer.from_str(json.dumps(parts))
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]


os.makedirs(os.path.join(HERE, "gguf_pre"), exist_ok=True)
with open(os.path.join(HERE, "gguf_pre", "expected.json"), "w", encoding="utf-8") as f:
    json.dump({"texts": TEXTS, "ids": {family: ids_of(family) for family in FAMILIES}}, f, separators=(",", ":"))
    f.write("\n")
