# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `compare` runs: for each row the peer's variants and ours, and what is aimed at."""
from dataclasses import dataclass, field

# What a user of PyTorch can set outside of the program: huge pages, and memory that stays with the process.
TUNED = {"THP_MEM_ALLOC_ENABLE": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "MALLOC_MMAP_THRESHOLD_": "34359738368",
         "MALLOC_TRIM_THRESHOLD_": "68719476736"}
FAST = ["--loss", "fast", "--shared-tower", "--tower-cut"]


@dataclass
class Variant:
    """One way to run a row. `seconds` is about how long it takes on two cores, for the time that is left."""
    name: str
    label: str
    args: list = field(default_factory=list)
    env: dict = field(default_factory=dict)
    seconds: float = 90
    target: float = 0  # How many times quicker than this we want to be.
    amd_target: float = 0  # The same where the processor is AMD's, on which MKL is slow.


@dataclass
class Row:
    name: str
    title: str
    preset: str
    stage: str
    precision: str
    peers: list
    our_seconds: float
    steps: int = 3  # Timed, after one that isn't.
    our_args: list = field(default_factory=list)


ROWS = [
    Row("dft-bf16", "DFT, bf16, 0.5B teacher", "real05", "dft", "bf16", [
        Variant("plain", "plain", seconds=100, target=3.2),
        Variant("env", "plain + env", env=TUNED, seconds=75),
        Variant("fast", "fast + env", FAST, TUNED, seconds=55),
        Variant("fast-compiled", "fast + env, compiled", [*FAST, "--compile"], TUNED, seconds=90, target=1.3),
    ], our_seconds=35),
    Row("dft-bf16-3b", "DFT, bf16, 3B teacher", "real05-3b", "dft", "bf16", [
        Variant("plain", "plain", seconds=150, target=2.4),
        Variant("env", "plain + env", env=TUNED, seconds=110),
        Variant("fast", "fast + env", FAST, TUNED, seconds=100, target=1.2),
    ], our_seconds=60, steps=2),
    Row("dpt-bf16", "DPT, bf16, 0.5B teacher", "real05", "dpt", "bf16", [
        Variant("plain", "plain", seconds=90, target=3.3),
        Variant("fast", "fast + env", FAST, TUNED, seconds=45),
    ], our_seconds=30),
    Row("sft-bf16", "SFT, bf16", "real05", "sft", "bf16", [Variant("plain", "plain", seconds=60, target=2)], our_seconds=30),
    Row("dft-fp32", "DFT, fp32, 0.5B teacher", "real05", "dft", "fp32", [
        Variant("plain", "plain", seconds=150, target=1.35, amd_target=2.5)],
        our_seconds=70, steps=2),
    Row("cache", "a second epoch, DFT, bf16, 0.5B teacher", "real05", "dft", "bf16", [], our_seconds=60, our_args=["--cache"]),
    Row("cache-3b", "a second epoch, DFT, bf16, 3B teacher", "real05-3b", "dft", "bf16", [], our_seconds=90, steps=2,
        our_args=["--cache"]),
]
BY_NAME = {row.name: row for row in ROWS}
# Our memory as a share of the plain peer's.
MEMORY_TARGETS = {"dft-bf16": 0.75, "dpt-bf16": 0.45, "dft-bf16-3b": 0.85}
CACHE_TARGETS = {"cache": 1.3, "cache-3b": 2.0}
START_TARGET = 0.15
SHARE_TARGET = 0.80
