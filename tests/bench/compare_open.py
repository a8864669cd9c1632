#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a checkpoint takes to open and how much memory that needs, against safetensors' loader for PyTorch.

    ninja -C build/release bench_open
    python tests/bench/compare_open.py --bench build/release/bench/bench_open

The checkpoint is a language model of Qwen2.5-0.5B's shape in bfloat16 (1 GB of invented weights), or with --layers 72
one of 2.5 GB; it is made in a temporary folder (--folder says where) and removed. Each figure is the best of three fresh
processes on one core, the file in the page cache, in processor time. "facts" is what can be said without reading a
weight: ours checks all names and shapes against the model's config, safetensors lists names, types and shapes. "stored"
opens the weights as they are and looks whether each is finite, as ours always does (without that look safetensors has
mapped the file and read nothing); "float32" converts them too.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
MODES = ("facts", "stored", "float32")


def memory(key):
    with open("/proc/self/status", encoding="ascii") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith(key + ":")), 0.0)


def open_theirs(mode, folder):
    """In a process of its own: prints what bench_open prints."""
    import safetensors.torch
    import torch

    torch.set_num_threads(1)
    path = os.path.join(folder, "model.safetensors")
    begin, parameters, kept = time.process_time(), 0, []
    if mode == "facts":
        with safetensors.safe_open(path, framework="pt") as file:
            for name in file.keys():
                part = file.get_slice(name)
                count = 1
                for side in part.get_shape():
                    count *= side
                parameters += count
                kept.append((name, part.get_dtype()))
    else:
        for name, tensor in safetensors.torch.load_file(path).items():
            if not bool(torch.isfinite(tensor).all()):
                raise ValueError(f"{name} is not finite")
            kept.append(tensor.to(torch.float32) if mode == "float32" else tensor)
            parameters += tensor.numel()
    seconds = time.process_time() - begin
    print(json.dumps({"parameters": parameters, "seconds": seconds, "peak_mib": memory("VmHWM"), "own_mib": memory("RssAnon")}))


def write_model(folder, layers):
    import safetensors.torch
    import torch

    hidden, middle, vocabulary, key_value = 896, 4864, 151936, 128
    config = {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": hidden, "intermediate_size": middle,
              "num_hidden_layers": layers, "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": vocabulary,
              "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "hidden_act": "silu",
              "tie_word_embeddings": True, "torch_dtype": "bfloat16"}
    block = (torch.randn(1 << 20, generator=torch.Generator().manual_seed(0)) * 0.02).to(torch.bfloat16)

    def weight(*shape):
        count = 1
        for side in shape:
            count *= side
        return block.repeat(count // len(block) + 1)[:count].reshape(shape)

    tensors = {"model.embed_tokens.weight": weight(vocabulary, hidden), "model.norm.weight": weight(hidden)}
    for layer in range(layers):
        at = f"model.layers.{layer}."
        for part, rows in (("q", hidden), ("k", key_value), ("v", key_value)):
            tensors[f"{at}self_attn.{part}_proj.weight"] = weight(rows, hidden)
            tensors[f"{at}self_attn.{part}_proj.bias"] = weight(rows)
        tensors[at + "self_attn.o_proj.weight"] = weight(hidden, hidden)
        tensors[at + "mlp.gate_proj.weight"] = weight(middle, hidden)
        tensors[at + "mlp.up_proj.weight"] = weight(middle, hidden)
        tensors[at + "mlp.down_proj.weight"] = weight(hidden, middle)
        tensors[at + "input_layernorm.weight"] = weight(hidden)
        tensors[at + "post_attention_layernorm.weight"] = weight(hidden)
    safetensors.torch.save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)


def best_of_three(command):
    lines = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3)]
    return min(lines, key=lambda line: line["seconds"])


def read_once(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench")
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--theirs", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.theirs:
        open_theirs(*options.theirs)
        return 0
    if not options.bench:
        parser.error("--bench is needed")
    equal = True
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        subprocess.run([sys.executable, "-c", f"import compare_open; compare_open.write_model({folder!r}, {options.layers})"],
                       check=True, cwd=os.path.dirname(os.path.abspath(__file__)))
        path = os.path.join(folder, "model.safetensors")
        print(f"Load of the machine when this began: {os.getloadavg()[0]:.1f}. {os.path.getsize(path) / 1e9:.2f} GB, bfloat16, one core.\n")
        print("| What | ours: time, peak memory (no file's) | safetensors in Python: time, peak memory (no file's) | ratio |\n|---|---|---|---|")
        for mode in MODES:
            read_once(path)
            ours = best_of_three([options.bench, mode, folder])
            theirs = best_of_three([sys.executable, os.path.abspath(__file__), "--theirs", mode, folder])
            equal = equal and (mode != "facts" or ours["parameters"] == theirs["parameters"])
            cells = [f"{line['seconds'] * 1000:.1f} ms, {line['peak_mib']:.0f} MiB ({line['own_mib']:.0f})" for line in (ours, theirs)]
            print(f"| {mode} | {cells[0]} | {cells[1]} | {theirs['seconds'] / ours['seconds']:.2f} |")
    if not equal:
        print("The two count different numbers of weights.")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
