"""Draws a sweep's [[plots]] from its rows: curves, stacks and heat maps, the same bytes each time."""
import html
import io
import os
import re

from .plan import Complaint
from .store import Store

try:
    import matplotlib
    matplotlib.use("agg")
    from matplotlib import pyplot
except ModuleNotFoundError:
    raise Complaint("plot needs matplotlib: install the package python3-matplotlib") from None

KEYS = {"name", "kind", "title", "x", "y", "parts", "series", "where", "value", "xlabel", "ylabel", "logx", "logy"}
KINDS = ("curve", "stack", "heatmap")
NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)+|mode|workload")
FORMULA = re.compile(r"[-+*/(). 0-9e]*")
STYLE = {"figure.figsize": (5.0, 3.2), "font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "legend.frameon": False,
         "savefig.bbox": "tight", "svg.hashsalt": "nestwalk", "pdf.fonttype": 42, "axes.axisbelow": True}
# What would differ from one time to the next.
METADATA = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {"Software": None}}
MARKS = "osv^Dx*P"


class Plot:
    def __init__(self, sweep, given, number):
        self.where = f"plots[{number}]"
        self.sweep = sweep
        for key in given:
            if key not in KEYS:
                self.fail(f"{key}: there is no such key; there are {', '.join(sorted(KEYS))}")
        self.given = given
        self.name = self.text("name")
        self.kind = self.text("kind")
        if self.kind not in KINDS:
            self.fail(f"kind: {self.kind!r} is none; there are {', '.join(KINDS)}")
        self.title = given.get("title", self.name)

    def fail(self, what):
        raise Complaint(f"{self.sweep.path}: {self.where}.{what}")

    def text(self, key):
        value = self.given.get(key)
        if not isinstance(value, str) or not value:
            self.fail(f"{key}: a text is expected")
        return value

    def label(self, key, formula):
        return self.given.get(key, formula)

    def chosen(self, rows):
        """The rows that `where` lets through."""
        found = rows
        for column, wanted in self.given.get("where", {}).items():
            wanted = wanted if isinstance(wanted, list) else [wanted]
            found = [row for row in found if row.get(column) in wanted]
        if not found:
            self.fail("where: no point that is done is left")
        return found

    def value(self, row, formula, key):
        """A formula over columns; a statistic that a machine has not got counts nothing."""
        if formula in row:
            return row[formula]
        if not FORMULA.fullmatch(NAME.sub("", formula)):
            self.fail(f"{key}: {formula!r} is neither a column nor a formula of columns, numbers, + - * / and brackets")
        for name in NAME.findall(formula):
            if name not in self.columns:
                self.fail(f"{key}: {name}: there is no such column; columns.csv lists them")
        numbers = NAME.sub(lambda name: f"({row.get(name.group()) or 0!r})", formula)
        try:
            return eval(numbers, {"__builtins__": {}})  # pylint: disable=eval-used
        except (ZeroDivisionError, SyntaxError, TypeError) as problem:
            self.fail(f"{key}: {formula!r} has no value at point {row['point']}: {problem}")

    def draw(self, rows):
        self.columns = {name for row in rows for name in row}
        rows = self.chosen(rows)
        figure, axes = pyplot.subplots()
        {"curve": self.curve, "stack": self.stack, "heatmap": self.heatmap}[self.kind](rows, figure, axes)
        axes.set_title(self.title)
        return figure

    def curve(self, rows, figure, axes):
        x, y = self.text("x"), self.text("y")
        series = self.given.get("series", "workload")
        lines = {}
        for row in rows:
            at = self.value(row, x, "x")
            if at is None or at == "":
                self.fail(f"x: {x} is empty at point {row['point']}; leave such points out by where")
            lines.setdefault(str(self.value(row, series, "series")), []).append((at, self.value(row, y, "y")))
        for number, (name, points) in enumerate(lines.items()):
            if all(isinstance(at, (int, float)) for at, _ in points):
                points.sort()
            axes.plot([at for at, _ in points], [value for _, value in points], label=name, linewidth=1.2,
                      marker=MARKS[number % len(MARKS)], markersize=3.5)
        if self.given.get("logx"):
            axes.set_xscale("log", base=2)
            ticks = sorted({at for points in lines.values() for at, _ in points})
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], rotation=45)
            axes.minorticks_off()
        if self.given.get("logy"):
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.set_xlabel(self.label("xlabel", x))
        axes.set_ylabel(self.label("ylabel", y))
        axes.legend()

    def stack(self, rows, figure, axes):
        x = self.text("x")
        parts = self.given.get("parts")
        if not isinstance(parts, dict) or not parts:
            self.fail("parts: a table of names and formulas is expected")
        labels = [str(self.value(row, x, "x")) for row in rows]
        if len(set(labels)) < len(labels):
            self.fail(f"x: two points have the same {x}; choose by where")
        bottom = [0.0] * len(rows)
        for name, formula in parts.items():
            heights = [self.value(row, formula, f"parts.{name}") for row in rows]
            axes.bar(labels, heights, 0.7, bottom, label=name)
            bottom = [below + height for below, height in zip(bottom, heights)]
        axes.set_xlabel(self.label("xlabel", x))
        axes.set_ylabel(self.label("ylabel", ""))
        axes.tick_params(axis="x", rotation=20)
        axes.legend(bbox_to_anchor=(1.0, 1.0), loc="upper left")

    def heatmap(self, rows, figure, axes):
        x, y, value = self.text("x"), self.text("y"), self.text("value")
        found = {(self.value(row, x, "x"), self.value(row, y, "y")): self.value(row, value, "value") for row in rows}
        across, up = list(dict.fromkeys(at for at, _ in found)), list(dict.fromkeys(at for _, at in found))
        cells = [[found.get((i, j), float("nan")) for i in across] for j in up]
        picture = axes.imshow(cells, origin="lower", aspect="auto", cmap="viridis")
        axes.set_xticks(range(len(across)), [str(each) for each in across])
        axes.set_yticks(range(len(up)), [str(each) for each in up])
        axes.set_xlabel(self.label("xlabel", x))
        axes.set_ylabel(self.label("ylabel", y))
        axes.grid(False)
        figure.colorbar(picture, label=value)


def save(figure, form):
    content = io.BytesIO()
    figure.savefig(content, format=form, dpi=200, metadata=METADATA[form])
    return content.getvalue()


def page(sweep, figures):
    """One page that holds everything: no file beside it is needed."""
    parts = ["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
             f"<title>{html.escape(sweep.title)}</title>",
             "<style>body{max-width:50em;margin:2em auto;font-family:sans-serif}svg{max-width:100%}</style></head><body>",
             f"<h1>{html.escape(sweep.title)}</h1>", f"<p>{html.escape(sweep.about)}</p>"]
    for plot, figure in figures:
        svg = save(figure, "svg").decode()
        parts += [f'<figure id="{html.escape(plot.name)}">', svg[svg.index("<svg"):], "</figure>"]
    with open(sweep.path, encoding="utf-8") as file:
        parts += ["<h2>The sweep</h2>", f"<pre>{html.escape(file.read())}</pre>", "</body></html>"]
    return ("\n".join(parts) + "\n").encode()


def draw_all(sweep, rows, given):
    plots = [Plot(sweep, each, i + 1) for i, each in enumerate(sweep.given.get("plots", []))]
    if not plots:
        sweep.fail("plots: there is none; add [[plots]] with name, kind, x and y")
    if not rows:
        raise Complaint(f"{given.folder}: no point is done there; run the sweep first")
    store = Store(given.folder)
    with matplotlib.rc_context(STYLE):
        figures = [(plot, plot.draw(rows)) for plot in plots]
        for plot, figure in figures:
            store.write(store.path(f"{plot.name}.{given.format}"), save(figure, given.format))
        if given.html:
            store.write(os.path.abspath(given.html), page(sweep, figures))
    return 0
