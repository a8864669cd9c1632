#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `llavakd check` says that a stage will take, against what its run took.

    python tests/bench/estimates.py --llavakd build/release/bin/llavakd [--minutes 11] [--project FILE] [--steps 60]

Without --project the sample emoji-quick is made in a temporary folder. Each configuration is a copy of the project with
one stage, on the CPU, without probes and evaluations. It is checked (memory by the model of the step), checked with
--probe (time and memory after ten measured steps) and trained. Memory is the highest of the process (ru_maxrss, loading
included), time the sum of its steps' seconds. As many whole rounds are made as fit into the minutes, one at least; the
table has their medians, deviations within a round. Exits with 1 where an estimate is further off than 15 % (memory) or
20 % (time). Run it on a quiet machine.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# What each row changes: the stage, then options of it and of the run. fp32 unless said otherwise: processors without
# bfloat16 products take several times as long for it.
CONFIGURATIONS = [
    ("DPT", "DPT", {}, {}),
    ("SFT", "SFT", {}, {}),
    ("DFT", "DFT", {}, {}),
    ("DFT bf16, 8 samples a step", "DFT", {"batch_size": 8, "micro_batch_size": 8}, {"precision": "bf16"}),
    ("DFT, one sample at a time", "DFT", {"micro_batch_size": 1}, {}),
    ("DFT, 16 samples a step", "DFT", {"batch_size": 16, "micro_batch_size": 16}, {}),
    ("DFT, recomputing", "DFT", {}, {"activation_checkpointing": "on"}),
    ("DFT, the tower learns too", "DFT", {"train": ["vision_tower", "connector", "language_model"]}, {}),
]
MEMORY_LIMIT, TIME_LIMIT = 0.15, 0.20


def run(arguments):
    """(exit code, stdout, highest memory in bytes); what it writes to stderr is shown where it fails."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace"))
    return process.returncode, output.decode(), usage.ru_maxrss * 1024


def checked(llavakd, file, *more):
    code, output, _ = run([llavakd, "check", file, "--json", *more])
    result = json.loads(output) if output else {}
    if code or not result.get("estimates"):
        red = [item for item in result.get("items", []) if item["level"] == "red"]
        sys.exit(f"{file}: no estimate. " + json.dumps(red, indent=1))
    return result["estimates"][0]


def trained(llavakd, file, steps):
    """(seconds of all steps, highest memory)"""
    code, output, memory = run([llavakd, "train", file, "--json"])
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    seconds = [event["seconds"] for event in events if event["type"] == "step"]
    if code or len(seconds) != steps:
        sys.exit(f"{file}: the run did {len(seconds)} of {steps} steps and ended with {code}.")
    return sum(seconds), memory


def configured(project, stage, of_stage, of_run, steps):
    made = json.loads(json.dumps(project))
    own = next((each for each in made["stages"] if each["name"] == stage), None)
    if own is None:
        sys.exit(f"The project has no stage {stage}.")
    own.update(of_stage, max_steps=steps, epochs=100)
    made["stages"], made["schedule"] = [own], [stage]
    made.pop("id", None)  # its runs are no runs of the project
    made.pop("probes", None)
    made.pop("evaluations", None)
    made.setdefault("run", {}).update({"precision": "fp32", "device": "cpu"} | of_run)
    return made


def estimated(llavakd, path, project, steps):
    """One configuration, checked, probed and trained."""
    # Its file is next to the project's, from where the paths in it start.
    runs = os.path.join(os.path.dirname(path), "runs")
    before = set(os.listdir(runs)) if os.path.isdir(runs) else set()
    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(project, file)
        by_model = checked(llavakd, path)
        probed = checked(llavakd, path, "--probe")
        seconds, memory = trained(llavakd, path, steps)
    finally:
        if os.path.exists(path):
            os.remove(path)
        for name in set(os.listdir(runs) if os.path.isdir(runs) else []) - before:
            made = os.path.join(runs, name)
            if os.path.isdir(made) and not os.path.islink(made):  # the file of the measurements stays
                shutil.rmtree(made)
    if probed["seconds"] is None:
        sys.exit(f"{path}: check --probe measured no time.")
    return {
        "model": by_model["predicted_memory_bytes"],
        "probe": probed["memory_bytes"],
        "memory": memory,
        "time": probed["seconds"],
        "run": seconds,
        "model_off": by_model["predicted_memory_bytes"] / memory - 1,
        "probe_off": probed["memory_bytes"] / memory - 1,
        "time_off": probed["seconds"] / seconds - 1,
    }


def report(rows):
    """Prints the table; true if everything is within its limit."""
    print("| configuration | memory by the model | measured steps | run | off | time after the steps | run | off |")
    print("|---|---|---|---|---|---|---|---|")
    worst = {"model_off": 0.0, "probe_off": 0.0, "time_off": 0.0}
    for (name, *_), rounds in zip(CONFIGURATIONS, rows):
        row = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for key in worst:
            worst[key] = max(worst[key], row[key], key=abs)
        sizes = " | ".join(f"{row[key] / 2**20:.0f} MiB" for key in ("model", "probe", "memory"))
        print(
            f"| {name} | {sizes} | {row['model_off']:+.0%}, {row['probe_off']:+.0%} "
            f"| {row['time']:.1f} s | {row['run']:.1f} s | {row['time_off']:+.0%} |"
        )
    print(
        f"\n{len(rows[0])} round(s). Furthest off: memory by the model {worst['model_off']:+.1%}, after measured steps "
        f"{worst['probe_off']:+.1%} (limit {MEMORY_LIMIT:.0%}); time {worst['time_off']:+.1%} (limit {TIME_LIMIT:.0%})."
    )
    memory = max(abs(worst["model_off"]), abs(worst["probe_off"]))
    return memory <= MEMORY_LIMIT and abs(worst["time_off"]) <= TIME_LIMIT


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llavakd", required=True)
    parser.add_argument("--project", help="Project file whose stages are DPT, SFT and DFT.")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=11)
    options = parser.parse_args()
    llavakd = os.path.abspath(options.llavakd)
    begin = time.monotonic()
    if os.getloadavg()[0] > 0.5:
        print(f"The machine isn't quiet: its load is {os.getloadavg()[0]:.1f}.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        if not options.project:
            code, output, _ = run([llavakd, "new", "emoji-quick", os.path.join(folder, "emoji"), "--json"])
            if code:
                sys.exit("The sample project can't be made.")
            options.project = json.loads(output)["project"]
        with open(options.project, encoding="utf-8") as file:
            project = json.load(file)
        place = os.path.dirname(os.path.abspath(options.project))
        rows = [[] for _ in CONFIGURATIONS]
        while True:
            round_begin = time.monotonic()
            for number, (name, stage, of_stage, of_run) in enumerate(CONFIGURATIONS):
                made = configured(project, stage, of_stage, of_run, options.steps)
                row = estimated(llavakd, os.path.join(place, f"estimate-{number}.kdproj"), made, options.steps)
                rows[number].append(row)
                print(
                    f"{time.monotonic() - begin:5.0f} s  {name}: memory {row['model_off']:+.1%}, "
                    f"{row['probe_off']:+.1%}; time {row['time_off']:+.1%}",
                    file=sys.stderr,
                )
            now = time.monotonic()
            if now - begin + 1.1 * (now - round_begin) > 60 * options.minutes:
                break
        sys.exit(0 if report(rows) else 1)


if __name__ == "__main__":
    main()
