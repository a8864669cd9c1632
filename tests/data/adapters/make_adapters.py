#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adapters of every form that merges exactly, as PEFT saves them, for tests/core/checkpoint/tst_adapters.cpp.

Made with torch 2.13.0, transformers 5.24.0, peft 0.21.2.  base_untied/ and base_tied/ are tiny random
LlavaForConditionalGeneration folders; FORM/ is an adapter with expected.safetensors: every tensor of the merged model
(merge_and_unload, names of the class) that isn't the base's.  Each is loaded again before it is merged, as people do.
"""
import json
import os
import shutil

import peft
import torch
import transformers
from peft.tuners.lora.config import VeloraConfig
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
QV = r".*language_model.*\.(q_proj|v_proj)"
FORMS = {
    "plain": dict(),
    "rslora": dict(use_rslora=True),
    "dora": dict(use_dora=True),
    "dora_embedding": dict(target_modules=["embed_tokens", "k_proj"], use_dora=True, use_rslora=True),
    "dora_convolution": dict(target_modules=["patch_embedding", "fc1"], use_dora=True, bias="lora_only"),
    "rank_pattern": dict(rank_pattern={"layers.0.self_attn.q_proj": 3, "q_proj": 1, r".*v_proj": 4},
                         alpha_pattern={r"^model\.language_model.*v_proj": 7, "proj": 9}),
    "anchored_pattern": dict(rank_pattern={r"^layers\.0\.self_attn\.q_proj": 3, r"(?!x).*layers\.[1]\.self_attn\.v_proj": 1}),
    "bias_all": dict(bias="all"),
    "lora_bias": dict(target_modules=["linear_1", "fc1"], lora_bias=True, use_rslora=True),
    "embedding": dict(target_modules=["embed_tokens", "lm_head"]),
    "convolution": dict(target_modules=["patch_embedding"]),
    "tokens": dict(trainable_token_indices=[30, 5, 17]),
    "tokens_of_both": dict(trainable_token_indices={"embed_tokens": [30, 5], "lm_head": [7]}),
    "parameters": dict(target_modules=["k_proj"], target_parameters=["q_proj.weight"], rank_pattern={"q_proj.weight": 3}),
    "own_embedding": dict(modules_to_save=["embed_tokens"]),
    "own_head": dict(modules_to_save=["lm_head"]),
    "own_connector": dict(modules_to_save=["multi_modal_projector", "norm"]),
    "kept_tie": dict(modules_to_save=["embed_tokens"], ensure_weight_tying=True),
    "pissa": dict(init_lora_weights="pissa", use_rslora=True, rank_pattern={"v_proj": 4}),
    "pissa_dora": dict(init_lora_weights="pissa", use_dora=True),
    "pissa_head": dict(target_modules=["lm_head"], init_lora_weights="pissa"),
    "olora": dict(init_lora_weights="OLoRA", lora_alpha=6),
    "mica": dict(init_lora_weights="mica"),
    "orthogonal": dict(init_lora_weights="orthogonal"),
    "velora": dict(velora_config=VeloraConfig(num_groups=4)),
    "fan_in_fan_out": dict(fan_in_fan_out=True),
}
ON_TIED = ["plain", "tokens", "tokens_of_both", "own_embedding", "own_head", "kept_tie"]


def make_base(tied):
    torch.manual_seed(1)
    text = dict(model_type="qwen2", vocab_size=32, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                num_key_value_heads=1, max_position_embeddings=64, tie_word_embeddings=tied)
    vision = dict(model_type="siglip_vision_model", hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                  image_size=8, patch_size=4, vision_use_head=False)
    model = transformers.LlavaForConditionalGeneration(transformers.LlavaConfig(
        text_config=text, vision_config=vision, image_token_index=31, vision_feature_select_strategy="full", tie_word_embeddings=tied))
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.5)
    folder = os.path.join(HERE, "base_tied" if tied else "base_untied")
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    return folder


def load(folder):
    return transformers.LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)


@torch.no_grad()
def make(name, options, base, tied):
    before = {key: value.clone() for key, value in load(base).state_dict().items()}
    torch.manual_seed(3)
    model = peft.get_peft_model(load(base), peft.LoraConfig(**{"r": 2, "lora_alpha": 4, "target_modules": QV, **options}))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(torch.randn_like(parameter) * 0.3)
    folder = os.path.join(HERE, ("tied_" if tied else "") + name)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    path = os.path.join(folder, "adapter_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["base_model_name_or_path"] = os.path.basename(base)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=1, sort_keys=True)
    loaded = peft.PeftModel.from_pretrained(load(base), folder).eval()
    # Merging writes into a shared matrix twice where head and embedding have rows of their own; the wrappers say what counts.
    inner = loaded.base_model.model
    own = {key: module.token_adapter.get_merged_weights(["default"]).clone()
           for key, module in (("model.language_model.embed_tokens.weight", inner.get_input_embeddings()),
                               ("lm_head.weight", inner.get_output_embeddings())) if hasattr(module, "token_adapter")}
    after = {key: value.clone() for key, value in loaded.merge_and_unload().state_dict().items()} | own
    changed = {key: value.contiguous() for key, value in after.items() if not torch.equal(value, before[key])}
    assert changed, name
    save_file(changed, os.path.join(folder, "expected.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    for tied in (False, True):
        base = make_base(tied)
        for name, options in FORMS.items():
            if not tied or name in ON_TIED:
                make(name, options, base, tied)
