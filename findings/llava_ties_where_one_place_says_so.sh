#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tie_word_embeddings stands in a LLaVA's config.json twice, at the top and in text_config (transformers 5.24.0). Guesses from
# memory: text_config decides, since it is the language model's; or the top does; and a tied model drops a stored head. What
# from_pretrained() does: either true ties, so a false in text_config next to a true at the top counts for nothing and a lost
# lm_head is not reported; and where the configuration ties, but head and embedding are both stored and differ, both are kept.
# Exit 1: this has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --target "$folder/packages" torch==2.13.0 transformers==5.24.0
PYTHONPATH="$folder/packages" HF_HUB_OFFLINE=1 python3 - "$folder" <<'PYTHON'
import json
import sys
import warnings

warnings.simplefilter("ignore")
import torch
import transformers
from safetensors.torch import load_file, save_file

transformers.logging.set_verbosity(transformers.logging.CRITICAL)
transformers.logging.disable_progress_bar()
print("transformers", transformers.__version__)
at = sys.argv[1] + "/model"
text = dict(model_type="qwen2", vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
            num_key_value_heads=2)
vision = dict(model_type="clip_vision_model", hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
              image_size=8, patch_size=4)
transformers.LlavaForConditionalGeneration(transformers.LlavaConfig(text_config=text, vision_config=vision)).save_pretrained(at)
tensors = load_file(at + "/model.safetensors")
with open(at + "/config.json", encoding="utf-8") as file:
    config = json.load(file)
head = next(name for name in tensors if name.endswith("lm_head.weight"))


def tied(top, inner, stored):
    config["tie_word_embeddings"], config["text_config"]["tie_word_embeddings"] = top, inner
    with open(at + "/config.json", "w", encoding="utf-8") as file:
        json.dump(config, file)
    save_file(stored, at + "/model.safetensors", metadata={"format": "pt"})
    model, info = transformers.LlavaForConditionalGeneration.from_pretrained(at, output_loading_info=True)
    same = torch.equal(model.get_output_embeddings().weight, model.get_input_embeddings().weight)
    return ("one matrix" if same else "two matrices") + (", lm_head missing" if any("lm_head" in key for key in info["missing_keys"]) else "")


without = {name: tensor for name, tensor in tensors.items() if name != head}
said = []
for top, inner in ((False, False), (False, True), (True, False), (True, True)):
    said.append((tied(top, inner, without), tied(top, inner, tensors)))
    print(f"top {top}, text_config {inner}: without a head {said[-1][0]}; with another head than the embedding {said[-1][1]}")
sys.exit(0 if said == [("two matrices, lm_head missing", "two matrices")] + [("one matrix", "two matrices")] * 3 else 1)
PYTHON
