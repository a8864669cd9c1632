# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two language models: small Qwen2 models that read text listings of scenes before they ever see a picture."""
import random

import torch
import torch.nn.functional as F
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

import scenes
from training import train

END = "<|endoftext|>"
# the split pattern of the published Qwen2 tokenizers
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
BATCH, PEAK = 48, 2e-3
SHAPES = {
    "language-teacher": dict(hidden_size=160, num_hidden_layers=5, num_attention_heads=5, num_key_value_heads=1,
                             intermediate_size=416),
    "language-student": dict(hidden_size=96, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
                             intermediate_size=256),
}
STEPS = {"language-teacher": 950, "language-student": 1000}
SEEDS = {"language-teacher": 21, "language-student": 22}


def make_tokenizer():
    """Byte-level BPE with Qwen2's split pattern, trained on captions, dialogues and descriptions; both models' own."""
    concepts = scenes.concepts()
    names, rng, corpus = [c[0] for c in concepts], random.Random(5), []
    for _ in range(4000):
        corpus.append(scenes.caption(scenes.layout(rng, len(names)), names) + "\n")
    for _ in range(6000):
        scene = scenes.layout(rng, len(names))
        corpus += [f"USER: \n{q} ASSISTANT: {a}" for q, a in scenes.dialogue(rng, scene, concepts)]
        corpus.append(scenes.describe(rng, scene, names))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=768, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), special_tokens=[END],
        show_progress=False))
    split = [n for n in names if len(tokenizer.encode(" " + n).ids) != 1]
    if split or tokenizer.token_to_id(END) != 0:
        raise SystemExit(f"the tokenizer doesn't fit: end of text is not 0 or these names are split: {split}")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=END,
                                   model_max_length=512, clean_up_tokenization_spaces=False)


class Text:
    """Token ids of fresh training texts with a mark on the tokens that answer a question or caption a scene."""

    def __init__(self, tokenizer, concepts):
        self.tokenizer, self.concepts = tokenizer.backend_tokenizer, concepts
        self.names, self.memo = [c[0] for c in concepts], {}

    def ids(self, text):
        if text not in self.memo:
            self.memo[text] = self.tokenizer.encode(text).ids
        return self.memo[text]

    def dialogue(self, picture, turns):
        """'USER: ' picture '\\n{q} ASSISTANT: {a}' END 'USER: {q} ASSISTANT: {a}' END ...; picture = listing text"""
        row = self.ids("USER: ") + self.ids(picture)
        mark = [0] * len(row)
        for k, (q, a) in enumerate(turns):
            prompt = self.ids(("\n" if k == 0 else "USER: ") + f"{q} ASSISTANT:")
            answer = self.ids(" " + a) + [0]
            row, mark = row + prompt + answer, mark + [0] * len(prompt) + [1] * len(answer)
        return row, mark

    def sample(self, rng):
        scene = scenes.layout(rng, len(self.concepts))
        listing = rng.random() < 0.7
        text = scenes.raster_listing(rng, scene, self.names) if listing else scenes.describe(rng, scene, self.names)
        if rng.random() < 0.3:
            before, after = self.ids(text), self.ids(scenes.caption(scene, self.names) + "\n")
            row, mark = before + after, [0] * len(before) + [1] * len(after)
        else:
            row, mark = self.dialogue(text, scenes.dialogue(rng, scene, self.concepts))
        return row + [0], mark + [0]


def padded(rows, value):
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


def make_language_model(name, tokenizer, steps, state_file):
    """Next-token training on fresh texts; attention is causal and rows are padded at the end, so no mask is needed."""
    concepts = scenes.concepts()
    text, rng = Text(tokenizer, concepts), random.Random(SEEDS[name])
    torch.manual_seed(SEEDS[name])
    # no pad_token_id: torch would keep the row of the end token, which is the same, from learning
    model = Qwen2ForCausalLM(Qwen2Config(
        vocab_size=len(tokenizer), max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=10000.0,
        hidden_act="silu", attention_dropout=0.0, initializer_range=0.04, tie_word_embeddings=True,
        use_sliding_window=False, bos_token_id=None, eos_token_id=0, pad_token_id=None, **SHAPES[name]))

    def batch_loss():
        rows, marks = zip(*(text.sample(rng) for _ in range(BATCH)))
        ids, labels = padded(rows, 0), padded([row[1:] + [-100] for row in rows], -100)
        mark = padded([m[1:] + [0] for m in marks], 0).bool()
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1), ignore_index=-100)
        return loss, {"answer-token": (logits.argmax(-1)[mark] == labels[mark]).float().mean().item()}

    seconds = train(name, {"model": model}, batch_loss, rng, steps, PEAK, state_file)
    model.eval()
    return model, {"parameters": sum(p.numel() for p in model.parameters()), "seconds": round(seconds),
                   **answer_accuracy(model, text)}


def answer_accuracy(model, text, count=600):
    """Exact match of each kind of question, asked alone after the listing of a scene with an unseen pair."""
    rng, right = random.Random(4), {}
    listed = [scenes.layout(rng, len(text.concepts), test=True) for _ in range(count)]
    for kind in scenes.QUESTION_TYPES:
        hits = 0
        for first in range(0, count, 100):
            rows, marks = zip(*(text.dialogue(scenes.raster_listing(rng, s, text.names),
                                              [scenes.question(rng, s, text.concepts, kind)])
                                for s in listed[first:first + 100]))
            ids, mark = padded(rows, 0), padded([m[1:] + [0] for m in marks], 0).bool()
            with torch.no_grad():
                best = model(input_ids=ids).logits.argmax(-1)
            labels = torch.roll(ids, -1, 1)
            hits += ((best == labels) | ~mark).all(1).sum().item()
        right[kind] = hits / count
    return {**right, "mean": sum(right.values()) / len(right)}
