"""The overview of a run: one static page with its pictures beside it, which needs no network and no server.

Names and messages are text there, whatever they contain: Jinja2 escapes every value, and the policy of the
page allows no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from examiner.folders.overview.pictures import FOLDER, picture_names
from examiner.folders.results.row import BETWEEN_LINES, ResultRow, printable
from pipelines.errors import ResultsError
from pipelines.types import Failure

PAGE = "index.html"

TRIAGE = (
    "Proposals of a batch are triage: they say which photographs to look at. None of them is a reading. "
    "A reading is made by a person who has not seen the proposal, in an examination."
)

STATES: Mapping[str, str] = {"read": "read", "partly": "photographs left out", "failed": "failed"}
"""For each state of a series, the words of the page."""

HERE = "examiner.folders.overview"


@dataclass(frozen=True)
class SeriesEntry:
    """What the page says of one series. `place`: in the order of reading. `lines`: each proposed character,
    and whether the reader is not sure of it; `nothing`: what to say where there is no line. `photograph` and
    `line_picture`: file names, empty where there is none. `bar`: 0..100."""

    place: int
    name: str
    state: str
    confidence: str
    percent: str
    bar: str
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    nothing: str
    about: str
    failures: tuple[str, ...]
    photograph: str
    line_picture: str


def pictures_folder(folder: Path) -> Path:
    """Makes the folder of the page and the folder of its pictures, and returns that. Raises ResultsError."""
    pictures = folder / FOLDER
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be made for the overview ({error.strerror})") from error
    return pictures


def write_overview(folder: Path, rows: Iterable[ResultRow], notices: Sequence[Failure]) -> Path:
    """Writes the page into the folder and returns its path. Raises OSError."""
    page = folder / PAGE
    part = folder / f".{PAGE}.{os.getpid()}.part"
    pictures = folder / FOLDER
    names = {entry.name for entry in pictures.iterdir()} if pictures.is_dir() else set()
    part.write_text(overview_html(list(rows), notices, names), "utf-8")
    part.replace(page)
    return page


def overview_html(rows: Sequence[ResultRow], notices: Sequence[Failure], pictures: Iterable[str] = ()) -> str:
    """The page, series of lowest confidence first. `pictures`: the file names of those that exist."""
    existing = frozenset(pictures)
    entries = [_entry(place, row, existing) for place, row in enumerate(rows)]
    style, script = _asset("overview.css"), _asset("overview.js")
    counts = [("series", len(rows))]
    counts += [(words, sum(row.state == state for row in rows)) for state, words in STATES.items()]
    return (
        _environment()
        .from_string(_asset("overview.html"))
        .render(
            policy=(
                f"default-src 'none'; img-src 'self' file:; style-src '{_digest(style)}'; "
                f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
            ),
            style=Markup(style),
            script=Markup(script),
            triage=TRIAGE,
            validations=sorted({row.validation for row in rows if row.validation}),
            counts=counts,
            failures=[
                *((notice.kind, notice.message) for notice in notices),
                *(
                    (failure["kind"], failure["message"])
                    for row in rows
                    for failure in json.loads(row.failures)
                ),
            ],
            states=list(STATES.items()),
            pictures=FOLDER,
            entries=sorted(entries, key=lambda entry: (float(entry.confidence), entry.place)),
        )
    )


def _entry(place: int, row: ResultRow, existing: frozenset[str]) -> SeriesEntry:
    names = picture_names(row.series, row.key)
    photographs = len(json.loads(row.photographs))
    return SeriesEntry(
        place=place,
        name=row.series,
        state=row.state,
        confidence=f"{row.confidence:.6f}",
        percent=f"{row.confidence:.1%}" if row.lines else "–",
        bar=f"{100 * row.confidence:.2f}",
        lines=_lines(row) if row.lines else (),
        nothing="nothing was read" if row.state == "failed" else "no line of characters found",
        about=(
            f"{photographs} photograph{'' if photographs == 1 else 's'}, {STATES.get(row.state, row.state)}"
        ),
        failures=tuple(failure["message"] for failure in json.loads(row.failures)),
        photograph=names.photograph if names.photograph in existing else "",
        line_picture=names.line if names.line in existing else "",
    )


def _lines(row: ResultRow) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """The characters of each line, and for each whether the reader left it open ("?" in `text`)."""
    pairs = zip(row.text.split(BETWEEN_LINES), row.best.split(BETWEEN_LINES), strict=False)
    return tuple(
        tuple((glyph, committed == "?") for committed, glyph in zip(text, best, strict=False))
        for text, best in pairs
    )


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _visible(value: object) -> object:
    """Text in which control characters are written as codes, so that none of them acts on the page."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" for c in printable(value))


def _asset(name: str) -> str:
    return (files(HERE) / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
