"""Draws `docs/architecture.svg` from the imports themselves: `python docs/draw_architecture.py`.

A box is a package (or a module beside packages); it stands above all that it imports. An arrow is drawn
where no chain of other arrows says the same. `tests/test_architecture.py` holds the drawing against the code.
"""

from __future__ import annotations

import ast
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parents[1]
WINGS = ("examiner", "pipelines")
"""Each is drawn as a building of its own; everything in the first may import everything in the second."""

Graph = dict[str, set[str]]

BOX, GAP, FLOOR, LEFT, TOP = (198, 74), 14, 106, 24, 40


def modules(root: Path) -> dict[str, Path]:
    """Every module of the packages by its dotted name, packages by theirs."""
    names = {}
    for top in (*WINGS, "models"):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            names[".".join(parts).removesuffix(".__init__")] = path
    return names


def room_of(module: str) -> str:
    """The box that a module is drawn in: its package below the wing, or itself."""
    return ".".join(module.split(".")[:2])


def imports_of(path: Path, known: dict[str, Path]) -> set[str]:
    """The project's modules that a file imports, also inside its functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in known else node.module for name in full}
    return names & known.keys()


def graph(root: Path = ROOT) -> Graph:
    """Which box imports which; boxes of both wings and of `models`."""
    known = modules(root)
    arrows: Graph = {room_of(name): set() for name in known if name not in (*WINGS, "models")}
    for name, path in known.items():
        if name in (*WINGS, "models"):
            continue
        others = {room_of(other) for other in imports_of(path, known) if other not in (*WINGS, "models")}
        arrows[room_of(name)] |= others - {room_of(name)}
    return arrows


def within(arrows: Graph, wing: str) -> Graph:
    """The boxes of one wing and the arrows between them."""
    inside = {name for name in arrows if name.startswith(f"{wing}.")}
    return {name: arrows[name] & inside for name in sorted(inside)}


def floors(arrows: Graph) -> list[list[str]]:
    """Boxes by floor, ground floor first. Raises ValueError where boxes import each other in a circle."""
    level: dict[str, int] = {}
    left = dict(arrows)
    while left:
        ready = [name for name, below in left.items() if below <= level.keys()]
        if not ready:
            raise ValueError(f"these import each other in a circle: {', '.join(sorted(left))}")
        for name in ready:
            level[name] = max((level[other] + 1 for other in left[name]), default=0)
        left = {name: below for name, below in left.items() if name not in level}
    count = max(level.values(), default=-1) + 1
    return [sorted(name for name in level if level[name] == floor) for floor in range(count)]


def reached(arrows: Graph, start: str) -> set[str]:
    """Every box that can be come to from `start`."""
    seen: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += arrows[name]
    return seen


def shortest(arrows: Graph) -> Graph:
    """The arrows without those that a chain of others says already."""
    return {
        name: {other for other in below if not any(other in reached(arrows, third) for third in below)}
        for name, below in arrows.items()
    }


def sentence(root: Path, room: str) -> str:
    """The first sentence of the box's docstring."""
    path = root.joinpath(*room.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    first = text.split("\n\n")[0].replace("\n", " ").replace("`", "").split(". ")[0]
    said = first.removeprefix(f"{room.split('.')[-1].capitalize()}: ").strip(" .")
    return said[:1].upper() + said[1:]


def _ordered(levels: list[list[str]], arrows: Graph) -> list[list[str]]:
    """Boxes of each floor in the order of those above them, so that few arrows cross."""
    rows = [list(level) for level in reversed(levels)]
    for above, row in pairwise(rows):
        place = {name: index / max(1, len(above) - 1) for index, name in enumerate(above)}

        def middle(name: str, place: dict[str, float] = place) -> tuple[float, str]:
            callers = [place[other] for other in place if name in arrows[other]]
            return (sum(callers) / len(callers) if callers else 0.5, name)

        row.sort(key=middle)
    return rows


def _wing(root: Path, arrows: Graph, wing: str, top: float, wide: float) -> tuple[list[str], float]:
    own = within(arrows, wing)
    drawn = shortest(own)
    rows = _ordered(floors(own), drawn)
    places: dict[str, tuple[float, float]] = {}
    for depth, row in enumerate(rows):
        start = LEFT + (wide - len(row) * (BOX[0] + GAP) + GAP) / 2
        for index, name in enumerate(row):
            places[name] = start + index * (BOX[0] + GAP), top + 34 + depth * FLOOR
    bottom = top + 34 + len(rows) * FLOOR - (FLOOR - BOX[1]) + 16
    parts = [
        f'<rect class="wing" x="{LEFT - 12:.0f}" y="{top:.0f}" width="{wide + 24:.0f}"'
        f' height="{bottom - top:.0f}" rx="8"/>',
        f'<text class="head" x="{LEFT:.0f}" y="{top + 21:.0f}">{wing}/ '
        f'<tspan class="say">{escape(sentence(root, wing))}</tspan></text>',
    ]
    for name, below in drawn.items():
        for other in sorted(below):
            (x, y), (u, v) = places[name], places[other]
            a, b, c, d = x + BOX[0] / 2, y + BOX[1], u + BOX[0] / 2, v - 2
            bend = (d - b) / 2
            parts.append(
                f'<path id="{name}-{other}" d="M{a:.0f} {b:.0f}C{a:.0f} {b + bend:.0f} {c:.0f} {d - bend:.0f}'
                f' {c:.0f} {d:.0f}" marker-end="url(#tip)"/>'
            )
    for name, (x, y) in places.items():
        said = wrap(sentence(root, name), 31, max_lines=3, placeholder=" …")
        parts.append(f'<rect id="{name}" x="{x:.0f}" y="{y:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="5"/>')
        parts.append(f'<text x="{x + 9:.0f}" y="{y + 18:.0f}">{name.split(".")[1]}</text>')
        parts += [
            f'<text class="say" x="{x + 9:.0f}" y="{y + 33 + 14 * line:.0f}">{escape(text)}</text>'
            for line, text in enumerate(said)
        ]
    return parts, bottom


STYLE = """
svg { background: #fbfaf7; font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
rect { fill: #fff; stroke: #5b6b7a; stroke-width: 1 }
rect.wing { fill: #f1efe8; stroke: #c9c3b3 }
path { fill: none; stroke: #8a97a3; stroke-width: 1.2 }
text { font-size: 13px; font-weight: 600; fill: #22303c }
.head { font-size: 15px } .say { font-size: 11px; font-weight: 400; fill: #4a5763 }
"""


def drawing(root: Path = ROOT) -> str:
    """The whole drawing as SVG."""
    arrows = graph(root)
    most = max(len(row) for wing in WINGS for row in floors(within(arrows, wing)))
    wide = most * (BOX[0] + GAP) - GAP
    parts, y = _wing(root, arrows, "examiner", TOP, wide)
    middle = LEFT + wide / 2
    parts.append(
        f'<path d="M{middle:.0f} {y:.0f}V{y + 34:.0f}" marker-end="url(#tip)"/>'
        f'<text class="say" x="{middle + 10:.0f}" y="{y + 22:.0f}">people above, image science below: '
        "no arrow back up</text>"
    )
    more, bottom = _wing(root, arrows, "pipelines", y + 38, wide)
    note = (
        "app.py opens the page. models/ holds the weights, the code that trains them, and simulated plates."
    )
    parts += [
        *more,
        f'<text class="say" x="{LEFT}" y="24">An arrow: imports. A box stands above all that it imports; '
        "an arrow that a chain of others says is left out.</text>",
        f'<text class="say" x="{LEFT}" y="{bottom + 24:.0f}">{note}</text>',
    ]
    size = f'width="{wide + 2 * LEFT:.0f}" height="{bottom + 40:.0f}"'
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#8a97a3;stroke:none"/></marker></defs>'
    )
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n{tip}\n{body}\n</svg>\n'


if __name__ == "__main__":
    (ROOT / "docs" / "architecture.svg").write_text(drawing(), "utf-8")
