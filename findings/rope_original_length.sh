#!/bin/sh
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Scaled rotary positions (YaRN, Llama 3, LongRoPE) begin from original_max_position_embeddings. Where a config.json has
# that key both inside rope_scaling and next to it, one expects the inner one to count: it stands with the scaling's other
# numbers, and a configuration that was just read still shows it. But standardize_rope_params(), which every rotary
# embedding calls before it computes its frequencies, puts the outer one in its place, for every family and not for Phi-3
# alone. A reader that takes the inner one computes other angles for the same file. Exit 1: this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --target "$folder/packages" transformers==5.24.0
mkdir "$folder/model"
cat >"$folder/model/config.json" <<'JSON'
{"model_type": "qwen2", "hidden_size": 96, "num_attention_heads": 3, "max_position_embeddings": 4096,
 "original_max_position_embeddings": 1024,
 "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256}}
JSON
PYTHONPATH="$folder/packages" python3 - "$folder/model" <<'PYTHON'
import sys

import transformers

transformers.logging.set_verbosity_error()
print("transformers", transformers.__version__)
config = transformers.AutoConfig.from_pretrained(sys.argv[1])
seen = [config.rope_parameters["original_max_position_embeddings"]]
config.standardize_rope_params()
seen.append(config.rope_parameters["original_max_position_embeddings"])
print(f"read: {seen[0]}; what a model computes with: {seen[1]}")
sys.exit(seen != [256, 1024])
PYTHON
