# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of run_places: each takes the world and says what became of the run."""
import collections
import json
import os
import shutil
import subprocess

import small_runs

DAY = 86400
KILL_AT = 6  # the second step of the third stage


class World:
    """A pristine project with the result of its undisturbed run."""

    def __init__(self, options, base):
        self.engine, self.library, self.base, self.made = options.engine, options.library, base, 0
        self.pristine = base / "pristine"
        self.pristine.mkdir()
        stages = [small_runs.stage("DPT", 2), small_runs.stage("SFT", 2), small_runs.stage("DFT", 5)]
        file = small_runs.write_project(self.pristine, stages, probe_every=3, checkpoint_every=2, keep_checkpoints=2)
        self.must_train(file, "--run", "r")
        self.truth = small_runs.result_of(self.pristine / "runs/r")
        shutil.rmtree(self.pristine / "runs")

    def fresh(self, name=None):
        """A copy of the project; its file."""
        self.made += 1
        folder = self.base / f"{self.made}" / (name or "small")
        folder.parent.mkdir()
        shutil.copytree(self.pristine, folder)
        return folder / "small.kdproj"

    def killed(self, name=None):
        file = self.fresh(name)
        small_runs.killed_at(self.engine, file, KILL_AT, "--run", "r")
        return file

    def at_work(self, file, step=KILL_AT, run="r"):
        """A run that has come to this step."""
        process = small_runs.start(self.engine, "train", file, "--json", "--run", run, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.PIPE)
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "step" and event["step"] == step:
                break
        return process

    def must_train(self, file, *arguments):
        said = small_runs.train(self.engine, file, *arguments)
        if said.code != 0:
            raise AssertionError(f"WRONG: the undisturbed run failed: {said.error}")

    def compared(self, file, run="r"):
        difference = small_runs.differences(self.truth, small_runs.result_of(file.parent / "runs" / run))
        return f"WRONG: another {difference}" if difference else "equal"

    def resumed(self, file, run="r", **variables):
        said = small_runs.train(self.engine, file, "--resume", run, **variables)
        if said.code != 0:
            return f"WRONG: the resume ended by {said.code}: {said.error[-300:]}"
        return self.compared(file, run)

    def clock(self, seconds, after=0):
        """Variables that set the clock of a program forward, from its so manieth question on."""
        return {"LD_PRELOAD": self.library, "LLAVAKD_FAULT_CLOCK": f"{seconds}@{after}"}


GROUPS = collections.defaultdict(dict)


def case(group, name):
    def add(function):
        GROUPS[group][name] = function
        return function
    return add


def ended(world, process, file):
    """What became of a run that was disturbed: it is equal, or says why not and is equal after a resume."""
    said = process.communicate(timeout=small_runs.SECONDS)[1].decode("utf-8", "replace").strip()
    if process.returncode == 0:
        return world.compared(file)
    if process.returncode not in (1, 2) or not said:
        return f"WRONG: ended by {process.returncode}: {said[-300:]}"
    became = world.resumed(file)
    return "told, then " + became if became == "equal" else became


# --- moved and copied


@case("moved", "the project's folder is moved after a kill")
def moved(world):
    file = world.killed()
    file.parent.rename(file.parent.parent / "elsewhere")
    return world.resumed(file.parent.parent / "elsewhere" / file.name)


@case("moved", "the run's folder is renamed after a kill")
def renamed(world):
    file = world.killed()
    (file.parent / "runs/r").rename(file.parent / "runs/other")
    return world.resumed(file, "other")


@case("moved", "the project's folder is moved during the run")
def moved_at_work(world):
    file = world.fresh()
    process = world.at_work(file)
    other = file.parent.parent / "elsewhere"
    file.parent.rename(other)
    return ended(world, process, other / file.name)


@case("moved", "the run's folder is renamed during the run")
def renamed_at_work(world):
    file = world.fresh()
    process = world.at_work(file)
    (file.parent / "runs/r").rename(file.parent / "runs/moved")
    said = process.communicate(timeout=small_runs.SECONDS)[1].decode("utf-8", "replace").strip()
    if process.returncode == 0 or not said:
        return f"WRONG: ended by {process.returncode} without a word"
    if (file.parent / "runs/r").exists():
        shutil.rmtree(file.parent / "runs/r")
    became = world.resumed(file, "moved")
    return "told, then " + became if became == "equal" else became


def copy_of(file, name="copy", **how):
    (file.parent / "runs/r/control.sock").unlink(missing_ok=True)
    shutil.copytree(file.parent, file.parent.parent / name, symlinks=True, **how)
    return file.parent.parent / name / file.name


@case("copied", "the project after a kill; both go on")
def copied(world):
    file = world.killed()
    other = copy_of(file)
    first = world.resumed(other)
    return first if first != "equal" else world.resumed(file)


@case("copied", "the project after a kill, all with the time of the copy")
def copied_without_times(world):
    return world.resumed(copy_of(world.killed(), copy_function=shutil.copy))


@case("copied", "the project during the run; the copy is resumed, the run goes on")
def copied_at_work(world):
    file = world.fresh()
    process = world.at_work(file)
    other = file.parent.parent / "copy"
    # What comes and goes meanwhile is no fault of the copy.
    subprocess.run(["cp", "-a", str(file.parent), str(other)], stderr=subprocess.DEVNULL, check=False)
    became = ended(world, process, file)
    return became if became.startswith("WRONG") else world.resumed(other / file.name)


@case("copied", "a run within its project, under another name")
def copied_run(world):
    file = world.killed()
    (file.parent / "runs/r/control.sock").unlink(missing_ok=True)
    shutil.copytree(file.parent / "runs/r", file.parent / "runs/second")
    first = world.resumed(file, "second")
    return first if first != "equal" else world.resumed(file)


# --- links


def linked(path):
    """What is there goes elsewhere, and a link to it takes its place."""
    folder = path.parents[1] if path.suffix == ".safetensors" else path.parent  # one more file would be one more input
    other = folder / (path.name + "-elsewhere")
    path.rename(other)
    path.symlink_to(other)


for what in ("runs", "runs/r", "runs/r/checkpoints", "runs/r/events.jsonl", "runs/r/run.json", "runs/r/events.sums",
             "runs/r/probes", "data.json", "images", "models", "models/teacher/model.safetensors", "small.kdproj"):
    def link_case(world, what=what):
        file = world.killed()
        linked(file.parent / what)
        return world.resumed(file)
    case("links", what)(link_case)


@case("links", "the newest checkpoint")
def link_of_checkpoint(world):
    file = world.killed()
    checkpoint = small_runs.newest(file.parent / "runs/r")
    other = file.parent / "kept"
    checkpoint.rename(other)
    checkpoint.symlink_to(other)
    return world.resumed(file)


@case("links", "to the project's folder, as a name of it")
def link_to_project(world):
    file = world.killed()
    (file.parent.parent / "alias").symlink_to(file.parent)
    return world.resumed(file.parent.parent / "alias" / file.name)


for what, name in {"spaces": "a  b ", "quotes": "a'b\"c`", "a line break": "a\nb", "signs of a shell": "$(exit)*?;&|<>",
                   "not ASCII": "Zażółć 学習", "not UTF-8": os.fsdecode(b"a\xff\xfe"), "200 letters": "n" * 200,
                   "a dash": "-rf", "a percent sign": "%s%n{}"}.items():
    case("names", what)(lambda world, name=name: world.resumed(world.killed(name)))

# --- the clock

for what, seconds in {"30 days back": -30 * DAY, "before 1970": -25000 * DAY, "10 years on": 3650 * DAY,
                      "100,000 days on": 100000 * DAY}.items():
    def resumed_then(world, seconds=seconds):
        return world.resumed(world.killed(), **world.clock(seconds))

    def killed_then(world, seconds=seconds):
        file = world.fresh()
        small_runs.killed_at(world.engine, file, KILL_AT, "--run", "r",
                             env=small_runs.environment(**world.clock(seconds)))
        return world.resumed(file)

    def steps_then(world, seconds=seconds):
        file = world.fresh()
        said = small_runs.train(world.engine, file, "--run", "r", **world.clock(seconds, 40))
        return world.compared(file) if said.code == 0 else f"WRONG: ended by {said.code}: {said.error[-200:]}"

    case("clock", f"{what} at the resume")(resumed_then)
    case("clock", f"{what} before the kill")(killed_then)
    case("clock", f"steps {what} during the run")(steps_then)

# --- several engines


@case("engines", "a resume of a run that is at work")
def second_engine(world):
    file = world.fresh()
    process = world.at_work(file, 3)
    said = small_runs.train(world.engine, file, "--resume", "r")
    if said.code != 2 or "at work" not in said.error and "another process" not in said.error:
        process.kill()
        return f"WRONG: the second ended by {said.code}: {said.error[-200:]}"
    return ended(world, process, file)


def all_at_once(world, file, count, *arguments):
    """Exit codes of several engines that begin at the same time, and what they said."""
    processes = [small_runs.start(world.engine, "train", file, *arguments, stderr=subprocess.PIPE)
                 for _ in range(count)]
    said = [process.communicate(timeout=small_runs.SECONDS)[1].decode().strip() for process in processes]
    return [process.returncode for process in processes], said


@case("engines", "three resumes at once")
def three_resumes(world):
    file = world.killed()
    codes, said = all_at_once(world, file, 3, "--resume", "r")
    if sorted(codes) == [0, 2, 2]:
        return world.compared(file)
    # Where the first had ended before the last began, that one is told so, or finds all done.
    return world.compared(file) if set(codes) <= {0, 2} and 0 in codes else f"WRONG: they ended by {codes}: {said}"


@case("engines", "three new runs of one name at once")
def three_new(world):
    file = world.fresh()
    codes, said = all_at_once(world, file, 3, "--run", "r")
    return world.compared(file) if sorted(codes) == [0, 2, 2] else f"WRONG: they ended by {codes}: {said}"


@case("engines", "two runs that write one cache")
def shared_cache(world):
    file = world.fresh()
    small_runs.change_project(file, lambda p: p["run"].update(vision_cache="on", teacher_cache="on"))
    codes = []
    processes = [small_runs.start(world.engine, "train", file, "--run", name) for name in ("r", "s")]
    codes = [process.wait(small_runs.SECONDS) for process in processes]
    if codes != [0, 0]:
        return f"WRONG: they ended by {codes}"
    first, second = (small_runs.result_of(file.parent / "runs" / name) for name in ("r", "s"))
    difference = small_runs.differences(first, second)
    return f"WRONG: they differ in {difference}" if difference else "equal"


@case("engines", "a run that is at work is deleted")
def deleted_at_work(world):
    file = world.fresh()
    process = world.at_work(file, 3)
    said = small_runs.say(world.engine, "runs", "delete", file, "r", "--yes")
    if said.code != 2 or not (file.parent / "runs/r/run.json").exists():
        process.kill()
        return f"WRONG: deleting ended by {said.code}: {said.error[-200:]}"
    return ended(world, process, file)


@case("engines", "ten writers of the queue at once")
def queue_writers(world):
    file = world.fresh()
    state = small_runs.environment(XDG_STATE_HOME=str(file.parent / "state"))
    processes = [small_runs.start(world.engine, "runs", "queue", "add", file, "--run", f"q{i}", env=state)
                 for i in range(10)]
    codes = [process.wait(small_runs.SECONDS) for process in processes]
    said = small_runs.say(world.engine, "runs", "queue", "--json", XDG_STATE_HOME=str(file.parent / "state"))
    names = sorted(entry["run"] for entry in json.loads(said.out)["waiting"])
    return "equal" if codes == [0] * 10 and names == sorted(f"q{i}" for i in range(10)) else f"WRONG: {codes}: {names}"


@case("engines", "two that start the queue's runs")
def queue_runners(world):
    file = world.fresh()
    state = small_runs.environment(XDG_STATE_HOME=str(file.parent / "state"))
    for name in ("r", "s"):
        small_runs.start(world.engine, "runs", "queue", "add", file, "--run", name, env=state).wait(small_runs.SECONDS)
    processes = [small_runs.start(world.engine, "runs", "queue", "run", env=state) for _ in range(2)]
    codes = sorted(process.wait(small_runs.SECONDS) for process in processes)
    if codes != [0, 2]:
        return f"WRONG: they ended by {codes}"
    first = world.compared(file)
    return first if first != "equal" else world.compared(file, "s")
