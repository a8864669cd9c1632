#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what `bench_losses --json FILE` found as an SVG: draw_growth.py FILE OUT.svg"""
import json
import math
import sys

PANEL_W, PANEL_H, LEFT, TOP, GAP_X, GAP_Y = 250, 190, 64, 40, 78, 70
COLOURS = {"frozen": "#2f6fb0", "learns": "#c4621d"}
QUANTITIES = [("seconds", "time_slope", "seconds", 1), ("peak_bytes", "memory_slope", "extra peak, MB", 1e-6)]


def power_range(values):
    """The powers of ten around the values."""
    low = math.floor(math.log10(min(values)))
    return low, max(math.ceil(math.log10(max(values))), low + 1)


def short(value):
    return f"{value / 1024:.0f}k" if value >= 8192 else f"{value:g}"


def panel(x0, y0, sweep, lines, quantity, slope_key, title, factor):
    """One chart: both axes logarithmic, one line a kind of head."""
    out = []
    xs = [p[sweep] for p in lines[0]["points"]]
    ys = [max(p[quantity] * factor, 1e-3) for line in lines for p in line["points"]]
    low, high = power_range(ys)
    lx0, lx1 = math.log(min(xs)), math.log(max(xs))

    def at(x, y):
        px = x0 + (math.log(x) - lx0) / (lx1 - lx0) * PANEL_W
        py = y0 + PANEL_H - (math.log10(y) - low) / (high - low) * PANEL_H
        return round(px, 1), round(py, 1)

    out.append(f'<rect x="{x0}" y="{y0}" width="{PANEL_W}" height="{PANEL_H}" fill="none" stroke="#999"/>')
    for power in range(low, high + 1):
        _, y = at(min(xs), 10**power)
        out.append(f'<line x1="{x0}" x2="{x0 + PANEL_W}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        out.append(f'<text x="{x0 - 6}" y="{y + 4}" text-anchor="end">{10**power:g}</text>')
    for x in xs:
        px, _ = at(x, 10**low)
        out.append(f'<text x="{px}" y="{y0 + PANEL_H + 15}" text-anchor="middle">{short(x)}</text>')
    out.append(f'<text x="{x0 + PANEL_W / 2}" y="{y0 + PANEL_H + 32}" text-anchor="middle">{sweep}</text>')
    out.append(f'<text x="{x0}" y="{y0 - 8}">{title}</text>')
    for row, line in enumerate(lines):
        colour = COLOURS[line["head"]]
        points = [at(p[sweep], max(p[quantity] * factor, 1e-3)) for p in line["points"]]
        path = " ".join(f"{x},{y}" for x, y in points)
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        out += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
        label = f'head {line["head"]}: slope {line[slope_key]:.2f}'
        out.append(f'<text x="{x0 + 8}" y="{y0 + 16 + 15 * row}" fill="{colour}">{label}</text>')
    return out


def main(source, target):
    with open(source, encoding="utf-8") as file:
        growth = json.load(file)["growth"]
    sweeps = list(dict.fromkeys(line["sweep"] for line in growth))
    width = LEFT + len(sweeps) * (PANEL_W + GAP_X)
    height = TOP + len(QUANTITIES) * (PANEL_H + GAP_Y)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="12" fill="#333">',
        "<!-- SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors",
        "     SPDX-License-Identifier: GPL-3.0-or-later -->",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for column, sweep in enumerate(sweeps):
        lines = [line for line in growth if line["sweep"] == sweep]
        for row, (quantity, slope_key, title, factor) in enumerate(QUANTITIES):
            x0, y0 = LEFT + column * (PANEL_W + GAP_X), TOP + row * (PANEL_H + GAP_Y)
            out += panel(x0, y0, sweep, lines, quantity, slope_key, title, factor)
    out.append("</svg>")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
