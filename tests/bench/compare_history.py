#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run of a million steps takes to open and how much memory that needs, against TensorBoard's own loaders.

    ninja -C build/release bench_history
    python tests/bench/compare_history.py --bench build/release/bench/bench_history [--steps N] [--folder DIR] [--rounds 3]

Python needs tensorboard 2.21 (which brings its data server). The run is made in DIR, a temporary folder by default (0.9
GB a million steps), with six terms of which TensorBoard gets the raw values only, while ours holds their weighted values
and nine more numbers of each step. By turns, each in a fresh process, files in the page cache:

  ours, log       all steps from events.jsonl, without an index, which is written
  ours, index     all steps through the index
  window, log     the real window, offscreen, from opening the project to the chart with its newest steps; all steps
  window, index   the same with the index
  accumulator     TensorBoard's EventAccumulator in Python, all points of each term
  tensorboard     `tensorboard` with its data server and its default of 1,000 points a plot, from start until the last
                  step of each term is served; memory of all its processes

Prints medians of the rounds, and the window's figures of frames and blocked calls.
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


def status_mib(pid, key):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
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
            values = [summary_pb2.Summary.Value(tag=name, simple_value=value) for name, value in event["terms"].items()]
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


def children_of(pid):
    found = [pid]
    for child in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for number in child.read_text().split():
            found += children_of(int(number))
    return found


def serve(folder, steps):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port), "--load_fast", "true"]
    begin = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        waiting = set(TERMS)
        while waiting and time.monotonic() - begin < 600:
            for name in sorted(waiting):
                query = urllib.parse.urlencode({"run": ".", "tag": name})
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/plugin/scalars/scalars?{query}") as reply:
                        points = json.load(reply)
                except OSError:
                    break
                if points and points[-1][1] >= steps:
                    waiting.discard(name)
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        own = sum(status_mib(pid, "RssAnon") for pid in children_of(server.pid))
        return {"steps": 0 if waiting else steps, "seconds": seconds, "own_mib": own}
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def run(command):
    result = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True,
                            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    return json.loads(result.stdout.strip().splitlines()[-1])


def read_once(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def median(rounds, name, key):
    return statistics.median(one[name][key] for one in rounds)


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
    return found


def print_tables(rounds, options):
    reference = median(rounds, "accumulator", "seconds")
    print("| What | seconds | memory (no file's) | accumulator's time / its |\n|---|---:|---:|---:|")
    for name in ("ours, log", "ours, index", "accumulator", "tensorboard"):
        seconds = median(rounds, name, "seconds")
        print(f"| {name} | {seconds:.2f} | {median(rounds, name, 'own_mib'):.0f} MiB | {reference / seconds:.1f} |")
    for name in ("window, log", "window, index"):
        usable, whole = median(rounds, name, "usable_ms") / 1000, median(rounds, name, "whole_ms") / 1000
        print(f"| {name} | {usable:.2f}, all {whole:.2f} | {median(rounds, name, 'window_mib'):.0f} MiB, of which the run "
              f"{median(rounds, name, 'added_mib'):.0f} | {reference / usable:.1f} |")
    print("\n| Window | with the log | with the index |\n|---|---:|---:|")
    for label, key in (("first paint, ms", "first_paint_ms"), ("a frame while panning, ms", "pan_ms"),
                       ("the slowest of twenty, ms", "pan_95_ms"), ("a frame while zooming, ms", "zoom_ms"),
                       ("the slowest of twenty, ms", "zoom_95_ms"), ("longest call while opening, ms", "opening_longest_call_ms"),
                       ("longest call at 20 events/s, ms", "live_longest_call_ms"),
                       ("calls over 16 ms at 20 events/s", "live_calls_over_16_ms")):
        print(f"| {label} | {median(rounds, 'window, log', key):.1f} | {median(rounds, 'window, index', key):.1f} |")
    return all(one[name]["steps"] == options.steps for one in rounds for name in one)


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
        folder = options.folder or pathlib.Path(temporary)
        project, board = folder / f"ours-{options.steps}", folder / f"board-{options.steps}"
        if not (project / "runs").exists():
            subprocess.run([options.bench, "make", project, str(options.steps)], check=True)
        if not list(board.glob("events.out.*")):
            write_events(project / "runs" / "million" / "events.jsonl", board)
        print(f"Load of the machine when this began: {os.getloadavg()[0]:.1f}. {options.steps:,} steps, six terms, "
              f"{options.rounds} rounds.\n")
        equal = print_tables([measure(options, project, board) for _ in range(options.rounds)], options)
    if not equal:
        print("Not all of them found every step.")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
