"""The words and demands of a laboratory: a TOML file that it edits, copied into each case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from examiner.examination.acts import Rules
from examiner.examination.readings import State
from pipelines.environment import LABORATORY, path_in
from pipelines.errors import ExitCode, MarkingError

MAX_FILE = 1 << 20
"""Bytes of a laboratory's file."""

MAX_WORDS = 200
MAX_WORD = 120

WORD_LISTS = (
    "reasons",
    "metals",
    "obliterations",
    "signs_of_alteration",
    "abrasives",
    "magnetisations",
    "stop_reasons",
)


REPORT_PARTS = ("header", "opening", "limits", "closing")
"""What a report says in the laboratory's words: lines of its head, and paragraphs."""

MAX_PARAGRAPH = 2000

PAPERS = ("a4", "letter")


class LaboratoryError(MarkingError):
    """A laboratory's file that cannot be used."""

    kind = "laboratory"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class WayOfMarking:
    """A way of making a marking; `etching_destroys` where a reagent takes it away without result."""

    word: str
    etching_destroys: bool = False


@dataclass(frozen=True)
class Reagent:
    """A reagent as the laboratory knows it. Without `approved` (a date) it is offered as not approved."""

    name: str
    metals: tuple[str, ...] = ()
    hazard: str = ""
    source: str = ""
    approved: str = ""


@dataclass(frozen=True)
class Laboratory:
    """`scale`: the laboratory's word for each state. `words`: what is offered, by the name of the list.
    `report`: lines by the part of the report; `paper`: its size, one of PAPERS; `zone`: whose local time
    stands beside UTC, as the IANA names it, empty for that of the computer."""

    name: str
    rules: Rules
    scale: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    made: tuple[WayOfMarking, ...]
    reagents: tuple[Reagent, ...]
    report: Mapping[str, tuple[str, ...]]
    paper: str = PAPERS[0]
    zone: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values; inverse: `laboratory_from_json`."""
        return {
            "name": self.name,
            "zone": self.zone,
            "rules": {"reasons": self.rules.reasons, "second_examiner": self.rules.second},
            "scale": dict(self.scale),
            "words": {name: list(words) for name, words in self.words.items()},
            "made": [asdict(way) for way in self.made],
            "reagents": [{**asdict(reagent), "metals": list(reagent.metals)} for reagent in self.reagents],
            "report": {"paper": self.paper, **{name: list(lines) for name, lines in self.report.items()}},
        }


def shipped() -> Laboratory:
    """The words that the program comes with."""
    return _parsed((files("examiner.casebook") / "laboratory.toml").read_text("utf-8"), "laboratory.toml")


def laboratory(path: Path | None = None) -> Laboratory:
    """The laboratory of a file, of $EXAMINER_LABORATORY, or the shipped one. Raises LaboratoryError."""
    named = path or path_in(LABORATORY)
    if named is None:
        return shipped()
    try:
        with named.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise LaboratoryError(f"{named}: cannot be read ({error.strerror or error})") from error
    if len(data) > MAX_FILE:
        raise LaboratoryError(f"{named}: longer than {MAX_FILE} bytes")
    try:
        return _parsed(data.decode("utf-8"), str(named))
    except UnicodeDecodeError as error:
        raise LaboratoryError(f"{named}: is no UTF-8 text ({error})") from error


def laboratory_from_json(value: Any, where: str = "laboratory") -> Laboratory:
    """A laboratory of plain values. Raises LaboratoryError naming the key that is wrong."""
    table = _table(value, where, ("name", "zone", "rules", "scale", "words", "made", "reagents", "report"))
    rules = _table(table.get("rules", {}), f"{where}: rules", ("reasons", "second_examiner"))
    scale = _table(table.get("scale", {}), f"{where}: scale", tuple(State))
    report = _table(table.get("report", {}), f"{where}: report", (*REPORT_PARTS, "paper"))
    words = _table(table.get("words", {}), f"{where}: words", WORD_LISTS)
    return Laboratory(
        name=_word(table.get("name", ""), f"{where}: name", empty=True),
        rules=Rules(
            _switch(rules.get("reasons", True), f"{where}: rules.reasons"),
            _switch(rules.get("second_examiner", False), f"{where}: rules.second_examiner"),
        ),
        scale={
            state.value: _word(scale.get(state.value, state.value), f"{where}: scale.{state.value}")
            for state in State
        },
        words={name: _words(words.get(name, ()), f"{where}: words.{name}") for name in WORD_LISTS},
        made=tuple(_made(way, f"{where}: made") for way in _list(table.get("made", ()), f"{where}: made")),
        reagents=tuple(
            _reagent(reagent, f"{where}: reagents")
            for reagent in _list(table.get("reagents", ()), f"{where}: reagents")
        ),
        report={
            part: tuple(
                _word(line, f"{where}: report.{part}", longest=MAX_PARAGRAPH)
                for line in _list(report.get(part, ()), f"{where}: report.{part}")
            )
            for part in REPORT_PARTS
        },
        paper=_paper(report.get("paper", PAPERS[0]), f"{where}: report.paper"),
        zone=_zone(table.get("zone", ""), f"{where}: zone"),
    )


def _paper(value: Any, where: str) -> str:
    if value not in PAPERS:
        raise LaboratoryError(f"{where}: {' or '.join(PAPERS)} is expected, got {value!r}"[:200])
    return str(value)


def _zone(value: Any, where: str) -> str:
    name = _word(value, where, empty=True)
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LaboratoryError(f"{where}: no time zone is called {name[:40]!r} here") from error


def _parsed(text: str, where: str) -> Laboratory:
    try:
        return laboratory_from_json(tomllib.loads(text), where)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LaboratoryError(f"{where}: is no TOML ({error})") from error


def _made(value: Any, where: str) -> WayOfMarking:
    table = _table(value, where, ("word", "etching_destroys"))
    destroys = _switch(table.get("etching_destroys", False), f"{where}.etching_destroys")
    return WayOfMarking(_word(table.get("word"), f"{where}.word"), destroys)


def _reagent(value: Any, where: str) -> Reagent:
    table = _table(value, where, ("name", "metals", "hazard", "source", "approved"))
    hazard, source, approved = (
        _word(str(table.get(key, "")), f"{where}.{key}", empty=True)
        for key in ("hazard", "source", "approved")
    )
    return Reagent(
        _word(table.get("name"), f"{where}.name"),
        _words(table.get("metals", ()), f"{where}.metals"),
        hazard,
        source,
        approved,
    )


def _table(value: Any, where: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LaboratoryError(f"{where}: a table is expected, got {type(value).__name__}")
    unknown = [str(key) for key in value if key not in known]
    if unknown:
        raise LaboratoryError(f"{where}: {unknown[0][:40]!r} is not known; known are {', '.join(known)}")
    return value


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_WORDS:
        raise LaboratoryError(f"{where}: a list of at most {MAX_WORDS} is expected")
    return value


def _words(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_word(word, where) for word in _list(value, where))


def _word(value: Any, where: str, empty: bool = False, longest: int = MAX_WORD) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise LaboratoryError(f"{where}: a text of at most {longest} printable characters is expected")
    if not value.strip() and not empty:
        raise LaboratoryError(f"{where}: is empty")
    return value


def _switch(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise LaboratoryError(f"{where}: true or false is expected, got {value!r}")
    return value
