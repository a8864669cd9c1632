# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What run_damage does to a killed run's log and to its other files; cases as in damage_cases."""
import json
import os
import random
import shutil

import damage_cases
from damage_cases import case, flip

LOG = "events.jsonl"
FOREIGN = '{"type":"step","time":1.0,"stage":"DPT","stage_step":1,"step":1,"total":0.5}'


def lines(change):
    """Changes the list of the log's lines, each with its end."""
    def apply(d, run):
        log = run / LOG
        made = log.read_text().splitlines(keepends=True)
        log.write_text("".join(change(made) or made))
    return apply


def another_run(d, run):
    """The log of the undisturbed run, which is another."""
    shutil.copy(d / "whole.jsonl", run / LOG)


def add(path, text):
    with path.open("a") as file:
        file.write(text)


def as_pipe(path):
    path.unlink()
    os.mkfifo(path)


def as_folder(path):
    path.unlink(missing_ok=True)
    path.mkdir()


case(LOG, "half a line at its end", lambda d, run: add(run / LOG, '{"type":"st'), [], "equal", "told")
case(LOG, "garbage in its midst", lines(lambda made: made.insert(5, "hello\n")), [LOG], "told")
case(LOG, "a line of 5 MB", lines(lambda made: made.insert(5, "x" * 5_000_000 + "\n")), [LOG], "told")
case(LOG, "a million brackets", lines(lambda made: made.insert(5, "[" * 1_000_000 + "\n")), [LOG], "told")
case(LOG, "bytes that are no UTF-8",
     lambda d, run: (run / LOG).write_bytes(b"\xff\xfe\n" + (run / LOG).read_bytes()) and None, [LOG], "told")
case(LOG, "a line is gone", lines(lambda made: made.pop(4) and None), [LOG], "told")
case(LOG, "a line is there twice", lines(lambda made: made.insert(5, made[4])), [LOG], "told")
case(LOG, "two lines have changed places", lines(lambda made: made.insert(4, made.pop(5))), [LOG], "told")
case(LOG, "a number is another", lines(lambda made: made.__setitem__(4, made[4].replace("0.", "1.", 1))), [LOG], "told")
case(LOG, "a line of another program", lines(lambda made: made.insert(6, FOREIGN + "\n")), [LOG], "told")
case(LOG, "lines of another program at its end", lambda d, run: add(run / LOG, (FOREIGN + "\n") * 3), [], "equal",
     "told")
case(LOG, "emptied", lambda d, run: os.truncate(run / LOG, 0), [LOG], "told")
case(LOG, "cut in half", lambda d, run: os.truncate(run / LOG, (run / LOG).stat().st_size // 2), [LOG], "told")
case(LOG, "gone", lambda d, run: (run / LOG).unlink(), [LOG], "told")
case(LOG, "another run's", another_run, [LOG], "told")
case(LOG, "a folder in its place", lambda d, run: as_folder(run / LOG), [LOG], "told", "refused")
case(LOG, "a pipe in its place", lambda d, run: as_pipe(run / LOG), [LOG], "told", "refused")
for at in range(6):
    case(LOG, f"bit {at + 1}", lambda d, run, at=at: flip(run / LOG, random.Random(at)), [LOG], "told", "equal")
case(LOG, "its checksums are gone", lambda d, run: (run / "events.sums").unlink(), ["events.sums"], "told")
case(LOG, "its checksums are emptied", lambda d, run: os.truncate(run / "events.sums", 0), ["events.sums", LOG], "told")
for at in range(3):
    case(LOG, f"bit {at + 1} of its checksums", lambda d, run, at=at: flip(run / "events.sums", random.Random(at)),
         ["events.sums", LOG], "told", "equal")
case(LOG, "log and checksums are gone", lambda d, run: [(run / LOG).unlink(), (run / "events.sums").unlink()] and None,
     [LOG, "events.sums"], "told")

OTHERS = "the run's others"


def checkpoint_file(name):
    return lambda run: run / "checkpoints" / damage_cases.NEWEST / name


def latest(text):
    return lambda d, run: (run / "checkpoints/latest").write_text(text) and None


case(OTHERS, "latest is gone", lambda d, run: (run / "checkpoints/latest").unlink(), [], "equal", "told")
case(OTHERS, "latest is empty", latest(""), [], "equal", "told")
case(OTHERS, "latest names nothing", latest("DFT-99\n"), [], "equal", "told")
case(OTHERS, "latest leads out of the folder", latest("../../whole\n"), [], "equal", "told")
case(OTHERS, "latest is a folder", lambda d, run: as_folder(run / "checkpoints/latest"), ["latest"], "equal", "told",
     "refused")
for part in ("state.json", "optimizer.safetensors", "model/model.safetensors", "model/tokenizer.json", "SHA256SUMS"):
    case(OTHERS, f"the newest checkpoint lacks {part}", lambda d, run, part=part: checkpoint_file(part)(run).unlink(),
         ["{newest}"], "told")
    case(OTHERS, f"the newest checkpoint's {part} is empty",
         lambda d, run, part=part: os.truncate(checkpoint_file(part)(run), 0), ["{newest}"], "told")
case(OTHERS, "the newest checkpoint is gone",
     lambda d, run: shutil.rmtree(run / "checkpoints" / damage_cases.NEWEST), ["latest", "{newest}"], "told", "equal")
case(OTHERS, "all checkpoints are gone", lambda d, run: shutil.rmtree(run / "checkpoints"), ["checkpoint"], "refused")
case(OTHERS, "a foreign file in the newest checkpoint",
     lambda d, run: checkpoint_file("foreign.bin")(run).write_text("x") and None, ["{newest}"], "told")
for at in range(12):
    case(OTHERS, f"bit {at + 1} of run.json", lambda d, run, at=at: flip(run / "run.json", random.Random(at)), [""],
         "equal", "told", "refused")
case(OTHERS, "run.json is empty", lambda d, run: os.truncate(run / "run.json", 0), ["run.json"], "refused")
case(OTHERS, "run.json is half there", lambda d, run: os.truncate(run / "run.json", 300), ["run.json"], "refused")
case(OTHERS, "run.json is gone", lambda d, run: (run / "run.json").unlink(), ["r"], "refused")
case(OTHERS, "pictures.txt is gone", lambda d, run: (run / "pictures.txt").unlink(), ["pictures"], "told")
for at in range(4):
    case(OTHERS, f"bit {at + 1} of pictures.txt", lambda d, run, at=at: flip(run / "pictures.txt", random.Random(at)),
         ["images/", "pictures"], "equal", "told", "refused")
case(OTHERS, "notes.json is garbage", lambda d, run: (run / "notes.json").write_text("{") and None, [], "equal", "told")
case(OTHERS, "the lock is a folder", lambda d, run: as_folder(run / "lock"), ["lock"], "equal", "told", "refused")
case(OTHERS, "the socket is a file", lambda d, run: (run / "control.sock").unlink(missing_ok=True) or
     (run / "control.sock").write_text("") and None, [], "equal", "told")
case(OTHERS, "probes and scores are gone", lambda d, run: [shutil.rmtree(run / "probes"), shutil.rmtree(run / "eval")]
     and None, ["probes"], "equal", "told", "other")
