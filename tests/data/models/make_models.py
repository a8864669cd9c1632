#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tiny random models with Hugging Face classes, and what those classes compute with them.

    python make_models.py        (torch 2.13, transformers 5.23, safetensors)

NAME/config.json, NAME/model.safetensors   a checkpoint in the TinyLLaVA layout
NAME/expected.safetensors                  inputs and outputs: pixel_values, hidden.<i> (the tower's hidden states), connected,
                                           input_ids (-200 = picture), final (after the last norm), logits, and the
                                           gradients of mean(logits²) by connector and language model (grad.NAME)
connectors.safetensors                     inputs, weights and outputs of every connector type
"""
import json
import os

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE = -200

MODELS = {
    "tied": dict(
        text=dict(vocab_size=30, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
                  num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=10000.0, tie_word_embeddings=True,
                  max_position_embeddings=128, bos_token_id=1, eos_token_id=2),
        vision=dict(hidden_size=12, intermediate_size=16, num_hidden_layers=3, num_attention_heads=3, image_size=21,
                    patch_size=7, layer_norm_eps=1e-6)),
    "untied": dict(
        text=dict(vocab_size=27, hidden_size=18, intermediate_size=20, num_hidden_layers=3, num_attention_heads=3,
                  num_key_value_heads=1, rms_norm_eps=2e-3, rope_theta=1000000.0, tie_word_embeddings=False,
                  max_position_embeddings=128, bos_token_id=1, eos_token_id=2),
        vision=dict(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2, image_size=18,
                    patch_size=8, layer_norm_eps=1e-3)),
}


def randomise(module, scale):
    for name, parameter in module.named_parameters():
        with torch.no_grad():
            norm = "norm" in name and name.endswith("weight")
            parameter.normal_(1.0 if norm else 0.0, 0.3 if norm else scale)


def connector(depth, width, hidden):
    layers = [nn.Linear(width, hidden)]
    for _ in range(depth - 1):
        layers += [nn.GELU(), nn.Linear(hidden, hidden)]
    return nn.Sequential(*layers)


def make(name, spec):
    text = Qwen2Config(**{k: v for k, v in spec["text"].items() if k != "rope_theta"},
                       rope_parameters={"rope_type": "default", "rope_theta": spec["text"]["rope_theta"]})
    vision = SiglipVisionConfig(**spec["vision"])
    language, tower = Qwen2ForCausalLM(text).eval(), SiglipVisionModel(vision).eval()
    bridge = connector(2, vision.hidden_size, text.hidden_size)
    for module in (language, tower, bridge):
        randomise(module, 0.2)

    pixels = torch.randn(2, 3, vision.image_size, vision.image_size)
    with torch.no_grad():
        states = tower(pixels, output_hidden_states=True).hidden_states
    features = states[-2][:, 1:]
    connected = bridge(features)
    count = features.shape[1]
    ids = torch.randint(3, text.vocab_size, (2, 6 + count + 5))
    ids[0, 6:6 + count] = IMAGE
    ids[1, 0:count] = IMAGE
    embeddings = language.get_input_embeddings()(ids.clamp(min=0)).clone()
    for sample in range(2):
        embeddings[sample, ids[sample] == IMAGE] = connected[sample]
    out = language(inputs_embeds=embeddings, output_hidden_states=True)
    out.logits.square().mean().backward()

    tower_state = tower.state_dict()
    if not any(key.startswith("vision_model.") for key in tower_state):  # transformers 5 leaves this prefix out
        tower_state = {"vision_model." + key: value for key, value in tower_state.items()}
    tensors = {"vision_tower._vision_tower." + k: v for k, v in tower_state.items()}
    tensors |= {"connector._connector." + k: v for k, v in bridge.state_dict().items()}
    tensors |= {"language_model." + k: v for k, v in language.state_dict().items()
                if k != "lm_head.weight" or not text.tie_word_embeddings}
    expected = {"pixel_values": pixels, "connected": connected, "input_ids": ids, "final": out.hidden_states[-1],
                "logits": out.logits}
    expected |= {f"hidden.{i}": state for i, state in enumerate(states)}
    expected |= {"grad.connector._connector." + k: p.grad for k, p in bridge.named_parameters()}
    expected |= {"grad.language_model." + k: p.grad for k, p in language.named_parameters()}

    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    config = dict(model_type="tinyllava", architectures=["TinyLlavaForConditionalGeneration"], connector_type="mlp2x_gelu",
                  hidden_size=text.hidden_size, vision_feature_layer=-2, vision_feature_select_strategy="patch",
                  image_aspect_ratio="square", torch_dtype="float32", vocab_size=text.vocab_size,
                  text_config=dict(model_type="qwen2", **spec["text"]),
                  vision_config=dict(model_type="siglip_vision_model", **spec["vision"]))
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=1)
    for file, content in (("model", tensors), ("expected", expected)):
        content = {k: v.detach().contiguous().clone() for k, v in content.items()}
        save_file(content, os.path.join(folder, file + ".safetensors"), metadata={"format": "pt"})


def make_connectors():
    x = torch.randn(2, 5, 6)
    tensors = {"x": x}
    for kind, module in (("linear", nn.Linear(6, 8)), ("mlp1x_gelu", connector(1, 6, 8)),
                         ("mlp2x_gelu", connector(2, 6, 8)), ("mlp3x_gelu", connector(3, 6, 8))):
        randomise(module, 0.7)
        tensors |= {f"{kind}.{key}": value for key, value in module.state_dict().items()}
        tensors[kind] = module(x)
    tensors["identity"] = x
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, os.path.join(HERE, "connectors.safetensors"))


if __name__ == "__main__":
    torch.manual_seed(0)
    for key, value in MODELS.items():
        make(key, value)
    make_connectors()
