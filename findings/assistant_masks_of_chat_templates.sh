#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# What apply_chat_template(return_assistant_tokens_mask=True) of transformers gives for a chat template as model families publish
# them: nothing is marked as the assistant's, so that a loss on these tokens alone learns from no sample. Only a template with
# {% generation %} marks the answers. Exits 1 where that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target "$folder/site" \
  transformers==5.24.0 jinja2==3.1.6
PYTHONPATH="$folder/site" HF_HUB_OFFLINE=1 python3 - <<'PYTHON'
import sys

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

words = Tokenizer(models.WordLevel({"?": 0, "<|im_start|>": 1, "<|im_end|>": 2, "user": 3, "assistant": 4, "hi": 5, "yes": 6}, unk_token="?"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
words.add_special_tokens(["<|im_start|>", "<|im_end|>"])
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?", eos_token="<|im_end|>")
published = "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
marked = ("{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n'}}{% if m['role'] == 'assistant' %}{% generation %}"
          "{{m['content'] + '<|im_end|>'}}{% endgeneration %}{% else %}{{m['content'] + '<|im_end|>'}}{% endif %}{{'\n'}}{% endfor %}")
turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
masks = {}
for name, template in (("published", published), ("with {% generation %}", marked)):
    made = tokenizer.apply_chat_template(turns, chat_template=template, return_dict=True, return_assistant_tokens_mask=True)
    masks[name] = made["assistant_masks"]
    print(f"transformers {transformers.__version__}, {name}: ids {made['input_ids']}, assistant_masks {made['assistant_masks']}")
sys.exit(0 if sum(masks["published"]) == 0 and masks["with {% generation %}"] == [0, 0, 0, 0, 0, 0, 1, 1] else 1)
PYTHON
