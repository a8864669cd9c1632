# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects of check_table: data, pictures, probes and evaluations."""
import json
import os
import struct

from check_cases import (all_of, answer, case, each, half, later, no_picture, one, options, picture, pictures, png,
                         question, sample, samples, strip, text)

# Data
case("data", "a later stage has no data", "red", options(stages__2__data=""))
case("data", "a later stage's data isn't there", "red", options(stages__2__data="none.json"), short=True)
case("data", "the data is a folder", "red", options(stages__2__data="images"))
case("data", "the data is a picture", "red", options(stages__2__data="images/0.png"))
case("data", "the data is empty", "red", later(text(b"", "later.json")))
case("data", "the data is an empty list", "red", later(text("[]", "later.json")))
case("data", "the data is no JSON", "red", later(text("[{", "later.json")))
case("data", "the data is an object", "red", later(text("{}", "later.json")))
case("data", "the data is a list of numbers", "red", later(text("[1, 2, 3]", "later.json")))
case("data", "the data is JSON lines", "green",
     later(lambda p, d: (d / "later.json").write_text(
         "\n".join(json.dumps(sample(i)) for i in range(8))) and None))
case("data", "one line of JSON lines is cut", "amber",
     later(lambda p, d: (d / "later.json").write_text(
         "\n".join(json.dumps(sample(i)) for i in range(7)) + '\n{"id": "s7", "conv') and None))
case("data", "a sample is a number", "amber", later(samples(lambda made: made.append(5), "later.json")))
case("data", "a sample has no conversations", "amber",
     later(one(lambda s: s.pop("conversations"), "later.json")), short=True)
case("data", "no sample has conversations", "red",
     later(each(lambda s: s.pop("conversations"), "later.json")))
case("data", "a sample has no turns", "amber", later(one(lambda s: s.update(conversations=[]), "later.json")))
case("data", "a sample ends with a question", "amber",
     later(one(lambda s: s["conversations"].pop(), "later.json")))
case("data", "a sample begins with an answer", "amber",
     later(one(lambda s: s["conversations"].pop(0), "later.json")))
case("data", "a speaker is unknown", "amber",
     later(one(lambda s: s["conversations"][1].update({"from": "parrot"}), "later.json")))
case("data", "an answer is empty", "green", later(one(lambda s: answer(s, ""), "later.json")))
case("data", "all answers are empty", "green", later(each(lambda s: answer(s, ""), "later.json")))
case("data", "an answer is a number", "amber", later(one(lambda s: answer(s, 5), "later.json")))
case("data", "a question is longer than max_length", "amber",
     later(one(lambda s: question(s, "<image>\n" + "the red car " * 400), "later.json")))
case("data", "all questions are longer than max_length", "red",
     later(each(lambda s: question(s, "<image>\n" + "the red car " * 400), "later.json")))
case("data", "max_length is shorter than a picture", "red", options(max_length=16), short=True)
case("data", "max_length leaves no room for answers", "red", options(max_length=40))
case("data", "max_length is beyond the model's positions", "green", options(max_length=4096))
case("data", "max_length is 0", "red", options(max_length=0))
case("data", "a picture of one sample isn't there", "amber",
     later(one(lambda s: picture(s, "none.png"), "later.json")), short=True)
case("data", "no picture is there", "red", later(each(lambda s: picture(s, "none.png"), "later.json")))
case("data", "the folder of a later stage's pictures is another", "red", options(stages__2__images="models"))
case("data", "the folder of a later stage's pictures isn't there", "red", options(stages__2__images="none"))
case("data", "no folder of pictures, and they aren't next to the data", "red", options(stages__2__images=""))
case("data", "no folder of pictures, and they are next to the data", "green",
     all_of(options(stages__2__images=""),
            lambda p, d: [(d / f"{i}.png").write_bytes(png(seed=i)) for i in range(4)] and None))
case("data", "a picture's path leaves the folder", "amber",
     later(one(lambda s: picture(s, "../images/0.png"), "later.json")))
case("data", "a picture's name is empty", "amber", later(one(lambda s: picture(s, ""), "later.json")))
case("data", "a picture's name is a number", "amber", later(one(lambda s: picture(s, 7), "later.json")))
case("data", "one picture is text", "amber", pictures(lambda i: b"hello", [1]))
case("data", "all pictures are text", "red", pictures(lambda i: b"hello"))
case("data", "one picture is empty", "amber", pictures(lambda i: b"", [1]))
case("data", "one picture is cut in half", "amber", pictures(lambda i: half(png(256, i)), [1]))
case("data", "one picture has no rows", "amber", pictures(lambda i: png(16, i)[:40], [1]))
case("data", "one picture claims to be enormous", "amber",
     pictures(lambda i: png()[:16] + struct.pack(">II", 60000, 60000) + png()[24:], [1]))
case("data", "one picture is a pixel", "green", pictures(lambda i: png(1, i), [1]))
case("data", "one picture is a folder", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), (d / "images/1.png").mkdir()) and None)
case("data", "a picture without a placeholder", "amber",
     later(one(lambda s: question(s, "What is at the top left?"), "later.json")))
case("data", "a placeholder without a picture", "amber", later(one(lambda s: s.pop("image"), "later.json")))
case("data", "two placeholders for one picture", "green",
     later(one(lambda s: question(s, "<image>\n<image>\nWhat?"), "later.json")))
case("data", "two pictures of a sample", "green",
     later(one(lambda s: (picture(s, ["0.png", "1.png"]), question(s, "<image>\n<image>\nWhat?")), "later.json")))
case("data", "samples without a picture where the connector learns", "red",
     all_of(options(stages__0__data="text.json"),
            lambda p, d: (d / "text.json").write_text(json.dumps([sample(i, False) for i in range(8)])) and None),
     short=True)
case("data", "some samples without a picture where the connector learns", "amber",
     all_of(options(stages__0__data="text.json"),
            lambda p, d: (d / "text.json").write_text(json.dumps([sample(i, i < 4) for i in range(8)])) and None))
case("data", "some samples without a picture where the language model learns", "green",
     later(one(no_picture, "later.json")))
case("data", "text alone where visual terms compare", "red",
     all_of(later(each(no_picture, "later.json")), options(stages__2__terms=[{"term": "rdist", "weight": 1}])))
case("data", "two samples have the same id", "green", later(one(lambda s: s.update(id="s0"), "later.json")))
case("data", "a sample has no id", "green", later(one(lambda s: s.pop("id"), "later.json")))
case("data", "bytes that aren't UTF-8", "red",
     later(lambda p, d: (d / "later.json").write_bytes(
         (d / "later.json").read_bytes().replace(b"a cat", b"a \xff cat")) and None))
case("data", "an end token within an answer", "amber",
     later(one(lambda s: answer(s, "a <|endoftext|> cat"), "later.json")))
case("data", "other letters in names and texts", "green",
     all_of(later(one(lambda s: (picture(s, "größe.png"), answer(s, "größer, 大きい")), "later.json")),
            lambda p, d: (d / "images/größe.png").write_bytes(png()) and None))

case("data", "the data begins with a mark of its byte order", "green",
     later(lambda p, d: (d / "later.json").write_bytes(b"\xef\xbb\xbf" + (d / "data.json").read_bytes()) and None))
case("data", "the data is a pipe", "red",
     lambda p, d: (os.mkfifo(d / "pipe.json"), p["stages"][2].update(data="pipe.json")) and None)
case("data", "the data is a link in a circle", "red",
     lambda p, d: ((d / "loop.json").symlink_to("loop.json"), p["stages"][2].update(data="loop.json")) and None)
case("data", "the folder of pictures is a file", "red", options(stages__2__images="data.json"))
case("data", "a sample's own template is unknown", "amber",
     later(one(lambda s: s.update(template="unheard_of"), "later.json")))
case("data", "a picture is a pipe", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), os.mkfifo(d / "images/1.png")) and None, short=True)
case("data", "a picture is a link to nothing", "amber",
     lambda p, d: ((d / "images/1.png").unlink(), (d / "images/1.png").symlink_to("nowhere")) and None)
case("data", "a picture is very long", "green",
     lambda p, d: (d / "images/1.png").write_bytes(strip()) and None)
case("data", "the data is nested deeply", "red",
     later(text("[" * 100_000 + "]" * 100_000, "later.json")))
case("data", "a text has a character 0", "green", later(one(lambda s: answer(s, "a \0 cat"), "later.json")))
case("data", "a text has half a character pair", "red",
     later(lambda p, d: (d / "later.json").write_text((d / "data.json").read_text().replace("a cat", "a \\ud800", 1))
           and None))

# Probes and evaluations
case("looking", "a probe has no picture", "red", options(probes=[{"image": "", "question": "What?"}]))
case("looking", "a probe's picture isn't there", "red",
     options(probes=[{"image": "none.png", "question": "What?"}]), short=True)
case("looking", "a probe's picture is text", "red",
     all_of(options(probes=[{"image": "p.png", "question": "What?"}]), text("hello", "p.png")))
case("looking", "a probe's picture is cut in half", "amber",
     all_of(options(probes=[{"image": "p.png", "question": "What?"}]), text(half(png(256)), "p.png")))
case("looking", "a probe has no question", "green", options(probes=[{"image": "images/0.png", "question": ""}]))
case("looking", "a probe's question names its picture", "green",
     options(probes=[{"image": "images/0.png", "question": "<image>\nWhat?"}]))
case("looking", "a probe's question is very long", "green",
     options(probes=[{"image": "images/0.png", "question": "the red car " * 2000}]))
case("looking", "no probes", "green", options(probes=[]))
case("looking", "an evaluation has no file", "red",
     options(evaluations=[{"task": "exact_match", "file": ""}]))
case("looking", "an evaluation's file isn't there", "red",
     options(evaluations=[{"task": "exact_match", "file": "none.json"}]), short=True)
case("looking", "an evaluation's task is unknown", "red",
     options(evaluations=[{"task": "unheard_of", "file": "questions.json"}]))
case("looking", "an evaluation has no questions", "red", text("[]", "questions.json"))
case("looking", "an evaluation's file is no JSON", "red", text("[{", "questions.json"))
case("looking", "an evaluation's pictures are elsewhere", "red",
     options(evaluations=[{"task": "exact_match", "file": "questions.json", "images": "models"}]))
case("looking", "one question's picture isn't there", "amber",
     one(lambda s: picture(s, "none.png"), "questions.json"))
case("looking", "a question has no answer", "amber", one(lambda s: s["conversations"].pop(), "questions.json"))
case("looking", "all questions have no answer", "red", each(lambda s: s["conversations"].pop(), "questions.json"))
case("looking", "a question is longer than the model", "amber",
     one(lambda s: question(s, "<image>\n" + "the red car " * 400), "questions.json"))
case("looking", "no evaluation", "green", options(evaluations=[]))
