#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tiny random models with Hugging Face classes, and what those classes compute with them.

    python make_models.py [NAME …]       (torch 2.13, transformers 5.23, safetensors)

With names: only those of MORE, each of which has a seed of its own.

NAME/config.json, NAME/model.safetensors   a checkpoint in the TinyLLaVA layout
NAME/expected.safetensors                  inputs and outputs: pixel_values, hidden.<i> (the tower's hidden states; hidden2.<i> of a
                                           second tower), connected,
                                           input_ids (-200 = picture), final (after the last norm), logits, and the
                                           gradients of mean(logits²) by connector and language model (grad.NAME)
connectors.safetensors                     inputs, weights and outputs of every connector type
rope.json                                  language model configs, and the frequencies that Hugging Face makes of them
"""
import json
import os
import sys
import tempfile
import types
import zlib

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

import reference_connectors

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE = -200
TOWERS = {"siglip_vision_model": "SiglipVision", "clip_vision_model": "CLIPVision", "dinov2": "Dinov2"}
LANGUAGE = {"qwen2": "Qwen2", "qwen3": "Qwen3", "llama": "Llama", "phi": "Phi", "gemma": "Gemma", "phi3": "Phi3",
            "stablelm": "StableLm", "mistral": "Mistral"}


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

# Connectors that are more than linear layers, and a mixture of two towers. The second tower's positions are for another
# size of pictures; its config.json is in a folder of the checkpoint, as the published files only name it.
MORE = {
    "llama_qformer": dict(
        text=text("llama", rms_norm_eps=1e-3),
        vision=vision("siglip_vision_model", intermediate_size=10, vision_use_head=False),
        connector=dict(connector_type="qformer", num_queries=5,
                       qformer_config=dict(hidden_size=12, num_hidden_layers=3, num_attention_heads=3,
                                           intermediate_size=10))),
    "qwen2_resampler": dict(
        text=text("qwen2", hidden_size=6, num_attention_heads=1, rms_norm_eps=1e-3),
        vision=vision("clip_vision_model", intermediate_size=10, hidden_act="quick_gelu"), select="full",
        connector=dict(connector_type="resampler", num_queries=4, num_resampler_layers=2, resampler_hidden_size=768)),
    "llama_mof": dict(
        text=text("llama", rms_norm_eps=1e-3),
        vision=vision("clip_vision_model", image_size=12, intermediate_size=10, hidden_act="quick_gelu"),
        vision2=vision("dinov2", image_size=21, num_hidden_layers=3, mlp_ratio=2),
        connector=dict(connector_type="mof_mlp", vision_model_name_or_path="mof:example/clip-tiny",
                       vision_model_name_or_path2="mof:example/dinov2-tiny")),
    # Mistral with a window, and without one as from version 0.2 on.
    "mistral": dict(
        text=text("mistral", rms_norm_eps=1e-3, sliding_window=7),
        vision=vision("siglip_vision_model", intermediate_size=10, vision_use_head=False)),
    "mistral_whole": dict(
        text=text("mistral", rms_norm_eps=1e-3, sliding_window=None, head_dim=6),
        vision=vision("siglip_vision_model", intermediate_size=10, vision_use_head=False)),
    # Gemma as transformers 5 computes it: words alone are scaled.
    "gemma_of_5": dict(
        text=text("gemma", head_dim=6, rms_norm_eps=1e-3, tie_word_embeddings=True, hidden_act="gelu_pytorch_tanh"),
        vision=vision("clip_vision_model", intermediate_size=10, hidden_act="gelu"), version="5.24.0"),
}

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
    "yarn whose original length stands outside": text(
        "qwen2", hidden_size=96, max_position_embeddings=4096, original_max_position_embeddings=1024,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=256)),
    "longrope": text("llama", hidden_size=24, max_position_embeddings=4096,
                     rope_scaling=dict(rope_type="longrope", short_factor=[1.0, 1.5, 2.75, 64.0],
                                       long_factor=[1.0, 1.5, 2.75, 64.0], original_max_position_embeddings=256)),
    "longrope with its own factor": text(
        "llama", hidden_size=24, max_position_embeddings=4096,
        rope_scaling=dict(rope_type="longrope", short_factor=[1.0, 1.5, 2.75, 64.0],
                          long_factor=[1.0, 1.5, 2.75, 64.0], attention_factor=1.0,
                          original_max_position_embeddings=4096)),
}


def randomise(module, scale):
    for name, parameter in module.named_parameters():
        with torch.no_grad():
            norm = ("norm" in name.lower() or "layer_scale" in name) and name.endswith(("weight", "lambda1"))
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


def make_tower(spec):
    kind = TOWERS[spec["model_type"]]
    config = getattr(transformers, kind + "Config")(**{k: v for k, v in spec.items() if k != "model_type"})
    return getattr(transformers, kind + "Model")(config).eval()


def tower_state(tower, spec):
    state = published(tower)
    if spec["model_type"] != "dinov2" and not any(key.startswith("vision_model.") for key in state):
        state = {"vision_model." + key: value for key, value in state.items()}  # transformers 5 leaves it out
    return state


def make_bridge(spec, width, hidden):
    sizes = spec.get("connector", {})
    kind = reference_connectors.KINDS.get(sizes.get("connector_type"))
    return kind(sizes, width, hidden) if kind else connector(2, width, hidden)


def make(name, spec):
    if spec["text"]["model_type"] == "openelm":
        language = text = OpenElm(spec["text"])
    else:
        text, kind = text_config(spec["text"])
        language = getattr(transformers, kind + "ForCausalLM")(text).eval()
    towers = [make_tower(spec["vision"])] + ([make_tower(spec["vision2"])] if "vision2" in spec else [])
    size = towers[0].config.image_size
    bridge = make_bridge(spec, towers[0].config.hidden_size, text.hidden_size)
    for module in (language, *towers, bridge):
        randomise(module, 0.2)
    if hasattr(bridge, "prepare"):
        bridge.prepare()

    pixels = torch.randn(2, 3, size, size)
    with torch.no_grad():
        states = [tower(pixels, output_hidden_states=True).hidden_states for tower in towers]
    select = spec.get("select", "patch")
    features = [state[-2] if select == "full" else state[-2][:, 1:] for state in states]
    connected = bridge(features[0] if len(towers) == 1 else features)
    count = connected.shape[1]
    ids = torch.randint(3, text.vocab_size, (2, 6 + count + 5))
    ids[0, 6:6 + count] = IMAGE
    ids[1, 0:count] = IMAGE
    embeddings = language.get_input_embeddings()(ids.clamp(min=0)).clone()
    # Gemma's embedding scales words since transformers 5; until then the model scaled pictures as well.
    scale = 1.0 if "version" in spec else getattr(language.get_input_embeddings(), "scalar_embed_scale", 1.0)
    for sample in range(2):
        embeddings[sample, ids[sample] == IMAGE] = connected[sample] * scale
    out = language(inputs_embeds=embeddings, output_hidden_states=True)
    out.logits.square().mean().backward()

    tensors = {}
    for inner, tower, sizes in zip(("clip.", "dinov2.") if len(towers) == 2 else ("",), towers,
                                   (spec["vision"], spec.get("vision2"))):
        tensors |= {"vision_tower._vision_tower." + inner + k: v for k, v in tower_state(tower, sizes).items()}
    tensors |= {"connector._connector." + k: v for k, v in reference_connectors.published(bridge).items()}
    tensors |= {"language_model." + k: v for k, v in published(language).items()
                if k != "lm_head.weight" or not text.tie_word_embeddings}
    expected = {"pixel_values": pixels, "connected": connected, "input_ids": ids, "final": out.hidden_states[-1],
                "logits": out.logits}
    for prefix, hidden in zip(("hidden.", "hidden2."), states):
        expected |= {f"{prefix}{i}": state for i, state in enumerate(hidden)}
    expected |= {"grad.connector._connector." + k: g
                 for k, g in reference_connectors.published(bridge, lambda p: p.grad).items()}
    expected |= {"grad.language_model." + k: g for k, g in published_gradients(language).items()}

    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    config = dict(model_type="tinyllava", architectures=["TinyLlavaForConditionalGeneration"], connector_type="mlp2x_gelu",
                  hidden_size=text.hidden_size, vision_feature_layer=-2, vision_feature_select_strategy=select,
                  image_aspect_ratio="square", torch_dtype="float32", vocab_size=text.vocab_size,
                  text_config=spec["text"], vision_config=spec["vision"])
    config |= spec.get("connector", {})
    if "version" in spec:
        config["transformers_version"] = spec["version"]
    write_json(os.path.join(folder, "config.json"), config)
    if "vision2" in spec:
        second = os.path.join(folder, os.path.basename(config["vision_model_name_or_path2"]))
        os.makedirs(second, exist_ok=True)
        write_json(os.path.join(second, "config.json"), spec["vision2"])
    for file, content in (("model", tensors), ("expected", expected)):
        content = {k: v.detach().contiguous().clone() for k, v in content.items()}
        save_file(content, os.path.join(folder, file + ".safetensors"), metadata={"format": "pt"})


def write_json(path, content):
    with open(path, "w") as file:
        json.dump(content, file, indent=1)


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
    write_json(os.path.join(HERE, "rope.json"), cases)


def make_more(names):
    for name in names:
        torch.manual_seed(zlib.crc32(name.encode()))
        make(name, MORE[name])


if __name__ == "__main__":
    if sys.argv[1:]:
        make_more(sys.argv[1:])
        sys.exit()
    torch.manual_seed(0)
    for key, value in MODELS.items():
        if key in ("tied", "untied"):
            make(key, value)
    make_connectors()
    for key, value in MODELS.items():
        if key not in ("tied", "untied"):
            make(key, value)
    make_rope()
    make_more(MORE)
