# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small project that is all right, and what the projects of check_table change of it.

check_models, check_stages and check_data have those projects, one `case` each. A change is a function of the project's
JSON and its folder; expected is the level that both `check` and `train` must come to: red (refused before anything is
written), amber (done, with something left out or told), green.
"""
import json
import os
import pathlib
import struct
import zlib

CASES = []  # (group, name, expected, change, whether it belongs to the short form)
TERMS = ("ce", "mdist_response", "mdist_visual", "rdist")


def case(group, name, expected, change, short=False):
    CASES.append((group, name, expected, change, short))


def png(side=16, seed=0, level=None):
    """A picture of colours that the seed decides, or of one level of grey."""
    def colour(x, y):
        return (x * 37 + y * 91 + seed * 53) % 256 if level is None else level

    rows = b"".join(b"\0" + bytes(colour(x, y) for x in range(side * 3)) for y in range(side))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def strip():
    """A picture of 4000 × 1 pixels."""
    rows = b"\0" + bytes(4000 * 3)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4000, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def half(content):
    return content[:len(content) // 2]


def sample(i, picture=True):
    question = ("<image>\n" if picture else "") + "What is at the top left?"
    made = {"id": f"s{i}", "type": "animal" if i % 2 else "thing",
            "conversations": [{"from": "human", "value": question},
                              {"from": "gpt", "value": "a cat" if i % 2 else "a red car"}]}
    if picture:
        made["image"] = f"{i % 4}.png"
    return made


def stage(name, train, distils, template=None):
    terms = TERMS if distils else TERMS[:1]
    made = {"name": name, "train": train, "data": "data.json", "images": "images",
            "terms": [{"term": t, "weight": 0.5 if t == "rdist" else 1} for t in terms], "epochs": 1, "max_steps": 2,
            "batch_size": 4, "micro_batch_size": 4, "learning_rate": 0.001, "schedule": "cosine", "warmup_ratio": 0.03}
    if template:
        made["template"] = template
    return made


def write_base(folder, models):
    """A project that trains in two steps a stage; returns its JSON."""
    folder = pathlib.Path(folder)
    (folder / "images").mkdir(parents=True)
    for i in range(4):
        (folder / "images" / f"{i}.png").write_bytes(png(seed=i))
    (folder / "data.json").write_text(json.dumps([sample(i) for i in range(8)]))
    (folder / "questions.json").write_text(json.dumps([sample(i) for i in range(3)]))
    both = ["connector", "language_model"]
    return {"format": "llavakd-project", "version": 1, "name": "small", "teacher": {"checkpoint": "models/teacher"},
            "student": {"language_model": "models/language-student", "vision_tower": "models/tower",
                        "connector": "mlp2x_gelu"},
            "template": "no_system", "max_length": 256,
            "stages": [stage("DPT", ["connector"], True, "pretrain"), stage("SFT", both, False),
                       stage("DFT", both, True)],
            "schedule": ["DPT", "SFT", "DFT"],
            "probes": [{"image": "images/0.png", "question": "How many things are there?"}], "probe_every": 0,
            "evaluations": [{"task": "exact_match", "file": "questions.json", "images": "images"}],
            "run": {"device": "cpu", "precision": "fp32", "seed": 0, "threads": 1, "checkpoint_every": 0,
                    "keep_checkpoints": 1}}


# --- what changes do


def options(**changed):
    """Sets options of the project; a path's dots are written as __."""
    def change(p, d):
        for path, value in changed.items():
            at = p
            *parents, last = path.split("__")
            for key in parents:
                at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
            if isinstance(at, list):
                at[int(last)] = value
            else:
                at[last] = value
    return change


def samples(change, file="data.json"):
    """Changes the list of samples; what `change` returns, if anything, takes its place."""
    def apply(p, d):
        made = json.loads((d / file).read_text())
        other = change(made)
        (d / file).write_text(json.dumps(made if other is None else other))
    return apply


def each(change, file="data.json"):
    return samples(lambda made: [change(s) for s in made] and None, file)


def one(change, file="data.json"):
    return samples(lambda made: change(made[3 % len(made)]) and None, file)


def text(content, file="data.json"):
    return lambda p, d: (d / file).write_bytes(content if isinstance(content, bytes) else content.encode()) and None


def pictures(content, which=range(4)):
    return lambda p, d: [(d / "images" / f"{i}.png").write_bytes(content(i)) for i in which] and None


def model(name, change):
    return lambda p, d: change(d / "models" / name) and None


def config(name, file="config.json", part=None, **keys):
    def change(p, d):
        path = d / "models" / name / file
        made = json.loads(path.read_text())
        (made[part] if part else made).update(keys)
        path.write_text(json.dumps(made))
    return change


def tensors(name, change):
    """Changes the header and the numbers of a safetensors file."""
    def apply(p, d):
        path = d / "models" / name / "model.safetensors"
        content = path.read_bytes()
        size = struct.unpack("<Q", content[:8])[0]
        head, numbers = json.loads(content[8:8 + size]), bytearray(content[8 + size:])
        head = change(head, numbers) or head
        written = json.dumps(head).encode()
        written += b" " * (-len(written) % 8)
        path.write_bytes(struct.pack("<Q", len(written)) + written + numbers)
    return apply


def drop_tensor(head, numbers):
    """The last tensor of the file goes, with its bytes."""
    name = max((n for n in head if n != "__metadata__"), key=lambda n: head[n]["data_offsets"])
    begin, end = head.pop(name)["data_offsets"]
    del numbers[begin:end]


def first_of(head):
    return next(n for n in head if n != "__metadata__")


def break_number(head, numbers):
    begin = head[first_of(head)]["data_offsets"][0]
    numbers[begin:begin + 2] = b"\x00\x7e"  # of F16


def add_word(d, number):
    """A word of the data gets an id that no embedding has."""
    for name in ("teacher", "language-student"):
        path = d / "models" / name / "tokenizer.json"
        made = json.loads(path.read_text())
        made["added_tokens"].append({"id": number, "content": "a cat", "single_word": False, "lstrip": False,
                                     "rstrip": False, "normalized": False, "special": False})
        path.write_text(json.dumps(made))


def rename_tensor(head, numbers):
    name = next(n for n in head if n != "__metadata__" and "layers.0" in n)
    head["unheard_of." + name] = head.pop(name)


def swap_words(file):
    made = json.loads(file.read_text())
    words = made["model"]["vocab"]
    first, second = list(words)[300:302]
    words[first], words[second] = words[second], words[first]
    file.write_text(json.dumps(made))


def all_of(*changes):
    return lambda p, d: [change(p, d) for change in changes] and None


def ce_only(p, d):
    for s in p["stages"]:
        s["terms"] = [{"term": "ce", "weight": 1}]


def turns(s, *values):
    s["conversations"] = [{"from": "human" if i % 2 == 0 else "gpt", "value": v} for i, v in enumerate(values)]


def no_picture(s):
    s.pop("image", None)
    s["conversations"][0]["value"] = s["conversations"][0]["value"].replace("<image>\n", "")


def answer(s, value):
    s["conversations"][1]["value"] = value


def question(s, value):
    s["conversations"][0]["value"] = value


def picture(s, value):
    s["image"] = value


def later(change):
    """The same to a copy of the data that only the last stage reads."""
    def apply(p, d):
        (d / "later.json").write_text((d / "data.json").read_text())
        p["stages"][2]["data"] = "later.json"
        change(p, d)
    return apply
