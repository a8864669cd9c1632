#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small tokenizer.model and qwen.tiktoken files with ids of the libraries that they come from: tests/data/text/<name>/.

    python make_models.py        # needs sentencepiece, tiktoken and transformers; make_random_unicode.py ran before

The texts are those of qwen2/expected.json. spm_legacy and spm_unigram: ids of sentencepiece, texts cut at special tokens,
as LlamaTokenizer does when "legacy" is true. spm_first ("legacy" false): ids of transformers' LlamaTokenizer.
"""
import base64
import io
import json
import os
import re
import unicodedata

import sentencepiece
import tiktoken
from transformers import LlamaTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = ["the small dog runs beside the river", "what is in the picture? a red bicycle under a large tree.",
          "l'été à la plage, c'est naïve", "漢字かな交じり文 Привет мир", "12345 67890 1,000 3.14", "def f(x):\n    return x"] * 20
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
with open(os.path.join(HERE, "qwen2", "expected.json"), encoding="utf-8") as f:
    TEXTS = [row["text"].replace("\0", "") for row in json.load(f)] + ["a</s>b", " a</s> b<s>", "</s>", "a  b ", "▁a"]


def write(name, files, rows):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    for file, data in files.items():
        with open(os.path.join(folder, file), "wb") as f:
            f.write(data)
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")


def train(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS), model_writer=model, hard_vocab_limit=False,
                                             minloglevel=2, num_threads=1, **options)
    return model.getvalue()


def config(**options):
    return json.dumps({"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", **options}).encode()


def cut_ids(spm, text):
    ids = []
    for part in re.split("(<s>|</s>|<unk>)", text):
        ids += [spm.piece_to_id(part)] if part in ("<s>", "</s>", "<unk>") else spm.encode(part)
    return ids


def make_sentencepiece(name, model, settings):
    spm = sentencepiece.SentencePieceProcessor(model_proto=model)
    parts = {"pieces": [spm.id_to_piece(i) for i in range(len(spm))], "scores": [spm.get_score(i) for i in range(len(spm))],
             "types": [2 if spm.is_unknown(i) else 3 if spm.is_control(i) else 6 if spm.is_byte(i) else 1 for i in range(len(spm))]}
    rows = [{"text": t, "ids": cut_ids(spm, t)} for t in TEXTS]
    write(name, {"tokenizer.model": model, "tokenizer_config.json": settings, "pieces.json": json.dumps(parts).encode()}, rows)


def make_first(name, model):
    write(name, {"tokenizer.model": model, "tokenizer_config.json": config(legacy=False)}, [])
    tokenizer = LlamaTokenizer.from_pretrained(os.path.join(HERE, name), legacy=False)
    assert json.loads(tokenizer._tokenizer.to_str())["pre_tokenizer"]["prepend_scheme"] == "first"
    rows = []
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False)
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    write(name, {}, rows)


def make_tiktoken(name):
    with open(os.path.join(HERE, "qwen2", "tokenizer.json"), encoding="utf-8") as f:
        vocabulary = json.load(f)["model"]["vocab"]
    shown = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
    byte_of = {chr(b): b for b in shown}
    byte_of.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in shown)})
    plain = sorted((i, t) for t, i in vocabulary.items() if all(c in byte_of for c in t))
    ranks = {bytes(byte_of[c] for c in token): rank for rank, (_, token) in enumerate(plain)}
    special = {t: len(ranks) + i for i, t in enumerate(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])}
    coder = tiktoken.Encoding(name, pat_str=QWEN2, mergeable_ranks=ranks, special_tokens=special)
    texts = [unicodedata.normalize("NFC", t) for t in TEXTS] + ["<|im_start|>user\nhi<|im_end|>"]
    rows = [{"text": t, "ids": coder.encode(t, allowed_special="all")} for t in texts]
    for row in rows:
        row["decoded"] = coder.decode(row["ids"])
    lines = "".join(f"{base64.b64encode(t).decode()} {r}\n" for t, r in ranks.items())
    write(name, {"qwen.tiktoken": lines.encode()}, rows)


BPE = train(model_type="bpe", vocab_size=620, byte_fallback=True, normalization_rule_name="identity",
            remove_extra_whitespaces=False, character_coverage=0.99)
make_sentencepiece("spm_legacy", BPE, config(legacy=True))
make_sentencepiece("spm_unigram", train(model_type="unigram", vocab_size=200, normalization_rule_name="nmt_nfkc"),
                   b'{"tokenizer_class": "T5Tokenizer"}')
make_first("spm_first", BPE)
make_tiktoken("tiktoken")
