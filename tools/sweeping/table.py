"""All points as one wide table."""
import csv
import io

OF_HISTOGRAM = {"count": "values", "mean": None, "median": None, "p99": None}
LEADING = [("point", "", "The point's name: the hash that its file has."),
           ("mode", "", "The machine: native, shadow or nested."),
           ("workload", "", "The workload's name in the sweep.")]


def row_of(point, kept):
    row = {"point": point.name, "mode": point.mode, "workload": point.workload["name"]}
    row.update({"axis." + name: label for name, label in point.axes.items()})
    row.update(kept["configuration"])
    for path, value in kept["statistics"].items():
        if isinstance(value, dict):
            row.update({f"{path}.{member}": value[member] for member in OF_HISTOGRAM})
        else:
            row[path] = value
    return row


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(map(str, value))
    return repr(value) if isinstance(value, float) else str(value)


def rows(points, store):
    """A row for each point that is done, in the sweep's order."""
    done = store.done()
    return [row_of(point, store.point(point.name)) for point in points if point.name in done]


def columns(sweep, table):
    """The names of the columns: the leading ones, then axes, configuration and statistics as they first come."""
    found = dict.fromkeys([name for name, _, _ in LEADING] + ["axis." + name for name, _ in sweep.axes])
    for row in table:
        found.update(dict.fromkeys(row))
    return list(found)


def meaning(name, sentences, keys):
    """Unit and sentence of a column."""
    for leading, unit, about in LEADING:
        if name == leading:
            return unit, about
    if name.startswith("axis."):
        return "", "Where the point stands on this axis of the sweep; empty where it reads nothing of it."
    if name in sentences:
        return sentences[name]
    path, _, member = name.rpartition(".")
    if path in sentences and member in OF_HISTOGRAM:
        unit, about = sentences[path]
        return OF_HISTOGRAM[member] or unit, f"{about} The {member} of the distribution."
    return keys.get(name, ("", "What the command line said of the run." if name.startswith("run.") else ""))


def as_csv(lines):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def write(sweep, points, store, keys):
    """Writes table.csv and columns.csv; how many rows there are."""
    table = rows(points, store)
    names = columns(sweep, table)
    sentences = store.sentences()
    store.write(store.path("columns.csv"),
                as_csv([["column", "unit", "about"]] + [[name, *meaning(name, sentences, keys)] for name in names]))
    store.write(store.path("table.csv"),
                as_csv([names] + [[cell(row.get(name)) for name in names] for row in table]))
    return len(table)
