#!/usr/bin/env python3
"""The figures of docs/reproduction.md, drawn from results.jsonl (see results.py).

  recipes/icml2017/figures.py [FOLDER]        (default: docs/images)

Four pictures: PLAIN and BNA, against epochs as published, and against seconds, which are epochs
times the steps of an epoch times the median cost of a step. Above the training cost (cross entropy
and L2 term), below the validation accuracy; width 80 on the left, 100 on the right. A method is
shown at its best rate, as the mean over its seeds; the shade is half of the range to either side.
"""
import math
import pathlib
import sys

import results

COLOURS = {"sgd": "#0072B2", "adam": "#009E73", "rngd": "#D55E00"}
WIDTHS = (80, 100)
PICTURE = (960, 700)
PANEL = (385, 260)
LEFT, TOP, ACROSS, DOWN = 75, 85, 470, 305  # of the first panel, and from panel to panel
COST_TICKS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0)
SECOND_TICKS = tuple(m * 10 ** k for k in range(-1, 5) for m in (1, 2, 5))
ACCURACIES = (0.955, 0.985)  # what is below is of the first epochs


class Axis:
    """From values low ... high to pixels first ... last."""

    def __init__(self, low, high, first, last, logarithmic=False):
        self.scale = math.log if logarithmic else float
        self.low, self.high, self.first, self.last = low, high, first, last

    def __call__(self, value):
        low, high = self.scale(self.low), self.scale(self.high)
        share = (self.scale(value) - low) / (high - low)
        return self.first + share * (self.last - self.first)


def text(x, y, words, size=12, anchor="middle", more=""):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="#333333" '
            f'text-anchor="{anchor}"{more}>{words}</text>\n')


def straight(x1, y1, x2, y2, colour, width=1):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"/>\n')


def path(points, style):
    """Through the points, by differences in tenths of a pixel: short, and nothing adds up."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in points]
    parts = [f"M{tenths[0][0]} {tenths[0][1]}"]
    for (x0, y0), (x1, y1) in zip(tenths, tenths[1:]):
        parts.append(f"l{x1 - x0} {y1 - y0}")
    return f'<path transform="scale(.1)" d="{"".join(parts)}" {style}/>\n'


def curve(line, name, x, y, abscissae):
    """The mean of a line of results.jsonl, and the shade of its seeds."""
    values, drawn = line[name], ""
    if name + "_half" in line:
        halves = [1e-4 * value for value in line[name + "_half"]]
        above = [(x(a), y(v + h)) for a, v, h in zip(abscissae, values, halves)]
        below = [(x(a), y(v - h)) for a, v, h in zip(abscissae, values, halves)]
        shade = f'fill="{COLOURS[line["method"]]}" fill-opacity=".2"'
        drawn = path(above + below[::-1], shade)
    style = f'fill="none" stroke="{COLOURS[line["method"]]}" stroke-width="17"'
    return drawn + path([(x(a), y(v)) for a, v in zip(abscissae, values)], style)


def cost_range(lines):
    low = min(min(line["cost"]) for line in lines)
    high = min(0.5, max(line["cost"][0] for line in lines))
    return 0.9 * low, 1.02 * high


def panel(lines, name, corner, against, ranges):
    """One panel with axes; ranges: of seconds and of costs, alike for all panels of a picture."""
    left, top = corner
    right, bottom = left + PANEL[0], top + PANEL[1]
    epochs = len(lines[0][name])
    if against == "epochs":
        x = Axis(0, epochs, left, right)
        x_ticks = [epochs * k // 5 for k in range(6)]
    else:
        x = Axis(*ranges["seconds"], left, right, logarithmic=True)
        x_ticks = [tick for tick in SECOND_TICKS if x.low <= tick <= x.high]
    if name == "cost":
        y = Axis(*ranges["cost"], bottom, top, logarithmic=True)
        y_ticks = [(tick, f"{tick:g}") for tick in COST_TICKS if y.low <= tick <= y.high]
    else:
        y = Axis(*ACCURACIES, bottom, top)
        y_ticks = [(tick / 1000, f"{tick / 10:g}") for tick in range(955, 986, 5)]
    drawn = ""
    for tick in x_ticks:
        drawn += straight(x(tick), top, x(tick), bottom, "#dddddd")
        drawn += text(x(tick), bottom + 16, f"{tick:g}", 11)
    for tick, words in y_ticks:
        drawn += straight(left, y(tick), right, y(tick), "#dddddd")
        drawn += text(left - 7, y(tick) + 4, words, 11, "end")
    clip = f"c{left}-{top}"
    drawn += (f'<clipPath id="{clip}"><rect x="{left}" y="{top}" width="{PANEL[0]}" '
              f'height="{PANEL[1]}"/></clipPath>\n<g clip-path="url(#{clip})">\n')
    for line in lines:
        unit = results.seconds(line, 1) if against == "seconds" else 1
        drawn += curve(line, name, x, y, [unit * (k + 1) for k in range(epochs)])
    drawn += "</g>\n"
    drawn += straight(left, bottom, right, bottom, "#333333") + straight(left, top, left, bottom,
                                                                         "#333333")
    words = "training cost" if name == "cost" else "validation accuracy, %"
    middle = (top + bottom) / 2
    turned = f' transform="rotate(-90 {left - 48} {middle:.0f})"'
    drawn += text(left - 48, middle, words, 12, "middle", turned)
    if name != "cost":
        drawn += text((left + right) / 2, bottom + 34, f"{against} of training")
    return drawn


def legend(lines, x, y):
    """The methods of a column of panels, with their rates."""
    drawn = ""
    for line in lines:
        words = f"{results.METHODS[line['method']]} {line['rate']}"
        drawn += straight(x, y - 4, x + 22, y - 4, COLOURS[line["method"]], 2.5)
        drawn += text(x + 28, y, words, 12, "start")
        x += 128
    return drawn


def picture(best, net, against):
    shown = {width: [best[key] for key in best if key[:2] == (net, width)] for width in WIDTHS}
    every = [line for lines in shown.values() for line in lines]
    ends = [results.seconds(line, len(line["cost"])) for line in every]
    starts = [results.seconds(line, 1) for line in every]
    ranges = {"cost": cost_range(every), "seconds": (min(starts), 1.05 * max(ends))}
    title = f"{results.NETS[net]} networks on MNIST, against {against} of training"
    drawn = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{PICTURE[0]}" height="{PICTURE[1]}" '
             f'viewBox="0 0 {PICTURE[0]} {PICTURE[1]}" role="img" font-family="Helvetica, Arial, '
             f"'Liberation Sans', 'DejaVu Sans', sans-serif\">\n<title>{title}</title>\n"
             f'<rect width="{PICTURE[0]}" height="{PICTURE[1]}" fill="#ffffff"/>\n')
    for column, width in enumerate(WIDTHS):
        lines, left = shown[width], LEFT + ACROSS * column
        if not lines:
            continue
        seeds = sorted({len(line["seeds"]) for line in lines})
        count = "1 seed" if seeds == [1] else f"{' to '.join(map(str, seeds))} seeds"
        name = "-".join([str(width)] * 3)
        heading = f"{results.NETS[net]}, 784-{name}-10 ({count})"
        drawn += text(left + PANEL[0] / 2, 30, heading, 15, "middle", ' font-weight="bold"')
        drawn += legend(lines, left, 62)
        drawn += panel(lines, "cost", (left, TOP), against, ranges)
        drawn += panel(lines, "accuracy", (left, TOP + DOWN), against, ranges)
    return drawn + "</svg>\n"


def main(words):
    if len(words) > 1 or words[:1] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    default = pathlib.Path(__file__).resolve().parents[2] / "docs" / "images"
    folder = pathlib.Path(words[0]) if words else default
    best = results.best_rates(results.load())
    for net in results.NETS:
        for against in ("epochs", "seconds"):
            if any(key[0] == net for key in best):
                file = folder / f"icml2017-{net}-{against}.svg"
                file.write_text(picture(best, net, against))


if __name__ == "__main__":
    main(sys.argv[1:])
