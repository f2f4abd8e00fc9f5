"""Charts of lines as SVG, with a logarithmic axis of loads below and a linear one of values at the left.

Lines only; it knows nothing of what they show.
"""

from collections.abc import Mapping
from html import escape
from math import log2

Lines = Mapping[str, Mapping[int, float]]
"""Values by load, by the line's name."""

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 440, 80, 40, 220, 50
COLOURS = ("#0969da", "#cf222e", "#54aeff", "#ff8182", "#1a7f37", "#8250df")


Chart = tuple[str, str, str, Lines]
"""Title, unit of the values, name of the loads, and lines."""


def charts(*several: Chart) -> str:
    """Return the SVG of charts, one below the other. Those without a value are left out."""
    drawn = [chart(*each) for each in several if any(each[-1].values())]
    parts = [
        svg.replace("<svg ", f'<svg y="{number * HEIGHT}" height="{HEIGHT}" ', 1) for number, svg in enumerate(drawn)
    ]
    size = f'viewBox="0 0 {WIDTH} {len(drawn) * HEIGHT}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *parts, "</svg>", ""])


def chart(title: str, unit: str, across: str, lines: Lines) -> str:
    """Return the SVG of lines, of which one has a value at least."""
    loads = sorted({load for line in lines.values() for load in line})
    step = _step(max(value for line in lines.values() for value in line.values()))
    ticks = [step * i for i in range(6)]

    def x(load: float) -> float:
        span = log2(loads[-1] / loads[0]) or 1
        return LEFT + log2(load / loads[0]) / span * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / ticks[-1] * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, TOP / 2, title, "start", 15),
        *(_text(x(load), HEIGHT - BOTTOM + 18, str(load)) for load in loads),
        _text(x((loads[0] * loads[-1]) ** 0.5), HEIGHT - 8, across),
        _text(LEFT - 8, TOP - 14, unit, "end"),
    ]
    for value in ticks:
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g}", "end"))
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#d0d7de"/>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(x(load), y(value)) for load, value in sorted(line.items())]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>' for across, down in points]
        legend = TOP + 20 * number
        parts.append(f'<path d="M{WIDTH - RIGHT + 15} {legend}h20" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT + 42, legend + 4, name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _step(highest: float) -> float:
    """Return the least of 1, 2, 5, 10, ... (and 0.5, 0.2, ...) of which five reach the highest value."""
    step = 1e-6
    while step * 5 < highest:
        step *= 2.5 if f"{step:e}".startswith("2") else 2
    return step


def _text(x: float, y: float, text: str, anchor: str = "middle", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
