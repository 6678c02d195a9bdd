"""Line charts, bar charts and heat maps as inline SVG, without scripts. Colours come from the page's CSS classes.

A chart has 600 × 220 units and scales with its container. Series are drawn in the given order, with their colour's
class. A gap (None) breaks a line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 600.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 22.0, 10.0, 26.0

Formatter = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """The values at the chart's x positions. `color` is one of the web page: `c1` … `c10`, `ink`, `bad`."""

    name: str
    values: Sequence[float | None]
    dashed: bool = False
    color: str = "c1"


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axes:
    """Maps values to the canvas.

    `xs` are in rising order. `y_format` writes a y value. `log` makes the y axis logarithmic. `pad` is the room before
    the first and after the last x.
    """

    xs: Sequence[float]
    x_ticks: Sequence[Tick]
    y_format: Formatter
    low: float
    high: float
    log: bool = False
    pad: float = 0.0

    def x(self, value: float) -> float:
        first, last = self.xs[0] - self.pad, self.xs[-1] + self.pad
        share = (value - first) / (last - first) if last > first else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        if self.log:
            low, high, value = math.log10(self.low), math.log10(self.high), math.log10(max(value, self.low))
        else:
            low, high = self.low, self.high
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def y_ticks(self) -> list[float]:
        if self.log:
            return [10.0**n for n in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        step = nice_step(self.high - self.low)
        return [self.low + step * n for n in range(int((self.high - self.low) / step + 1e-9) + 1)]


def linear(xs: Sequence[float], x_ticks: Sequence[Tick], series: Sequence[Series], formatter: Formatter) -> Axes:
    """Linear axes from zero to a round number that is at least the greatest value."""
    most = max((value for one in series for value in one.values if value is not None), default=0.0) or 1.0
    step = nice_step(most)
    return Axes(xs, x_ticks, formatter, 0.0, step * math.ceil(most / step - 1e-9))


def logarithmic(xs: Sequence[float], x_ticks: Sequence[Tick], series: Sequence[Series], formatter: Formatter) -> Axes:
    """Logarithmic axes of whole decades that contain all values above zero."""
    values = [value for one in series for value in one.values if value]
    low, high = math.floor(math.log10(min(values, default=1.0))), math.ceil(math.log10(max(values, default=1.0)))
    return Axes(xs, x_ticks, formatter, 10.0**low, 10.0 ** max(high, low + 1), log=True)


def nice_step(span: float, wanted: int = 4) -> float:
    """1, 2 or 5 times a power of ten, so that `span` has at most `wanted` such steps."""
    raw = span / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))


def time_ticks(seconds: Sequence[float], formatter: Formatter) -> list[Tick]:
    """Ticks at whole seconds, at most about ten."""
    if not seconds:
        return []
    span = max(seconds[-1] - seconds[0], 1)
    step = next((n for n in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600) if span / n <= 10), 86400)
    first = math.ceil(seconds[0] / step) * step
    return [Tick(float(at), formatter(at)) for at in range(int(first), int(seconds[-1]) + 1, step)]


def lines(title: str, axes: Axes, series: Sequence[Series], labels: Sequence[str], marks: Sequence[float] = ()) -> str:
    """One line for each series. `labels` are the tooltips of the positions. `marks` are the x values of events."""
    drawn = [_line(axes, one) for one in series]
    return _svg(title, [*_grid(axes), *_marks(axes, marks), *drawn, *_hints(axes, series, labels)])


@dataclass(frozen=True, slots=True)
class Point:
    """A mark. `kind` is its class: `held` is a disc, `missed` a cross, `open` a ring."""

    x: float
    y: float
    kind: str


def curve(
    title: str,
    axes: Axes,
    series: Sequence[Series],
    labels: Sequence[str],
    points: Sequence[Point],
    band: tuple[float, float] | None,
) -> str:
    """Lines with marks on them. `band` is a part of the x axis with a colour of its own."""
    drawn = [_line(axes, one) for one in series]
    under = [_band(axes, *band)] if band is not None else []
    over = [_point(axes.x(one.x), axes.y(one.y), one.kind) for one in points]
    return _svg(title, [*under, *_grid(axes), *drawn, *over, *_hints(axes, series, labels)])


def dots(title: str, axes: Axes, points: Sequence[tuple[float, float]]) -> str:
    """A dot for each (x, y)."""
    drawn = [f'<circle class="dot" cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="2.6"/>' for x, y in points]
    return _svg(title, [*_grid(axes), *drawn])


def round_ticks(low: float, high: float, formatter: Formatter) -> list[Tick]:
    """Ticks at round values, at most seven."""
    step = nice_step((high - low) or high or 1.0, 6)
    first, last = -int(-low // step), int(high // step)
    return [Tick(step * at, formatter(float(f"{step * at:.12g}"))) for at in range(first, last + 1)]


def bars(title: str, axes: Axes, series: Sequence[Series], labels: Sequence[str], marks: Sequence[float] = ()) -> str:
    """One bar for each position, with the series stacked. The axes must cover the sums."""
    gap = min((b - a for a, b in pairwise(axes.xs)), default=1.0)
    axes = replace(axes, pad=gap / 2)
    width = max(1.0, axes.x(axes.xs[0] + gap) - axes.x(axes.xs[0]) - 1)
    drawn = []
    for position, at in enumerate(axes.xs):
        base = 0.0
        for one in series:
            value = one.values[position] or 0.0
            if value:
                top, foot = axes.y(base + value), axes.y(base)
                drawn.append(
                    f'<rect class="pile {one.color}" x="{axes.x(at) - width / 2:.1f}" y="{top:.1f}" '
                    f'width="{width:.1f}" height="{max(foot - top, 0.5):.1f}"/>'
                )
            base += value
    return _svg(title, [*_grid(axes), *_marks(axes, marks), *drawn, *_hints(axes, series, labels)])


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heat map, at x position number `position`, from `low` to `high` on the y axis.

    `share` is the strength of its colour, above 0 and at most 1.
    """

    position: int
    low: float
    high: float
    share: float


def cells(title: str, axes: Axes, fields: Sequence[Cell], labels: Sequence[str], marks: Sequence[float] = ()) -> str:
    """A heat map. `axes` are logarithmic or linear."""
    gap = min((b - a for a, b in pairwise(axes.xs)), default=1.0)
    axes = replace(axes, pad=gap / 2)
    width = axes.x(axes.xs[0] + gap) - axes.x(axes.xs[0])
    drawn = []
    for one in fields:
        top, foot = axes.y(one.high), axes.y(one.low)
        drawn.append(
            f'<rect class="cell" x="{axes.x(axes.xs[one.position]) - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{foot - top:.1f}" fill-opacity="{one.share:.2f}"/>'
        )
    return _svg(title, [*_grid(axes), *drawn, *_marks(axes, marks), *_hints(axes, (), labels)])


def legend(series: Sequence[Series]) -> str:
    """The names of the series with their colours, as HTML."""
    items = (
        f'<li><span class="key {one.color}{" dashed" if one.dashed else ""}"></span>{escape(one.name)}</li>'
        for one in series
    )
    return f'<ul class="keys">{"".join(items)}</ul>'


def _svg(title: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def _grid(axes: Axes) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    drawn = []
    for value in axes.y_ticks():
        y = axes.y(value)
        drawn.append(f'<line class="grid" x1="{LEFT:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
        drawn.append(f'<text class="tick" x="{LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end">{_y(axes, value)}</text>')
    for tick in axes.x_ticks:
        x = axes.x(tick.at)
        drawn.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:g}" y2="{bottom + 4:g}"/>')
        drawn.append(
            f'<text class="tick" x="{x:.1f}" y="{bottom + 18:g}" text-anchor="middle">{escape(tick.label)}</text>'
        )
    return drawn


def _band(axes: Axes, first: float, last: float) -> str:
    left, right = (min(WIDTH - RIGHT, max(LEFT, axes.x(at))) for at in (first, last))
    place = f'x="{left:.1f}" y="{TOP:g}" width="{max(1.0, right - left):.1f}" height="{HEIGHT - TOP - BOTTOM:g}"'
    return f'<rect class="band" {place}/>'


def _point(x: float, y: float, kind: str) -> str:
    if kind == "missed":
        return f'<path class="point missed" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"/>'
    return f'<circle class="point {kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _marks(axes: Axes, marks: Sequence[float]) -> list[str]:
    places = sorted({f"{axes.x(at):.1f}" for at in marks if axes.xs[0] <= at <= axes.xs[-1]})
    return [f'<line class="mark" x1="{x}" x2="{x}" y1="{TOP:g}" y2="{HEIGHT - BOTTOM:g}"/>' for x in places]


def _y(axes: Axes, value: float) -> str:
    return escape(axes.y_format(value))


def _line(axes: Axes, one: Series) -> str:
    """The path of a series. A value between two gaps is a dot."""
    steps, pen = [], "M"
    for at, value in zip(axes.xs, one.values, strict=True):
        if value is None:
            pen = "M"
            continue
        place = f"{axes.x(at):.1f} {axes.y(value):.1f}"
        # A move draws nothing. The line to the same place draws a round dot.
        steps.append(f"M{place}L{place}" if pen == "M" else f"L{place}")
        pen = "L"
    return f'<path class="line {one.color}{" dashed" if one.dashed else ""}" d="{"".join(steps)}"/>'


def _hints(axes: Axes, series: Sequence[Series], labels: Sequence[str]) -> list[str]:
    """The tooltip of each position. It is the browser's own, so it needs no script."""
    places = [axes.x(at) for at in axes.xs]
    edges = [LEFT, *((a + b) / 2 for a, b in pairwise(places)), WIDTH - RIGHT]
    drawn = []
    for position, label in enumerate(labels):
        words = [f"{one.name}: {axes.y_format(value)}" for one in series if (value := one.values[position]) is not None]
        drawn.append(
            f'<rect class="hint" x="{edges[position]:.1f}" y="{TOP:g}" '
            f'width="{max(0.1, edges[position + 1] - edges[position]):.1f}" height="{HEIGHT - TOP - BOTTOM:g}">'
            f"<title>{escape(chr(10).join([label, *words]))}</title></rect>"
        )
    return drawn
