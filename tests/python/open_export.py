#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what `llavakd export` writes with Hugging Face's classes, and compares their logits with the program's own.

    open_export.py LLAVAKD REPOSITORY        (torch, transformers, safetensors; exit code 77 where they are missing)

Every model of tests/data/models that a class of transformers computes, the emoji teacher, and one student of each family
of ../shared/golden where that is there. `hf`: tower and language model from our one file by the names in it, the
connector as torch.nn.Sequential. `parts`: each folder by from_pretrained alone. The program's side is `llavakd inspect`:
the ids, the five likeliest tokens with their probabilities at every position, and the Gram matrix of the visual tokens'
logits; `llavakd pixels`: what the tower sees; `llavakd losses`: the cross-entropy of an answer. Relations from every layer's hidden states and attention against the classes' own.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import torch
    import transformers
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

TOWERS = {"siglip_vision_model": "SiglipVisionModel", "clip_vision_model": "CLIPVisionModel", "dinov2": "Dinov2Model"}
QUESTION = "Where is it?"
TOLERANCE = 1e-4


def engine(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"llavakd {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def behind(tensors, prefix):
    return {name[len(prefix):]: tensor.float() for name, tensor in tensors.items() if name.startswith(prefix)}


def from_state(auto, config, state):
    """The class that the configuration names, with our tensors by their published names; nothing missing, nothing left."""
    model, info = type(auto.from_config(config)).from_pretrained(
        None, config=config, state_dict=state, output_loading_info=True, dtype=torch.float32)
    return strict(model, info)


def from_folder(auto, folder):
    return strict(*auto.from_pretrained(folder, output_loading_info=True, dtype=torch.float32))


def strict(model, info):
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        wrong = [key for key in info[what] if "position_ids" not in str(key)]
        assert not wrong, f"{type(model).__name__}: {what} {wrong}"
    return model.eval()


def sequential(state):
    """mlpNx_gelu, as its tensors say how deep it is."""
    numbers = sorted({int(name.split(".")[0]) for name in state})
    layers = []
    for number in numbers:
        rows, columns = state[f"{number}.weight"].shape
        layers += [torch.nn.GELU()] * bool(layers) + [torch.nn.Linear(columns, rows)]
    model = torch.nn.Sequential(*layers)
    model.load_state_dict(state, strict=True)
    return model


class VisionAuto:
    """AutoModel would take the two-tower classes for SigLIP and CLIP."""

    @staticmethod
    def of(config):
        return getattr(transformers, TOWERS[config["model_type"]])


def open_hf(folder):
    config, tensors = read(folder + "/config.json"), load_file(folder + "/model.safetensors")
    kind = VisionAuto.of(config["vision_config"])
    settings = {key: value for key, value in config["vision_config"].items() if key != "model_type"}
    tower, info = kind.from_pretrained(None, config=kind.config_class(**settings), dtype=torch.float32,
                                       state_dict=behind(tensors, "vision_tower._vision_tower."), output_loading_info=True)
    text = config["text_config"]
    language = AutoConfig.for_model(text["model_type"], **{key: value for key, value in text.items() if key != "model_type"})
    return strict(tower, info), sequential(behind(tensors, "connector._connector.")), \
        from_state(AutoModelForCausalLM, language, behind(tensors, "language_model."))


def open_parts(folder):
    kind = VisionAuto.of(read(folder + "/vision_tower/config.json"))
    connector = {name: tensor.float() for name, tensor in load_file(folder + "/connector/model.safetensors").items()}
    return from_folder(kind, folder + "/vision_tower"), sequential(connector), \
        from_folder(AutoModelForCausalLM, folder + "/language_model")


def named_processor(vision):
    return f"{'siglip' if vision['model_type'].startswith('siglip') else 'clip'}{vision['image_size']}"


@torch.no_grad()
def logits(models, config, pixels, ids):
    tower, connector, language = models
    features = tower(pixels, output_hidden_states=True).hidden_states[config["vision_feature_layer"]]
    if config["vision_feature_select_strategy"] in ("patch", "default"):
        features = features[:, 1:]
    pictures = connector(features)
    embedding = language.get_input_embeddings()
    embeddings = embedding(ids.clamp(min=0)[None])
    # Since transformers 5 Gemma's embedding scales words; before, the model scaled pictures as well, as a model saved then means.
    before_5 = int(config.get("transformers_version", "4").split(".")[0]) < 5
    embeddings[0, ids == -200] = pictures[0] * (getattr(embedding, "scalar_embed_scale", 1.0) if before_5 else 1.0)
    return language(inputs_embeds=embeddings).logits[0].float()


@torch.no_grad()
def inner(models, config, pixels, ids):
    """Hidden states and attention of every layer, [T, W] and [heads, T, T]."""
    language, kept = models[2], {}
    language.set_attn_implementation("eager")
    handle = language.register_forward_pre_hook(lambda module, args, given: kept.update(given), with_kwargs=True)
    logits(models, config, pixels, ids)
    handle.remove()
    out = language(inputs_embeds=kept["inputs_embeds"], output_hidden_states=True, output_attentions=True)
    return [state[0].float() for state in out.hidden_states], [layer[0].float() for layer in out.attentions]


def compare_inside(name, source, image, models, config, pixels, ids, work):
    """`llavakd inspect --source` of every layer against hidden states and attention of the classes."""
    states, attentions = inner(models, config, pixels, ids)
    visual = ids == -200
    expected = {f"hidden:{n}": state[visual] @ state[visual].T for n, state in enumerate(states)}
    for n, attention in enumerate(attentions):
        among = attention[:, visual][:, :, visual]
        expected[f"attention:{n + 1}"] = among.mean(0)
        expected[f"attention:{n + 1}:1"] = among[1]
    for text, theirs in expected.items():
        out = os.path.join(work, f"{name}-inside.safetensors")
        engine("inspect", "--student", source, "--image", image, "--question", QUESTION, "--template", "no_system",
               "--source", text, "--out", out)
        close(load_file(out)["relation.student"], theirs, f"{name}: {text}")
    return len(expected)


def close(ours, theirs, what):
    difference, size = (ours - theirs).abs().max().item(), theirs.abs().max().item()
    assert difference <= TOLERANCE * max(1.0, size), f"{what}: {difference} of {size}"
    return difference


def compare(name, models, config, probe, pixels):
    """The program's probe and pixels against the classes; returns the largest difference of a probability."""
    theirs = logits(models, config, pixels, probe["input_ids"])
    likely = theirs.softmax(-1).gather(-1, probe["topk.student.ids"])
    difference = close(probe["topk.student.probabilities"], likely, f"{name}: probabilities")
    visual = theirs[probe["input_ids"] == -200]
    close(probe["relation.student"], visual @ visual.T, f"{name}: Gram matrix of the visual logits")
    return difference, theirs


def check(name, source, image, work):
    exports = {}
    for layout in ("hf", "parts"):
        exports[layout] = os.path.join(work, f"{name}-{layout}")
        report = json.loads(engine("export", source, "--to", layout, exports[layout], "--json"))
        assert report["logit_difference"] == 0 and report["rounded_tensors"] == 0, report
    config = read(exports["hf"] + "/config.json")
    differences = []
    for layout, opener in (("hf", open_hf), ("parts", open_parts)):
        probe_file, pixel_file = (os.path.join(work, f"{name}-{what}.safetensors") for what in ("probe", "pixels"))
        engine("inspect", "--student", exports[layout], "--image", image, "--question", QUESTION, "--template", "no_system", "--out", probe_file)
        processor = exports[layout] if os.path.exists(exports[layout] + "/preprocessor_config.json") else \
            named_processor(config["vision_config"])
        engine("pixels", "--image", image, "--processor", processor, "--out", pixel_file)
        models = opener(exports[layout])
        difference, theirs = compare(f"{name} {layout}", models, config, load_file(probe_file),
                                     load_file(pixel_file)["pixel_values"][None])
        differences.append(difference)
    probe, pixels = load_file(probe_file), load_file(pixel_file)["pixel_values"][None]
    sources = compare_inside(name, exports["parts"], image, models, config, pixels, probe["input_ids"], work)
    print(f"{name}: largest difference of a probability {max(differences):.2g}; {sources} sources of relations agree")
    return exports["parts"], models, config


def emoji(work):
    """A model with a tokenizer and an image processor of its own: those open as well, and the loss agrees."""
    image = os.path.join(REPOSITORY, "tests/data/image/rgb.png")
    parts, models, config = check("emoji teacher", os.path.join(REPOSITORY, "projects/emoji/models/teacher"), image, work)
    sample = os.path.join(work, "sample.json")
    with open(sample, "w", encoding="utf-8") as file:
        json.dump([{"id": "s", "image": os.path.basename(image), "conversations": [{"from": "human", "value": "<image>\n" + QUESTION},
                                                                 {"from": "gpt", "value": "a cat"}]}], file)
    result = json.loads(engine("losses", "--teacher", parts, "--student", parts, "--sample", sample, "--images",
                               os.path.dirname(image), "--json"))["samples"][0]
    tokenizer = AutoTokenizer.from_pretrained(parts + "/language_model")
    before, after = result["prompt"].split("<image>")
    words = [id for id in result["input_ids"] if id != -200]
    assert words == tokenizer(before, add_special_tokens=False).input_ids + \
        tokenizer(after, add_special_tokens=False).input_ids, "the tokenizer gives other ids"
    pixel_file = os.path.join(work, "emoji teacher-pixels.safetensors")
    theirs = logits(models, config, load_file(pixel_file)["pixel_values"][None], torch.tensor(result["input_ids"]))
    loss = torch.nn.functional.cross_entropy(theirs[:-1], torch.tensor(result["labels"])[1:], ignore_index=-100).item()
    assert abs(loss - result["terms"]["ce"]) <= TOLERANCE * loss, (loss, result["terms"]["ce"])
    print(f"emoji teacher: cross-entropy {loss:.6f}, ours {result['terms']['ce']:.6f}")


def small_tokenizer(folder, size):
    """Letters as far as the vocabulary goes; everything else is unknown."""
    tokens = ["<unk>", "<s>", "</s>", *"etaoinshrdlcum wfg"][:size]
    added = [dict(id=i, content=tokens[i], special=True, single_word=False, lstrip=False, rstrip=False, normalized=False)
             for i in range(3)]
    model = dict(type="BPE", vocab={token: i for i, token in enumerate(tokens)}, merges=[], unk_token="<unk>",
                 fuse_unk=False, byte_fallback=False)
    with open(folder + "/tokenizer.json", "w", encoding="utf-8") as file:
        json.dump(dict(version="1.0", added_tokens=added, normalizer=None, pre_tokenizer=None, post_processor=None,
                       decoder=None, model=model), file)


def small_processor(folder, size):
    with open(folder + "/preprocessor_config.json", "w", encoding="utf-8") as file:
        json.dump(dict(image_processor_type="SiglipImageProcessor", do_resize=True, size=dict(height=size, width=size),
                       resample=3, do_rescale=True, rescale_factor=1 / 255, do_normalize=True,
                       image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.3, 0.4]), file)


def main():
    torch.manual_seed(0)
    fixtures = os.path.join(REPOSITORY, "tests/data/models")
    golden = os.path.join(REPOSITORY, "../shared/golden/vlm")
    image = os.path.join(REPOSITORY, "tests/data/image/rgb.png")
    with tempfile.TemporaryDirectory() as work:
        for name in sorted(os.listdir(fixtures)):
            if not os.path.isfile(os.path.join(fixtures, name, "config.json")):
                continue
            config = read(os.path.join(fixtures, name, "config.json"))
            if config["text_config"]["model_type"] == "openelm" or "vision_config2" in config or \
                    not config["connector_type"].startswith(("mlp", "linear")):
                continue  # no class of transformers' own
            source = os.path.join(work, name)
            shutil.copytree(os.path.join(fixtures, name), source)
            small_tokenizer(source, config["text_config"]["vocab_size"])
            small_processor(source, config["vision_config"]["image_size"])
            check(name, source, image, work)
        for name in ("e2_clip_llama_legacy", "h_phi", "h_qwen3", "k_llava_hf"):
            if os.path.isdir(os.path.join(golden, name)):
                check("golden " + name, os.path.join(golden, name, "student"), image, work)
        emoji(work)


if __name__ == "__main__":
    PROGRAM, REPOSITORY = sys.argv[1], os.path.abspath(sys.argv[2])
    main()
