# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of `compare` from what it kept in its folder."""
import json
import pathlib
import re
import statistics

from compare_rows import BY_NAME, CACHE_TARGETS, MEMORY_TARGETS, ROWS, SHARE_TARGET, START_TARGET


class Results:
    """All runs of a folder: FOLDER/ROW.VARIANT.ROUND.json."""

    def __init__(self, folder):
        self.runs = {}
        self.processor = facts(folder).get("processor", "")
        for file in sorted(pathlib.Path(folder).glob("*.*.*.json")):
            row, variant, _ = file.name.split(".", 2)
            self.runs.setdefault((row, variant), []).append(json.loads(file.read_text()))

    def median(self, row, variant, key):
        values = [run[key] for run in self.runs.get((row, variant), []) if run.get(key)]
        return statistics.median(values) if values else None

    def count(self, row, variant):
        return len(self.runs.get((row, variant), []))


def line_of(what, peer, theirs, ours, ratio, target, met):
    return {"what": what, "peer": peer, "theirs": theirs, "ours": ours, "ratio": ratio, "target": target, "met": met}


def target_of(peer, processor):
    return peer.amd_target if peer.amd_target and "AMD" in processor else peer.target


def speed_lines(results):
    for row in ROWS:
        for peer in row.peers:
            theirs, ours = results.median(row.name, peer.name, "step_seconds"), results.median(row.name, "ours", "step_seconds")
            if theirs and ours:
                ratio, target = theirs / ours, target_of(peer, results.processor)
                yield line_of(f"{row.title}: s/step", peer.label, f"{theirs:.2f}", f"{ours:.2f}", ratio,
                              f"≥ {target:g}×" if target else "", not target or ratio >= target)


def memory_lines(results):
    for name, target in MEMORY_TARGETS.items():
        theirs, ours = results.median(name, "plain", "peak_memory_bytes"), results.median(name, "ours", "peak_memory_bytes")
        if theirs and ours:
            yield line_of(f"{BY_NAME[name].title}: peak memory, GB", "plain", f"{theirs / 1e9:.1f}", f"{ours / 1e9:.1f}",
                          ours / theirs, f"≤ {target:g}×", ours / theirs <= target)


def cache_lines(results):
    for name, target in CACHE_TARGETS.items():
        # A first epoch that fills the caches has their cost; the honest one has none.
        without = {"cache": "dft-bf16", "cache-3b": "dft-bf16-3b"}[name]
        first = results.median(without, "ours", "step_seconds") or results.median(name, "ours", "first_epoch_step_seconds")
        second = results.median(name, "ours", "step_seconds")
        if first and second:
            yield line_of(f"{BY_NAME[name].title}: s/step", "ours without caches", f"{first:.2f}", f"{second:.2f}", first / second,
                          f"≥ {target:g}×", first / second >= target)


def share_lines(results):
    """Of the rate of a matrix product: the plain peer by the work that it does, others by the work that is needed."""
    needed, rate = results.median("dft-bf16", "ours", "needed_gflop"), results.median("dft-bf16", "ours", "gemm_gflops")
    ours = results.median("dft-bf16", "ours", "step_seconds")
    if not (needed and rate and ours):
        return
    share = needed / rate / ours
    for peer in BY_NAME["dft-bf16"].peers:
        seconds = results.median("dft-bf16", peer.name, "step_seconds")
        if seconds:
            work = results.median("dft-bf16", peer.name, "plain_gflop") if peer.name in ("plain", "env") else needed
            theirs = work / rate / seconds
            yield line_of("DFT, bf16, 0.5B teacher: share of the GEMM rate", peer.label, f"{100 * theirs:.0f} %",
                          f"{100 * share:.0f} %", share / theirs, f"≥ {100 * SHARE_TARGET:.0f} %", share >= SHARE_TARGET)


def start_lines(results):
    theirs, ours = results.median("dft-bf16", "plain", "start_seconds"), results.median("dft-bf16", "ours", "start_seconds")
    if theirs and ours:
        yield line_of("process start to first step, s", "plain", f"{theirs:.1f}", f"{ours:.1f}", ours / theirs,
                      f"≤ {START_TARGET:g}×", ours / theirs <= START_TARGET)


def lines(results):
    return [*speed_lines(results), *memory_lines(results), *cache_lines(results), *share_lines(results), *start_lines(results)]


def facts(folder):
    file = pathlib.Path(folder) / "machine.json"
    return json.loads(file.read_text()) if file.exists() else {}


def rounds_of(results):
    """How many runs each figure is the median of."""
    counts = {row.title: results.count(row.name, "ours") for row in ROWS if results.count(row.name, "ours")}
    most = max(counts.values())
    fewer = "; ".join(f"{title}: {count}" for title, count in counts.items() if count < most)
    return f"medians of {most} runs that took turns" + (f" ({fewer})" if fewer else "")


def markdown(folder):
    """The block that the README quotes."""
    results = Results(folder)
    machine = facts(folder)
    text = ["| what | peer | peer's | ours | ratio | aim |", "|---|---|---|---|---|---|"]
    last = None
    for line in lines(results):
        what = line["what"] if line["what"] != last else ""
        last = line["what"]
        aim = line["target"] + ("" if line["met"] else " (missed)")
        text.append(f"| {what} | {line['peer']} | {line['theirs']} | {line['ours']} | {line['ratio']:.2f}× | {aim} |")
    if results.runs:
        text += ["", f"{machine.get('processor', 'unknown processor')}, {machine.get('threads', '?')} threads, "
                     f"{machine.get('memory_gb', 0):.0f} GB; {rounds_of(results)}."]
    return "\n".join(text)


SECTION = """## How fast

A training step of the published models' sizes (SigLIP-so400m and Qwen2.5; 728 visual and 96 text tokens; batch 1) against the
same step in PyTorch and transformers on the CPU, on the same weights and samples, by turns in one run. *plain* trains as the
released code does, *env* adds huge pages and an allocator that keeps its memory, *fast* is the best that we could make of plain
PyTorch with the same algebra. Losses and gradient norms of both agree within 1e-4 (fp32) before anything is timed.

    tests/bench/compare --python PYTHON --out build/compare

TABLE

What is compared, how, and what limits it: [tests/bench](tests/bench/README.md). `llavakd bench step` times a step of
your models, `llavakd bench kernels` each kernel against plain LibTorch; the Train page shows where a run's time goes.
"""


def section(folder):
    """What the README says of it, with the table."""
    return SECTION.replace("TABLE", markdown(folder))


def put_into(readme, folder):
    """Replaces the section in a README, or puts it before "What is where"."""
    text = pathlib.Path(readme).read_text()
    place = re.compile(r"^## How fast\n.*?(?=^## )", re.M | re.S)
    new = section(folder) + "\n"
    text = place.sub(lambda _: new, text) if place.search(text) else text.replace("## What is where\n", new + "## What is where\n", 1)
    pathlib.Path(readme).write_text(text)


def as_json(folder):
    results = Results(folder)
    return {"machine": facts(folder), "lines": lines(results),
            "runs": {f"{row}.{variant}": runs for (row, variant), runs in results.runs.items()}}
