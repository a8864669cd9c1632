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
rope.json                                  language model configs, and the frequencies that Hugging Face makes of them
"""
import json
import os
import tempfile
import types

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE = -200
TOWERS = {"siglip_vision_model": "SiglipVision", "clip_vision_model": "CLIPVision", "dinov2": "Dinov2"}
LANGUAGE = {"qwen2": "Qwen2", "qwen3": "Qwen3", "llama": "Llama", "phi": "Phi", "gemma": "Gemma", "phi3": "Phi3",
            "stablelm": "StableLm"}


class OpenElm(nn.Module):
    """OpenELM as its authors define it (arXiv 2404.14619, modeling_openelm.py); no class of transformers' own."""

    def __init__(self, spec):
        super().__init__()
        self.width, self.dim, self.theta = spec["model_dim"], spec["head_dim"], spec["rope_freq_constant"]
        self.vocab_size, self.hidden_size, self.tie_word_embeddings = spec["vocab_size"], self.width, True
        self.heads = list(zip(spec["num_query_heads"], spec["num_kv_heads"]))
        self.transformer = nn.ModuleDict(dict(token_embeddings=nn.Embedding(self.vocab_size, self.width),
                                              norm=nn.RMSNorm(self.width, eps=1e-6)))
        self.transformer["layers"] = nn.ModuleList()
        for (queries, groups), times in zip(self.heads, spec["ffn_multipliers"]):
            inner = self.divisible(times * self.width, spec["ffn_dim_divisor"])
            self.transformer["layers"].append(nn.ModuleDict(dict(
                attn=nn.ModuleDict(dict(qkv_proj=nn.Linear(self.width, (queries + 2 * groups) * self.dim, bias=False),
                                        q_norm=nn.RMSNorm(self.dim, eps=1e-6), k_norm=nn.RMSNorm(self.dim, eps=1e-6),
                                        out_proj=nn.Linear(queries * self.dim, self.width, bias=False))),
                ffn=nn.ModuleDict(dict(proj_1=nn.Linear(self.width, 2 * inner, bias=False),
                                       proj_2=nn.Linear(inner, self.width, bias=False))),
                attn_norm=nn.RMSNorm(self.width, eps=1e-6), ffn_norm=nn.RMSNorm(self.width, eps=1e-6))))

    @staticmethod
    def divisible(value, divisor):
        rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
        return rounded + divisor if rounded < 0.9 * value else rounded

    def get_input_embeddings(self):
        return self.transformer["token_embeddings"]

    def turned(self, x):
        frequencies = 1.0 / self.theta ** (torch.arange(0, self.dim, 2, dtype=torch.float32) / self.dim)
        angles = torch.outer(torch.arange(x.shape[2], dtype=torch.float32), frequencies)
        angles = torch.cat([angles, angles], -1)
        a, b = x.chunk(2, -1)
        return x * angles.cos() + torch.cat([-b, a], -1) * angles.sin()

    def forward(self, inputs_embeds, output_hidden_states):
        x = inputs_embeds
        for (queries, groups), layer in zip(self.heads, self.transformer["layers"]):
            attn, ffn = layer["attn"], layer["ffn"]
            all_heads = attn["qkv_proj"](layer["attn_norm"](x)).unflatten(-1, (-1, self.dim)).transpose(1, 2)
            q, k, v = all_heads.split([queries, groups, groups], 1)
            q, k = self.turned(attn["q_norm"](q)), self.turned(attn["k_norm"](k))
            k, v = (y.repeat_interleave(queries // groups, 1) for y in (k, v))
            mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + attn["out_proj"](mixed.transpose(1, 2).flatten(-2))
            gate, up = ffn["proj_1"](layer["ffn_norm"](x)).chunk(2, -1)
            x = x + ffn["proj_2"](nn.functional.silu(gate) * up)
        x = self.transformer["norm"](x)
        logits = x @ self.get_input_embeddings().weight.T
        return types.SimpleNamespace(logits=logits, hidden_states=(x,))


def text(model_type, **more):
    return dict(dict(model_type=model_type, vocab_size=19, hidden_size=12, intermediate_size=14, num_hidden_layers=2,
                     num_attention_heads=3, num_key_value_heads=1, rope_theta=10000.0, tie_word_embeddings=False,
                     max_position_embeddings=128, bos_token_id=1, eos_token_id=2), **more)


def vision(model_type, **more):
    return dict(dict(model_type=model_type, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, image_size=8,
                     patch_size=3, layer_norm_eps=1e-3), **more)


MODELS = {
    "tied": dict(
        text=dict(model_type="qwen2", vocab_size=30, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                  num_attention_heads=4, num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=10000.0,
                  tie_word_embeddings=True, max_position_embeddings=128, bos_token_id=1, eos_token_id=2),
        vision=dict(model_type="siglip_vision_model", hidden_size=12, intermediate_size=16, num_hidden_layers=3,
                    num_attention_heads=3, image_size=21, patch_size=7, layer_norm_eps=1e-6)),
    "untied": dict(
        text=dict(model_type="qwen2", vocab_size=27, hidden_size=18, intermediate_size=20, num_hidden_layers=3,
                  num_attention_heads=3, num_key_value_heads=1, rms_norm_eps=2e-3, rope_theta=1000000.0,
                  tie_word_embeddings=False, max_position_embeddings=128, bos_token_id=1, eos_token_id=2),
        vision=dict(model_type="siglip_vision_model", hidden_size=8, intermediate_size=12, num_hidden_layers=2,
                    num_attention_heads=2, image_size=18, patch_size=8, layer_norm_eps=1e-3)),
    "qwen3": dict(
        text=text("qwen3", head_dim=8, rms_norm_eps=2e-3, tie_word_embeddings=True,
                  rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
        vision=vision("siglip_vision_model", intermediate_size=10, vision_use_head=False)),
    "llama_clip": dict(
        text=text("llama", rms_norm_eps=1e-3, attention_bias=True, mlp_bias=True,
                  rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                    original_max_position_embeddings=32)),
        vision=vision("clip_vision_model", intermediate_size=10, hidden_act="quick_gelu")),
    "phi_dinov2": dict(
        text=text("phi", hidden_size=16, num_attention_heads=2, num_key_value_heads=2, hidden_act="gelu_new",
                  layer_norm_eps=1e-3, partial_rotary_factor=0.5),
        vision=vision("dinov2", mlp_ratio=2)),
    "gemma_clip_full": dict(
        text=text("gemma", head_dim=6, rms_norm_eps=1e-3, tie_word_embeddings=True, hidden_act="gelu_pytorch_tanh"),
        vision=vision("clip_vision_model", intermediate_size=10, hidden_act="gelu"), select="full"),
    "phi3": dict(
        text=text("phi3", rms_norm_eps=1e-3, sliding_window=7, pad_token_id=0),
        vision=vision("siglip_vision_model", intermediate_size=10, vision_use_head=False), select="full"),
    "stablelm": dict(
        text=text("stablelm", hidden_size=16, num_attention_heads=2, layer_norm_eps=1e-3, use_qkv_bias=True,
                  partial_rotary_factor=0.25, rope_scaling=dict(type="linear", factor=2.0)),
        vision=vision("dinov2", mlp_ratio=2, qkv_bias=False, use_mask_token=True)),
}

# Heads and MLP differ by layer.
MODELS["openelm"] = dict(
    text=dict(model_type="openelm", vocab_size=19, model_dim=12, head_dim=6, num_transformer_layers=2,
              num_query_heads=[2, 4], num_kv_heads=[1, 2], ffn_multipliers=[0.5, 1.4], ffn_dim_divisor=4,
              ffn_with_glu=True, activation_fn_name="swish", normalization_layer_name="rms_norm",
              normalize_qk_projections=True, share_input_output_layers=True, rope_freq_constant=10000,
              max_context_length=128, bos_token_id=1, eos_token_id=2),
    vision=vision("clip_vision_model", intermediate_size=10, hidden_act="quick_gelu"))

ROPE = {
    "linear": text("llama", rope_scaling=dict(type="linear", factor=4.0)),
    "llama3": text("llama", hidden_size=96, rope_theta=500000.0, max_position_embeddings=131072,
                   rope_scaling=dict(rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                     original_max_position_embeddings=8192)),
    "yarn": text("qwen2", hidden_size=192, rope_theta=1000000.0, max_position_embeddings=131072,
                 rope_scaling=dict(type="yarn", factor=4.0, original_max_position_embeddings=32768)),
    "yarn with its own ramp": text("qwen2", hidden_size=192, max_position_embeddings=4096,
                                   rope_scaling=dict(rope_type="yarn", factor=16.0, beta_fast=20.0, beta_slow=2.0,
                                                     truncate=False, mscale=0.7, mscale_all_dim=1.0,
                                                     original_max_position_embeddings=256)),
    "yarn with its own factor": text("qwen2", hidden_size=96, max_position_embeddings=4096,
                                     rope_scaling=dict(rope_type="yarn", factor=16.0, attention_factor=1.5,
                                                       original_max_position_embeddings=256)),
}


def randomise(module, scale):
    for name, parameter in module.named_parameters():
        with torch.no_grad():
            norm = ("norm" in name or "layer_scale" in name) and name.endswith(("weight", "lambda1"))
            parameter.normal_(1.0 if norm else 0.0, 0.3 if norm else scale)


def connector(depth, width, hidden):
    layers = [nn.Linear(width, hidden)]
    for _ in range(depth - 1):
        layers += [nn.GELU(), nn.Linear(hidden, hidden)]
    return nn.Sequential(*layers)


def text_config(spec):
    """The config.json of before transformers 5, which is what checkpoints hold, in the words of version 5."""
    spec = dict(spec)
    rope = dict(spec.pop("rope_scaling", None) or {"rope_type": "default"}, rope_theta=spec.pop("rope_theta"))
    rope["rope_type"] = rope.pop("type", rope.get("rope_type"))
    if "partial_rotary_factor" in spec:
        rope["partial_rotary_factor"] = spec["partial_rotary_factor"]
    kind = LANGUAGE[spec.pop("model_type")]
    return getattr(transformers, kind + "Config")(**spec, rope_parameters=rope), kind


def published(model):
    """The parameters under the names that a saved file has."""
    if isinstance(model, OpenElm):
        return model.state_dict()
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return load_file(os.path.join(folder, "model.safetensors"))


def published_gradients(model):
    for parameter in model.parameters():
        parameter.data = parameter.grad.clone()
    return published(model)


def make(name, spec):
    tower_kind = TOWERS[spec["vision"]["model_type"]]
    vision = getattr(transformers, tower_kind + "Config")(**{k: v for k, v in spec["vision"].items() if k != "model_type"})
    if spec["text"]["model_type"] == "openelm":
        language = text = OpenElm(spec["text"])
    else:
        text, kind = text_config(spec["text"])
        language = getattr(transformers, kind + "ForCausalLM")(text).eval()
    tower = getattr(transformers, tower_kind + "Model")(vision).eval()
    bridge = connector(2, vision.hidden_size, text.hidden_size)
    for module in (language, tower, bridge):
        randomise(module, 0.2)

    pixels = torch.randn(2, 3, vision.image_size, vision.image_size)
    with torch.no_grad():
        states = tower(pixels, output_hidden_states=True).hidden_states
    select = spec.get("select", "patch")
    features = states[-2] if select == "full" else states[-2][:, 1:]
    connected = bridge(features)
    count = features.shape[1]
    ids = torch.randint(3, text.vocab_size, (2, 6 + count + 5))
    ids[0, 6:6 + count] = IMAGE
    ids[1, 0:count] = IMAGE
    embeddings = language.get_input_embeddings()(ids.clamp(min=0)).clone()
    # Gemma's embedding scales words since transformers 5; until then the model scaled pictures as well.
    scale = getattr(language.get_input_embeddings(), "scalar_embed_scale", 1.0)
    for sample in range(2):
        embeddings[sample, ids[sample] == IMAGE] = connected[sample] * scale
    out = language(inputs_embeds=embeddings, output_hidden_states=True)
    out.logits.square().mean().backward()

    tower_state = published(tower)
    if spec["vision"]["model_type"] != "dinov2" and not any(key.startswith("vision_model.") for key in tower_state):
        tower_state = {"vision_model." + key: value for key, value in tower_state.items()}  # transformers 5 leaves it out
    tensors = {"vision_tower._vision_tower." + k: v for k, v in tower_state.items()}
    tensors |= {"connector._connector." + k: v for k, v in bridge.state_dict().items()}
    tensors |= {"language_model." + k: v for k, v in published(language).items()
                if k != "lm_head.weight" or not text.tie_word_embeddings}
    expected = {"pixel_values": pixels, "connected": connected, "input_ids": ids, "final": out.hidden_states[-1],
                "logits": out.logits}
    expected |= {f"hidden.{i}": state for i, state in enumerate(states)}
    expected |= {"grad.connector._connector." + k: p.grad for k, p in bridge.named_parameters()}
    expected |= {"grad.language_model." + k: g for k, g in published_gradients(language).items()}

    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    config = dict(model_type="tinyllava", architectures=["TinyLlavaForConditionalGeneration"], connector_type="mlp2x_gelu",
                  hidden_size=text.hidden_size, vision_feature_layer=-2, vision_feature_select_strategy=select,
                  image_aspect_ratio="square", torch_dtype="float32", vocab_size=text.vocab_size,
                  text_config=spec["text"], vision_config=spec["vision"])
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


def make_rope():
    cases = {}
    for name, spec in ROPE.items():
        config = text_config(spec)[0]
        frequencies, factor = ROPE_INIT_FUNCTIONS[config.rope_parameters["rope_type"]](config, "cpu")
        cases[name] = dict(config=spec, frequencies=frequencies.tolist(), factor=factor)
    with open(os.path.join(HERE, "rope.json"), "w") as file:
        json.dump(cases, file, indent=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    for key, value in MODELS.items():
        if key in ("tied", "untied"):
            make(key, value)
    make_connectors()
    for key, value in MODELS.items():
        if key not in ("tied", "untied"):
            make(key, value)
    make_rope()
