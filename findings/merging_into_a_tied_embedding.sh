#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A LoRA adapter on embed_tokens of a model whose head is its embedding (peft 0.21.2). While the adapter is active it changes
# the embedding alone; the head keeps the base's matrix. Guess from memory: merge_and_unload() gives the same model. It adds the
# update to the matrix that both share, so the head changes too and the logits are others; with two matrices they agree. Exit 1:
# this has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --target "$folder/packages" torch==2.13.0 transformers==5.24.0 peft==0.21.2
PYTHONPATH="$folder/packages" HF_HUB_OFFLINE=1 python3 - <<'PYTHON'
import sys
import warnings

warnings.simplefilter("ignore")
import peft
import torch
import transformers

print("torch", torch.__version__, "transformers", transformers.__version__, "peft", peft.__version__)
ids = torch.arange(1, 20)[None]


@torch.no_grad()
def difference(tied):
    torch.manual_seed(0)
    base = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
        vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
        tie_word_embeddings=tied)).eval()
    model = peft.get_peft_model(base, peft.LoraConfig(r=2, target_modules=["embed_tokens"])).eval()
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.copy_(torch.randn_like(parameter))
    active = model(input_ids=ids).logits.clone()
    merged = model.merge_and_unload()(input_ids=ids).logits
    return ((active - merged).abs().max() / active.abs().max()).item()


untied, tied = difference(False), difference(True)
print(f"largest difference of a logit, adapter active against merged, relative to the largest logit: "
      f"two matrices {untied:.1e}, one matrix {tied:.2f}")
sys.exit(0 if untied < 1e-4 and tied > 0.1 else 1)
PYTHON
