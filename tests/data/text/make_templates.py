#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids and labels of the chat templates that model families publish: tests/data/text/templates/expected.json.

    python make_templates.py        # needs transformers

Each template is rendered by transformers' apply_chat_template and cut by tokenizers; labels are the tokens that begin inside an
answer or its end token, by their offsets in the text. The tokenizers are qwen2 and llama_prepend with the marks of the template as
added tokens; "<image>" is one, too, as in the processors of Hugging Face, and is -200 here."""
import json
import os

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
# As the families publish them in tokenizer_config.json.
LLAMA3 = ("{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + "
          "'<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + "
          "content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>"
          "\n\n' }}{% endif %}")
QWEN2 = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful "
         "assistant.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
         "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
GEMMA = ("{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
         "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + "
         "'<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}")
# Of these two the text of the model card and of FastChat's vicuna_v1.1.
MISTRAL = ("{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
           "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}")
VICUNA = ("A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite "
          "answers to the user's questions. {% for message in messages %}{% if message['role'] == 'user' %}{{ 'USER: ' + "
          "message['content'] + ' ASSISTANT:' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}")
TEMPLATES = {
    "llama3": (LLAMA3, "qwen2", "<|begin_of_text|>", "<|eot_id|>", ["<|start_header_id|>", "<|end_header_id|>"],
               "<|start_header_id|>assistant<|end_header_id|>\n\n"),
    "qwen_chatml": (QWEN2, "qwen2", None, "<|im_end|>", ["<|im_start|>"], "<|im_start|>assistant\n"),
    "gemma_instruct": (GEMMA, "qwen2", "<bos>", "<end_of_turn>", ["<start_of_turn>"], "<start_of_turn>model\n"),
    "mistral": (MISTRAL, "llama_prepend", "<s>", "</s>", [], "[/INST]"),
    "vicuna": (VICUNA, "llama_prepend", "<s>", "</s>", [], "ASSISTANT:"),
}
# Questions as they are once their picture has been moved to the front.
CONVERSATIONS = {
    "picture": [("<image>\nWhat is  this?", " A dog.\n"), (" And now, \n", "\n\nTwo dogs.")],
    "text": [("Say it's 12!", "é 12"), ("more", "")],
}


def tokenizer_with(base, marks):
    with open(os.path.join(HERE, base, "tokenizer.json"), encoding="utf-8") as f:
        data = json.load(f)
    known = [token["content"] for token in data["added_tokens"]]
    next_id = 1 + max([*data["model"]["vocab"].values(), *[token["id"] for token in data["added_tokens"]]])
    for mark in [m for m in marks if m not in known]:
        data["added_tokens"].append({"id": next_id, "content": mark, "single_word": False, "lstrip": False, "rstrip": False,
                                     "normalized": False, "special": True})
        next_id += 1
    return Tokenizer.from_str(json.dumps(data))


def answer_spans(text, header, eos):
    """Where the answers stand in the rendered text, from behind what announces them to the end of their end token."""
    spans, at = [], 0
    while (begin := text.find(header, at)) >= 0:
        begin += len(header)
        at = text.index(eos, begin) + len(eos)
        spans.append((begin, at))
    return spans


result = {}
for name, (template, base, bos, eos, marks, header) in TEMPLATES.items():
    marks = [m for m in (bos, eos, *marks) if m]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer_with(base, [*marks, "<image>"]), bos_token=bos, eos_token=eos)
    tokenizer.chat_template = template
    rows = {}
    for key, turns in CONVERSATIONS.items():
        messages = [m for q, a in turns for m in ({"role": "user", "content": q}, {"role": "assistant", "content": a})]
        text = tokenizer.apply_chat_template(messages, tokenize=False)
        made = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids = [-200 if i == tokenizer.convert_tokens_to_ids("<image>") else i for i in made["input_ids"]]
        spans = answer_spans(text, header, eos)
        labels = [i if any(b < end and e > begin for begin, end in spans) else -100
                  for i, (b, e) in zip(ids, made["offset_mapping"])]
        if name == "vicuna":  # whose text has no BOS: the tokenizer puts it in front
            ids, labels = [tokenizer.bos_token_id, *ids], [-100, *labels]
        rows[key] = {"text": text, "ids": ids, "labels": labels}
    result[name] = {"base": base, "bos": bos, "adds_bos": name == "vicuna", "eos": eos, "marks": marks, "conversations": rows}
with open(os.path.join(HERE, "templates", "expected.json"), "w", encoding="utf-8") as f:
    json.dump(result, f, ensure_ascii=False, indent=1)
    f.write("\n")
