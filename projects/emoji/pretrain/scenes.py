# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes of the emoji world: sixty concepts, composed pictures, captions, questions with exact answers.

The drawings are those of Debian's fonts-noto-color-emoji, the names those of unicode-data.
The engine's C++ (core/data/emoji) makes the data set by the same rules; this module feeds the pre-training.
"""
import random
import re

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
EMOJI_TEST = "/usr/share/unicode/emoji/emoji-test.txt"
GROUPS = {
    "Animals & Nature": "animal",
    "Food & Drink": "food",
    "Travel & Places": "travel",
    "Activities": "activity",
    "Objects": "object",
}
PER_GROUP = 12
CELLS = ["top left", "top right", "bottom left", "bottom right"]
COLORS = {
    "white": (245, 245, 245),
    "gray": (128, 128, 128),
    "red": (200, 60, 60),
    "green": (70, 160, 80),
    "blue": (70, 100, 200),
    "yellow": (235, 215, 90),
}
NUMBERS = ["zero", "one", "two", "three", "four"]
QUESTION_TYPES = ["cell", "count", "rel", "color", "group"]
SIDE, QUARTER = 96, 48
SIZES = [36, 40, 44]


def concepts():
    """60 triples (name, code point, group): single code points with a one-word name that doesn't end in s."""
    found, group = {g: [] for g in GROUPS}, None
    with open(EMOJI_TEST, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# group:"):
                group = line.split(":", 1)[1].strip()
            row = re.match(r"([0-9A-F ]+?)\s*;\s*fully-qualified\s*#\s*\S+\s+E[\d.]+\s+(.+)", line)
            if not row or group not in GROUPS:
                continue
            points = [int(p, 16) for p in row[1].split() if p != "FE0F"]
            if len(points) == 1 and re.fullmatch(r"[a-z]{1,9}[a-rt-z]", row[2]):
                found[group].append((row[2], points[0]))
    return [
        (*rows[i * len(rows) // PER_GROUP], GROUPS[g])
        for g, rows in found.items()
        for i in range(PER_GROUP)
    ]


def bitmaps(all_concepts):
    """For each concept its drawing, cropped and padded to a square, at the three sizes: RGBA floats in 0..1."""
    font, drawings = ImageFont.truetype(FONT, 109), []
    for _, point, _ in all_concepts:
        glyph = Image.new("RGBA", (136, 128), (0, 0, 0, 0))
        ImageDraw.Draw(glyph).text((0, 0), chr(point), font=font, embedded_color=True)
        glyph = glyph.crop(glyph.getbbox())
        side = max(glyph.size)
        square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        square.paste(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
        drawings.append([np.asarray(square.resize((s, s), Image.LANCZOS), np.float32) / 255 for s in SIZES])
    return drawings


def held_out(i, j):
    """True for the 150 of 1,770 concept pairs that no training scene may hold."""
    a, b = min(i, j), max(i, j)
    return (a * 7 + b * 13) % 10 == 0


def layout(rng, n_concepts, test=False):
    """A scene: the concept index of each quarter (-1 = nothing) and the name of the background colour."""
    while True:
        n = rng.randint(2 if test else 1, 4)
        chosen = rng.sample(range(n_concepts), n)
        unseen = any(held_out(a, b) for k, a in enumerate(chosen) for b in chosen[k + 1:])
        if unseen == test:
            break
    cells = [-1] * 4
    for cell, concept in zip(rng.sample(range(4), n), chosen):
        cells[cell] = concept
    return cells, rng.choice(list(COLORS))


def draw(rng, scene, drawings):
    """The picture of a scene, [96, 96, 3] bytes: sizes, places, brightness and the exact background are random."""
    cells, color = scene
    jitter = np.array([rng.uniform(-0.06, 0.06) for _ in range(3)], np.float32)
    picture = np.empty((SIDE, SIDE, 3), np.float32)
    picture[:] = np.clip(np.array(COLORS[color], np.float32) / 255 + jitter, 0, 1)
    for cell, concept in enumerate(cells):
        if concept < 0:
            continue
        k = rng.randrange(len(SIZES))
        size, drawing = SIZES[k], drawings[concept][k]
        y = (cell // 2) * QUARTER + rng.randint(0, QUARTER - size)
        x = (cell % 2) * QUARTER + rng.randint(0, QUARTER - size)
        brightness, alpha = rng.uniform(0.8, 1.1), drawing[..., 3:]
        under = picture[y:y + size, x:x + size]
        picture[y:y + size, x:x + size] = under * (1 - alpha) + np.clip(drawing[..., :3] * brightness, 0, 1) * alpha
    return (picture * 255).astype(np.uint8)


def with_article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def caption(scene, names):
    """'a fox at the top left, a hut at the top right and an ox at the bottom left on a red background'"""
    cells, color = scene
    things = [f"{with_article(names[c])} at the {CELLS[k]}" for k, c in enumerate(cells) if c >= 0]
    listed = things[0] if len(things) == 1 else ", ".join(things[:-1]) + " and " + things[-1]
    return f"{listed} on {with_article(color)} background"


def neighbour(cell, relation):
    """The quarter that lies `relation` the given one, or None outside the 2x2 grid."""
    if relation == "left of":
        return cell - 1 if cell % 2 else None
    if relation == "right of":
        return cell + 1 if cell % 2 == 0 else None
    if relation == "above":
        return cell - 2 if cell >= 2 else None
    return cell + 2 if cell < 2 else None


def question(rng, scene, all_concepts, kind):
    """A question of the kind and its answer; the answer is one word without a full stop."""
    cells, color = scene
    name = lambda cell: all_concepts[cells[cell]][0] if cells[cell] >= 0 else "nothing"
    occupied = [k for k in range(4) if cells[k] >= 0]
    if kind == "cell":
        cell = rng.choice(occupied) if rng.random() < 0.85 else rng.randrange(4)
        return f"What is at the {CELLS[cell]}?", name(cell)
    if kind == "count":
        return "How many things are there?", NUMBERS[len(occupied)]
    if kind == "rel":
        relations = ["left of", "right of", "above", "below"]
        possible = [(c, r) for c in occupied for r in relations if neighbour(c, r) is not None]
        filled = [(c, r) for c, r in possible if cells[neighbour(c, r)] >= 0]
        cell, relation = rng.choice(filled if filled and rng.random() < 0.85 else possible)
        return f"What is {relation} the {name(cell)}?", name(neighbour(cell, relation))
    if kind == "color":
        return "What color is the background?", color
    cell = rng.choice(occupied)
    return f"Which group is the thing at the {CELLS[cell]} in?", all_concepts[cells[cell]][2]


def dialogue(rng, scene, all_concepts, turns=3):
    """`turns` questions of different kinds with their answers."""
    return [question(rng, scene, all_concepts, kind) for kind in rng.sample(QUESTION_TYPES, turns)]


def describe(rng, scene, names):
    """'top left fox; background red; bottom right hut.' in random order"""
    cells, color = scene
    facts = [f"{CELLS[k]} {names[c]}" for k, c in enumerate(cells) if c >= 0] + [f"background {color}"]
    rng.shuffle(facts)
    return "; ".join(facts) + "."


def raster_listing(rng, scene, names):
    """35 words that stand where the 35 visual tokens will: the patches of a 6x6 grid in order, the first left out.

    A patch's word is the name of the thing in its quarter (at the quarter's centre always, else with 0.7)
    or the background colour; 3 % of the words are wrong, as a connector will be.
    """
    cells, color = scene
    words = []
    for patch in range(1, 36):
        y, x = divmod(patch, 6)
        concept = cells[(y // 3) * 2 + x // 3]
        centre = y % 3 == 1 and x % 3 == 1
        words.append(names[concept] if concept >= 0 and (centre or rng.random() >= 0.3) else color)
        if rng.random() < 0.03:
            words[-1] = rng.choice(names)
    return " " + " ".join(words)
