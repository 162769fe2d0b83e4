"""The overview of a run: static pages with their pictures beside them, which need no network and no server.

Names and messages are text there, whatever they contain: Jinja2 escapes every value, and the policy of the
page allows no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote_from_bytes

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


PAGES = "pages"
"""The folder of the second and all later pages."""

ON_A_PAGE = 200
"""Series on a page: few enough to open at once, and a hundred thousand series are five hundred pages."""

NAMED_FAILURES = 500
"""Failures that the first page lists; every one stands with its series besides."""

SORTED = "SELECT place, row FROM entries ORDER BY weakest, confidence, place LIMIT ? OFFSET ?"


@dataclass(frozen=True)
class SeriesEntry:
    """What a page says of one series. `place`: in the order of reading. `lines`: each proposed character, and
    whether the reader is not sure of it; `nothing`: what to say where there is no line. `photograph` and
    `line_picture`: addresses, empty where there is none. `originals`: name and address of each photograph.
    `bar`: 0..100."""

    place: int
    name: str
    state: str
    weakest: str
    percent: str
    bar: str
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    nothing: str
    about: str
    failures: tuple[str, ...]
    photograph: str
    line_picture: str
    originals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Counted:
    """What the pages say of the whole run."""

    counts: tuple[tuple[str, int], ...]
    validations: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    more_failures: int


def pictures_folder(folder: Path) -> Path:
    """Makes the folder of the page and the folder of its pictures, and returns that. Raises ResultsError."""
    pictures = folder / FOLDER
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be made for the overview ({error.strerror})") from error
    return pictures


def write_overview(folder: Path, rows: Iterable[ResultRow], notices: Sequence[Failure]) -> Path:
    """Writes the pages into the folder and returns the path of the first. Pages of an earlier run that are
    not needed any more are removed. Raises OSError.

    The memory does not grow with the number of rows: they are sorted in a temporary database.
    """
    with closing(sqlite3.connect("")) as database:  # On the disk, and removed when it is closed.
        counted = _collect(database, rows, notices)
        number = 0
        for number, page in enumerate(_pages(database, counted, folder), 1):
            path = folder / page_path(number)
            path.parent.mkdir(exist_ok=True)
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            part.write_text(page, "utf-8")
            part.replace(path)
    for old in (folder / PAGES).glob("[0-9]*.html"):
        if old.stem.isdigit() and int(old.stem) > number:
            old.unlink()
    return folder / PAGE


def page_path(number: int) -> str:
    """Where page `number`, from 1, lies below the folder of the overview."""
    return PAGE if number == 1 else f"{PAGES}/{number:04d}.html"


def overview_html(rows: Sequence[ResultRow], notices: Sequence[Failure], folder: Path) -> str:
    """The first page, the series with the least certain character first. `folder`: where the page will lie,
    with its pictures."""
    with closing(sqlite3.connect("")) as database:
        return next(_pages(database, _collect(database, rows, notices), folder))


def _collect(database: sqlite3.Connection, rows: Iterable[ResultRow], notices: Sequence[Failure]) -> Counted:
    database.execute("CREATE TABLE entries (weakest REAL, confidence REAL, place INTEGER, row TEXT)")
    states: Counter[str] = Counter()
    validations: set[str] = set()
    failures = [(notice.kind, notice.message) for notice in notices[:NAMED_FAILURES]]
    more = len(notices) - len(failures)
    for place, row in enumerate(rows):
        states[row.state] += 1
        if row.validation:
            validations.add(row.validation)
        for failure in json.loads(row.failures):
            if len(failures) < NAMED_FAILURES:
                failures.append((failure["kind"], failure["message"]))
            else:
                more += 1
        weakest = row.weakest if row.weakest >= 0 else row.confidence
        database.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?)",
            (weakest, row.confidence, place, json.dumps(asdict(row))),
        )
    database.execute("CREATE INDEX sorted ON entries (weakest, confidence, place)")
    counts = [("series", states.total()), *((words, states[state]) for state, words in STATES.items())]
    return Counted(tuple(counts), tuple(sorted(validations)), tuple(failures), more)


def _pages(database: sqlite3.Connection, counted: Counted, folder: Path) -> Iterator[str]:
    style, script = _asset("overview.css"), _asset("overview.js")
    template = _environment().from_string(_asset("overview.html"))
    count = max(1, -(-counted.counts[0][1] // ON_A_PAGE))
    for number in range(1, count + 1):
        chosen = database.execute(SORTED, (ON_A_PAGE, (number - 1) * ON_A_PAGE))
        here = (folder / page_path(number)).parent
        entries = [_entry(place, ResultRow(**json.loads(row)), folder, here) for place, row in chosen]
        yield template.render(
            policy=(
                f"default-src 'none'; img-src 'self' file:; style-src '{_digest(style)}'; "
                f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
            ),
            style=Markup(style),
            script=Markup(script),
            triage=TRIAGE,
            validations=counted.validations,
            counts=counted.counts,
            failures=counted.failures if number == 1 else (),
            more_failures=counted.more_failures,
            states=list(STATES.items()),
            entries=entries,
            number=number,
            pages=count,
            others=[(other, _address(folder / page_path(other), here)) for other in _near(number, count)],
            before=_address(folder / page_path(number - 1), here) if number > 1 else "",
            after=_address(folder / page_path(number + 1), here) if number < count else "",
        )


def _near(number: int, count: int) -> list[int]:
    """The pages to which a page leads: the first, the last, those near, and some on the way."""
    steps = {number + sign * step for step in (1, 2, 3, 10, 30, 100, 300, 1000) for sign in (-1, 1)}
    return sorted({1, number, count} | {step for step in steps if 1 <= step <= count})


def _entry(place: int, row: ResultRow, folder: Path, here: Path) -> SeriesEntry:
    names = picture_names(row.series, row.key)
    photographs = json.loads(row.photographs)
    paths = dict.fromkeys(photograph["path"] for photograph in photographs)
    weakest = row.weakest if row.weakest >= 0 else row.confidence

    def picture(name: str) -> str:
        path = folder / FOLDER / name
        return _address(path, here) if path.is_file() else ""

    return SeriesEntry(
        place=place,
        name=row.series,
        state=row.state,
        weakest=f"{weakest:.1%}" if row.lines else "–",
        percent=f"{row.confidence:.1%}" if row.lines else "–",
        bar=f"{100 * weakest:.2f}",
        lines=_lines(row) if row.lines else (),
        nothing="nothing was read" if row.state == "failed" else "no line of characters found",
        about=(
            f"{len(photographs)} photograph{'' if len(photographs) == 1 else 's'}, "
            f"{STATES.get(row.state, row.state)}"
        ),
        failures=tuple(failure["message"] for failure in json.loads(row.failures)),
        photograph=picture(names.photograph),
        line_picture=picture(names.line),
        originals=tuple((Path(path).name, _address(Path(path), here)) for path in paths),
    )


def _address(path: Path, here: Path) -> str:
    """The address of a file as seen from a page in the folder `here`. A colon is encoded too, so that no name
    can begin like a scheme."""
    try:
        relative = os.path.relpath(path, here)
    except ValueError:  # Windows: on another drive.
        return path.absolute().as_uri()
    return quote_from_bytes(os.fsencode(relative.replace(os.sep, "/")), safe="/")


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
