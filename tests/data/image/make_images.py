#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of this folder and expected.json (what Pillow makes of them).

    python make_images.py        # Pillow 13.0, numpy

decoded: sha256 of the bytes of Image.open(...).convert("RGB"), with LOAD_TRUNCATED_IMAGES. resized: the same after
Image.resize((width, height), resample). prepared: after a processor's padding, resizing and cropping.
"""
import hashlib
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = True
HERE = pathlib.Path(__file__).resolve().parent
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGENET_MEAN = (0.485, 0.456, 0.406)


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    channels = [(x * 7 + y * 3) % 256, (x * x + y * 11) % 256, ((x // 4 + y // 3) % 2) * 255]
    return np.stack(channels, -1).astype(np.uint8)


def png(name, width, height, bit_depth, colour_type, rows, interlaced=False, extra=b""):
    """A PNG that Pillow cannot write: 16-bit colour, interlaced, or with odd chunks. rows: bytes with filter bytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, int(interlaced))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9))
    (HERE / name).write_bytes(data + chunk(b"IEND", b""))
    return chunk


def adam7(pixels):
    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for line in pixels[y0::dy, x0::dx]:
            if line.size:
                rows += b"\0" + line.tobytes()
    return rows


def make():
    rgb = picture(23, 17)
    image = Image.fromarray(rgb)
    image.save(HERE / "rgb.png")
    rgba = image.copy()
    rgba.putalpha(Image.fromarray((rgb[..., 0] // 2).astype(np.uint8)))
    rgba.save(HERE / "rgba.png")
    image.convert("L").save(HERE / "grey.png")
    rgba.convert("LA").save(HERE / "grey_alpha.png")
    image.convert("1").save(HERE / "one_bit.png")
    image.quantize(13).save(HERE / "palette.png", transparency=3)
    Image.fromarray(rgb[..., 1].astype(np.uint16) * 257).save(HERE / "grey16.png")
    wide = rgb.astype(">u2") * 256 + 77
    png("rgb16.png", 23, 17, 16, 2, b"".join(b"\0" + row.tobytes() for row in wide))
    png("interlaced.png", 23, 17, 8, 2, adam7(rgb), interlaced=True)
    two = struct.pack(">I", 6) + b"PLTE" + bytes([10, 20, 30, 200, 100, 50])
    two += struct.pack(">I", zlib.crc32(two[4:]))
    png("palette_too_short.png", 4, 1, 8, 3, bytes([0, 0, 1, 2, 255]), extra=two)
    image.save(HERE / "baseline.jpg", quality=85)
    image.save(HERE / "progressive.jpg", quality=85, progressive=True, subsampling=0)
    image.convert("L").save(HERE / "grey.jpg", quality=85)
    image.convert("CMYK").save(HERE / "cmyk.jpg", quality=85)
    rotated = Image.Exif()
    rotated[0x0112] = 6
    image.save(HERE / "exif_rotated.jpg", quality=85, exif=rotated)
    image.save(HERE / "lossless.webp", lossless=True)
    image.save(HERE / "lossy.webp", quality=70)
    rgba.save(HERE / "alpha.webp", lossless=True, exact=True)
    image.save(HERE / "animated.webp", save_all=True, append_images=[image.rotate(180)], lossless=True)
    for name, cut in (("baseline.jpg", "cut.jpg"), ("rgb.png", "cut.png"), ("interlaced.png", "cut_interlaced.png")):
        data = (HERE / name).read_bytes()
        (HERE / cut).write_bytes(data[: len(data) * 7 // 10])


def sha(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def pad(image, colour):
    side = max(image.size)
    square = Image.new("RGB", (side, side), colour)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def crop_middle(image, edge, size):
    short, long = sorted(image.size)
    scaled = int(edge * long / short)
    image = image.resize((edge, scaled) if image.width <= image.height else (scaled, edge), Image.BICUBIC)
    left, top = (image.width - size) // 2, (image.height - size) // 2
    return image.crop((left, top, left + size, top + size))


def expect():
    decoded = {}
    for path in sorted(HERE.glob("*.*g")) + sorted(HERE.glob("*.webp")):
        image = Image.open(path)
        decoded[path.name] = {"width": image.width, "height": image.height, "sha256": sha(image.convert("RGB"))}
        if path.name == "grey16.png":  # Pillow clips 16-bit grey at 255; the high byte is the picture
            high = (np.asarray(image) >> 8).astype(np.uint8)
            decoded[path.name]["sha256"] = sha(np.repeat(high[..., None], 3, -1))
    resized = []
    cases = [(23, 17, 8, 8), (23, 17, 64, 64), (23, 17, 23, 5), (23, 17, 9, 17), (7, 40, 12, 9), (40, 7, 9, 12), (1, 1, 5, 3),
             (5, 3, 1, 1), (50, 200, 10, 119), (50, 200, 10, 120), (100, 100, 101, 99), (3, 90, 64, 64)]
    for width, height, to_width, to_height in cases:
        for resample in (Image.LANCZOS, Image.BILINEAR, Image.BICUBIC):
            result = Image.fromarray(picture(width, height)).resize((to_width, to_height), resample)
            resized.append({"from": [width, height], "to": [to_width, to_height], "resample": int(resample), "sha256": sha(result)})
    prepared = []
    clip_colour = tuple(int(value * 255) for value in CLIP_MEAN)
    imagenet_colour = tuple(int(value * 255) for value in IMAGENET_MEAN)
    for width, height in ((23, 17), (17, 40), (30, 30)):
        image = Image.fromarray(picture(width, height))
        for processor, aspect, result in (
            ("siglip16", "square", image.resize((16, 16), Image.BICUBIC)),
            ("siglip16", "pad", pad(image, (127, 127, 127)).resize((16, 16), Image.BICUBIC)),
            ("clip16", "square", crop_middle(image, 16, 16)),
            ("clip16", "pad", crop_middle(pad(image, clip_colour), 16, 16)),
            ("dinov214", "square", crop_middle(image, 16, 14)),
            ("dinov214", "pad", crop_middle(pad(image, imagenet_colour), 16, 14)),
        ):
            prepared.append({"from": [width, height], "processor": processor, "aspect": aspect, "sha256": sha(result)})
    text = json.dumps({"decoded": decoded, "resized": resized, "prepared": prepared}, indent=1)
    (HERE / "expected.json").write_text(text + "\n")


make()
expect()
