#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkldnn::_linear_pointwise of torch 2.13.0 (the operation that Inductor writes for a linear layer on the CPU), float32,
# instructions up to AVX2: a weight whose rows have gaps, as a part of a matrix's columns has (stride 896, width 832),
# is neither copied nor refused: oneDNN's scalar reference implementation multiplies it ("ref:any"), some hundred times
# slower than the same weight made contiguous ("brg_matmul" or "gemm"; seen: 1.5 s and 0.003 s for 64 x 1024 x 832).
# The values agree. The same gaps in the left factor cost nothing. Guess from memory: a strided operand costs at most a
# copy, whichever factor it is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --no-compile --target "$folder/packages" torch==2.13.0 numpy==2.3.5
export PYTHONPATH=$folder/packages OMP_NUM_THREADS=1
cat >"$folder/linear.py" <<'PYTHON'
import time
import torch

torch.manual_seed(0)
whole, wide = torch.randn(832, 896), torch.randn(64, 896)
part, left = whole[:, :512], wide[:, :512]
def linear(name, x, weight):
    torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    began = time.monotonic()
    result = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    seconds[name] = time.monotonic() - began
    return result
seconds = {}
results = [linear("part", left.contiguous(), part), linear("copied", left.contiguous(), part.contiguous()),
           linear("left", left, part.contiguous())]
print("torch", torch.__version__)
print("equal:", all(torch.allclose(result, results[0], atol=1e-3) for result in results))
print("a part of a weight takes at least 20 times as long:", seconds["part"] > 20 * seconds["copied"])
print("a part of the left factor takes less than 5 times as long:", seconds["left"] < 5 * seconds["copied"])
PYTHON
said=$(ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_VERBOSE=1 timeout 300 python3 "$folder/linear.py")
products=$(grep -E 'primitive,exec,cpu,(inner_product|matmul)' <<<"$said" | cut -d, -f6,7)
grep -v onednn_verbose <<<"$said"
sed 's/^/oneDNN: /' <<<"$products"

grep -qx 'equal: True' <<<"$said"
grep -qx 'a part of a weight takes at least 20 times as long: True' <<<"$said"
grep -qx 'a part of the left factor takes less than 5 times as long: True' <<<"$said"
grep -qx 'inner_product,ref:any' < <(head -1 <<<"$products")
[ "$(grep -c 'ref:any' <<<"$products")" = 2 ]
echo "as stated"
