#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture's bytes to a tower's input, ours against Pillow and numpy, one core each, in one run.

    ninja -C build/release bench_image
    python tests/bench/compare_image.py --bench build/release/bench/bench_image

The pictures, about one megapixel, are drawn and kept in a temporary folder: a photo-like JPEG (quality 90) and the same
as PNG; --picture takes files of yours instead. The work is SigLIP's at 384 pixels: decode to RGB, bicubic resize, rescale
and normalise to float32 by channel, as Hugging Face's processor does it. The two take turns, three rounds; the quickest
of each counts, in processor time, so that other work on the machine matters little. All values must be equal.
"""
import argparse
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  (reads the variable)
import PIL  # noqa: E402
from PIL import Image  # noqa: E402

SIZE = 384
PROCESSOR = f"siglip{SIZE}"


def draw(folder):
    """Smooth shapes with fine grain, so that both codecs have work like a photo's."""
    width, height = 1152, 864
    random = np.random.default_rng(0)
    picture = np.zeros((height, width, 3))
    for cells in (3, 9, 27, 81):
        coarse = random.uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
        picture += np.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC), float) * 3 / cells
    picture = picture * 0.65 + random.normal(0, 5, picture.shape)
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    image.save(os.path.join(folder, "photo.jpg"), quality=90)
    image.save(os.path.join(folder, "photo.png"))
    return [os.path.join(folder, name) for name in ("photo.jpg", "photo.png")]


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def prepare(data):
    pixels = np.asarray(decode(data).resize((SIZE, SIZE), Image.BICUBIC))
    values = (pixels * (1 / 255)).astype(np.float32)
    values = (values - np.float32([0.5, 0.5, 0.5])) / np.float32([0.5, 0.5, 0.5])
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def quickest(work, budget):
    best, start, turns = 1e9, time.process_time(), 0
    while turns < 3 or time.process_time() - start < budget:
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
        turns += 1
    return best


def compare(bench, picture, seconds, folder):
    data = pathlib.Path(picture).read_bytes()
    values_file = os.path.join(folder, "values")
    ours = {"decode_seconds": 1e9, "seconds": 1e9}
    theirs = dict(ours)
    for _ in range(3):
        out = subprocess.run([bench, picture, PROCESSOR, str(seconds), values_file], check=True, capture_output=True, text=True).stdout
        line = json.loads(out)
        ours = {key: min(ours[key], line[key]) for key in ours}
        theirs["decode_seconds"] = min(theirs["decode_seconds"], quickest(lambda: decode(data), seconds))
        theirs["seconds"] = min(theirs["seconds"], quickest(lambda: prepare(data), seconds))
    equal = np.array_equal(np.fromfile(values_file, np.float32), prepare(data).ravel())
    print(f"| {pathlib.Path(picture).suffix[1:].upper()}, {line['width']} × {line['height']}, {len(data) / 1e6:.2f} MB "
          f"| {1 / ours['decode_seconds']:.0f}, {1 / theirs['decode_seconds']:.0f} "
          f"| {1 / ours['seconds']:.0f} | {1 / theirs['seconds']:.0f} | {theirs['seconds'] / ours['seconds']:.2f} | {'equal' if equal else 'DIFFER'} |")
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--picture", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    print(f"Load of the machine when this began: {os.getloadavg()[0]:.1f}. Images/s on one core; Pillow {PIL.__version__}, numpy {np.__version__}.\n")
    print("| Picture | decoded alone: ours, Pillow | decoded, resized, normalised: ours | Pillow, numpy | ratio | values |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        pictures = options.picture or draw(folder)
        results = [compare(options.bench, each, options.seconds, folder) for each in pictures]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
