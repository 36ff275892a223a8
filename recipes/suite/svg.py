"""Curves as SVG: panels side by side, bands for the range over seeds, one legend."""

import dataclasses
import html
import math

PANEL, HEIGHT, LEFT, TOP, BOTTOM, GAP = 400, 320, 66, 58, 46, 18
STYLE = "font-family: Helvetica, Arial, sans-serif; font-size: 12px; fill: #333"


@dataclasses.dataclass
class Curve:
    name: str
    colour: str
    xs: list
    means: list
    lows: list
    highs: list
    dash: str = ""


@dataclasses.dataclass
class Panel:
    x_label: str
    y_label: str
    curves: list
    log: bool = True  # of the y axis; x begins at 0


def linear_ticks(low, high, about=5):
    step = 10 ** math.floor(math.log10((high - low) / about))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= about:
            break
    step *= factor
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low, high):
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    many = [f * 10**d for d in decades for f in (1, 2, 5) if low <= f * 10**d <= high]
    few = [10.0**d for d in decades if low <= 10.0**d <= high]
    return many if len(many) <= 7 or len(few) < 2 else few


class Axes:
    def __init__(self, panel, left):
        self.panel, self.left = panel, left
        values = [v for c in panel.curves for v in c.lows + c.highs if v is not None]
        low, high = min(values), max(values)
        if panel.log:
            low, high = low / 1.15, high * 1.15
        else:
            low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
        self.low, self.high = low, high if high > low else low + 1
        self.longest = max(x for c in panel.curves for x in c.xs) * 1.02

    def x(self, value):
        return self.left + LEFT + (PANEL - LEFT - GAP) * value / self.longest

    def y(self, value):
        if self.panel.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    def frame(self):
        right, bottom = self.x(self.longest), HEIGHT - BOTTOM
        ticks = (log_ticks if self.panel.log else linear_ticks)(self.low, self.high)
        for value in ticks:
            y = self.y(value)
            yield '<path d="M%.1f %.1fH%.1f" stroke="#ddd"/>' % (self.x(0), y, right)
            yield text(self.x(0) - 6, y + 4, "%g" % float("%.6g" % value), "end")
        for value in linear_ticks(0, self.longest):
            x = self.x(value)
            yield '<path d="M%.1f %dv5" stroke="#888"/>' % (x, bottom)
            yield text(x, bottom + 18, "%g" % float("%.6g" % value), "middle")
        yield '<path d="M%.1f %dV%dH%.1f" stroke="#888" fill="none"/>' % (
            self.x(0), TOP, bottom, right)
        yield text((self.x(0) + right) / 2, HEIGHT - 8, self.panel.x_label, "middle")
        yield text(self.left + 8, TOP - 12, self.panel.y_label, "start")

    def points(self, xs, ys):
        return " ".join("%.1f,%.1f" % (self.x(x), self.y(y)) for x, y in zip(xs, ys))

    def curve(self, c):
        band = self.points(c.xs, c.highs) + " " + self.points(c.xs[::-1], c.lows[::-1])
        yield '<polygon points="%s" fill="%s" fill-opacity="0.18"/>' % (band, c.colour)
        dash = ' stroke-dasharray="%s"' % c.dash if c.dash else ""
        yield '<polyline points="%s" fill="none" stroke="%s" stroke-width="1.8"%s/>' % (
            self.points(c.xs, c.means), c.colour, dash)


def text(x, y, words, anchor, weight="normal"):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" font-weight="%s">%s</text>' % (
        x, y, anchor, weight, html.escape(words))


def legend(curves, y):
    x = 8
    for c in curves:
        dash = ' stroke-dasharray="%s"' % c.dash if c.dash else ""
        yield '<path d="M%d %dh22" stroke="%s" stroke-width="2.5"%s/>' % (x, y, c.colour, dash)
        yield text(x + 27, y + 4, c.name, "start")
        x += 45 + 7 * len(c.name)


def draw(title, panels):
    """The whole picture as text."""
    width = PANEL * len(panels)
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
             'style="%s">' % (width, HEIGHT + 24, width, HEIGHT + 24, STYLE),
             '<rect width="100%" height="100%" fill="white"/>', text(8, 20, title, "start", "bold")]
    for number, panel in enumerate(panels):
        axes = Axes(panel, number * PANEL)
        lines += axes.frame()
        for curve in panel.curves:
            lines += axes.curve(curve)
    lines += legend(panels[0].curves, HEIGHT + 10)
    return "\n".join(lines + ["</svg>"]) + "\n"
