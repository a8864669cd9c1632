# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What run_damage does to a killed run and to what it reads, before it is resumed.

A change is a function of the project's folder and the run's; `named` are words of which one must be in what the resume
says, `ends` what it may come to:
  equal    it goes on to the result of the undisturbed run, with or without a word
  told     the same, but it must name what isn't as it was
  refused  it ends with 2, names it, and goes on to the equal result once it is put back
  other    it goes on to another result, and names what is another; only options that a person changed do that
"""
import hashlib
import json
import os
import random
import shutil

import check_cases

CASES = []  # (group, name, change, named, ends, variables of the resume's environment)
NEWEST = None  # name of the newest checkpoint, once it is known


def case(group, name, change, named, *ends, **environment):
    CASES.append((group, name, change, named, ends, environment))


def flip(path, chance):
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def in_place(path, change):
    """Other content of the same size and time of change."""
    before = path.stat()
    path.write_bytes(change(path.read_bytes()))
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


# --- a checkpoint's files


def flipped_bits(checkpoint, count, seed):
    """As many cases, one after another for each file of the checkpoint."""
    files = sorted(path.relative_to(checkpoint) for path in checkpoint.rglob("*") if path.is_file())
    for i in range(count):
        name = files[i % len(files)]
        case("bits", f"bit {i + 1}: {name}",
             lambda d, run, name=name, i=i: flip(run / "checkpoints" / checkpoint.name / name, random.Random(seed + i)),
             [checkpoint.name], "told")


def sign(checkpoint):
    """The manifest's line of state.json as if the file had been written so."""
    sums = checkpoint / "SHA256SUMS"
    lines = [line if not line.endswith("  state.json")
             else hashlib.sha256((checkpoint / "state.json").read_bytes()).hexdigest() + "  state.json"
             for line in sums.read_text().splitlines()]
    sums.write_text("\n".join(lines) + "\n")


def state(edit, signed):
    def change(d, run):
        checkpoint = run / "checkpoints" / NEWEST
        file = checkpoint / "state.json"
        made = json.loads(file.read_text())
        text = edit(made)
        file.write_text(text if isinstance(text, str) else json.dumps(made))
        if signed:
            sign(checkpoint)
    return change


def put(**values):
    return lambda made: made.update(values)


def without(key):
    return lambda made: made.pop(key) and None


STATES = {
    "stage_index is text": put(stage_index="2"), "stage is a number": put(stage=5),
    "stage_step is 1.5": put(stage_step=1.5), "stage_done is text": put(stage_done="no"),
    "step is null": put(step=None), "samples is a list": put(samples=[]), "schedule is an object": put(schedule={}), "log is a number": put(log=7),
    "seed is 1.5": put(seed=1.5), "stage_index is -1": put(stage_index=-1), "stage_index is 7": put(stage_index=7),
    "stage_step is -1": put(stage_step=-1), "step is 10^18": put(step=10**18), "skipped is -1": put(skipped=-1),
    "micro_batch_limit is -1": put(micro_batch_limit=-1), "the version is 99": put(version=99),
    "the format is another": put(format="other"), "the stage is another": put(stage="SFT"),
    "the stage is done": put(stage_done=True),
    "a step of the run more": lambda made: made.update(step=made["step"] + 1),
    "a step of the stage less": lambda made: made.update(stage_step=made["stage_step"] - 1),
    "fewer samples than steps": put(samples=3), "no stage_step": without("stage_step"),
    "a key's name has a flipped bit": lambda made: json.dumps(made).replace('"stage_done"', '"stage_dgne"'),
    "an empty object": lambda made: "{}", "half of it": lambda made: json.dumps(made)[:100],
}
# Values that could be true tell nothing, once their checksum is right.
PLAUSIBLE = ("a step of the stage less",)
for what, edit in STATES.items():
    case("state.json", what, state(edit, False), ["{newest}"], "told")
    if what not in PLAUSIBLE:
        case("state.json", what + "; the manifest fits", state(edit, True), ["{newest}"], "told")

# --- inputs


def samples(change, file="data.json"):
    def apply(d, run):
        made = json.loads((d / file).read_text())
        other = change(made)
        (d / file).write_text(json.dumps(made if other is None else other))
    return apply


def first_answer(made, value="a dog"):
    made[0]["conversations"][1]["value"] = value


def weights(name):
    return lambda d, run: flip(d / "models" / name / "model.safetensors", random.Random(name))


def last_byte(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def rewritten(path, change=lambda content: content):
    return lambda d, run: (d / path).write_bytes(change((d / path).read_bytes())) and None


def option(change):
    def apply(d, run):
        file = d / "small.kdproj"
        project = json.loads(file.read_text())
        change(project)
        file.write_text(json.dumps(project))
    return apply


def run_option(**values):
    return option(lambda project: project["run"].update(values))


def stage_option(**values):
    return option(lambda project: project["stages"][2].update(values))


INPUTS = "inputs"
case(INPUTS, "nothing", lambda d, run: None, [], "equal")
case(INPUTS, "the data lack a sample", samples(lambda made: made[1:]), ["data.json"], "refused")
case(INPUTS, "the data are in another order", samples(lambda made: made[::-1]), ["data.json"], "refused")
case(INPUTS, "an answer is another", samples(first_answer), ["data.json"], "refused")
case(INPUTS, "an answer is another, size and time the same",
     lambda d, run: in_place(d / "data.json", lambda text: text.replace(b"red car", b"bed car")), ["data.json"],
     "refused")
case(INPUTS, "a picture is another", lambda d, run: (d / "images/1.png").write_bytes(check_cases.png(seed=9)) and None,
     ["images/1.png"], "refused")
case(INPUTS, "a picture is another, size and time the same",
     lambda d, run: in_place(d / "images/1.png", last_byte), ["images/1.png"], "refused")
case(INPUTS, "a picture is gone", lambda d, run: (d / "images/1.png").unlink(), ["images/1.png"], "refused")
case(INPUTS, "a bit of the teacher's weights", weights("teacher"), ["models/teacher/model.safetensors"], "refused")
case(INPUTS, "a bit of the teacher's weights, size and time the same",
     lambda d, run: in_place(d / "models/teacher/model.safetensors", last_byte), ["models/teacher/model.safetensors"],
     "refused")
case(INPUTS, "the teacher's configuration",
     rewritten("models/teacher/config.json", lambda text: text.replace(b"1e-06", b"1e-05") + b" "),
     ["models/teacher/config.json"], "refused")
case(INPUTS, "the teacher's tokenizer", rewritten("models/teacher/tokenizer.json", lambda text: text + b"\n"),
     ["models/teacher/tokenizer.json"], "refused")
case(INPUTS, "the teacher has one file more",
     lambda d, run: (d / "models/teacher/generation_config.json").write_text('{"eos_token_id": 7}') and None,
     ["generation_config.json"], "refused")
case(INPUTS, "the student's parts, which the checkpoint has taken up", weights("language-student"),
     ["models/language-student"], "told")
case(INPUTS, "the student's tokenizer, which the checkpoint has taken up",
     rewritten("models/language-student/tokenizer.json", lambda text: text + b"\n"), ["models/language-student"],
     "told")
case(INPUTS, "the tower, which the checkpoint has taken up", weights("tower"), ["models/tower"], "told")
case(INPUTS, "the evaluation's questions", samples(first_answer, "questions.json"), ["questions.json"], "refused")
case(INPUTS, "the probe's picture", lambda d, run: (d / "probe.png").write_bytes(check_cases.png(seed=8)) and None,
     ["probe.png"], "refused")
case(INPUTS, "all files have another time",
     lambda d, run: [os.utime(path) for path in d.rglob("*") if path.is_file() and run not in path.parents] and None,
     [], "equal")
case(INPUTS, "the models are elsewhere, behind a link",
     lambda d, run: [shutil.move(d / "models", d / "elsewhere"), (d / "models").symlink_to("elsewhere")] and None, [],
     "equal")

OPTIONS = "options"
case(OPTIONS, "a stage's template", stage_option(template="pretrain"), ["stages.DFT.template"], "other")
case(OPTIONS, "the project's template", option(lambda p: p.update(template="qwen2_base")), ["template"], "other")
case(OPTIONS, "a learning rate", stage_option(learning_rate=0.0005), ["stages.DFT.learning_rate"], "other")
case(OPTIONS, "a weight", option(lambda p: p["stages"][2]["terms"][1].update(weight=0.25)), ["mdist_response"], "other")
case(OPTIONS, "the batch", stage_option(batch_size=2, micro_batch_size=2), ["stages.DFT.batch_size"], "other")
case(OPTIONS, "the micro-batch", stage_option(micro_batch_size=2), ["stages.DFT.micro_batch_size"], "other", "told")
case(OPTIONS, "the data's name", option(lambda p: p["stages"][2].update(data="questions.json")),
     ["stages.DFT.data"], "other", "refused")
case(OPTIONS, "the longest sequence", option(lambda p: p.update(max_length=200)), ["max_length"], "other", "told")
case(OPTIONS, "the precision", run_option(precision="bf16"), ["precision"], "refused", "other")
case(OPTIONS, "the seed", run_option(seed=5), ["seed"], "refused")
case(OPTIONS, "what learns", stage_option(train=["connector"]), ["train", "optimizer", "learn"], "refused", "other")
case(OPTIONS, "the order of the stages", option(lambda p: p.update(schedule=["SFT", "DPT", "DFT"])), ["stages"],
     "refused")
case(OPTIONS, "the evaluation's file", option(lambda p: p["evaluations"][0].update(file="data.json")), ["evaluation"],
     "refused", "other")
case(OPTIONS, "a probe's question", option(lambda p: p["probes"][0].update(question="What is it?")), ["probe"], "other")
case(OPTIONS, "caches off", run_option(vision_cache="off", teacher_cache="off"), [], "equal", "told")
case(OPTIONS, "activations are recomputed", run_option(activation_checkpointing="on"), [], "equal", "told")
case(OPTIONS, "three workers", run_option(workers=3), [], "equal")

MACHINE = "machine"
case(MACHINE, "two threads", run_option(threads=2), ["threads"], "told", "other")
case(MACHINE, "another instruction set", lambda d, run: None, ["instruction_set"], "told", "other",
     ATEN_CPU_CAPABILITY="default")
case(MACHINE, "another mode of MKL", lambda d, run: None, ["MKL_CBWR"], "told", "other", MKL_CBWR="COMPATIBLE")
case(MACHINE, "another instruction set of oneDNN", lambda d, run: None, ["ONEDNN_MAX_CPU_ISA"], "told", "other",
     ONEDNN_MAX_CPU_ISA="SSE41")


def caches(change):
    def apply(d, run):
        files = sorted(path for path in (d / "cache").rglob("*") if path.is_file())
        assert files, "there are no caches"
        for path in files:
            change(path)
    return apply


def exchange(d, run):
    files = sorted(path for path in (d / "cache").rglob("*") if path.is_file())
    texts = [path.read_bytes() for path in files]
    for path, text in zip(files, texts[1:] + texts[:1]):
        path.write_bytes(text)


CACHES = "caches"
case(CACHES, "gone", lambda d, run: shutil.rmtree(d / "cache"), [], "equal")
case(CACHES, "a bit of each", caches(lambda path: flip(path, random.Random(1))), [], "equal")
case(CACHES, "each cut in half", caches(lambda path: os.truncate(path, path.stat().st_size // 2)), [], "equal", "told")
case(CACHES, "each emptied", caches(lambda path: os.truncate(path, 0)), [], "equal")
case(CACHES, "exchanged", exchange, [], "equal", "told")
case(CACHES, "a file in the folder's place",
     lambda d, run: [shutil.rmtree(d / "cache"), (d / "cache").write_text("")] and None, ["cache"], "refused", "told")
