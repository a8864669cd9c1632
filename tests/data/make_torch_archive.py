# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes torch_archive/views.bin: a state dict whose tensors share storages. Needs torch 2.13."""
import collections
import pathlib

import torch

base = torch.arange(6, dtype=torch.float32).reshape(2, 3)
state = collections.OrderedDict(
    base=base,
    transposed=base.t(),
    second_row=base[1],
    parameter=torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16)),
    scalar=torch.tensor(2.5),
    ids=torch.tensor([[7, 8]]),
)
state._metadata = collections.OrderedDict({"": {"version": 1}})
torch.save(state, pathlib.Path(__file__).parent / "torch_archive" / "views.bin")
