#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of all fuzz targets into FOLDER/TARGET/: small valid files and broken ones, made here or copied from
tests/data and, where it is there, from ../shared/golden. Python's own library is enough.

    tests/fuzz/make_seeds.py FOLDER
"""
import json
import pathlib
import struct
import sys
import zipfile

here = pathlib.Path(__file__).resolve().parent
data = here.parent / "data"
golden = here.parents[2] / "shared" / "golden"
largest = 32768  # longer seeds are left out: they would only slow the fuzzer down
cut = b"\n%%%%\n"


def text(value):
    return json.dumps(value, ensure_ascii=False).encode()


def safetensors(header, body=b""):
    raw = header if isinstance(header, bytes) else text(header)
    return struct.pack("<Q", len(raw)) + raw + body


def f32(*shape, begin=0):
    count = 1
    for size in shape:
        count *= size
    return {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, begin + 4 * count]}


def safetensors_seeds():
    two = {"__metadata__": {"format": "pt"}, "a": f32(2, 3), "b": f32(4, begin=24)}
    yield safetensors(two, bytes(40))
    yield safetensors(two, bytes(39))
    yield safetensors({"empty": f32(0, 5), "scalar": f32()}, bytes(4))
    yield safetensors({"x": {"dtype": "BF16", "shape": [0, 1 << 40, 1 << 40, 2], "data_offsets": [0, 0]}})
    yield safetensors({"x": {"dtype": "F8_E4M3", "shape": [1 << 62, 4], "data_offsets": [0, 0]}})
    yield safetensors(b"{" * 20)
    yield struct.pack("<Q", 1 << 40) + b"{}"


# GGUF: ggml's docs/gguf.md
U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
formats = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "?", U64: "Q", I64: "q", F64: "d"}
block_types = {2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110),
               12: (256, 144), 13: (256, 176), 14: (256, 210)}


def gguf_text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf_value(kind, value):
    if kind == STRING:
        return gguf_text(value)
    if kind == ARRAY:
        of, items = value
        return struct.pack("<IQ", of, len(items)) + b"".join(gguf_value(of, item) for item in items)
    return struct.pack("<" + formats[kind], value)


def gguf(entries, tensors=(), version=3):
    """entries: (key, type, value); tensors: (name, shape as GGUF has it, type, bytes)."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(entries))
    for key, kind, value in entries:
        head += gguf_text(key) + struct.pack("<I", kind) + gguf_value(kind, value)
    body = b""
    for name, shape, kind, raw in tensors:
        body += bytes(-len(body) % 32)
        head += gguf_text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", kind, len(body))
        body += raw
    return head + bytes(-len(head) % 32) + body


def gguf_seeds():
    every = [("general.architecture", STRING, "none"), ("general.alignment", U32, 32), ("k.text", STRING, "é")]
    every += [(f"k.{kind}", kind, 1) for kind in formats]
    every += [("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", "", "b"])),
              ("tokenizer.ggml.scores", ARRAY, (F32, [0.5, -1.0])), ("tokenizer.ggml.token_type", ARRAY, (I32, [1, 2])),
              ("k.nested", ARRAY, (ARRAY, [(U8, [1]), (U8, [2, 3])]))]
    yield gguf(every)
    yield gguf(every[:3], version=2)
    tensors = [(f"t{kind}", (elements, 2), kind, bytes(range(size)) * 2)
               for kind, (elements, size) in block_types.items()]
    yield gguf(every[:2], tensors)
    yield gguf(every[:2], [("f32", (2, 3), 0, bytes(24)), ("f16", (3,), 1, bytes(6)), ("bf16", (2,), 30, bytes(4))])
    yield gguf([], [("huge", (1 << 40, 1 << 40), 0, b"")])


def small_language_model(family):
    number = {"context_length": 16, "embedding_length": 4, "block_count": 1, "feed_forward_length": 8,
              "attention.head_count": 2, "attention.head_count_kv": 1, "vocab_size": 4}
    entries = [("general.architecture", STRING, family)]
    entries += [(f"{family}.{key}", U32, value) for key, value in number.items()]
    entries += [(f"{family}.attention.layer_norm_rms_epsilon", F32, 1e-5), (f"{family}.rope.freq_base", F32, 10000.0)]
    shapes = {"token_embd": (4, 4), "output_norm": (4,), "blk.0.attn_norm": (4,), "blk.0.ffn_norm": (4,),
              "blk.0.attn_q": (4, 4), "blk.0.attn_k": (4, 2), "blk.0.attn_v": (4, 2), "blk.0.attn_output": (4, 4),
              "blk.0.ffn_gate": (4, 8), "blk.0.ffn_up": (4, 8), "blk.0.ffn_down": (8, 4)}
    tensors = []
    for name, shape in shapes.items():
        tensors.append((name + ".weight", shape, 0, bytes(4 * shape[0] * (shape[1] if len(shape) > 1 else 1))))
    return entries, tensors


def gguf_model_seeds():
    key = "tokenizer.ggml."
    bytes_as_text = [chr(c) if 33 <= c < 127 else chr(256 + c) for c in range(128)]
    entries, tensors = small_language_model("qwen2")
    for pre in ("qwen2", "gpt-2", "llama-bpe", "smollm"):
        own = [(key + "model", STRING, "gpt2"), (key + "pre", STRING, pre),
               (key + "tokens", ARRAY, (STRING, bytes_as_text + ["He", "ll", "<s>"])),
               (key + "token_type", ARRAY, (I32, [1] * 130 + [3])), (key + "merges", ARRAY, (STRING, ["H e", "l l"])),
               (key + "bos_token_id", U32, 130), (key + "eos_token_id", U32, 130), (key + "add_bos_token", BOOL, True)]
        yield gguf(entries + own, tensors if pre == "qwen2" else [])
    entries, tensors = small_language_model("llama")
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + ["▁", "H", "e", "l", "He", "ll", "▁He"]
    own = [(key + "model", STRING, "llama"), (key + "tokens", ARRAY, (STRING, pieces)),
           (key + "scores", ARRAY, (F32, [-float(i) for i in range(len(pieces))])),
           (key + "token_type", ARRAY, (I32, [2, 3, 3] + [6] * 256 + [1] * 7)), (key + "bos_token_id", U32, 1),
           (key + "add_space_prefix", BOOL, False)]
    yield gguf(entries + own, tensors)


def gguf_blocks_seeds():
    for kind, (_, size) in block_types.items():
        yield bytes([kind]) + bytes((7 * i) % 256 for i in range(3 * size))


# Pickle as torch.save writes it: pickletools.py
def pickle_text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def pickled_tensor(storage="FloatStorage", shape=b"K\x02K\x03\x86", stride=b"K\x03K\x01\x86"):
    persistent = pickle_text("storage") + b"ctorch\n" + storage.encode() + b"\n" + pickle_text("0") + pickle_text("cpu")
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + persistent + b"K\x06tQK\x00" + shape + stride +
            b"\x89ccollections\nOrderedDict\n)RtR")


def pickle_seeds():
    yield b"\x80\x02}" + pickle_text("w") + pickled_tensor() + b"s."
    yield b"\x80\x02ccollections\nOrderedDict\n)R(" + pickle_text("w") + pickled_tensor("BFloat16Storage") + b"u."
    yield b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94\x8c\x01w\x94\x8c\x02os\x8c\x06system\x93s."
    yield b"\x80\x02(" + b"(" * 50 + b"t" * 50 + b"l."
    yield b"\x80\x02\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8b\xff\xff\xff\x7f"
    yield b"\x80\x02]q\x00h\x00h\x00\x86q\x01h\x01h\x01\x86."


def torch_archive_seeds(folder):
    for number, pickle in enumerate(pickle_seeds()):
        path = folder / "made.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("m/data.pkl", pickle)
            archive.writestr("m/byteorder", b"little")
            archive.writestr("m/data/0", bytes(24))
            if number == 1:
                archive.writestr("../leaves", b"")
        yield path.read_bytes()
        path.unlink()


def json_seeds():
    yield text({"a": [1, -2, 3.5, 1e300, True, False, None, "é\n\u0000"], "b": {"c": {}}, "": []})
    yield b"\xef\xbb\xbf[18446744073709551615, -9223372036854775808, 1e999]"
    yield b'{"a":1,"a":2}'
    yield b"[" * 100
    yield b'"\\ud800"'


def small_config(**more):
    vision = {"model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2,
              "num_attention_heads": 2, "image_size": 28, "patch_size": 14}
    language = {"model_type": "qwen2", "vocab_size": 16, "hidden_size": 8, "intermediate_size": 16,
                "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
                "max_position_embeddings": 64, "rope_scaling": {"rope_type": "linear", "factor": 2.0}}
    return {"model_type": "tinyllava", "vision_config": vision, "text_config": language, "hidden_size": 8,
            "vision_feature_layer": -2, "vision_feature_select_strategy": "patch", "connector_type": "mlp2x_gelu",
            "vocab_size": 16, "tokenizer_model_max_length": 2048, **more}


def model_config_seeds():
    yield text(small_config())
    for scaling in ({"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
                    {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 32}, {"type": "dynamic", "factor": 2.0}):
        yield text({**small_config()["text_config"], "rope_scaling": scaling})
    yield text({"model_type": "openelm", "model_dim": 8, "num_transformer_layers": 2, "head_dim": 4,
                "num_query_heads": [2, 2], "num_kv_heads": [1, 1], "ffn_multipliers": [0.5, 4.0], "vocab_size": 16,
                "ffn_dim_divisor": 4, "max_context_length": 64, "normalize_qk_projections": True})
    yield text({"model_type": "dinov2", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
                "image_size": 28, "patch_size": 14, "mlp_ratio": 4})


def model_folder_seeds():
    index = {"metadata": {"total_size": 16}, "weight_map": {"w": "a.safetensors"}}
    tokenizer = {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []},
                 "added_tokens": [{"id": 2, "content": "<s>", "special": True}]}
    adapter = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"],
               "base_model_name_or_path": "tower"}
    parts = [small_config(), small_config()["vision_config"], adapter, index, tokenizer, {"eos_token": "<s>"}]
    yield cut.join(map(text, parts))
    yield cut.join([text(parts[0]), b"", b"", text(index), text(tokenizer)])
    yield cut.join([text(parts[0]["text_config"]), b"", b"", text(index)])
    yield cut.join([text(parts[1]), b"", b"", text(index)])
    yield cut.join([text(parts[0]), b"", b"", text({"weight_map": {"w": "../a", "x": "s" * 300}})])
    original = {"model_type": "llava_llama", "mm_vision_tower": "tower", "mm_hidden_size": 8, "hidden_size": 8,
                "mm_projector_type": "mlp2x_gelu", "mm_vision_select_layer": -2, **parts[0]["text_config"]}
    yield cut.join([text(original), text(parts[1]), b"", text(index)])
    yield cut.join([text({**original, "mm_vision_tower": "t" * 300}), text(parts[1]), b"", text(index)])
    hugging_face = {**parts[0], "model_type": "llava", "image_token_index": 15, "projector_hidden_act": "gelu"}
    yield cut.join([text(hugging_face), b"", b"", text(index)])


def run_files_seeds():
    step = {"type": "step", "time": 1.5, "stage": "DPT", "stage_step": 3, "step": 3, "loss": 2.25, "terms": {"ce": 1.0}}
    run = {"id": "r", "status": "running", "started": 1.0, "pid": 2 ** 40, "host": "", "control_socket": "/x",
           "project": {"name": "p"}, "versions": {}, "inputs": {}, "project_file": "p.kdproj"}
    yield text(step) + b"\n" + text({"type": "paused", "fields": [[1]]}) + b"\n{\"type\": \"half" + cut + text(run)
    yield b'{"type":"x","a":' + b"[" * 200 + b"]" * 200 + b"}\n" + cut + text({"pid": -1})
    yield b'{"type":"step","type":1,"time":"no","step":1e400}\n'


def event_columns_seeds():
    """A log; then the same with an index that covers nothing of it, as core/run/event_columns.cpp describes it."""
    step = {"type": "step", "time": 1.5, "stage": "DPT", "stage_step": 3, "step": 3, "terms": {"ce": 1.0}, "total": 2.25}
    log = text({"type": "stage_started", "stage": "DPT", "steps": 9}) + b"\n" + text(step) + b"\n" + \
        text({**step, "step": 4, "terms": {"rdist": 0.5}}) + b"\n"
    yield log
    keys = [b"total", b"tokens", b"samples", b"skipped", b"grad_norm", b"learning_rate", b"seconds", b"waiting_seconds",
            b"memory_bytes", b"terms.ce"]
    texts = lambda parts: struct.pack("<I", len(parts)) + b"".join(struct.pack("<I", len(part)) + part for part in parts)
    head = b"LKDSTEPS" + struct.pack("<IIIqqQ", 1, 0x01020304, 4096, 0, 0, 0x243f6a8885a308d3) + texts(keys)
    span = struct.pack("<I", 1) + struct.pack("<I", 3) + b"DPT" + struct.pack("<Qdd", 0, 0, 9)
    block = struct.pack("<Q4d", 2, 1, 2, 1.5, 2.5) + struct.pack("<I", 1) + struct.pack("<I2f", 2, 0.5, 0.25)
    yield log + cut[1:] + head + span + texts([text(step)]) + block + b"checksum"


def tensorboard_seeds():
    """The first byte: 0 for a file, 1 for messages that the target makes records of."""
    for path in sorted((data / "tensorboard" / "run").rglob("*tfevents*")):
        whole = path.read_bytes()
        yield b"\x00" + whole
        yield b"\x00" + whole[:-5]
    value = b"\x0a\x01a\x15\x00\x00\x20\x40"
    tensor = b"\x0a\x01b\x42\x0c\x08\x02\x22\x08" + struct.pack("<d", 0.5)
    events = [b"\x09" + struct.pack("<d", 1000.5) + b"\x10\x03\x2a" + bytes([len(each) + 2, 0x0A, len(each)]) + each
              for each in (value, tensor)]
    restart = b"\x10\x02\x3a\x02\x08\x01"
    yield b"\x01" + cut.join([*events, restart, events[0]])
    yield b"\x01" + b"\x10" + b"\xff" * 9 + b"\x01" + b"\x2a\x7f"


def csv_curves_seeds():
    yield b"step,loss,note\n1,0.5,good\n2,nan,\n"
    yield b"\xef\xbb\xbfWall time,Step,Value\r\n1700000000.5,10,0.75\r\n"
    yield b'step;"a ""b""\nc"\n1;0,5\n'
    yield b'step,loss\n1,"2\n'


def project_seeds():
    for folder in sorted((here.parents[1] / "projects").iterdir()):
        for path in sorted(folder.glob("*.kdproj")):
            yield path.read_bytes()
    stage = {"name": "DPT", "epochs": 1, "batch_size": 2, "max_steps": 3, "terms": [{"term": "ce", "weight": 1.0}]}
    yield text({"format": "llavakd-project", "version": 1, "name": "é", "stages": [stage], "schedule": ["DPT", "DPT"]})
    yield text({"format": "llavakd-project", "version": 18446744073709551615})
    yield text({"format": "llavakd-project", "version": 1, "stages": [stage, stage]})


def conversations_seeds():
    turns = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]
    yield text([{"id": "1", "image": "a/b.png", "conversations": turns}, {"id": 2, "conversations": turns[::-1]}])
    yield text([{"image": ["a", "../b"], "conversations": turns, "template": "llama", "type": "x", "more": {"a": [1]}}])
    yield b'[{"conversations": [{"from": "human", "value": 3}]}, 7, []'
    yield b"[]"
    yield b'{"a": ' + b"[" * 300


def control_socket_seeds():
    yield b"status\npause\nresume\r\nsave\n\nstop\n"
    yield b"x" * 5000
    yield b"\xff\xfe unknown\nstatus"


def image_processor_seeds():
    yield text({"image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": 8},
                "do_center_crop": True, "crop_size": {"height": 8, "width": 8}, "resample": 3, "do_rescale": True,
                "rescale_factor": 0.00392, "do_normalize": True, "image_mean": [0.5, 0.4, 0.3],
                "image_std": [0.2, 0.3, 0.1]})
    yield text({"image_processor_type": "SiglipImageProcessor", "size": {"height": 8, "width": 8}, "resample": 2})
    yield text({"size": 8, "crop_size": 1e9, "image_std": [0, 0, 0]})


def small_tokenizer(**more):
    vocabulary = {c: i for i, c in enumerate("abdehlorwĠ123")} | {"he": 20, "ll": 21, "Ġw": 22}
    return {"version": "1.0", "added_tokens": [{"id": 30, "content": "<s>", "special": True, "lstrip": True}],
            "normalizer": None, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True},
            "decoder": {"type": "ByteLevel"}, "post_processor": None,
            "model": {"type": "BPE", "vocab": vocabulary, "merges": ["h e", ["l", "l"], "Ġ w"]}, **more}


def tokenizer_json_seeds():
    special = text({"bos_token": "<s>", "tokenizer_class": "LlamaTokenizer", "added_tokens_decoder":
                    {"31": {"content": "<x>", "special": False, "normalized": True}}})
    yield text(small_tokenizer()) + cut + special + cut + text({"additional_special_tokens": ["<s>", {"content": "a"}]})
    split = {"type": "Split", "pattern": {"Regex": r"\p{L}+|\s+(?!\S)|."}, "behavior": "MergedWithNext", "invert": True}
    yield text(small_tokenizer(pre_tokenizer={"type": "Sequence", "pretokenizers": [
        split, {"type": "Digits", "individual_digits": True}, {"type": "WhitespaceSplit"},
        {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]}))
    yield text(small_tokenizer(normalizer={"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "Prepend", "prepend": "▁"}, {"type": "Strip", "strip_left": True},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        {"type": "Replace", "pattern": {"Regex": "a*"}, "content": "aa"}]}))
    yield text(small_tokenizer(decoder={"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}, {"type": "Metaspace", "replacement": "▁"}]}))
    pieces = [["<unk>", 0.0], ["▁", -1.0], ["a", -2.5], ["he", -1.5]]
    yield text(small_tokenizer(pre_tokenizer={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
                               model={"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": True}))
    yield text(small_tokenizer(pre_tokenizer={"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated"}))


def tokenizer_files_seeds():
    model = small_tokenizer()["model"]
    merges = b"#version: 0.2\nh e\nl l\n"
    for kind in ("Qwen2Tokenizer", "GPT2Tokenizer", "CodeGenTokenizerFast"):
        yield cut.join([text(model["vocab"]), merges, text({"tokenizer_class": kind}), text({"<s>": 40})])
    yield cut.join([text(model["vocab"]), b"h e\r\nx y z\n", text({"tokenizer_class": "GPT2Tokenizer"})])


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, payload):
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    if isinstance(payload, float):
        return varint(number << 3 | 5) + struct.pack("<f", payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def sentencepiece_seeds():
    """sentencepiece_model.proto: pieces 1 {text 1, score 2, type 3}, trainer_spec 2, normalizer_spec 3."""
    config = cut + text({"tokenizer_class": "LlamaTokenizer", "legacy": False, "bos_token": "<s>"})
    pieces = [("<unk>", 2), ("<s>", 3), ("</s>", 3)] + [(f"<0x{b:02X}>", 6) for b in range(256)]
    pieces += [("▁", 1), ("a", 1), ("He", 1), ("H", 1), ("e", 1), ("l", 1)]
    raw = b"".join(field(1, field(1, piece.encode()) + field(2, -float(i)) + field(3, kind))
                   for i, (piece, kind) in enumerate(pieces))
    for kind in (1, 2):  # Unigram, BPE
        trainer = field(3, kind) + field(35, 1) + field(40, 0)
        normalizer = field(1, b"identity") + field(3, 1) + field(4, 0) + field(5, 1)
        yield raw + field(2, trainer) + field(3, normalizer) + config
        table = struct.pack("<I", 1024) + bytes(1024) + b"a\0"
        yield raw + field(2, trainer) + field(3, normalizer + field(2, table)) + config
    yield raw[:200] + config


def tiktoken_seeds():
    yield b"IQ== 0\nIg== 1\nSGU= 2\nSA== 3\nZQ== 4\nbA== 5\nbGw= 6\n" + cut + b"{}"
    yield b"IQ= 0\nIg== -1\nSGU= 99999999999\n"
    yield b"SA== 0\nSA== 0\r\n"


def copies(*patterns, root=data, suffix=b""):
    for pattern in patterns:
        for path in sorted(root.glob(pattern)) if root.is_dir() else ():
            if path.is_file() and path.stat().st_size + len(suffix) <= largest:
                yield path.read_bytes() + suffix


def all_seeds(folder):
    bad = golden / "bad"
    yield "safetensors", safetensors_seeds(), copies("models/*/model.safetensors"), \
        copies("safetensors/*", root=bad)
    yield "torch_archive", torch_archive_seeds(folder), copies("torch_archive/*.bin"), copies("pickle/*", root=bad)
    yield "pickle", pickle_seeds()
    yield "gguf", gguf_seeds(), gguf_model_seeds(), copies("gguf/*", root=bad)
    yield "gguf_model", gguf_model_seeds()
    yield "gguf_blocks", gguf_blocks_seeds()
    yield "json", json_seeds(), copies("models/*/config.json", "text/*/tokenizer_config.json"), \
        copies("config/*", "index/*", "samples/*", root=bad)
    yield "model_config", model_config_seeds(), copies("models/*/config.json"), copies("config/*", root=bad)
    yield "model_folder", model_folder_seeds(), copies("index/*", root=bad)
    yield "project", project_seeds()
    yield "run_files", run_files_seeds()
    yield "event_columns", event_columns_seeds(), run_files_seeds()
    yield "tensorboard", tensorboard_seeds()
    yield "csv_curves", csv_curves_seeds()
    yield "conversations", conversations_seeds(), copies("samples/*", root=bad)
    yield "control_socket", control_socket_seeds()
    yield "image_processor", image_processor_seeds(), model_config_seeds()
    yield "tokenizer_json", tokenizer_json_seeds(), copies("text/*/tokenizer.json"), copies("tokenizer/*", root=bad)
    yield "tokenizer_files", tokenizer_files_seeds()
    yield "sentencepiece", sentencepiece_seeds(), copies("text/*/tokenizer.model", suffix=cut + b"{}")
    yield "tiktoken", tiktoken_seeds(), copies("text/tiktoken/qwen.tiktoken")
    yield "jpeg", copies("image/*.jpg")
    yield "png", copies("image/*.png"), copies("images/*", root=bad)
    yield "webp", copies("image/*.webp")
    yield "bmp", copies("image/*.bmp")
    yield "tiff", copies("image/*.tif", "image/*.tiff")
    yield "gif", copies("image/*.gif")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    root.mkdir(parents=True, exist_ok=True)
    for target, *groups in all_seeds(root):
        folder = root / target
        folder.mkdir(exist_ok=True)
        for number, content in enumerate(content for group in groups for content in group):
            (folder / f"seed-{number:03}").write_bytes(content)


if __name__ == "__main__":
    main()
