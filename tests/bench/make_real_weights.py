#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of the published models' sizes and samples for them, as the peer's own seed gives them, without ever holding a
model in float32: OUT/{teacher,student}/ in bfloat16 and OUT/samples.safetensors.

    python make_real_weights.py --peer DIR --preset real05|real05-3b --samples N OUT

The student's tower is the teacher's, as in the published pairs.
"""
import argparse
import importlib
import os
import sys


def load_peer(folder, preset):
    """peer.py reads its arguments when it is imported."""
    sys.path.insert(0, folder)
    sys.argv = ["peer.py", "--preset", preset, "--mem-gb", "0"]
    return importlib.import_module("peer")


def tensors_of(peer, vision, text, seed):
    """The numbers of peer.build, one tensor in float32 at a time; names as in the checkpoint layout."""
    torch = peer.torch
    with torch.device("meta"):
        model = peer.Vlm(vision, text)
    model.llm.tie_weights()
    generator = torch.Generator().manual_seed(seed)
    prefixes = dict(peer.PREFIX)
    tensors = {}
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2:
            value = torch.empty(parameter.shape).normal_(0.0, 0.02, generator=generator)
        else:
            value = torch.full(parameter.shape, 0.0 if name.endswith("bias") else 1.0)
        part, rest = name.split(".", 1)
        if part == "vision" and rest.startswith("vision_model."):
            rest = rest[len("vision_model."):]
        tensors[prefixes[part] + rest] = value.to(torch.bfloat16)
    return model, tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("out")
    args = parser.parse_args()
    peer = load_peer(args.peer, args.preset)
    teacher_vision, teacher_text, student_vision, student_text = peer.PRESETS[args.preset]
    seed = peer.args.seed
    tower = {}
    for role, vision, text, offset in (("teacher", teacher_vision, teacher_text, 1),
                                       ("student", student_vision, student_text, 2)):
        model, tensors = tensors_of(peer, vision, text, seed + offset)
        tower = tower or {name: value for name, value in tensors.items() if name.startswith("vision_tower.")}
        tensors.update(tower)
        peer.to_layout = lambda *_, tensors=tensors: tensors
        peer.save_layout(model, os.path.join(args.out, role), "bf16", args.preset)
    samples = peer.Samples(student_text, student_vision)
    kept = {}
    for i in range(args.samples):
        for name, value in zip(("pixel_values", "input_ids", "labels"), samples.get(i)):
            kept[f"{i}.{name}"] = value.contiguous()
    peer.save_file(kept, os.path.join(args.out, "samples.safetensors"))


if __name__ == "__main__":
    main()
