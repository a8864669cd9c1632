#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# c10d's Gloo backend (torch 2.13.0), float32 all_reduce: with two ranks the sum of an element has the same bits wherever it stands.
# From three ranks on the order of summing depends on the element's place in the tensor: the same 999 numbers, once alone and
# once at the head of a longer tensor, give other bits for 210 of them (3 ranks) and 313 (4 ranks). A repeat of the same
# call gives the same bits. Guess from memory: the sum of an element depends on the ranks' values only, so that gradients
# may be put into buckets of any size without changing a result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --no-compile --target "$folder/packages" torch==2.13.0 numpy==2.3.5
export PYTHONPATH=$folder/packages OMP_NUM_THREADS=1
cat >"$folder/sums.py" <<'PYTHON'
import os, tempfile, torch, torch.distributed as dist, torch.multiprocessing as mp

def work(rank, world, file):
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=world)
    numbers = torch.randn(999, generator=torch.Generator().manual_seed(rank))
    alone, again, longer = numbers.clone(), numbers.clone(), torch.cat([numbers, torch.zeros(5000)])
    for tensor in (alone, again, longer):
        dist.all_reduce(tensor)
    if rank == 0:
        print(f"{world} ranks: {int((alone != longer[:999]).sum())} of 999 differ in a longer tensor, {int((alone != again).sum())} in a repeat", flush=True)
    dist.destroy_process_group()

if __name__ == "__main__":
    print("torch", torch.__version__, flush=True)
    for world in (2, 3, 4):
        mp.spawn(work, (world, tempfile.mktemp(dir=os.environ["FOLDER"])), nprocs=world)
PYTHON
said=$(FOLDER=$folder timeout 300 python3 "$folder/sums.py" 2>"$folder/errors") || { cat "$folder/errors" >&2; exit 1; }
printf '%s\n' "$said"

grep -qx '2 ranks: 0 of 999 differ in a longer tensor, 0 in a repeat' <<<"$said"
grep -qE '^3 ranks: [1-9][0-9]* of 999 differ in a longer tensor, 0 in a repeat$' <<<"$said"
grep -qE '^4 ranks: [1-9][0-9]* of 999 differ in a longer tensor, 0 in a repeat$' <<<"$said"
echo "as stated"
