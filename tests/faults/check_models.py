# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects of check_table: teacher, student and tower."""
from check_cases import (add_word, all_of, break_number, case, ce_only, config, drop_tensor, first_of, model, options,
                         rename_tensor, swap_words, tensors)

case("base", "nothing is changed", "green", lambda p, d: None, short=True)

# Models
case("models", "the teacher's folder isn't there", "red", options(teacher__checkpoint="models/none"), short=True)
case("models", "no teacher is chosen", "red", options(teacher__checkpoint=""))
case("models", "the teacher is a file", "red", options(teacher__checkpoint="data.json"))
case("models", "the teacher's config.json is gone", "red", model("teacher", lambda m: (m / "config.json").unlink()))
case("models", "the teacher's config.json is no JSON", "red",
     model("teacher", lambda m: (m / "config.json").write_text("{")))
case("models", "the teacher's weights are cut", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_bytes((m / "model.safetensors").read_bytes()[:9999])),
     short=True)
case("models", "the teacher's weights are empty", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_bytes(b"")))
case("models", "the teacher's weights are gone", "red", model("teacher", lambda m: (m / "model.safetensors").unlink()))
case("models", "the teacher's weights are a pointer of Git LFS", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_text(
         "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n")))
case("models", "the teacher's weights are a web page", "red",
     model("teacher", lambda m: (m / "model.safetensors").write_text("<!DOCTYPE html><html>404</html>")))
case("models", "a tensor of the teacher is missing", "red", tensors("teacher", drop_tensor))
case("models", "a tensor of the teacher has another name", "red", tensors("teacher", rename_tensor))
case("models", "a tensor of the student is missing", "red", tensors("language-student", drop_tensor))
case("models", "a tensor of the tower is missing", "red", tensors("tower", drop_tensor))
case("models", "the teacher has more layers than weights", "red",
     config("teacher", part="text_config", num_hidden_layers=9))
case("models", "the teacher has fewer layers than weights", "red",
     config("teacher", part="text_config", num_hidden_layers=3))
case("models", "the student is wider than its weights", "red", config("language-student", hidden_size=256))
case("models", "the student's heads don't divide its width", "red", config("language-student", num_attention_heads=7))
case("models", "the student is of an unknown family", "red", config("language-student", model_type="unheard_of"))
case("models", "the student's activation is unknown", "red", config("language-student", hidden_act="unheard_of"))
case("models", "the tower's activation is unknown", "red", config("tower", hidden_act="unheard_of"))
case("models", "the tower takes other pictures than the teacher's", "red",
     all_of(config("tower", image_size=48), config("tower", "preprocessor_config.json",
                                                    size={"height": 48, "width": 48})))
case("models", "the tower's mean differs from the teacher's", "red",
     config("tower", "preprocessor_config.json", image_mean=[0.1, 0.2, 0.3]))
case("models", "the tower's processor is of an unknown kind", "red",
     config("tower", "preprocessor_config.json", image_processor_type="UnheardOfImageProcessor"))
case("models", "the teacher's tokenizer is gone", "red", model("teacher", lambda m: (m / "tokenizer.json").unlink()))
case("models", "the student's tokenizer is gone", "red",
     model("language-student", lambda m: (m / "tokenizer.json").unlink()))
case("models", "the student's tokenizer is no JSON", "red",
     model("language-student", lambda m: (m / "tokenizer.json").write_text("[1")))
case("models", "two words of the student's tokenizer change places", "red",
     model("language-student", lambda m: swap_words(m / "tokenizer.json")))
case("models", "the language model is a tower", "red", options(student__language_model="models/tower"))
case("models", "the tower is a language model", "red", options(student__vision_tower="models/language-student"))
case("models", "the tower is the teacher's", "green", options(student__vision_tower="models/teacher"))
case("models", "the student's language model is the teacher's", "green",
     options(student__language_model="models/teacher"))
case("models", "the language model's folder isn't there", "red", options(student__language_model="models/none"))
case("models", "the tower's folder isn't there", "red", options(student__vision_tower="models/none"))
case("models", "no student is chosen", "red", options(student={}))
case("models", "a language model without a tower", "red", options(student={"language_model": "models/language-student"}))
case("models", "the student is a whole model", "green", options(student={"checkpoint": "models/teacher"}))
case("models", "the student's checkpoint is a bare language model", "red",
     options(student={"checkpoint": "models/language-student"}))
case("models", "the student's checkpoint isn't there", "red", options(student={"checkpoint": "models/none"}))
case("models", "the connector is unknown", "red", options(student__connector="unheard_of"))
case("models", "the connector is one layer", "green", options(student__connector="linear"))
case("models", "the connector is nothing, and the widths differ", "red", options(student__connector="identity"))
case("models", "a resampler with other visual tokens than the teacher", "red",
     options(student__connector="resampler", student__num_queries=16))
case("models", "a resampler with as many visual tokens", "green",
     options(student__connector="resampler", student__num_queries=35))
case("models", "a Q-Former with as many visual tokens", "amber",
     options(student__connector="qformer", student__num_queries=35))
case("models", "a connector for two towers with one tower", "red", options(student__connector="mof_mlp"))
case("models", "no stage distils, and the teacher isn't there", "green",
     all_of(ce_only, options(teacher__checkpoint="models/none", probes=[])))
case("models", "no stage distils, probes do, and the teacher isn't there", "red",
     all_of(ce_only, options(teacher__checkpoint="models/none")))
case("models", "no stage distils, and no teacher is chosen", "green",
     all_of(ce_only, options(teacher__checkpoint="", probes=[])))
case("models", "pictures are padded, the teacher's weren't", "amber", options(image__aspect_ratio="pad"))
case("models", "the aspect ratio is unknown", "red", options(image__aspect_ratio="round"))

case("models", "a weight of the teacher is not a number", "red", tensors("teacher", break_number))
case("models", "a weight of the student is not a number", "red", tensors("language-student", break_number))
case("models", "a weight of the tower is not a number", "red", tensors("tower", break_number))
case("models", "a tensor's type is unknown", "red",
     tensors("tower", lambda head, numbers: head[first_of(head)].update(dtype="F4")))
case("models", "a tensor has another shape than its bytes", "red",
     tensors("tower", lambda head, numbers: head[first_of(head)]["shape"].append(2)))
case("models", "bytes at the end of the weights", "red", tensors("tower", lambda head, numbers: numbers.extend(b"1234")))
case("models", "the tokenizer has more words than the embedding", "red", lambda p, d: add_word(d, 700))
case("models", "the end token is beyond the embedding", "green", config("language-student", eos_token_id=9999))
case("models", "the student has no heads", "red", config("language-student", num_attention_heads=0))
case("models", "the student has no layers", "red", config("language-student", num_hidden_layers=0))
case("models", "the student's width is text", "red", config("language-student", hidden_size="160"))
case("models", "the norms' epsilon is negative", "red", config("language-student", rms_norm_eps=-1))
case("models", "rotary positions of base 0", "red", config("language-student", rope_theta=0))
case("models", "fewer positions than max_length", "green", config("language-student", max_position_embeddings=64))
case("models", "the teacher's feature layer isn't there", "red", config("teacher", vision_feature_layer=-99))
case("models", "the teacher's connector is unknown", "red", config("teacher", connector_type="unheard_of"))
case("models", "the tower's processor is gone", "green",
     model("tower", lambda m: (m / "preprocessor_config.json").unlink()))
case("models", "the tower's processor divides by 0", "red",
     config("tower", "preprocessor_config.json", image_std=[0, 0, 0]))
case("models", "the tower's processor has no size", "red",
     config("tower", "preprocessor_config.json", size={"height": 0, "width": 0}))
case("models", "the generation's configuration is no JSON", "red",
     model("language-student", lambda m: (m / "generation_config.json").write_text("{")))
case("models", "the tokenizer's configuration is gone", "green",
     model("language-student", lambda m: (m / "tokenizer_config.json").unlink()))
case("models", "a checkpoint and parts of a student", "green",
     options(student={"checkpoint": "models/teacher", "language_model": "models/none"}))
case("models", "queries for a connector without", "green", options(student__num_queries=7))
case("models", "the student's folder is a link to nothing", "red",
     lambda p, d: ((d / "link").symlink_to("nowhere"), p["student"].update(language_model="link")) and None)
