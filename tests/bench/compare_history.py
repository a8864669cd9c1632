#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run of a million steps takes to open and how much memory that needs, against TensorBoard's own loaders.

    ninja -C build/release bench_history
    python tests/bench/compare_history.py --bench build/release/bench/bench_history [--steps N] [--folder DIR] [--rounds 3]

Python needs tensorboard==2.21 (which brings its data server). The run is made in DIR, a temporary folder by default (0.9
GB a million steps), with six terms of which TensorBoard gets the raw values only, while ours holds their weighted values
and nine more numbers of each step. By turns, each in a fresh process, files in the page cache:

  ours, log       all steps from events.jsonl, without an index, which is written
  ours, index     all steps through the index
  window, index   the real window, from the program's start to the chart of the loss painted with its newest steps
  window, log     the same without the index
  accumulator     TensorBoard's EventAccumulator in Python, all points of each term
  tensorboard     `tensorboard` with its data server and its default of 1,000 points a plot, from start until the last
                  step of each term is served; memory of all its processes

The window is drawn offscreen, or where QT_QPA_PLATFORM says (xcb under xvfb-run). It draws the total and the four terms
of its catalog, raw and smoothed, and the panels that are shown at first. A frame is painted when all charts are, after
a mouse drag or a notch of the wheel. For ten seconds a process of its own goes on with the run, twenty steps a second.
Then all pages are shown twice, and an option is changed ten times. At the end a thousand short runs are listed.

Prints medians of the rounds, and fails where not all of them found every step.
"""
import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

TERMS = ("ce", "mdist_response", "mdist_visual", "rdist", "hidden_states", "attention")
LONGEST_SECONDS = 600  # of a server that doesn't answer
LISTED_RUNS = 1000


def status_mib(pid, key):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith(key + ":")), 0.0)
    except OSError:
        return 0.0


def write_events(log, folder):
    """The raw values of the terms as TensorBoard's own writer stores scalars."""
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "partial"
    with open(log, encoding="utf-8") as lines, open(partial, "wb") as out:
        writer = RecordWriter(out)
        writer.write(event_pb2.Event(wall_time=0, file_version="brain.Event:2").SerializeToString())
        for line in lines:
            event = json.loads(line)
            if event["type"] != "step":
                continue
            values = [summary_pb2.Summary.Value(tag=name, simple_value=event["terms"][name]) for name in TERMS]
            writer.write(event_pb2.Event(wall_time=event["time"], step=event["step"],
                                         summary=summary_pb2.Summary(value=values)).SerializeToString())
        writer.flush()
    partial.rename(folder / "events.out.tfevents.1763978400.bench")


def accumulate(folder):
    """In a process of its own: prints what bench_history read prints."""
    from tensorboard.backend.event_processing import event_accumulator

    before, begin, work = status_mib("self", "RssAnon"), time.monotonic(), time.process_time()
    events = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.SCALARS: 0})
    events.Reload()
    counts = [len(events.Scalars(name)) for name in TERMS]
    print(json.dumps({"steps": min(counts), "seconds": time.monotonic() - begin, "cpu_seconds": time.process_time() - work,
                      "peak_mib": status_mib("self", "VmHWM"), "own_mib": status_mib("self", "RssAnon") - before}))


def processes_of(pid):
    found = [pid]
    for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for number in children.read_text(encoding="ascii").split():
                found += processes_of(int(number))
        except OSError:
            pass  # a thread that has ended
    return found


def last_step(port, name):
    """The newest step of a term that the server gives; nothing before it has one."""
    query = urllib.parse.urlencode({"run": ".", "tag": name})
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/plugin/scalars/scalars?{query}", timeout=30) as reply:
            points = json.load(reply)
    except (OSError, ValueError):
        return None
    return points[-1][1] if points else None


def serve(folder, steps):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port), "--load_fast", "true"]
    begin = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        waiting = list(TERMS)
        while waiting and time.monotonic() - begin < LONGEST_SECONDS:
            newest = last_step(port, waiting[0])
            if newest is not None and newest >= steps:
                waiting.pop(0)
                continue
            if server.poll() is not None:
                raise RuntimeError("TensorBoard ended at once; does this Python have tensorboard==2.21?")
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        own = sum(status_mib(pid, "RssAnon") for pid in processes_of(server.pid))
        return {"steps": 0 if waiting else steps, "seconds": seconds, "own_mib": own}
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def run(command):
    result = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True,
                            env={"QT_QPA_PLATFORM": "offscreen", **os.environ})
    return json.loads(result.stdout.strip().splitlines()[-1])


def read_once(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def measure(options, project, board):
    log = project / "runs" / "million" / "events.jsonl"
    index = log.with_suffix(".columns")
    found = {}
    index.unlink(missing_ok=True)
    read_once(log)
    found["ours, log"] = run([options.bench, "read", project])
    read_once(index)
    found["ours, index"] = run([options.bench, "read", project])
    found["window, index"] = run([options.bench, "open", project])
    index.unlink()
    found["window, log"] = run([options.bench, "open", project])
    for file in board.iterdir():
        read_once(file)
    found["accumulator"] = run([sys.executable, __file__, "--accumulate", board])
    found["tensorboard"] = serve(board, options.steps)
    for name, values in found.items():
        print(f"  {name}: {json.dumps(values)}", file=sys.stderr)
    return found


def median(rounds, name, key):
    return statistics.median(one[name][key] for one in rounds)


def print_tables(rounds):
    others = [(median(rounds, name, "seconds"), median(rounds, name, "own_mib")) for name in ("accumulator", "tensorboard")]

    def ratios(seconds, mib):
        return " | ".join(f"{other_seconds / seconds:.1f}, {mib / other_mib:.2f}" for other_seconds, other_mib in others)

    print("| What | seconds | memory of its own | times as fast as the accumulator, share of its memory | as tensorboard |")
    print("|---|---:|---:|---:|---:|")
    for name in ("ours, log", "ours, index", "accumulator", "tensorboard"):
        seconds, mib = median(rounds, name, "seconds"), median(rounds, name, "own_mib")
        print(f"| {name} | {seconds:.2f} | {mib:.0f} MiB | {ratios(seconds, mib)} |")
    for name in ("window, log", "window, index"):
        usable, whole = (sum(median(rounds, name, key) for key in ("first_paint_ms", end)) / 1000
                         for end in ("usable_ms", "whole_ms"))
        added = median(rounds, name, "added_mib")
        print(f"| {name} | {usable:.2f}, all {whole:.2f} | {added:.0f} MiB; the whole window "
              f"{median(rounds, name, 'window_mib'):.0f}, at most {median(rounds, name, 'peak_mib'):.0f} "
              f"| {ratios(usable, added)} |")
    print("\n| Window | with the log | with the index |\n|---|---:|---:|")
    for label, key in (("first paint after the program's start, ms", "first_paint_ms"),
                       ("the newest steps after opening the project, ms", "usable_ms"),
                       ("all steps after opening the project, ms", "whole_ms"),
                       ("a frame while panning, ms", "pan_ms"), ("the slowest of twenty, ms", "pan_95_ms"),
                       ("a frame while zooming, ms", "zoom_ms"), ("the slowest of twenty, ms", "zoom_95_ms"),
                       ("longest call while opening, ms", "opening_longest_call_ms"),
                       ("calls over 16 ms while opening", "opening_calls_over_16_ms"),
                       ("longest call at 20 steps/s, ms", "live_longest_call_ms"),
                       ("calls over 16 ms at 20 steps/s", "live_calls_over_16_ms"),
                       ("longest call when each page is shown first, ms", "pages_longest_call_ms"),
                       ("longest call when pages are shown again, ms", "pages_again_longest_call_ms"),
                       ("calls over 16 ms when pages are shown again", "pages_again_calls_over_16_ms"),
                       ("longest call after an edit, ms", "edit_longest_call_ms"),
                       ("calls over 16 ms after ten edits", "edit_calls_over_16_ms")):
        print(f"| {label} | {median(rounds, 'window, log', key):.1f} | {median(rounds, 'window, index', key):.1f} |")
    for name in ("pan_ms", "zoom_ms"):
        slowest = max(median(rounds, which, name) for which in ("window, log", "window, index"))
        print(f"\n{'Panning' if name == 'pan_ms' else 'Zooming'}: {1000 / slowest:.0f} frames/s of "
              f"{rounds[0]['window, log']['charts']} charts.", end="")
    print_slow_calls([one[name] for one in rounds for name in ("window, log", "window, index")])


def print_slow_calls(found):
    """Calls over 16 ms by what they were, over all rounds."""
    print("\n\n| When | call over 16 ms | times | longest, ms |\n|---|---|---:|---:|")
    for key in sorted({key for one in found for key in one if key.endswith("_slow_calls")}):
        for name in sorted({name for one in found for name in one[key]}):
            alike = [one[key][name] for one in found if name in one[key]]
            print(f"| {key.removesuffix('_slow_calls')} | {name} | {sum(count for count, _ in alike)} "
                  f"| {max(longest for _, longest in alike):.1f} |")


def print_list(bench, folder):
    """The list of a thousand runs."""
    project = folder / f"runs-{LISTED_RUNS}"
    if not project.exists():
        subprocess.run([bench, "make-runs", project, str(LISTED_RUNS)], check=True)
    found = [run([bench, "list", project]) for _ in range(3)]
    print(f"\nA list of {LISTED_RUNS:,} runs is there after {statistics.median(one['listed_ms'] for one in found):.0f} ms.")
    print_slow_calls(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path, help="where the run is made, and kept; a temporary folder without")
    parser.add_argument("--accumulate", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.accumulate:
        accumulate(options.accumulate)
        return 0
    if not options.bench:
        parser.error("--bench is needed")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or pathlib.Path(temporary)).absolute()
        project, board = folder / f"ours-{options.steps}", folder / f"board-{options.steps}"
        if not (project / "runs").exists():
            subprocess.run([options.bench, "make", project, str(options.steps)], check=True)
        if not list(board.glob("events.out.*")):
            write_events(project / "runs" / "million" / "events.jsonl", board)
        print(f"Load of the machine when this began: {os.getloadavg()[0]:.1f}. {options.steps:,} steps, six terms, "
              f"{options.rounds} rounds.\n", flush=True)
        rounds = [measure(options, project, board) for _ in range(options.rounds)]
        print_tables(rounds)
        print_list(options.bench, folder)
    equal = all(one[name]["steps"] == options.steps for one in rounds for name in one)
    if not equal:
        print("Not all of them found every step.")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
