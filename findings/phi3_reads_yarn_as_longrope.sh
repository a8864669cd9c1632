#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# rope_scaling of the type "yarn" in a config.json of Phi-3 isn't YaRN: transformers' Phi3Config takes that name for its
# own longrope, with a list of factors for short and one for long texts, while LlamaConfig and Qwen2Config keep YaRN.
# Exits with 1 if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/packages" transformers==5.24.0 >/dev/null 2>&1
PYTHONPATH="$work/packages" python3 - 2>/dev/null <<'PY'
import sys
import transformers
from transformers import LlamaConfig, Phi3Config, Qwen2Config

print("transformers", transformers.__version__)
sizes = dict(hidden_size=16, num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=4096)
phi3 = Phi3Config.from_dict(dict(sizes, original_max_position_embeddings=1024, rope_scaling=dict(
    type="yarn", short_factor=[1.0, 1.1, 1.2, 1.3], long_factor=[2.0, 2.1, 2.2, 2.3])))
others = {kind.__name__: kind.from_dict(dict(sizes, rope_scaling=dict(
    rope_type="yarn", factor=4.0, original_max_position_embeddings=1024))) for kind in (LlamaConfig, Qwen2Config)}
types = {"Phi3Config": phi3.rope_parameters["rope_type"]}
types |= {name: config.rope_parameters["rope_type"] for name, config in others.items()}
for name, kind in types.items():
    print(f"{name}: rope_scaling of the type \"yarn\" is read as {kind}")
sys.exit(0 if types == {"Phi3Config": "longrope", "LlamaConfig": "yarn", "Qwen2Config": "yarn"} else 1)
PY
