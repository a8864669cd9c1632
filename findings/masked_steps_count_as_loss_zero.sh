#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# transformers' Trainer (5.24.0) with labels that are all masked (-100), as a conversation template that doesn't fit its tokenizer
# leaves them: each step has the loss 0.0 and the gradient norm 0.0, no weight changes, nothing is said, and the run ends
# with train_loss 0.0. Where one step of three is so, train_loss is the mean with its 0.0: lower than that of either other
# step. torch's own cross_entropy of the same labels is nan. Guess from memory: nan, which one would see.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --no-compile --target "$folder/packages" transformers==5.24.0 torch==2.13.0 accelerate==1.15.0 numpy==2.3.5
export PYTHONPATH=$folder/packages OMP_NUM_THREADS=1
cat >"$folder/masked.py" <<'PYTHON'
import sys, torch, transformers
from transformers import Qwen2Config, Qwen2ForCausalLM, Trainer, TrainingArguments

def train(masked):
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
                                         num_attention_heads=2, num_key_value_heads=2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    ids = torch.arange(1, 9)
    data = [{"input_ids": ids, "labels": torch.full((8,), -100) if i in masked else ids.clone()} for i in range(3)]
    trainer = Trainer(model, TrainingArguments(sys.argv[1], max_steps=3, per_device_train_batch_size=1, logging_steps=1,
                                               learning_rate=1e-2, save_strategy="no", report_to=[], use_cpu=True,
                                               disable_tqdm=True), train_dataset=data)
    result = trainer.train()
    steps = [(step["loss"], step["grad_norm"]) for step in trainer.state.log_history if "loss" in step]
    changed = sum(not torch.equal(before[name], value) for name, value in model.state_dict().items())
    return steps, result.training_loss, changed

print("transformers", transformers.__version__, "torch", torch.__version__)
alone = torch.nn.functional.cross_entropy(torch.zeros(8, 32), torch.full((8,), -100))
print("cross_entropy of masked labels:", float(alone))
steps, loss, changed = train(range(3))
print("all masked:", steps, "train_loss", loss, "tensors changed", changed)
all_zero = steps == [(0.0, 0.0)] * 3 and loss == 0.0 and changed == 0
steps, loss, changed = train([0])
learnt = [step[0] for step in steps if step[1] > 0]
print("one of three masked:", steps, "train_loss", loss)
counted = len(learnt) == 2 and loss < min(learnt) and abs(loss - sum(learnt) / 3) < 1e-6
print("as stated" if torch.isnan(alone) and all_zero and counted else "changed")
sys.exit(0 if torch.isnan(alone) and all_zero and counted else 1)
PYTHON
timeout 300 python3 "$folder/masked.py" "$folder/out" 2>"$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
