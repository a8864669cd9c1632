#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the models of ../models in every other layout that people have on disk.

    python make_layouts.py        (torch 2.13, transformers 5.23, safetensors, gguf 0.17)

The weights are those of ../models, so ../models/NAME/expected.safetensors says what must come out:
sharded/, bin/             llama_clip in TinyLLaVA's layout: two shards with an index; pytorch_model.bin
split/                     gemma_clip_full as {language_model, vision_tower, connector}/pytorch_model.bin, tied head absent
llava_hf_old/, ..._new/    llama_clip for LlavaForConditionalGeneration, keys before transformers 4.52 and of transformers 5
llava/                     llama_clip as the original LLaVA: connector in mm_projector.bin, mm_vision_tower in tower/
parts/                     language model and tower of qwen3, each as its class saves it
Others have an expected.safetensors of their own, with input_ids and logits (and pixel_values):
lora/                      an adapter of ../models/llama_clip as peft saves it; W + alpha / r * B A, merged here
gguf/qwen2.gguf            byte-level tokenizer of ../../text/qwen2, tied head, every type of block among its tensors
gguf/llama.gguf            llama.cpp's order of the rows of q and k, SentencePiece tokenizer of ../../text/spm_legacy
"""
import json
import os
import shutil

import gguf
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as Type
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "../models")
IMAGE = -200


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(value, *path):
    with open(os.path.join(HERE, *path), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)


def folder(*path):
    result = os.path.join(HERE, *path)
    shutil.rmtree(result, ignore_errors=True)
    os.makedirs(result)
    return result


def base(name):
    at = os.path.join(MODELS, name)
    return read(at + "/config.json"), load_file(at + "/model.safetensors"), load_file(at + "/expected.safetensors")


def save(tensors, *path):
    save_file({key: value.detach().contiguous().clone() for key, value in tensors.items()}, os.path.join(HERE, *path),
              metadata={"format": "pt"})


def behind(tensors, prefix):
    return {key[len(prefix):]: value for key, value in tensors.items() if key.startswith(prefix)}


def make_tinyllava():
    config, tensors, _ = base("llama_clip")
    names = sorted(tensors)
    shards = {f"model-0000{i + 1}-of-00002.safetensors": names[i::2] for i in range(2)}
    folder("sharded")
    write(config, "sharded", "config.json")
    for file, kept in shards.items():
        save({name: tensors[name] for name in kept}, "sharded", file)
    write({"metadata": {"total_size": sum(t.nbytes for t in tensors.values())},
           "weight_map": {name: file for file, kept in shards.items() for name in kept}},
          "sharded", "model.safetensors.index.json")
    folder("bin")
    write(config, "bin", "config.json")
    torch.save(tensors, os.path.join(HERE, "bin/pytorch_model.bin"))


def make_split():
    config, tensors, _ = base("gemma_clip_full")
    config["text_config"]["tie_word_embeddings"] = False  # as released checkpoints say whose head is absent
    folder("split")
    write(config, "split", "config.json")
    for part, prefix in (("language_model", "language_model."), ("vision_tower", "vision_tower."), ("connector", "connector.")):
        torch.save(behind(tensors, prefix), os.path.join(folder("split", part), "pytorch_model.bin"))


def llava_names(tensors, newer):
    names = {}
    for name, tensor in tensors.items():
        for ours, theirs in (("vision_tower._vision_tower.", "vision_tower."), ("connector._connector.0.", "multi_modal_projector.linear_1."),
                             ("connector._connector.2.", "multi_modal_projector.linear_2.")):
            name = name.replace(ours, theirs)
        if newer and name == "language_model.lm_head.weight":
            name = "lm_head.weight"
        elif newer:
            name = "model." + name.replace("vision_tower.vision_model.", "vision_tower.").replace("language_model.model.", "language_model.")
        names[name] = tensor
    return names


def check_llava(at, expected):
    """LlavaForConditionalGeneration reads both spellings; its logits are the base's."""
    model, info = transformers.LlavaForConditionalGeneration.from_pretrained(at, output_loading_info=True, dtype=torch.float32)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], info
    with torch.no_grad():
        ids = expected["input_ids"].clone()
        ids[ids == IMAGE] = model.config.image_token_id
        logits = model.eval()(input_ids=ids, pixel_values=expected["pixel_values"]).logits
    torch.testing.assert_close(logits, expected["logits"], rtol=1e-4, atol=1e-5)


def make_llava_hf():
    config, tensors, expected = base("llama_clip")
    for name, newer in (("llava_hf_old", False), ("llava_hf_new", True)):
        at = folder(name)
        write({"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "image_token_index": 0,
               "projector_hidden_act": "gelu", "text_config": config["text_config"], "vision_config": config["vision_config"],
               "vision_feature_layer": -2, "vision_feature_select_strategy": "default", "torch_dtype": "float32",
               "tie_word_embeddings": False}, name, "config.json")
        save(llava_names(tensors, newer), name, "model.safetensors")
        check_llava(at, expected)


def make_llava():
    config, tensors, _ = base("llama_clip")
    folder("llava")
    flat = dict(config["text_config"], model_type="llava_llama", architectures=["LlavaLlamaForCausalLM"],
                mm_vision_tower="hub/tower", mm_projector_type="mlp2x_gelu", mm_vision_select_layer=-2,
                mm_vision_select_feature="patch", mm_use_im_start_end=False, mm_hidden_size=8, torch_dtype="float32")
    write(flat, "llava", "config.json")
    torch.save(behind(tensors, "language_model."), os.path.join(HERE, "llava/pytorch_model.bin"))
    torch.save({"model.mm_projector." + k: v for k, v in behind(tensors, "connector._connector.").items()},
               os.path.join(HERE, "llava/mm_projector.bin"))
    folder("llava", "tower")
    write(config["vision_config"], "llava", "tower", "config.json")
    save(behind(tensors, "vision_tower._vision_tower."), "llava", "tower", "model.safetensors")


def make_parts():
    config, tensors, _ = base("qwen3")
    folder("parts", "language_model")
    folder("parts", "vision_tower")
    write(config["text_config"], "parts", "language_model", "config.json")
    write(config["vision_config"], "parts", "vision_tower", "config.json")
    save(behind(tensors, "language_model."), "parts", "language_model", "model.safetensors")
    # As transformers 5 saves a tower alone.
    save({key.removeprefix("vision_model."): value for key, value in behind(tensors, "vision_tower._vision_tower.").items()},
         "parts", "vision_tower", "model.safetensors")


def language_of(config, tensors):
    """The class with these tensors; the config.json of before transformers 5 is read from a folder, as people do."""
    at = os.path.join(HERE, "made")
    shutil.rmtree(at, ignore_errors=True)
    os.makedirs(at)
    write(config, "made", "config.json")
    save(tensors, "made", "model.safetensors")
    model, info = transformers.AutoModelForCausalLM.from_pretrained(at, output_loading_info=True, dtype=torch.float32)
    shutil.rmtree(at)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return model.eval()


@torch.no_grad()
def make_lora():
    config, tensors, expected = base("llama_clip")
    rank, alpha = 2, 6
    folder("lora")
    language = behind(tensors, "language_model.")
    adapter = {}
    for target in ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj"):
        for layer in range(2):
            name = f"model.layers.{layer}.{target}"
            rows, columns = language[name + ".weight"].shape
            down, up = torch.randn(rank, columns) * 0.3, torch.randn(rows, rank) * 0.3
            stem = "base_model.model.language_model." + name
            adapter |= {stem + ".lora_A.weight": down, stem + ".lora_B.weight": up}
            language[name + ".weight"] = language[name + ".weight"] + alpha / rank * up @ down
    write({"peft_type": "LORA", "r": rank, "lora_alpha": alpha, "bias": "none", "task_type": "CAUSAL_LM",
           "base_model_name_or_path": "../../models/llama_clip", "target_modules": ["q_proj", "v_proj", "down_proj"]},
          "lora", "adapter_config.json")
    save(adapter, "lora", "adapter_model.safetensors")
    model = language_of(config["text_config"], language)
    ids = expected["input_ids"]
    embeddings = model.get_input_embeddings()(ids.clamp(min=0))
    embeddings[ids == IMAGE] = expected["connected"].flatten(0, 1)
    save({"input_ids": ids, "pixel_values": expected["pixel_values"], "logits": model(inputs_embeds=embeddings).logits},
         "lora", "expected.safetensors")


BLOCK_BYTES = {Type.Q2_K: 84, Type.Q3_K: 110, Type.Q4_K: 144, Type.Q5_K: 176, Type.Q6_K: 210}
# Where a block keeps its half-precision scales.
SCALES = {Type.Q2_K: (80, 82), Type.Q3_K: (108,), Type.Q4_K: (0, 2), Type.Q5_K: (0, 2), Type.Q6_K: (208,)}
STORED = {"embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm",
          "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
          "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
          "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}


def stored_name(name):
    for ours, theirs in STORED.items():
        name = name.replace(ours, theirs)
    return name.replace("model.layers.", "blk.").removeprefix("model.")


def random_blocks(rng, kind, rows, columns):
    """Blocks that no quantiser made: any bits with scales of the size of weights."""
    data = rng.integers(0, 256, (rows * columns // 256, BLOCK_BYTES[kind]), dtype=np.uint8)
    size = {Type.Q6_K: 1e-4, Type.Q3_K: 2e-3, Type.Q2_K: 5e-3}.get(kind, 4e-4)
    for at in SCALES[kind]:
        scale = (rng.random(len(data)) * size).astype(np.float16)
        data[:, at:at + 2] = scale.view(np.uint8).reshape(-1, 2)
    return data.reshape(rows, -1)


def permute(weights, heads):
    """llama.cpp, convert_hf_to_gguf.py, LlamaModel.permute: pairs of neighbours are turned instead of halves of a head."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def unpermute(weights, heads):
    return weights.reshape(heads, weights.shape[0] // heads // 2, 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def type_of(name, shape, layer_types, family):
    """Rows of 256 take the K types in turn, other matrices the smaller blocks in turn, everything else stays float32."""
    if len(shape) < 2:
        return Type.F32
    if family == "qwen2" and name.endswith("mlp.down_proj.weight"):
        return layer_types[int(name.split(".")[2])]
    small = [Type.Q8_0, Type.Q4_0, Type.F16, Type.Q4_1, Type.BF16, Type.Q5_0, Type.Q5_1]
    return small[sum(map(ord, name)) % len(small)]


@torch.no_grad()
def make_gguf(family, layers, intermediate, size, tokenizer):
    rng = np.random.default_rng(1)
    heads, groups, width = 4, 2, 32
    config = dict(model_type=family, vocab_size=size, hidden_size=width, intermediate_size=intermediate,
                  num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=groups, rms_norm_eps=1e-3,
                  rope_theta=5000.0, max_position_embeddings=64, tie_word_embeddings=family == "qwen2", hidden_act="silu")
    blank = transformers.AutoModelForCausalLM.from_config(
        transformers.AutoConfig.for_model(family, **{k: v for k, v in config.items() if k not in ("model_type", "rope_theta")}))
    writer = gguf.GGUFWriter(os.path.join(HERE, "gguf", family + ".gguf"), family)
    writer.add_context_length(64)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(intermediate)
    writer.add_block_count(layers)
    writer.add_head_count(heads)
    writer.add_head_count_kv(groups)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    tokenizer(writer)
    weights, kinds = {}, [Type.Q2_K, Type.Q3_K, Type.Q4_K, Type.Q5_K, Type.Q6_K]
    for name, blank_weight in blank.state_dict().items():
        if name == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        shape = tuple(blank_weight.shape)
        kind = type_of(name, shape, kinds, family)
        turned = heads if ".q_proj." in name else groups if ".k_proj." in name else 0
        turned = turned if family == "llama" else 0
        if kind in BLOCK_BYTES:
            data = random_blocks(rng, kind, *shape)
        else:
            values = rng.normal(1.0 if "norm" in name else 0.0, 0.3, shape).astype(np.float32)
            data = gguf.quants.quantize(permute(values, turned) if turned else values, kind)
        writer.add_tensor(stored_name(name), data, raw_dtype=kind)
        values = gguf.quants.dequantize(data, kind).astype(np.float32).reshape(shape)
        weights[name] = torch.from_numpy(np.ascontiguousarray(unpermute(values, turned) if turned else values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ids = torch.from_numpy(rng.integers(3, size, (1, 17)))
    logits = language_of(config, weights)(input_ids=ids).logits
    # Transformers has a reader of its own for GGUF.
    again = transformers.AutoModelForCausalLM.from_pretrained(os.path.join(HERE, "gguf"), gguf_file=family + ".gguf",
                                                              dtype=torch.float32).eval()
    torch.testing.assert_close(again(input_ids=ids).logits, logits, rtol=1e-3, atol=1e-3)
    name = "model.layers.0.self_attn.k_proj.weight"
    save({"input_ids": ids, "logits": logits, name: weights[name]}, "gguf", family + ".expected.safetensors")


def qwen2_tokenizer(writer):
    source = read(os.path.join(HERE, "../text/qwen2/tokenizer.json"))
    vocabulary = source["model"]["vocab"] | {token["content"]: token["id"] for token in source["added_tokens"]}
    special = {token["content"] for token in source["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in source["model"]["merges"]])
    writer.add_eos_token_id(vocabulary["<|end|>"])


def llama_tokenizer(writer):
    source = read(os.path.join(HERE, "../text/spm_legacy/pieces.json"))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(source["pieces"])
    writer.add_token_scores(source["scores"])
    writer.add_token_types(source["types"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


if __name__ == "__main__":
    torch.manual_seed(0)
    make_tinyllava()
    make_split()
    make_llava_hf()
    make_llava()
    make_parts()
    make_lora()
    folder("gguf")
    make_gguf("qwen2", 5, 256, 378, qwen2_tokenizer)
    make_gguf("llama", 2, 64, len(read(os.path.join(HERE, "../text/spm_legacy/pieces.json"))["pieces"]), llama_tokenizer)
