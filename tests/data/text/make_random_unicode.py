#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random Unicode texts and their ids by Hugging Face's tokenizers: tests/data/text/<name>/.

    python make_random_unicode.py        # needs `tokenizers` 0.22 or later; writes next to itself, always the same bytes

Code points assigned after Unicode 13 are left out: HF's normaliser and its regex engine carry tables of different age.
"""
import json
import os
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CORPUS = ["the small dog runs beside the river", "what is in the picture? a red bicycle under a large tree.",
          "l'été à la plage, c'est naïve", "漢字かな交じり文 Привет мир", "12345 67890 1,000 3.14", "def f(x):\n    return x"] * 20
BLOCKS = [(0x20, 0x7E), (0x20, 0x7E), (0x09, 0x0D), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0x97F),
          (0xE00, 0xE7F), (0x1100, 0x11FF), (0x180B, 0x180E), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20D0, 0x20F0),
          (0x2460, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x4FFF), (0xAC00, 0xAD00), (0xF900, 0xFAD9), (0xFB00, 0xFB4F),
          (0xFE00, 0xFE2F), (0x1D100, 0x1D1FF), (0x1F300, 0x1F64F), (0x2F800, 0x2FA1D), (0, 0x10FFFF)]


def allowed(code):
    return not 0xD800 <= code <= 0xDFFF and unicodedata.category(chr(code)) != "Cn" and code not in NEW_IN_14


NEW_IN_14 = set(range(0x870, 0x8A0)) | {0x61D, 0xB55, 0xC3C, 0xC5D, 0xCDD, 0xCF3} | set(range(0x1AC1, 0x1ACF)) | \
    set(range(0x10570, 0x105BD)) | set(range(0x10780, 0x107BB)) | set(range(0x10F70, 0x10F8A)) | set(range(0x11070, 0x11076)) | \
    {0x110C2, 0x1170A, 0x1715, 0x171F, 0x180F, 0x1DFA, 0x2C2F, 0x2C5F, 0x20C0} | set(range(0x11740, 0x11747)) | set(range(0x12F90, 0x12FF3)) | \
    set(range(0x16A70, 0x16ACA)) | set(range(0x1AFF0, 0x1AFFF)) | set(range(0x1B11F, 0x1B123)) | set(range(0x1CF00, 0x1CFC4)) | \
    set(range(0x1D1E9, 0x1D1EB)) | set(range(0x1DF00, 0x1DF1F)) | set(range(0x1E290, 0x1E2AF)) | set(range(0x1E7E0, 0x1E7FF)) | \
    set(range(0xA7C0, 0xA7DA)) | set(range(0xA7F2, 0xA7F5)) | set(range(0xFBC2, 0xFBC3)) | set(range(0xFD40, 0xFD50)) | {0xFDCF, 0xFDFE, 0xFDFF}


def random_text(rng):
    out = []
    for _ in range(rng.randint(1, 6)):
        low, high = rng.choice(BLOCKS)
        run = []
        while len(run) < rng.randint(1, 8):
            code = rng.randint(low, high)
            if allowed(code):
                run.append(chr(code))
            elif high == 0x10FFFF:
                break
        out.append("".join(run))
        if rng.random() < 0.4:
            out.append(rng.choice([" ", "  ", "\n", " \n ", "\r\n", "'s", "'LL", "<|end|>", " <pad>  ", "<mark>", "</s>", "\u2581", "é", "A\u030a", "\u2009"]))
    return "".join(out)


def make(name, normalizer, pre_tokenizer, added, ignore_merges=False):
    tok = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tok.normalizer = normalizer
    tok.pre_tokenizer = pre_tokenizer
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=420, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tok.train_from_iterator(CORPUS, trainer)
    write(name, tok, added)


def write(name, tok, added):
    tok.add_tokens([t for t in added if not t.special])
    tok.add_special_tokens([t for t in added if t.special])
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    data = json.loads(tok.to_str())
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(data, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")
    rng = random.Random(f"{name} 1")
    rows = []
    for _ in range(400):
        text = random_text(rng)
        ids = tok.encode(text, add_special_tokens=False).ids
        rows.append({"text": text, "ids": ids, "decoded": tok.decode(ids, skip_special_tokens=False)})
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")


def byte_level(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


END = AddedToken("<|end|>", special=True, normalized=False)
make("qwen2", normalizers.NFC(), byte_level(QWEN2), [END, AddedToken("<pad>", special=True, normalized=False, lstrip=True, rstrip=True)])
make("gpt2", None, pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True),
     [END, AddedToken("\u00c5", special=False, normalized=True), AddedToken("<mark>", special=False, single_word=True, normalized=False)])
make("llama3", normalizers.NFKC(), byte_level(LLAMA3), [END, AddedToken("A\u030a", special=False, normalized=True)], ignore_merges=True)
make("digits", normalizers.Sequence([normalizers.NFD()]),
     pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]), [END])


# SentencePiece's kind: characters with bytes for the others, spaces as "▁".
BYTES = [f"<0x{b:02X}>" for b in range(256)]
TO_TEXT = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
SPACES = normalizers.Replace(" ", "▁")
STOP = AddedToken("</s>", special=True, normalized=False)


def bpe_parts():
    """Vocabulary and merges over the corpus with its spaces as "▁"."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tok.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=300, show_progress=False))
    model = json.loads(tok.to_str())["model"]
    return list(model["vocab"]), [tuple(m) for m in model["merges"]]


def make_character_bpe(name, normalizer, pre_tokenizer, decoder, added, byte_tokens=BYTES, extra_merges=(), fuse_unk=True):
    tokens, merges = bpe_parts()
    vocab = {t: i for i, t in enumerate(["<unk>", "</s>"] + list(byte_tokens) + tokens)}
    for left, right in extra_merges:
        for t in (left, right, left + right):
            vocab.setdefault(t, len(vocab))
        merges.append((left, right))
    tok = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=fuse_unk, byte_fallback=bool(byte_tokens)))
    tok.normalizer, tok.pre_tokenizer, tok.decoder = normalizer, pre_tokenizer, decoder
    write(name, tok, added)


def make_unigram(name, normalizer, pre_tokenizer, decoder, byte_fallback):
    tok = Tokenizer(models.Unigram())
    tok.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(vocab_size=260, unk_token="<unk>", special_tokens=["<unk>", "</s>"], show_progress=False)
    tok.train_from_iterator(CORPUS, trainer)
    pieces = [tuple(p) for p in json.loads(tok.to_str())["model"]["vocab"]]
    if byte_fallback:
        pieces += [(b, 0.0) for b in BYTES]
    tok = Tokenizer(models.Unigram(pieces, 0, byte_fallback))
    tok.normalizer, tok.pre_tokenizer, tok.decoder = normalizer, pre_tokenizer, decoder
    write(name, tok, [STOP])


STRIP = decoders.Sequence(TO_TEXT + [decoders.Strip(" ", 1, 0)])
make_character_bpe("llama_first", None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False), STRIP, [STOP],
                   extra_merges=[("▁", "▁"), ("▁▁", "▁▁"), ("▁▁", "▁the")])
make_character_bpe("llama_prepend", normalizers.Sequence([normalizers.Prepend("▁"), SPACES]), None, STRIP,
                   [STOP, AddedToken("\u00c5", special=False, normalized=True)], byte_tokens=BYTES[:0xE3])
make_character_bpe("gemma_never", SPACES, pre_tokenizers.Split(" ", "merged_with_previous"), decoders.Sequence(TO_TEXT), [STOP],
                   extra_merges=[("e", "▁r"), ("s", "▁")])
make_character_bpe("no_bytes", normalizers.Strip(), pre_tokenizers.Metaspace(prepend_scheme="always", split=True),
                   decoders.Metaspace(prepend_scheme="always"), [STOP], byte_tokens=[], fuse_unk=False)
make_unigram("unigram", normalizers.NFKC(), pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
             decoders.Metaspace(), False)
make_unigram("unigram_bytes", normalizers.Replace(Regex(" {2,}"), " "), pre_tokenizers.Metaspace(prepend_scheme="first"),
             STRIP, True)
for behavior in ("merged_with_previous", "merged_with_next", "contiguous", "removed"):
    make("split_" + behavior, None, pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"[a-m\s]"), behavior),
                                                            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]), [END])
