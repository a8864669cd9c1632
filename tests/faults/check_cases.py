# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects of check_table: each changes one thing of a small project that is all right.

A change is a function of the project's JSON and its folder; expected is the level that both `check` and `train` must
come to: red (refused before anything is written), amber (done, with something left out or told), green.
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


def png(side=16, seed=0):
    rows = b"".join(b"\0" + bytes((x * 37 + y * 91 + seed * 53) % 256 for x in range(side * 3)) for y in range(side))

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


# --- the projects

case("base", "nothing is changed", "green", lambda p, d: None, short=True)

# Models
case("models", "the teacher's folder isn't there", "red", options(teacher__checkpoint="models/none"), short=True)
case("models", "no teacher is chosen", "red", options(teacher__checkpoint=""))
case("models", "the teacher is a file", "red", options(teacher__checkpoint="data.json"))
case("models", "the teacher's config.json is gone", "red", model("teacher", lambda m: (m / "config.json").unlink()))
case("models", "the teacher's config.json is no JSON", "red",
     model("teacher", lambda m: (m / "config.json").write_text("{")))
case("models", "the teacher's weights are cut", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_bytes((m / "model.safetensors").read_bytes()[:9999])),
     short=True)
case("models", "the teacher's weights are empty", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_bytes(b"")))
case("models", "the teacher's weights are gone", "red", model("teacher", lambda m: (m / "model.safetensors").unlink()))
case("models", "the teacher's weights are a pointer of Git LFS", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_text(
         "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n")))
case("models", "the teacher's weights are a web page", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_text("<!DOCTYPE html><html>404</html>")))
case("models", "a tensor of the teacher is missing", "red", tensors("teacher", drop_tensor))
case("models", "a tensor of the teacher has another name", "red", tensors("teacher", rename_tensor))
case("models", "a tensor of the student is missing", "red", tensors("language-student", drop_tensor))
case("models", "a tensor of the tower is missing", "red", tensors("tower", drop_tensor))
case("models", "the teacher has more layers than weights", "red",
     config("teacher", part="text_config", num_hidden_layers=9))
case("models", "the teacher has fewer layers than weights", "red",
     config("teacher", part="text_config", num_hidden_layers=3))
case("models", "the student is wider than its weights", "red", config("language-student", hidden_size=256))
case("models", "the student's heads don't divide its width", "red", config("language-student", num_attention_heads=7))
case("models", "the student is of an unknown family", "red", config("language-student", model_type="unheard_of"))
case("models", "the student's activation is unknown", "red", config("language-student", hidden_act="unheard_of"))
case("models", "the tower's activation is unknown", "red", config("tower", hidden_act="unheard_of"))
case("models", "the tower takes other pictures than the teacher's", "red",
     all_of(config("tower", image_size=48), config("tower", "preprocessor_config.json",
                                                    size={"height": 48, "width": 48})))
case("models", "the tower's mean differs from the teacher's", "red",
     config("tower", "preprocessor_config.json", image_mean=[0.1, 0.2, 0.3]))
case("models", "the tower's processor is of an unknown kind", "red",
     config("tower", "preprocessor_config.json", image_processor_type="UnheardOfImageProcessor"))
case("models", "the teacher's tokenizer is gone", "red", model("teacher", lambda m: (m / "tokenizer.json").unlink()))
case("models", "the student's tokenizer is gone", "red",
     model("language-student", lambda m: (m / "tokenizer.json").unlink()))
case("models", "the student's tokenizer is no JSON", "red",
     model("language-student", lambda m: (m / "tokenizer.json").write_text("[1")))
case("models", "two words of the student's tokenizer change places", "red",
     model("language-student", lambda m: swap_words(m / "tokenizer.json")))
case("models", "the language model is a tower", "red", options(student__language_model="models/tower"))
case("models", "the tower is a language model", "red", options(student__vision_tower="models/language-student"))
case("models", "the tower is the teacher's", "green", options(student__vision_tower="models/teacher"))
case("models", "the student's language model is the teacher's", "green",
     options(student__language_model="models/teacher"))
case("models", "the language model's folder isn't there", "red", options(student__language_model="models/none"))
case("models", "the tower's folder isn't there", "red", options(student__vision_tower="models/none"))
case("models", "no student is chosen", "red", options(student={}))
case("models", "a language model without a tower", "red", options(student={"language_model": "models/language-student"}))
case("models", "the student is a whole model", "green", options(student={"checkpoint": "models/teacher"}))
case("models", "the student's checkpoint is a bare language model", "red",
     options(student={"checkpoint": "models/language-student"}))
case("models", "the student's checkpoint isn't there", "red", options(student={"checkpoint": "models/none"}))
case("models", "the connector is unknown", "red", options(student__connector="unheard_of"))
case("models", "the connector is one layer", "green", options(student__connector="linear"))
case("models", "the connector is nothing, and the widths differ", "red", options(student__connector="identity"))
case("models", "a resampler with other visual tokens than the teacher", "red",
     options(student__connector="resampler", student__num_queries=16))
case("models", "a resampler with as many visual tokens", "green",
     options(student__connector="resampler", student__num_queries=35))
case("models", "a Q-Former with as many visual tokens", "amber",
     options(student__connector="qformer", student__num_queries=35))
case("models", "a connector for two towers with one tower", "red", options(student__connector="mof_mlp"))
case("models", "no stage distils, and the teacher isn't there", "green",
     all_of(ce_only, options(teacher__checkpoint="models/none", probes=[])))
case("models", "no stage distils, probes do, and the teacher isn't there", "red",
     all_of(ce_only, options(teacher__checkpoint="models/none")))
case("models", "no stage distils, and no teacher is chosen", "green",
     all_of(ce_only, options(teacher__checkpoint="", probes=[])))
case("models", "pictures are padded, the teacher's weren't", "amber", options(image__aspect_ratio="pad"))
case("models", "the aspect ratio is unknown", "red", options(image__aspect_ratio="round"))

case("models", "a weight of the teacher is not a number", "red", tensors("teacher", break_number))
case("models", "a weight of the student is not a number", "red", tensors("language-student", break_number))
case("models", "a weight of the tower is not a number", "red", tensors("tower", break_number))
case("models", "a tensor's type is unknown", "red",
     tensors("tower", lambda head, numbers: head[first_of(head)].update(dtype="F4")))
case("models", "a tensor has another shape than its bytes", "red",
     tensors("tower", lambda head, numbers: head[first_of(head)]["shape"].append(2)))
case("models", "bytes at the end of the weights", "red", tensors("tower", lambda head, numbers: numbers.extend(b"1234")))
case("models", "the tokenizer has more words than the embedding", "red", lambda p, d: add_word(d, 700))
case("models", "the end token is beyond the embedding", "green", config("language-student", eos_token_id=9999))
case("models", "the student has no heads", "red", config("language-student", num_attention_heads=0))
case("models", "the student has no layers", "red", config("language-student", num_hidden_layers=0))
case("models", "the student's width is text", "red", config("language-student", hidden_size="160"))
case("models", "the norms' epsilon is negative", "red", config("language-student", rms_norm_eps=-1))
case("models", "rotary positions of base 0", "red", config("language-student", rope_theta=0))
case("models", "fewer positions than max_length", "green", config("language-student", max_position_embeddings=64))
case("models", "the teacher's feature layer isn't there", "red", config("teacher", vision_feature_layer=-99))
case("models", "the teacher's connector is unknown", "red", config("teacher", connector_type="unheard_of"))
case("models", "the tower's processor is gone", "green",
     model("tower", lambda m: (m / "preprocessor_config.json").unlink()))
case("models", "the tower's processor divides by 0", "red",
     config("tower", "preprocessor_config.json", image_std=[0, 0, 0]))
case("models", "the tower's processor has no size", "red",
     config("tower", "preprocessor_config.json", size={"height": 0, "width": 0}))
case("models", "the generation's configuration is no JSON", "red",
     model("language-student", lambda m: (m / "generation_config.json").write_text("{")))
case("models", "the tokenizer's configuration is gone", "green",
     model("language-student", lambda m: (m / "tokenizer_config.json").unlink()))
case("models", "a checkpoint and parts of a student", "green",
     options(student={"checkpoint": "models/teacher", "language_model": "models/none"}))
case("models", "queries for a connector without", "green", options(student__num_queries=7))
case("models", "the student's folder is a link to nothing", "red",
     lambda p, d: ((d / "link").symlink_to("nowhere"), p["student"].update(language_model="link")) and None)

# Stages
case("stages", "there are none", "red", options(stages=[], schedule=[]), short=True)
case("stages", "the schedule is empty", "green", options(schedule=[]))
case("stages", "the schedule names a stage that isn't there", "red", options(schedule=["DPT", "none"]))
case("stages", "one of the three runs", "green", options(schedule=["SFT"]))
case("stages", "the same stage runs twice", "green", options(schedule=["DPT", "SFT", "SFT"]))
case("stages", "a stage has no name", "red", options(stages__2__name="", schedule=[]))
case("stages", "two stages have the same name", "red", options(stages__2__name="SFT", schedule=[]))
case("stages", "a name has 250 letters", "red", options(stages__2__name="x" * 250, schedule=[]), short=True)
case("stages", "a name has 150 letters", "green", options(stages__2__name="x" * 150, schedule=[]))
case("stages", "a name has a slash", "red", options(stages__2__name="a/b", schedule=[]))
case("stages", "a name is ..", "red", options(stages__2__name="..", schedule=[]))
case("stages", "a name has spaces and other letters", "red", options(stages__2__name="zweite Stufe ß", schedule=[]))
case("stages", "a name has a line break", "red", options(stages__2__name="a\nb", schedule=[]))
case("stages", "a name begins with a dot", "red", options(stages__2__name=".hidden", schedule=[]))
case("stages", "a later stage trains nothing", "red", options(stages__2__train=[]), short=True)
case("stages", "a stage trains an unknown part", "red", options(stages__2__train=["head"]))
case("stages", "a stage trains a part twice", "green", options(stages__2__train=["connector", "connector"]))
case("stages", "a stage trains the tower", "green", options(stages__2__train=["vision_tower", "connector"]))
case("stages", "a connector without weights is to learn", "red",
     all_of(options(student={"checkpoint": "models/teacher"}, stages__0__train=["unheard_of"])))
case("stages", "a later stage has no terms", "red", options(stages__2__terms=[]))
case("stages", "all weights of a later stage are 0", "red", options(stages__2__terms=[{"term": "ce", "weight": 0}]))
case("stages", "a term is unknown", "red", options(stages__2__terms=[{"term": "unheard_of", "weight": 1}]))
case("stages", "a term comes twice", "red",
     options(stages__2__terms=[{"term": "ce", "weight": 1}, {"term": "ce", "weight": 2}]))
case("stages", "a weight is negative", "red", options(stages__2__terms=[{"term": "ce", "weight": -1}]))
case("stages", "a divergence is unknown", "red",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "divergence": "unheard_of"}]))
case("stages", "a generalised JSD", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "divergence": "jsd",
                                "beta": 0.1}]))
case("stages", "a temperature of 0", "red",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "temperature": 0}]))
case("stages", "a temperature of 0.05", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "temperature": 0.05}]))
case("stages", "relations alone", "green", options(stages__2__terms=[{"term": "rdist", "weight": 1}]))
case("stages", "the learning rate of a later stage is 0", "red", options(stages__2__learning_rate=0))
case("stages", "the learning rate is text", "red", options(stages__2__learning_rate="0.001"))
case("stages", "the learning rate is negative", "red", options(stages__2__learning_rate=-1))
case("stages", "a schedule is unknown", "red", options(stages__2__schedule="steps"))
case("stages", "one step, which is the warm-up", "amber", options(stages__2__max_steps=1))
case("stages", "one step without a warm-up", "green", options(stages__2__max_steps=1, stages__2__warmup_ratio=0))
case("stages", "the warm-up is the whole stage", "green", options(stages__2__warmup_ratio=1))
case("stages", "epochs of 0", "red", options(stages__2__epochs=0))
case("stages", "a thousandth of an epoch", "amber", options(stages__2__epochs=0.001, stages__2__max_steps=0))
case("stages", "a batch of 0", "red", options(stages__2__batch_size=0))
case("stages", "a batch larger than the data", "green",
     options(stages__2__batch_size=1000, stages__2__max_steps=0, stages__2__epochs=3, stages__2__warmup_ratio=0))
case("stages", "a micro-batch larger than the batch", "green", options(stages__2__micro_batch_size=64))
case("stages", "batches of similar length", "green", options(stages__2__sampler="modality_length"))
case("stages", "a sampler is unknown", "red", options(stages__2__sampler="unheard_of"))
case("stages", "no clipping", "green", options(stages__2__max_grad_norm=0))
case("stages", "an unknown option", "red", options(stages__2__learning_rat=0.1))
case("stages", "a stage is a list", "red", options(stages__2=[]))

# Data
case("data", "a later stage has no data", "red", options(stages__2__data=""))
case("data", "a later stage's data isn't there", "red", options(stages__2__data="none.json"), short=True)
case("data", "the data is a folder", "red", options(stages__2__data="images"))
case("data", "the data is a picture", "red", options(stages__2__data="images/0.png"))
case("data", "the data is empty", "red", later(text(b"", "later.json")))
case("data", "the data is an empty list", "red", later(text("[]", "later.json")))
case("data", "the data is no JSON", "red", later(text("[{", "later.json")))
case("data", "the data is an object", "red", later(text("{}", "later.json")))
case("data", "the data is a list of numbers", "red", later(text("[1, 2, 3]", "later.json")))
case("data", "the data is JSON lines", "green",
     later(lambda p, d: (d / "later.json").write_text(
         "\n".join(json.dumps(sample(i)) for i in range(8))) and None))
case("data", "one line of JSON lines is cut", "amber",
     later(lambda p, d: (d / "later.json").write_text(
         "\n".join(json.dumps(sample(i)) for i in range(7)) + '\n{"id": "s7", "conv') and None))
case("data", "a sample is a number", "amber", later(samples(lambda made: made.append(5), "later.json")))
case("data", "a sample has no conversations", "amber",
     later(one(lambda s: s.pop("conversations"), "later.json")), short=True)
case("data", "no sample has conversations", "red",
     later(each(lambda s: s.pop("conversations"), "later.json")))
case("data", "a sample has no turns", "amber", later(one(lambda s: s.update(conversations=[]), "later.json")))
case("data", "a sample ends with a question", "amber",
     later(one(lambda s: s["conversations"].pop(), "later.json")))
case("data", "a sample begins with an answer", "amber",
     later(one(lambda s: s["conversations"].pop(0), "later.json")))
case("data", "a speaker is unknown", "amber",
     later(one(lambda s: s["conversations"][1].update({"from": "parrot"}), "later.json")))
case("data", "an answer is empty", "green", later(one(lambda s: answer(s, ""), "later.json")))
case("data", "all answers are empty", "green", later(each(lambda s: answer(s, ""), "later.json")))
case("data", "an answer is a number", "amber", later(one(lambda s: answer(s, 5), "later.json")))
case("data", "a question is longer than max_length", "amber",
     later(one(lambda s: question(s, "<image>\n" + "the red car " * 400), "later.json")))
case("data", "all questions are longer than max_length", "red",
     later(each(lambda s: question(s, "<image>\n" + "the red car " * 400), "later.json")))
case("data", "max_length is shorter than a picture", "red", options(max_length=16), short=True)
case("data", "max_length leaves no room for answers", "red", options(max_length=40))
case("data", "max_length is beyond the model's positions", "green", options(max_length=4096))
case("data", "max_length is 0", "red", options(max_length=0))
case("data", "a picture of one sample isn't there", "amber",
     later(one(lambda s: picture(s, "none.png"), "later.json")), short=True)
case("data", "no picture is there", "red", later(each(lambda s: picture(s, "none.png"), "later.json")))
case("data", "the folder of a later stage's pictures is another", "red", options(stages__2__images="models"))
case("data", "the folder of a later stage's pictures isn't there", "red", options(stages__2__images="none"))
case("data", "no folder of pictures, and they aren't next to the data", "red", options(stages__2__images=""))
case("data", "no folder of pictures, and they are next to the data", "green",
     all_of(options(stages__2__images=""),
            lambda p, d: [(d / f"{i}.png").write_bytes(png(seed=i)) for i in range(4)] and None))
case("data", "a picture's path leaves the folder", "amber",
     later(one(lambda s: picture(s, "../images/0.png"), "later.json")))
case("data", "a picture's name is empty", "amber", later(one(lambda s: picture(s, ""), "later.json")))
case("data", "a picture's name is a number", "amber", later(one(lambda s: picture(s, 7), "later.json")))
case("data", "one picture is text", "amber", pictures(lambda i: b"hello", [1]))
case("data", "all pictures are text", "red", pictures(lambda i: b"hello"))
case("data", "one picture is empty", "amber", pictures(lambda i: b"", [1]))
case("data", "one picture is cut in half", "amber", pictures(lambda i: half(png(256, i)), [1]))
case("data", "one picture has no rows", "amber", pictures(lambda i: png(16, i)[:40], [1]))
case("data", "one picture claims to be enormous", "amber",
     pictures(lambda i: png()[:16] + struct.pack(">II", 60000, 60000) + png()[24:], [1]))
case("data", "one picture is a pixel", "green", pictures(lambda i: png(1, i), [1]))
case("data", "one picture is a folder", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), (d / "images/1.png").mkdir()) and None)
case("data", "a picture without a placeholder", "amber",
     later(one(lambda s: question(s, "What is at the top left?"), "later.json")))
case("data", "a placeholder without a picture", "amber", later(one(lambda s: s.pop("image"), "later.json")))
case("data", "two placeholders for one picture", "green",
     later(one(lambda s: question(s, "<image>\n<image>\nWhat?"), "later.json")))
case("data", "two pictures of a sample", "green",
     later(one(lambda s: (picture(s, ["0.png", "1.png"]), question(s, "<image>\n<image>\nWhat?")), "later.json")))
case("data", "samples without a picture where the connector learns", "red",
     all_of(options(stages__0__data="text.json"),
            lambda p, d: (d / "text.json").write_text(json.dumps([sample(i, False) for i in range(8)])) and None),
     short=True)
case("data", "some samples without a picture where the connector learns", "amber",
     all_of(options(stages__0__data="text.json"),
            lambda p, d: (d / "text.json").write_text(json.dumps([sample(i, i < 4) for i in range(8)])) and None))
case("data", "some samples without a picture where the language model learns", "green",
     later(one(no_picture, "later.json")))
case("data", "text alone where visual terms compare", "red",
     all_of(later(each(no_picture, "later.json")), options(stages__2__terms=[{"term": "rdist", "weight": 1}])))
case("data", "two samples have the same id", "green", later(one(lambda s: s.update(id="s0"), "later.json")))
case("data", "a sample has no id", "green", later(one(lambda s: s.pop("id"), "later.json")))
case("data", "bytes that aren't UTF-8", "red",
     later(lambda p, d: (d / "later.json").write_bytes(
         (d / "later.json").read_bytes().replace(b"a cat", b"a \xff cat")) and None))
case("data", "an end token within an answer", "amber",
     later(one(lambda s: answer(s, "a <|endoftext|> cat"), "later.json")))
case("data", "other letters in names and texts", "green",
     all_of(later(one(lambda s: (picture(s, "größe.png"), answer(s, "größer, 大きい")), "later.json")),
            lambda p, d: (d / "images/größe.png").write_bytes(png()) and None))

case("data", "the data begins with a mark of its byte order", "green",
     later(lambda p, d: (d / "later.json").write_bytes(b"\xef\xbb\xbf" + (d / "data.json").read_bytes()) and None))
case("data", "the data is a pipe", "red",
     lambda p, d: (os.mkfifo(d / "pipe.json"), p["stages"][2].update(data="pipe.json")) and None)
case("data", "the data is a link in a circle", "red",
     lambda p, d: ((d / "loop.json").symlink_to("loop.json"), p["stages"][2].update(data="loop.json")) and None)
case("data", "the folder of pictures is a file", "red", options(stages__2__images="data.json"))
case("data", "a sample's own template is unknown", "amber",
     later(one(lambda s: s.update(template="unheard_of"), "later.json")))
case("data", "a picture is a pipe", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), os.mkfifo(d / "images/1.png")) and None, short=True)
case("data", "a picture is a link to nothing", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), (d / "images/1.png").symlink_to("nowhere")) and None)
case("data", "a picture is very long", "green",
     lambda p, d: (d / "images/1.png").write_bytes(strip()) and None)
case("data", "the data is nested deeply", "red",
     later(text("[" * 100_000 + "]" * 100_000, "later.json")))
case("data", "a text has a character 0", "green", later(one(lambda s: answer(s, "a \0 cat"), "later.json")))
case("data", "a text has half a character pair", "red",
     later(lambda p, d: (d / "later.json").write_text((d / "data.json").read_text().replace("a cat", "a \\ud800", 1))
           and None))

# Templates
case("templates", "the project's is unknown", "red", options(template="unheard_of"))
case("templates", "a stage's is unknown", "red", options(stages__2__template="unheard_of"))
case("templates", "a stage's is made for another tokenizer", "red", options(stages__2__template="gemma"), short=True)
case("templates", "the project's is made for another tokenizer", "amber", options(template="llama3"))
case("templates", "the project's is qwen2_base, the teacher's wasn't", "amber", options(template="qwen2_base"))
case("templates", "the caption's everywhere", "amber", options(template="pretrain"))

# Probes and evaluations
case("looking", "a probe has no picture", "red", options(probes=[{"image": "", "question": "What?"}]))
case("looking", "a probe's picture isn't there", "red",
     options(probes=[{"image": "none.png", "question": "What?"}]), short=True)
case("looking", "a probe's picture is text", "red",
     all_of(options(probes=[{"image": "p.png", "question": "What?"}]), text("hello", "p.png")))
case("looking", "a probe's picture is cut in half", "amber",
     all_of(options(probes=[{"image": "p.png", "question": "What?"}]), text(half(png(256)), "p.png")))
case("looking", "a probe has no question", "green", options(probes=[{"image": "images/0.png", "question": ""}]))
case("looking", "a probe's question names its picture", "green",
     options(probes=[{"image": "images/0.png", "question": "<image>\nWhat?"}]))
case("looking", "a probe's question is very long", "green",
     options(probes=[{"image": "images/0.png", "question": "the red car " * 2000}]))
case("looking", "no probes", "green", options(probes=[]))
case("looking", "an evaluation has no file", "red",
     options(evaluations=[{"task": "exact_match", "file": ""}]))
case("looking", "an evaluation's file isn't there", "red",
     options(evaluations=[{"task": "exact_match", "file": "none.json"}]), short=True)
case("looking", "an evaluation's task is unknown", "red",
     options(evaluations=[{"task": "unheard_of", "file": "questions.json"}]))
case("looking", "an evaluation has no questions", "red", text("[]", "questions.json"))
case("looking", "an evaluation's file is no JSON", "red", text("[{", "questions.json"))
case("looking", "an evaluation's pictures are elsewhere", "red",
     options(evaluations=[{"task": "exact_match", "file": "questions.json", "images": "models"}]))
case("looking", "one question's picture isn't there", "amber",
     one(lambda s: picture(s, "none.png"), "questions.json"))
case("looking", "a question has no answer", "amber", one(lambda s: s["conversations"].pop(), "questions.json"))
case("looking", "all questions have no answer", "red", each(lambda s: s["conversations"].pop(), "questions.json"))
case("looking", "a question is longer than the model", "amber",
     one(lambda s: question(s, "<image>\n" + "the red car " * 400), "questions.json"))
case("looking", "no evaluation", "green", options(evaluations=[]))

# The run
case("run", "no accelerator, but cuda", "red", options(run__device="cuda"), short=True)
case("run", "a device is unknown", "red", options(run__device="tpu"))
case("run", "bf16", "green", options(run__precision="bf16"))
case("run", "a precision is unknown", "red", options(run__precision="fp16"))
case("run", "a seed that is negative", "red", options(run__seed=-1))
case("run", "a seed of 2^53", "red", options(run__seed=2**53))
case("run", "two threads and three workers", "green", options(run__threads=2, run__workers=3))
case("run", "a checkpoint each step", "green", options(run__checkpoint_every=1))
case("run", "a million checkpoints are kept", "green", options(run__keep_checkpoints=1_000_000))
case("run", "no checkpoint is kept", "red", options(run__keep_checkpoints=0))
case("run", "recomputed activations", "green", options(run__activation_checkpointing="on"))
case("run", "both caches", "green", options(run__vision_cache="on", run__teacher_cache="on"))
case("run", "the caches' folder is a file", "red", options(run__vision_cache="on", run__cache_folder="data.json"))
case("run", "runs is a file", "red", text("", "runs"), short=True)
case("run", "runs is a link to nothing", "red", lambda p, d: (d / "runs").symlink_to("nowhere") and None)
case("run", "the caches' own folder is a file", "red",
     all_of(options(run__vision_cache="on"), lambda p, d: (d / "cache").write_text("") and None))
case("run", "micro-batches of 65,536", "amber", options(stages__2__micro_batch_size=65536, stages__2__batch_size=65536,
                                                        stages__2__warmup_ratio=0))
case("run", "the largest learning rate", "green", options(stages__2__learning_rate=10))
case("run", "the largest weight and temperature", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1000, "temperature": 100}]))
case("run", "a rule for numbers that are none", "red", options(run__not_a_number="unheard_of"))
case("run", "the project is of a newer version", "red", options(version=99))
case("run", "the project's format is another", "red", options(format="other"))
case("run", "an unknown option", "red", options(run__unheard_of=1))
case("run", "a name with quotes and line breaks", "green", options(name="a \"b\"\n'c'"))
case("run", "the project is empty", "red", lambda p, d: p.clear())


def swap_words(file):
    made = json.loads(file.read_text())
    words = made["model"]["vocab"]
    first, second = list(words)[300:302]
    words[first], words[second] = words[second], words[first]
    file.write_text(json.dumps(made))
