#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our tokenizer against Hugging Face's `tokenizers`, one core each, in one run: MB/s, and whether all ids are equal.

    ninja -C build/release bench_tokenizer
    python tests/bench/compare_tokenizer.py --bench build/release/bench/bench_tokenizer FOLDER [FOLDER ...]

A folder holds tokenizer.json. The texts are the lines of --text files; without any, of this repository's own texts and
sources. The two take turns, three rounds; the best of each counts, in processor time, so that other work on the machine
matters little. "First pass" is that of a tokenizer that was just loaded and knows no word.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import tokenizers  # noqa: E402  (reads the two variables)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def lines_of(files):
    if not files:
        files = sorted(p for pattern in ("*.md", "*.h", "*.cpp", "*.py") for folder in ("core", "app", "widgets", "tests")
                       for p in (ROOT / folder).rglob(pattern))
    lines = []
    for file in files:
        lines += pathlib.Path(file).read_text(encoding="utf-8", errors="replace").replace("\r", "").split("\n")
    return [line for line in lines if line]


def digest_of(tokenizer, lines):
    digest, count = 0xCBF29CE484222325, 0
    for line in lines:
        for token in tokenizer.encode(line, add_special_tokens=False).ids:
            digest = ((digest ^ token) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
            count += 1
    return f"{digest:016x}", count


def one_pass(tokenizer, lines):
    begin = time.process_time()
    tokenizer.encode_batch_fast(lines, add_special_tokens=False)
    return time.process_time() - begin


def quickest_pass(tokenizer, lines, budget):
    best, start, passes = 1e9, time.process_time(), 0
    while passes < 3 or time.process_time() - start < budget:
        best = min(best, one_pass(tokenizer, lines))
        passes += 1
    return best


def compare(bench, folder, lines, text_file, seconds):
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    file = os.path.join(folder, "tokenizer.json")
    theirs = tokenizers.Tokenizer.from_file(file)
    digest, count = digest_of(theirs, lines)
    ours_best = ours_first = theirs_best = theirs_first = 0.0
    equal = True
    for _ in range(3):
        out = subprocess.run([bench, folder, text_file, str(seconds)], check=True, capture_output=True, text=True).stdout
        ours = json.loads(out)
        equal = equal and ours["digest"] == digest and ours["ids"] == count
        ours_best, ours_first = max(ours_best, ours["mb_per_s"]), max(ours_first, ours["cold_mb_per_s"])
        theirs = tokenizers.Tokenizer.from_file(file)
        theirs_first = max(theirs_first, megabytes / one_pass(theirs, lines))
        theirs_best = max(theirs_best, megabytes / quickest_pass(theirs, lines, seconds))
    print(f"| {folder} | {ours_best:.1f} MB/s | {theirs_best:.2f} MB/s | {ours_best / theirs_best:.1f} "
          f"| {ours_first:.1f}, {theirs_first:.2f} MB/s | {count:,} {'equal' if equal else 'DIFFER'} |", flush=True)
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--bench", required=True)
    parser.add_argument("--text", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    lines = lines_of(options.text)
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    print(f"Load of the machine when this began: {os.getloadavg()[0]:.1f}. {megabytes:.2f} MB of text, line by line, one core.\n")
    print(f"| Vocabulary | ours | tokenizers {tokenizers.__version__} | ratio | first pass: ours, theirs | ids |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        text_file = os.path.join(folder, "texts.txt")
        pathlib.Path(text_file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        results = [compare(options.bench, each, lines, text_file, options.seconds) for each in options.folders]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
