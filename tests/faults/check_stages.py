# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects of check_table: stages, templates and the options of a run."""
from check_cases import (all_of, case, options, text)

# Stages
case("stages", "there are none", "red", options(stages=[], schedule=[]), short=True)
case("stages", "the schedule is empty", "green", options(schedule=[]))
case("stages", "the schedule names a stage that isn't there", "red", options(schedule=["DPT", "none"]))
case("stages", "one of the three runs", "green", options(schedule=["SFT"]))
case("stages", "the same stage runs twice", "green", options(schedule=["DPT", "SFT", "SFT"]))
case("stages", "a stage has no name", "red", options(stages__2__name="", schedule=[]))
case("stages", "two stages have the same name", "red", options(stages__2__name="SFT", schedule=[]))
case("stages", "a name has 250 letters", "red", options(stages__2__name="x" * 250, schedule=[]), short=True)
case("stages", "a name has 150 letters", "green", options(stages__2__name="x" * 150, schedule=[]))
case("stages", "a name has a slash", "red", options(stages__2__name="a/b", schedule=[]))
case("stages", "a name is ..", "red", options(stages__2__name="..", schedule=[]))
case("stages", "a name has spaces and other letters", "red", options(stages__2__name="zweite Stufe ß", schedule=[]))
case("stages", "a name has a line break", "red", options(stages__2__name="a\nb", schedule=[]))
case("stages", "a name begins with a dot", "red", options(stages__2__name=".hidden", schedule=[]))
case("stages", "a later stage trains nothing", "red", options(stages__2__train=[]), short=True)
case("stages", "a stage trains an unknown part", "red", options(stages__2__train=["head"]))
case("stages", "a stage trains a part twice", "green", options(stages__2__train=["connector", "connector"]))
case("stages", "a stage trains the tower", "green", options(stages__2__train=["vision_tower", "connector"]))
case("stages", "a connector without weights is to learn", "red",
     all_of(options(student={"checkpoint": "models/teacher"}, stages__0__train=["unheard_of"])))
case("stages", "a later stage has no terms", "red", options(stages__2__terms=[]))
case("stages", "all weights of a later stage are 0", "red", options(stages__2__terms=[{"term": "ce", "weight": 0}]))
case("stages", "a term is unknown", "red", options(stages__2__terms=[{"term": "unheard_of", "weight": 1}]))
case("stages", "a term comes twice", "red",
     options(stages__2__terms=[{"term": "ce", "weight": 1}, {"term": "ce", "weight": 2}]))
case("stages", "a weight is negative", "red", options(stages__2__terms=[{"term": "ce", "weight": -1}]))
case("stages", "a divergence is unknown", "red",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "divergence": "unheard_of"}]))
case("stages", "a generalised JSD", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "divergence": "jsd",
                                "beta": 0.1}]))
case("stages", "a temperature of 0", "red",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "temperature": 0}]))
case("stages", "a temperature of 0.05", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1, "temperature": 0.05}]))
case("stages", "relations alone", "green", options(stages__2__terms=[{"term": "rdist", "weight": 1}]))
case("stages", "the learning rate of a later stage is 0", "red", options(stages__2__learning_rate=0))
case("stages", "the learning rate is text", "red", options(stages__2__learning_rate="0.001"))
case("stages", "the learning rate is negative", "red", options(stages__2__learning_rate=-1))
case("stages", "a schedule is unknown", "red", options(stages__2__schedule="steps"))
case("stages", "one step, which is the warm-up", "amber", options(stages__2__max_steps=1))
case("stages", "one step without a warm-up", "green", options(stages__2__max_steps=1, stages__2__warmup_ratio=0))
case("stages", "the warm-up is the whole stage", "green", options(stages__2__warmup_ratio=1))
case("stages", "epochs of 0", "red", options(stages__2__epochs=0))
case("stages", "a thousandth of an epoch", "amber", options(stages__2__epochs=0.001, stages__2__max_steps=0))
case("stages", "a batch of 0", "red", options(stages__2__batch_size=0))
case("stages", "a batch larger than the data", "green",
     options(stages__2__batch_size=1000, stages__2__max_steps=0, stages__2__epochs=3, stages__2__warmup_ratio=0))
case("stages", "a micro-batch larger than the batch", "green", options(stages__2__micro_batch_size=64))
case("stages", "batches of similar length", "green", options(stages__2__sampler="modality_length"))
case("stages", "a sampler is unknown", "red", options(stages__2__sampler="unheard_of"))
case("stages", "no clipping", "green", options(stages__2__max_grad_norm=0))
case("stages", "an unknown option", "red", options(stages__2__learning_rat=0.1))
case("stages", "a stage is a list", "red", options(stages__2=[]))

# Templates
case("templates", "the project's is unknown", "red", options(template="unheard_of"))
case("templates", "a stage's is unknown", "red", options(stages__2__template="unheard_of"))
case("templates", "a stage's is made for another tokenizer", "red", options(stages__2__template="gemma"), short=True)
case("templates", "the project's is made for another tokenizer", "amber", options(template="llama3"))
case("templates", "the project's is qwen2_base, the teacher's wasn't", "amber", options(template="qwen2_base"))
case("templates", "the caption's everywhere", "amber", options(template="pretrain"))

# The run
case("run", "no accelerator, but cuda", "red", options(run__device="cuda"), short=True)
case("run", "a device is unknown", "red", options(run__device="tpu"))
case("run", "bf16", "green", options(run__precision="bf16"))
case("run", "a precision is unknown", "red", options(run__precision="fp16"))
case("run", "a seed that is negative", "red", options(run__seed=-1))
case("run", "a seed of 2^53", "red", options(run__seed=2**53))
case("run", "two threads and three workers", "green", options(run__threads=2, run__workers=3))
case("run", "a checkpoint each step", "green", options(run__checkpoint_every=1))
case("run", "a million checkpoints are kept", "green", options(run__keep_checkpoints=1_000_000))
case("run", "no checkpoint is kept", "red", options(run__keep_checkpoints=0))
case("run", "recomputed activations", "green", options(run__activation_checkpointing="on"))
case("run", "both caches", "green", options(run__vision_cache="on", run__teacher_cache="on"))
case("run", "the caches' folder is a file", "red", options(run__vision_cache="on", run__cache_folder="data.json"))
case("run", "runs is a file", "red", text("", "runs"), short=True)
case("run", "runs is a link to nothing", "red", lambda p, d: (d / "runs").symlink_to("nowhere") and None)
case("run", "the caches' own folder is a file", "red",
     all_of(options(run__vision_cache="on"), lambda p, d: (d / "cache").write_text("") and None))
case("run", "micro-batches of 65,536", "amber", options(stages__2__micro_batch_size=65536, stages__2__batch_size=65536,
                                                        stages__2__warmup_ratio=0))
case("run", "the largest learning rate", "green", options(stages__2__learning_rate=10))
case("run", "the largest weight and temperature", "green",
     options(stages__2__terms=[{"term": "mdist_response", "weight": 1000, "temperature": 100}]))
case("run", "a rule for numbers that are none", "red", options(run__not_a_number="unheard_of"))
case("run", "the project is of a newer version", "red", options(version=99))
case("run", "the project's format is another", "red", options(format="other"))
case("run", "an unknown option", "red", options(run__unheard_of=1))
case("run", "a name with quotes and line breaks", "green", options(name="a \"b\"\n'c'"))
case("run", "the project is empty", "red", lambda p, d: p.clear())
