# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the committed models of projects/emoji: `python make_models.py [PART ...]`, parts in PARTS; see README.md."""
import argparse
import json
import os

import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerFast, SiglipImageProcessor

import language
import tower

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ["tokenizer", "tower", "language-student", "language-teacher"]


def config_of(folder):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        return json.load(file)


def use_published_names(path):
    """SigLIP towers on the hub say vision_model.embeddings…; transformers 5 reads that and writes embeddings…"""
    prefix = "vision_model."
    tensors = {prefix + name.removeprefix(prefix): tensor for name, tensor in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})


def save(model, folder):
    """Float16 weights in the published layout, config.json with the keys that 4.x checkpoints on the hub carry."""
    model.half().save_pretrained(folder)
    if config_of(folder)["model_type"] == "siglip_vision_model":
        use_published_names(os.path.join(folder, "model.safetensors"))
    path = os.path.join(folder, "config.json")
    config = config_of(folder)
    config.pop("dtype", None)
    config["torch_dtype"] = "float16"
    rope = config.pop("rope_parameters", None)
    if rope:
        config["rope_theta"] = rope["rope_theta"]
    config.pop("layer_types", None)
    write_json(path, config)


def save_processor(folder):
    SiglipImageProcessor(size={"height": 96, "width": 96}, resample=3, image_mean=[0.5] * 3, image_std=[0.5] * 3,
                         do_resize=True, do_rescale=True, do_normalize=True).save_pretrained(folder)


def save_tokenizer(tokenizer, folder):
    """tokenizer.json and tokenizer_config.json; the class by the name that 4.x and 5.x both know"""
    tokenizer.save_pretrained(folder)
    path = os.path.join(folder, "tokenizer_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config.pop("backend", None)
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    write_json(path, config)


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, sort_keys=True)
        file.write("\n")


def make(part, models, state, steps):
    """Make one part and return its numbers."""
    folder = os.path.join(models, part)
    state_file = os.path.join(state, part + ".pt") if state else None
    if part == "tokenizer":
        tokenizer = language.make_tokenizer()
        for name in language.SHAPES:
            save_tokenizer(tokenizer, os.path.join(models, name))
        return {"tokens": len(tokenizer)}
    if part == "tower":
        model, numbers = tower.make_tower(steps or 700, state_file)
        save_processor(folder)
    else:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        model, numbers = language.make_language_model(part, tokenizer, steps or language.STEPS[part], state_file)
    numbers["parameters"] = sum(p.numel() for p in model.parameters())
    save(model, folder)
    return numbers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=", ".join(PARTS) + " (tokenizer first)")
    parser.add_argument("--models", default=os.path.join(HERE, "..", "models"), help="where the models go")
    parser.add_argument("--state", help="folder for progress, so that an interrupted command goes on")
    parser.add_argument("--steps", type=int, help="steps instead of the recipe's (to try the script)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for folder in filter(None, [options.models, options.state]):
        os.makedirs(folder, exist_ok=True)
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}; parts are {', '.join(PARTS)}")
        numbers = make(part, options.models, options.state, options.steps)
        print(part, json.dumps({k: round(v, 4) for k, v in numbers.items()}), flush=True)


if __name__ == "__main__":
    main()
