#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the BMP, GIF and TIFF pictures of this folder and expected_bmp_gif_tiff.json.

    python make_bmp_gif_tiff.py        # Pillow 13.0, numpy

The file holds the sha256 of the bytes of Image.open(...).convert("RGB"), with LOAD_TRUNCATED_IMAGES, and sizes.
"""
import hashlib
import json
import pathlib
import struct

import numpy as np
from PIL import Image, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = True
HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 23, 17


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    channels = [(x * 7 + y * 3) % 256, (x * x + y * 11) % 256, ((x // 4 + y // 3) % 2) * 255]
    return np.stack(channels, -1).astype(np.uint8)


RGB = picture(WIDTH, HEIGHT)
INDICES = (np.add.outer(np.arange(HEIGHT), 2 * np.arange(WIDTH)) % 16).astype(np.uint8)
PALETTE = [(17 * i, 255 - 9 * i, (40 * i) % 256) for i in range(16)]


def cut(name, new_name, tenths):
    data = (HERE / name).read_bytes()
    (HERE / new_name).write_bytes(data[: len(data) * tenths // 10])


# ---- BMP

def bmp(name, bits, rows, palette=(), compression=0, height=HEIGHT, masks=(), header=40, colors=0):
    """rows: bytes of the pixel data as the file has them."""
    if header == 12:
        info = struct.pack("<IHHHH", 12, WIDTH, height, 1, bits)
        table = b"".join(bytes(c[::-1]) for c in palette)
    else:
        info = struct.pack("<IIiHHIIIIII", header, WIDTH, height, 1, bits, compression, len(rows), 0, 0, colors, 0)
        fields = b"".join(struct.pack("<I", m) for m in masks)
        info += fields if header == 40 else fields.ljust(header - 40, b"\0")
        table = b"".join(bytes(c[::-1]) + b"\0" for c in palette)
    start = 14 + len(info) + len(table)
    (HERE / name).write_bytes(b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + table + rows)


def padded(rows):
    return b"".join(bytes(r) + b"\0" * (-len(bytes(r)) % 4) for r in rows)


def nibbles(values):
    values = list(values) + [0] * (len(values) % 2)
    return bytes(a << 4 | b for a, b in zip(values[::2], values[1::2]))


def runs_8():
    out = b""
    for row in INDICES[::-1]:
        out += bytes([3, int(row[0])]) + bytes([0, 5]) + bytes(row[3:8]) + b"\0"  # a run, then five as they are
        out += b"".join(bytes([1, int(v)]) for v in row[8:20]) + b"\0\2\3\0"  # the last three are skipped
    return out + b"\0\1"


def runs_4():
    out = b""
    for row in INDICES[::-1]:
        out += bytes([7, int(row[0]) << 4 | int(row[1])]) + bytes([0, 6]) + nibbles(row[7:13]) + b"\0"
        out += bytes([200, int(row[13]) << 4 | 5]) + b"\0\0"  # longer than the row
    return out + b"\0\1"


def make_bmp():
    image = Image.fromarray(RGB)
    image.save(HERE / "rgb24.bmp")
    image.convert("L").save(HERE / "grey.bmp")
    image.convert("1").save(HERE / "one_bit.bmp")
    image.quantize(13).save(HERE / "palette8.bmp")
    image.convert("RGBA").save(HERE / "rgba32.bmp")
    bmp("palette4.bmp", 4, padded(nibbles(r) for r in INDICES[::-1]), PALETTE)
    bmp("os2.bmp", 4, padded(nibbles(r) for r in INDICES[::-1]), PALETTE, header=12)
    bmp("palette_too_short.bmp", 4, padded(nibbles(r) for r in INDICES[::-1]), PALETTE[:5], colors=5)
    bmp("two_colours.bmp", 1, padded(np.packbits(r & 1) for r in INDICES[::-1]), PALETTE[3:5])
    bmp("top_down.bmp", 24, padded(r[:, ::-1].tobytes() for r in RGB), height=-HEIGHT)
    wide = RGB.astype("<u2")
    bmp("rgb555.bmp", 16, padded((r[:, 0] >> 3 << 10 | r[:, 1] >> 3 << 5 | r[:, 2] >> 3).tobytes() for r in wide[::-1]))
    bmp("rgb565.bmp", 16, padded((r[:, 0] >> 3 << 11 | r[:, 1] >> 2 << 5 | r[:, 2] >> 3).tobytes() for r in wide[::-1]),
        compression=3, masks=(0xF800, 0x7E0, 0x1F))
    deep = RGB.astype("<u4")
    bmp("fields32.bmp", 32, padded((r[:, 0] << 24 | r[:, 1] << 8 | r[:, 2]).tobytes() for r in deep[::-1]),
        compression=3, masks=(0xFF000000, 0xFF00, 0xFF, 0), header=56)
    bmp("runs8.bmp", 8, runs_8(), PALETTE, compression=1, colors=16)
    bmp("runs4.bmp", 4, runs_4(), PALETTE, compression=2, colors=16)
    cut("rgb24.bmp", "cut_rgb24.bmp", 7)
    cut("palette4.bmp", "cut_palette4.bmp", 6)


# ---- GIF

def make_gif():
    image = Image.fromarray(RGB)
    coloured = image.quantize(60)
    coloured.save(HERE / "palette.gif", interlace=False)
    coloured.save(HERE / "interlaced.gif", interlace=True)
    image.convert("L").save(HERE / "grey.gif")
    coloured.save(HERE / "transparent.gif", transparency=3)
    noise = np.random.default_rng(5).integers(0, 256, (70, 90)).astype(np.uint8)
    Image.fromarray(noise).save(HERE / "noise.gif")  # fills the table of strings
    coloured.save(HERE / "animated.gif", save_all=True, append_images=[image.rotate(180).quantize(9)], loop=0)
    data = bytearray((HERE / "palette.gif").read_bytes())
    at = data.index(b",", 13 + 3 * 64)
    smaller = bytearray(data)
    smaller[6:10] = struct.pack("<HH", WIDTH + 4, HEIGHT + 6)  # the frame covers a part of the canvas
    smaller[at + 1 : at + 5] = struct.pack("<HH", 3, 2)
    control = b"!\xf9\x04\x01\0\0" + bytes([7]) + b"\0"
    (HERE / "part.gif").write_bytes(smaller[:at] + control + smaller[at:])
    larger = bytearray(data)
    larger[6:10] = struct.pack("<HH", 5, 40)  # it reaches over the canvas
    (HERE / "over.gif").write_bytes(larger)
    local = bytearray(data[:13] + data[at : at + 9] + bytes([data[at + 9] | 0x80 | (data[10] & 7)]) + data[13 : 13 + 3 * 64] + data[at + 10 :])
    local[10] &= 0x7F
    (HERE / "local_palette.gif").write_bytes(local)
    Image.fromarray(noise[:31, :37]).save(HERE / "whole.gif", interlace=True)
    cut("noise.gif", "cut_noise.gif", 5)
    cut("whole.gif", "cut_interlaced.gif", 5)
    (HERE / "whole.gif").unlink()


# ---- TIFF

def tiff(name, width, height, tags, pieces, order="<", big=False):
    """A TIFF of strips or tiles. tags: {number: (type, values)}; pieces: their bytes in order."""
    sizes = {1: "B", 3: "H", 4: "I", 16: "Q"}
    tags = {256: (4, [width]), 257: (4, [height]), **tags}
    tiled = 322 in tags
    tags[324 if tiled else 273] = (4, [0] * len(pieces))
    tags[325 if tiled else 279] = (4, [len(p) for p in pieces])
    head, entry, room = (16, 20, 8) if big else (8, 12, 4)
    count_bytes, next_bytes = (8, 8) if big else (2, 4)
    extra_at = head + count_bytes + entry * len(tags) + next_bytes
    values_of = lambda kind, values: struct.pack(order + sizes[kind] * len(values), *values)
    long = {k: len(values_of(*v)) for k, v in tags.items() if len(values_of(*v)) > room}
    data_at = extra_at + sum(n + n % 2 for n in long.values())
    offsets, at = [], data_at
    for piece in pieces:
        offsets.append(at)
        at += len(piece)
    tags[324 if tiled else 273] = (4, offsets)
    directory, extra = b"", b""
    for number in sorted(tags):
        kind, values = tags[number]
        raw = values_of(kind, values)
        if len(raw) > room:
            place = struct.pack(order + ("Q" if big else "I"), extra_at + len(extra))
            extra += raw + b"\0" * (len(raw) % 2)
        else:
            place = raw.ljust(room, b"\0")
        directory += struct.pack(order + ("HHQ" if big else "HHI"), number, kind, len(values)) + place
    magic = b"II" if order == "<" else b"MM"
    magic += struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8)
    directory = struct.pack(order + ("Q" if big else "H"), len(tags)) + directory + b"\0" * next_bytes
    (HERE / name).write_bytes(magic + directory + extra + b"".join(pieces))


def strips(array, rows=5):
    return [array[y : y + rows].tobytes() for y in range(0, len(array), rows)]


def tiles(array, side=16):
    pieces = []
    for y in range(0, HEIGHT, side):
        for x in range(0, WIDTH, side):
            part = array[y : y + side, x : x + side]
            whole = np.zeros((side, side) + array.shape[2:], array.dtype)
            whole[: len(part), : part.shape[1]] = part
            pieces.append(whole.tobytes())
    return pieces


def packed(values, bits):
    per_byte = 8 // bits
    rows = []
    for row in values:
        row = list(row) + [0] * (-len(row) % per_byte)
        rows.append([sum(int(v) << (8 - bits * (i + 1)) for i, v in enumerate(row[n : n + per_byte])) for n in range(0, len(row), per_byte)])
    return np.array(rows, np.uint8)


def make_tiff():
    image = Image.fromarray(RGB)
    rgba = image.copy()
    rgba.putalpha(Image.fromarray((RGB[..., 0] // 2).astype(np.uint8)))
    image.save(HERE / "rgb.tif")
    image.save(HERE / "lzw.tif", compression="tiff_lzw", strip_size=400)
    image.save(HERE / "deflate.tif", compression="tiff_adobe_deflate", strip_size=400)
    image.save(HERE / "packbits.tif", compression="packbits")
    image.save(HERE / "jpeg.tif", compression="jpeg", quality=80)
    image.convert("YCbCr").save(HERE / "jpeg_ycbcr.tif", compression="jpeg", quality=80)
    image.convert("L").save(HERE / "jpeg_grey.tif", compression="jpeg", quality=80)
    image.convert("1").save(HERE / "group4.tif", compression="group4")
    image.convert("1").save(HERE / "one_bit.tif")
    image.convert("L").save(HERE / "grey.tif")
    rgba.convert("LA").save(HERE / "grey_alpha.tif", compression="tiff_lzw")
    image.quantize(13).save(HERE / "palette.tif", compression="tiff_lzw")
    rgba.save(HERE / "rgba.tif")
    image.convert("CMYK").save(HERE / "cmyk.tif")
    image.convert("CMYK").save(HERE / "cmyk_lzw.tif", compression="tiff_lzw")
    predictor = {317: 2}
    image.save(HERE / "predictor.tif", compression="tiff_lzw", tiffinfo=predictor)
    rgb_tags = {258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]), 277: (3, [3])}
    strip_tags = {278: (3, [5])}
    tiff("tiled.tif", WIDTH, HEIGHT, {**rgb_tags, 322: (3, [16]), 323: (3, [16])}, tiles(RGB))
    planes = [p for c in range(3) for p in strips(np.ascontiguousarray(RGB[..., c]))]
    tiff("planes.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags, 284: (3, [2])}, planes)
    tiff("big_endian.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags}, strips(RGB), order=">")
    tiff("bigtiff.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags}, strips(RGB), big=True)
    wide = RGB.astype("<u2") * 256 + 77
    deep = {**rgb_tags, **strip_tags, 258: (3, [16] * 3)}
    tiff("rgb16.tif", WIDTH, HEIGHT, deep, strips(wide))
    tiff("rgb16_big_endian.tif", WIDTH, HEIGHT, deep, strips(wide.astype(">u2")), order=">")
    four = np.dstack([RGB // 2, RGB[..., 1]])
    tiff("premultiplied.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags, 258: (3, [8] * 4), 277: (3, [4]), 338: (3, [1])}, strips(four))
    tiff("unspecified.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags, 258: (3, [8] * 4), 277: (3, [4]), 338: (3, [0])}, strips(four))
    grey = {258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1]), **strip_tags}
    tiff("white_is_zero.tif", WIDTH, HEIGHT, {**grey, 262: (3, [0])}, strips(RGB[..., 1]))
    tiff("grey2.tif", WIDTH, HEIGHT, {**grey, 258: (3, [2])}, strips(packed(INDICES // 4, 2)))
    tiff("grey4_white_is_zero.tif", WIDTH, HEIGHT, {**grey, 258: (3, [4]), 262: (3, [0])}, strips(packed(INDICES, 4)))
    reversed_bits = np.array([int(f"{i:08b}"[::-1], 2) for i in range(256)], np.uint8)
    tiff("fill_order.tif", WIDTH, HEIGHT, {**grey, 258: (3, [1]), 266: (3, [2])}, strips(reversed_bits[packed(INDICES & 1, 1)]))
    table = [c[channel] * 257 for channel in range(3) for c in PALETTE]
    tiff("palette4.tif", WIDTH, HEIGHT, {**grey, 258: (3, [4]), 262: (3, [3]), 320: (3, table)}, strips(packed(INDICES, 4)))
    tiff("grey16.tif", WIDTH, HEIGHT, {**grey, 258: (3, [16])}, strips(RGB[..., 1].astype("<u2") * 256 + 9))
    for orientation in range(2, 9):
        tiff(f"orientation{orientation}.tif", WIDTH, HEIGHT, {**rgb_tags, **strip_tags, 274: (3, [orientation])}, strips(RGB))
    tiff("rows_missing.tif", WIDTH, HEIGHT, {**rgb_tags, 278: (3, [HEIGHT])}, [RGB.tobytes()])
    cut("rows_missing.tif", "cut.tif", 7)
    cut("cmyk.tif", "cut_cmyk.tif", 7)
    (HERE / "rows_missing.tif").unlink()


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def expect():
    decoded = {}
    for path in sorted(p for kind in ("bmp", "gif", "tif") for p in HERE.glob(f"*.{kind}")):
        image = Image.open(path)
        result = np.asarray(image.convert("RGB"))
        if path.name == "grey16.tif":  # Pillow clips 16-bit grey at 255; the high byte is the picture
            result = np.repeat((np.asarray(Image.open(path)) >> 8).astype(np.uint8)[..., None], 3, -1)
        decoded[path.name] = {"width": result.shape[1], "height": result.shape[0], "sha256": sha(result)}
    (HERE / "expected_bmp_gif_tiff.json").write_text(json.dumps({"decoded": decoded}, indent=1) + "\n")


make_bmp()
make_gif()
make_tiff()
expect()
