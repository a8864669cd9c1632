# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small projects, their runs by the built program, and what of two runs must be equal."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "build" / "release" / "bin" / "llavakd"
MODELS = ROOT / "projects" / "emoji" / "models"
SECONDS = 120  # that a command may take; then it hangs
OF_SPEED = ("time", "seconds", "waiting_seconds", "phases", "memory_bytes")
# What tells how a run came to its end, not what it came to.
OF_THE_WAY = ("run_started", "run_resumed", "paused", "unpaused", "estimate", "warning", "failed")


def add_arguments(parser):
    """Those that all the scripts here have."""
    parser.add_argument("engine", metavar="LLAVAKD", nargs="?", default=str(ENGINE))
    parser.add_argument("--short", action="store_true", help="some of each, in seconds")
    parser.add_argument("--seed", type=int, default=0, help="of what is random")
    parser.add_argument("--json", metavar="FILE", help="keeps the table as JSON")


def environment(**more):
    return dict(os.environ, OMP_NUM_THREADS="1", LC_ALL="C.UTF-8", **more)


def stage(kind, steps, **options):
    """A stage as the paper's of that kind: PT and DPT teach the connector, SFT and DFT the language model, too."""
    first = kind.startswith(("PT", "DPT"))
    made = check_cases.stage(kind, ["connector"] if first else ["connector", "language_model"], kind.startswith("D"),
                             "pretrain" if first else None)
    made.update(max_steps=steps, epochs=100)
    made.update(options)
    return made


def write_project(folder, stages, probe_every=0, **run):
    """A project with these stages, its data and copies of its models; returns its file."""
    shutil.copytree(MODELS, folder / "models", ignore=shutil.ignore_patterns("language-teacher", "README.md"))
    project = check_cases.write_base(folder, folder / "models")
    # By its id a run is known as the project's in whatever place they are.
    project.update(id="small", stages=stages, schedule=[each["name"] for each in stages], probe_every=probe_every)
    project["run"].update(run)
    file = folder / "small.kdproj"
    file.write_text(json.dumps(project))
    return file


def change_project(file, change):
    project = json.loads(file.read_text())
    change(project)
    file.write_text(json.dumps(project))


class Said:
    """What a command came to; its code is None where it had to be killed."""

    def __init__(self, code, out, error):
        self.code, self.out, self.error = code, out, error

    @property
    def warnings(self):
        """Those among the events that it printed."""
        lines = (line for line in self.out.splitlines() if line.startswith('{') and '"warning"' in line)
        return [event["message"] for event in map(json.loads, lines) if event.get("type") == "warning"]


def say(engine, *arguments, seconds=SECONDS, cwd=None, **more):
    """Runs a command to its end; `more` are variables of its environment."""
    try:
        done = subprocess.run([engine, *map(str, arguments)], capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=seconds, env=environment(**more), cwd=cwd, check=False)
    except subprocess.TimeoutExpired:
        return Said(None, "", "it hangs")
    return Said(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace").strip())


def train(engine, file, *arguments, **more):
    return say(engine, "train", file, "--json", *arguments, **more)


def start(engine, *arguments, **how):
    """Starts a command; without words of `how`, nobody reads what it prints."""
    how.setdefault("stdin", subprocess.DEVNULL)
    how.setdefault("stdout", subprocess.DEVNULL)
    how.setdefault("stderr", subprocess.DEVNULL)
    how.setdefault("env", environment())
    return subprocess.Popen([engine, *map(str, arguments)], **how)


def killed_at(engine, file, step, *arguments, kind="step", **how):
    """Runs until the first event of that kind from this step on, then kills by SIGKILL."""
    process = start(engine, "train", file, "--json", *arguments, stdout=subprocess.PIPE, **how)
    for line in process.stdout:
        event = json.loads(line)
        if event["type"] == kind and event["step"] >= step:
            break
    process.kill()
    process.stdout.close()
    process.wait()


def wait_until(test, seconds=SECONDS, pause=0.005):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(pause)
    return False


def hash_below(folder, without=()):
    """Names and bytes of all files, but for what a killed process left unfinished."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and ".partial" not in str(name) and str(name) not in without:
            digest.update(str(name).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def events_of(run):
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def comparable_events(run):
    return [{key: value for key, value in event.items() if key not in OF_SPEED}
            for event in events_of(run) if event["type"] not in OF_THE_WAY]


def content_of_checkpoint(folder):
    """But for where the log was then, which depends on the way, and for what was saved of memory."""
    state = json.loads((folder / "state.json").read_text())
    for key in ("log", "recompute"):
        state.pop(key, None)
    return [hash_below(folder, ("SHA256SUMS", "state.json")), json.dumps(state, sort_keys=True)]


def newest(run):
    return run / "checkpoints" / (run / "checkpoints" / "latest").read_text().strip()


def result_of(run):
    """What two runs of a project must have in common."""
    kept = sorted(each for each in (run / "checkpoints").iterdir() if each.is_dir() and each.suffix != ".partial")
    return {"weights": hash_below(newest(run) / "model"), "events": comparable_events(run),
            "probes": hash_below(run / "probes"), "scores": hash_below(run / "eval"),
            "checkpoints": {each.name: content_of_checkpoint(each) for each in kept},
            "status": json.loads((run / "run.json").read_text())["status"]}


def without_saves(result):
    """But for checkpoints: who asks a run to stop or to save gets one more, which may be among those that are kept."""
    events = [event for event in result["events"] if event["type"] != "checkpoint"]
    return {**result, "events": events, "checkpoints": {}}


def differences(one, other, but=()):
    """In what two results differ, in words; empty where they are equal."""
    told = []
    for key in one:
        if key in but or one[key] == other[key]:
            continue
        if key != "events":
            told.append(key)
            continue
        pairs = zip(one[key] + [None], other[key] + [None])
        first = next(((a, b) for a, b in pairs if a != b), None)
        told.append(f"events ({len(one[key])} and {len(other[key])}; the first: {str(first)[:300]})")
    return ", ".join(told)


def markdown(head, rows):
    """A table as the README has it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def keep(options, table):
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(table, indent=1))
