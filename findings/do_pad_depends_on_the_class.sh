#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The same "do_pad": true in an image processor's settings means two things in transformers: LlavaImageProcessor makes a
# square of the picture with its mean colour before it resizes, CLIPImageProcessor resizes (stretching it) and then fills
# up what has its size already, so that nothing is padded. Exits with 1 if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/packages" transformers==5.24.0 pillow==12.3.0 numpy==2.4.6 >/dev/null
PYTHONPATH="$work/packages" python3 - <<'PY'
import sys
import numpy
import transformers
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

settings = dict(do_pad=True, size={"height": 8, "width": 8}, do_center_crop=False, do_normalize=False,
                image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5])
red = Image.new("RGB", (16, 8), (255, 0, 0))
print("transformers", transformers.__version__, "; a red picture of 16 × 8, do_pad true, size 8 × 8")
rows = {}
for kind in (LlavaImageProcessorPil, CLIPImageProcessorPil):
    pixels = numpy.asarray(kind(**settings)(red, return_tensors="np")["pixel_values"][0])
    rows[kind.__name__] = [round(float(v), 3) for v in pixels[1, :, 4]]
    print(f"{kind.__name__}: green, from top to bottom: {rows[kind.__name__]}")
padded = rows["LlavaImageProcessorPil"][0] > 0.4 and rows["LlavaImageProcessorPil"][4] < 0.1
stretched = max(rows["CLIPImageProcessorPil"]) == 0
print("padded first by the one, stretched by the other:", padded and stretched)
sys.exit(0 if padded and stretched else 1)
PY
