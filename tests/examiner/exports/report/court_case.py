"""A case with two examiners, two lines, over-striking and Cyrillic, signed by both; run to render its report:
`python -m tests.examiner.exports.report.court_case report.pdf`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from examiner.casebook.case_file import Item, Marking, Origin, ProcedureStep, Status, StepKind
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.examination.acts import Decide, DrawLine, Lock, Mode, Observe, Place, Settle
from examiner.examination.readings import CharacterReading, State
from examiner.exports.files import report_as_pdf
from tests.examiner.drawn import box, proposal
from tests.examiner.whole_case import looked_at

UPPER = (
    CharacterReading(State.DEFINITE, "А"),
    CharacterReading(State.ALTERNATIVES, alternatives=("А", "A")),
    CharacterReading(State.DEFINITE, "4", over_stamp="6", features="the bar of a 4 below the 6"),
    CharacterReading(State.PROBABLE, "0"),
)
LOWER = (CharacterReading(State.DEFINITE, "О"), CharacterReading(State.UNREADABLE, excluded=("1", "7")))
"""Cyrillic letters stand in both lines."""


def photograph(path: Path, number: int) -> Path:
    """Two rows of characters on brushed metal, 1600 × 1200, in colour; each number is lit from another side.
    Number 4 shows another place of the metal: nothing lays it over the others."""
    rng = np.random.default_rng(4 if number == 4 else 1)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (1200, 1600)), (0, 0), 9, sigmaY=1.5)
    pits = cv2.GaussianBlur((rng.random((1200, 1600)) > 0.9995).astype(np.float64) * 4000, (0, 0), 3)
    marks = np.zeros((1200, 1600), np.uint8)
    if number < 4:
        for text, y in (("AA40", 400), ("O8", 900)):
            for place, character in enumerate(text):
                at = (150 + 300 * place, y)
                cv2.putText(marks, character, at, cv2.FONT_HERSHEY_SIMPLEX, 8, 60, 18)
        cv2.putText(marks, "6", (750, 400), cv2.FONT_HERSHEY_SIMPLEX, 8, 100, 18)
    noise = np.random.default_rng(10 + number).normal(0, 3, grain.shape)
    across, _ = np.meshgrid(np.linspace(-1, 1, 1600), np.linspace(-1, 1, 1200))
    light = 150 + 25 * across * (-1) ** number
    grey = np.clip(light + grain - pits - marks + noise, 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), cv2.merge([grey, grey, cv2.subtract(grey, 6)]))
    return path


def _lines(casebook: Casebook, id: str, actor: str, readings: tuple[CharacterReading, ...]) -> None:
    casebook.act(id, DrawLine(Place(0, box(150, 1200, 210, 210)), len(UPPER)), actor)
    casebook.act(id, DrawLine(Place(0, box(150, 600, 710, 210)), len(LOWER)), actor)
    for position, reading in enumerate(readings, 1):
        casebook.act(id, Observe(position, reading), actor)
    casebook.act(id, Lock(), actor)


def _compared(casebook: Casebook, id: str) -> None:
    """The struck 4 beside a typeface, an A beside the other, and a scale."""
    of = {"photo": 0, "sha256": casebook.photos(id)[0].sha256}
    comparison = {"position": 3, "one": {}, "other": {"typeface": "sans", "glyph": "4"}, "to_one": []}
    look = {"inverted": False, "agreement": 0.5, "view": "overlay", "note": "the bar of the 4"}
    scale = {"mm_per_px": 0.01, "deviation": 0.002}
    casebook.record_view(id, "eva", "comparison", {**of, **comparison, **look})
    beside = {"position": 1, "other": {"examination": id, "position": 2, "glyph": ""}, "note": ""}
    casebook.record_view(id, "eva", "comparison", {**of, **comparison, **look, **beside})
    casebook.record_view(
        id, "eva", "measurement", {**of, "measured": "scale", "points": [[0, 0], [200, 0]], "scale": scale}
    )


def court_case(casebook: Casebook, room: Path) -> str:
    """The examination's id, signed by eva and max."""
    laboratory = replace(shipped(), zone="Europe/Berlin")
    case = casebook.cases.open_case("2026/31", "Pistol", laboratory, "eva")
    item = Item("", case.id, "Pistol", Origin.FACTORY, make="Izhevsk", model="PM", country="Russia")
    item = replace(item, importer="Waffen Muster GmbH", import_mark="DE", import_year="1994")
    item = casebook.cases.put(item, "eva")
    marking = casebook.cases.put(
        Marking("", item.id, "Frame, left", made="struck", status=Status.RENUMBERED), "eva"
    )
    casebook.cases.put(ProcedureStep("", marking.id, StepKind.ETCH, reagent="Fry's", dwell_s=20), "eva")
    photos = [photograph(room / f"plate_{number}.png", number) for number in range(1, 5)]
    id = casebook.begin(Mode.CASEWORK, photos, "eva", "Exhibit 3", marking=marking.id)
    looked_at(casebook, id, "eva")
    _lines(casebook, id, "eva", (*UPPER, *LOWER))
    boxes = [box(150 + 300 * place, 300, 210, 210) for place in range(4)]
    casebook.keep_proposal(id, proposal(boxes, photos=proposal([]).photos * 4))
    casebook.reveal(id, "eva")
    for position, reading in enumerate((*UPPER, *LOWER), 1):
        casebook.act(id, Decide(position, replace(reading, reason="as first read")), "eva")
    _compared(casebook, id)
    second = casebook.begin_second(id, "max")
    _lines(casebook, second, "max", (*UPPER[:3], CharacterReading(State.DEFINITE, "О"), *LOWER))
    casebook.take_second(id, "eva")
    settled = CharacterReading(State.ALTERNATIVES, alternatives=("0", "О"))
    for person, why in (
        ("eva", "the slash may be a scratch"),
        ("max", "no slash is seen under oblique light"),
    ):
        casebook.act(id, Settle(4, replace(settled, reason=why)), person)
    casebook.sign(id, "eva", None)
    casebook.sign(id, "max", None)
    return id


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as room, Casebook(Path(room) / "casebook") as casebook:
        Path(sys.argv[1]).write_bytes(report_as_pdf(casebook, court_case(casebook, Path(room)), shipped()))
