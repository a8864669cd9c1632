#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# torchrun 2.13.0 with --no-python refuses an option of the program behind it that abbreviates several of its own:
#   torchrun --no-python PROGRAM train P --run X      ends with "ambiguous option: --run could match --run-path, --run_path"
# though an option of the program that has the full name of one of torchrun's (--log-dir) reaches the program. Guess from
# memory: everything behind the program is the program's, or nothing is. A `--` before PROGRAM makes it so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --no-compile --target "$folder/packages" torch==2.13.0
export PYTHONPATH=$folder/packages OMP_NUM_THREADS=1
launch() { timeout 120 python3 -m torch.distributed.run --no-python --nproc-per-node 1 "$@" 2>&1 || true; }

ambiguous=$(launch echo train P --run X)
full_name=$(launch echo train P --log-dir "$folder/logs")
separated=$(launch -- echo train P --run X --log-dir "$folder/logs")
python3 -c 'import torch; print("torch", torch.__version__)'
printf -- '--run:      %s\n' "$(tail -n 1 <<<"$ambiguous")"
printf -- '--log-dir:  %s\n' "$full_name"
printf -- 'behind --:  %s\n' "$separated"

grep -q 'ambiguous option: --run could match' <<<"$ambiguous"
grep -qx "train P --log-dir $folder/logs" <<<"$full_name"
grep -qx "train P --run X --log-dir $folder/logs" <<<"$separated"
echo "as stated"
