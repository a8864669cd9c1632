# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One optimiser loop for tower and language models: AdamW, warm-up 3 %, cosine to zero, clip 1.0, resumable."""
import math
import os
import time

import torch


def learning_rate(step, steps, peak, warm_share=0.03):
    warm = max(1, math.ceil(warm_share * steps))
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def train(name, modules, batch_loss, rng, steps, peak, state_file=None):
    """Run `steps` steps; batch_loss() returns (loss, dict of numbers to report).

    modules: dict of nn.Module, saved to `state_file` with optimiser and rng every 50 steps, so that the same
    command goes on after an interruption. Returns seconds spent.
    """
    parameters = [p for m in modules.values() for p in m.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=peak, weight_decay=0.0)
    first, spent = 0, 0.0
    if state_file and os.path.exists(state_file):
        saved = torch.load(state_file, weights_only=False)
        for key, module in modules.items():
            module.load_state_dict(saved[key])
        optimizer.load_state_dict(saved["optimizer"])
        rng.setstate(saved["rng"])
        first, spent = saved["step"], saved["spent"]
    start = time.time() - spent
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, peak)
        loss, report = batch_loss()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        done = step + 1
        if done % 50 == 0 or done == steps:
            numbers = " ".join(f"{k} {v:.3f}" for k, v in report.items())
            print(f"{name} {done}/{steps} loss {loss.item():.3f} {numbers} {time.time() - start:.0f} s", flush=True)
            if state_file:
                save_state(state_file, modules, optimizer, rng, done, time.time() - start)
    return time.time() - start


def save_state(state_file, modules, optimizer, rng, step, spent):
    state = {key: module.state_dict() for key, module in modules.items()}
    state.update(optimizer=optimizer.state_dict(), rng=rng.getstate(), step=step, spent=spent)
    torch.save(state, state_file + ".new")
    os.replace(state_file + ".new", state_file)
