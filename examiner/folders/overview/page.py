"""The overview of a run: one static page with its pictures beside it, that needs no network and no server.

Whatever stands in names and messages is text there: it is escaped, and the page's own policy runs no script
but the one it was made with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from examiner.folders.overview.pictures import FOLDER, picture_names
from examiner.folders.results.row import BETWEEN_LINES, Row, printable
from pipelines.errors import ResultsError
from pipelines.types import Failure

PAGE = "index.html"

TRIAGE = (
    "Proposals of a batch are triage: they say which photographs to look at. None of them is a reading. "
    "A reading is made by a person who has not seen the proposal, in an examination."
)

STATES = {"read": "read", "partly": "photographs left out", "failed": "failed"}


def begun(folder: Path) -> Path:
    """The folder of pictures, made with the page's folder. Raises ResultsError where it cannot be."""
    pictures = folder / FOLDER
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be made for the overview ({error.strerror})") from error
    return pictures


def write_overview(folder: Path, rows: Iterable[Row], notices: Sequence[Failure]) -> Path:
    """The page written into the folder; where it is. Raises OSError."""
    page = folder / PAGE
    part = folder / f".{PAGE}.{os.getpid()}.part"
    there = {entry.name for entry in (folder / FOLDER).iterdir()} if (folder / FOLDER).is_dir() else set()
    part.write_text(overview_html(list(rows), notices, there), "utf-8")
    part.replace(page)
    return page


def overview_html(rows: Sequence[Row], notices: Sequence[Failure], pictures: Iterable[str] = ()) -> str:
    """The page. `pictures`: names of those that are there."""
    there = frozenset(pictures)
    style, script = _asset("overview.css"), _asset("overview.js")
    policy = (
        f"default-src 'none'; img-src 'self' file:; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    ordered = sorted(enumerate(rows), key=lambda one: (one[1].confidence, one[0]))
    failures = [
        *((notice.kind, notice.message) for notice in notices),
        *((f["kind"], f["message"]) for row in rows for f in json.loads(row.failures)),
    ]
    return "".join(
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Overview of {len(rows)} series</title><style>{style}</style></head><body>",
            _head(rows),
            "<main>",
            _failures(failures),
            _TOOLS,
            '<ol class="list">',
            *(_series(place, row, there) for place, row in ordered),
            "</ol>" if rows else '</ol><p class="empty">No series.</p>',
            f"</main><script>{script}</script></body></html>\n",
        )
    )


_TOOLS = """<div class="tools"><label>Order <select id="order">
<option value="doubt">most doubtful first</option><option value="sure">surest first</option>
<option value="given">as read</option></select></label>
<label>Show <select id="which"><option value="all">all</option><option value="read">read</option>
<option value="partly">photographs left out</option><option value="failed">failed</option></select></label>
<input id="words" type="search" placeholder="Name or characters" aria-label="Name or characters">
<span id="found" class="quiet" aria-live="polite"></span></div>
"""


def _head(rows: Sequence[Row]) -> str:
    counts = [("series", len(rows))]
    counts += [(words, sum(row.state == state for row in rows)) for state, words in STATES.items()]
    validated = sorted({row.validation for row in rows if row.validation})
    return "".join(
        (
            "<header><h1>Overview</h1>",
            f'<p class="triage">{escape(TRIAGE)}</p>',
            *(f'<p class="quiet">Probabilities: {_text(said)}.</p>' for said in validated),
            '<p class="quiet">The figure beside a proposal is the probability that all its characters are '
            "right. Characters to which the reader would not commit itself are dotted.</p>",
            '<ul class="counts">',
            *(f"<li><b>{number}</b>{words}</li>" for words, number in counts),
            "</ul></header>",
        )
    )


def _failures(failures: Sequence[tuple[str, str]]) -> str:
    if not failures:
        return ""
    items = "".join(
        f'<li><span class="kind">{_text(kind)}</span><span>{_text(message)}</span></li>'
        for kind, message in failures
    )
    return (
        f"<details open><summary><h2>What was not read, and what was noticed: {len(failures)}</h2></summary>"
        f"<ul>{items}</ul></details>"
    )


def _series(place: int, row: Row, there: frozenset[str]) -> str:
    names, name = picture_names(row.series, row.key), _text(row.series)
    picture = (
        f'<img src="{FOLDER}/{names.photograph}" alt="{name}" loading="lazy">'
        if names.photograph in there
        else '<span class="nothing">no picture</span>'
    )
    line = (
        f'<img class="line-picture" src="{FOLDER}/{names.line}" alt="the line, upright" loading="lazy">'
        if names.line in there
        else ""
    )
    number = len(json.loads(row.photographs))
    about = f"{number} photograph{'' if number == 1 else 's'}, {STATES.get(row.state, row.state)}"
    wrong = "".join(f'<div class="wrong">{_text(f["message"])}</div>' for f in json.loads(row.failures))
    sure = f"{row.confidence:.1%}" if row.lines else "–"
    return (
        f'<li class="series" data-sure="{row.confidence:.6f}" data-place="{place}" '
        f'data-state="{_text(row.state)}"><figure>{picture}</figure><div>{line}{_reads(row)}'
        f'<div class="name"><bdi>{name}</bdi></div><div class="about">{_text(about)}</div>{wrong}'
        f'</div><div class="sure"><b>{sure}</b><div class="bar">{_bar(row.confidence)}</div></div></li>\n'
    )


def _bar(share: float) -> str:
    """A bar without a style attribute, which the page's policy would not allow."""
    return (
        f'<svg width="100%" height="4" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * share:.2f}" height="4" fill="#6cc5e8"/></svg>'
    )


def _reads(row: Row) -> str:
    """The proposal, each character marked that the reader would not commit itself to."""
    if not row.lines:
        said = "nothing was read" if row.state == "failed" else "no line of characters found"
        return f'<div class="reads none">{said}</div>'
    lines = []
    for text, best in zip(row.text.split(BETWEEN_LINES), row.best.split(BETWEEN_LINES), strict=False):
        marks = [
            f'<span class="doubt">{_text(glyph)}</span>' if said == "?" else _text(glyph)
            for said, glyph in zip(text, best, strict=False)
        ]
        lines.append("".join(marks))
    return f'<div class="reads">{"<span class=apart> | </span>".join(lines)}</div>'


def _text(text: str) -> str:
    """Escaped; control characters shown as what they are called."""
    plain = "".join(c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" for c in printable(text))
    return escape(plain, quote=True)


def _asset(name: str) -> str:
    return (files("examiner.folders") / "assets" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
