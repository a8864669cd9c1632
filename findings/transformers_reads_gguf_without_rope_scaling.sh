#!/bin/sh
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# GGUF files of Llama 3.1 and later hold the scaling of their rotary positions as the tensor rope_freqs.weight, those of
# Qwen2 with YaRN as metadata, and the Qwen2 of a LLaVA is written as architecture llama with biases of queries, keys and
# values. One expects transformers' own reader (from_pretrained with gguf_file) to obey what stands in the file, or to
# say that it doesn't. It drops all three: the same logits with and without them, and no warning. Its numbers are no
# reference for such files. Exit 1: this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --target "$folder/packages" torch==2.13.0 transformers==5.24.0 gguf==0.19.0 accelerate==1.15.0
cat >"$folder/read.py" <<'PYTHON'
import sys

import gguf
import numpy
import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
WIDTH, HEADS, VOCABULARY, POSITIONS = 64, 2, 40, 256
SHAPES = {"token_embd": (VOCABULARY, WIDTH), "output": (VOCABULARY, WIDTH), "output_norm": (WIDTH,),
          "blk.0.attn_norm": (WIDTH,), "blk.0.ffn_norm": (WIDTH,), "blk.0.ffn_gate": (WIDTH, WIDTH),
          "blk.0.ffn_up": (WIDTH, WIDTH), "blk.0.ffn_down": (WIDTH, WIDTH)}
SHAPES |= {f"blk.0.attn_{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}


def logits(architecture, add):
    draw = numpy.random.default_rng(0)
    path = f"{sys.argv[1]}/model.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_block_count(1)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(VOCABULARY)
    for name, shape in SHAPES.items():
        writer.add_tensor(name + ".weight", draw.normal(0, 0.5, shape).astype(numpy.float32))
    if architecture == "qwen2":
        for name in "qkv":
            writer.add_tensor(f"blk.0.attn_{name}.bias", draw.normal(0, 0.5, WIDTH).astype(numpy.float32))
    add(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], gguf_file="model.gguf", dtype=torch.float32)
    with torch.no_grad():
        return model(torch.arange(POSITIONS)[None] % VOCABULARY).logits


def rope_freqs(writer):
    writer.add_tensor("rope_freqs.weight", numpy.full(WIDTH // HEADS // 2, 8, dtype=numpy.float32))


def yarn(writer):
    writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    writer.add_rope_scaling_factor(8.0)
    writer.add_rope_scaling_orig_ctx_len(POSITIONS // 8)


def biases(writer):
    for name in "qkv":
        writer.add_tensor(f"blk.0.attn_{name}.bias", numpy.full(WIDTH, 3, dtype=numpy.float32))


print("transformers", transformers.__version__, "gguf 0.19.0")
same = []
for architecture, add in (("llama", rope_freqs), ("qwen2", yarn), ("llama", biases)):
    same.append(torch.equal(logits(architecture, add), logits(architecture, lambda writer: None)))
    print(f"{architecture} with {add.__name__}: {'the same logits' if same[-1] else 'other logits'} as without")
sys.exit(not all(same))
PYTHON
mkdir "$folder/model"
PYTHONPATH="$folder/packages" python3 "$folder/read.py" "$folder/model"
