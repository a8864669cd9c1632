#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `llavakd check` says that a stage will take, against what its run took.

    python tests/bench/estimates.py --llavakd build/release/bin/llavakd [--project FILE] [--steps 60]

Without --project the sample emoji-quick is made in a temporary folder. Each configuration is a copy of the project with
one stage, no probes and no evaluations. It is checked (memory by the model of the step), checked with --probe (time and
memory after ten measured steps) and trained. Memory is the highest of the process (ru_maxrss, loading included), time
the sum of its steps' seconds. Run it on a quiet machine.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

# What each row changes: the stage, then options of it and of the run.
CONFIGURATIONS = [
    ("DPT bf16", "DPT", {}, {}),
    ("SFT bf16", "SFT", {}, {}),
    ("DFT bf16", "DFT", {}, {}),
    ("DFT fp32", "DFT", {}, {"precision": "fp32"}),
    ("DFT bf16, one sample at a time", "DFT", {"micro_batch_size": 1}, {}),
    ("DFT bf16, 16 samples at a time", "DFT", {"batch_size": 16, "micro_batch_size": 16}, {}),
    ("DFT bf16, recomputing", "DFT", {}, {"activation_checkpointing": "on"}),
    ("DFT bf16, the tower learns too", "DFT", {"train": ["vision_tower", "connector", "language_model"]}, {}),
]


def run(arguments):
    """(exit code, stdout, highest memory in bytes)"""
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, output.decode(), usage.ru_maxrss * 1024


def checked(llavakd, file, *more):
    code, output, _ = run([llavakd, "check", file, "--json", *more])
    result = json.loads(output) if output else {}
    if code or not result.get("estimates"):
        sys.exit(f"{file}: " + json.dumps([item for item in result.get("items", []) if item["level"] == "red"], indent=1))
    return result["estimates"][0]


def trained(llavakd, file):
    """(seconds of all steps, highest memory)"""
    code, output, memory = run([llavakd, "train", file, "--json"])
    if code:
        sys.exit(f"{file}: the run failed")
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return sum(event["seconds"] for event in events if event["type"] == "step"), memory


def configured(project, stage, of_stage, of_run, steps):
    made = json.loads(json.dumps(project))
    own = next(each for each in made["stages"] if each["name"] == stage)
    own.update(of_stage, max_steps=steps, epochs=100)
    made["stages"], made["schedule"] = [own], [stage]
    made.pop("id", None)  # its runs are no runs of the project
    made.pop("probes", None)
    made.pop("evaluations", None)
    made.setdefault("run", {}).update({"precision": "bf16"} | of_run)
    return made


def percent(predicted, measured):
    return f"{100 * (predicted / measured - 1):+.0f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llavakd", required=True)
    parser.add_argument("--project", help="Project file whose stages are DPT, SFT and DFT.")
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    llavakd = os.path.abspath(options.llavakd)
    with tempfile.TemporaryDirectory() as folder:
        if not options.project:
            code, output, _ = run([llavakd, "new", "emoji-quick", os.path.join(folder, "emoji"), "--json"])
            if code:
                sys.exit("The sample project can't be made.")
            options.project = json.loads(output)["project"]
        with open(options.project, encoding="utf-8") as file:
            project = json.load(file)
        print("| configuration | memory predicted | measured steps | run | | time predicted | run | |")
        print("|---|---|---|---|---|---|---|---|")
        for number, (name, stage, of_stage, of_run) in enumerate(CONFIGURATIONS):
            # Beside the project, from where its paths start.
            path = os.path.join(os.path.dirname(os.path.abspath(options.project)), f"estimate-{number}.kdproj")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(configured(project, stage, of_stage, of_run, options.steps), file)
            before = checked(llavakd, path)
            after = checked(llavakd, path, "--probe")
            seconds, memory = trained(llavakd, path)
            os.remove(path)
            predicted = before["predicted_memory_bytes"]
            print(
                f"| {name} | {predicted / 1e6:.0f} MB | {after['memory_bytes'] / 1e6:.0f} MB | {memory / 1e6:.0f} MB "
                f"| {percent(predicted, memory)}, {percent(after['memory_bytes'], memory)} "
                f"| {after['seconds']:.1f} s | {seconds:.1f} s | {percent(after['seconds'], seconds)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
