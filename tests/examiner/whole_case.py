"""A casebook with everything in it, small: two examiners, signatures, a case, exports, a handover."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from examiner.casebook.case_file import Item, Marking, Origin, ProcedureStep, SignOfAlteration, StepKind
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.casebook.ledger import canonical
from examiner.casebook.originals import PhotoSource, entry, take_in
from examiner.casebook.verification import Keys
from examiner.examination.acts import (
    AddedPhoto,
    Amend,
    Conditions,
    Decide,
    DescribePhotos,
    DrawLine,
    Lock,
    Mode,
    NoteContext,
    Observe,
    Place,
    Settle,
)
from examiner.exports.handover import handover
from examiner.exports.handover_check import checked_handover
from examiner.exports.reading_csv import reading_csv
from examiner.exports.reading_json import reading_json
from pipelines.enhance.recipe import run_recipe, shipped_recipes
from pipelines.photographs.photo import read_photo, upright_image
from tests.examiner.drawn import box, proposal, read


def plate(path: Path, seed: int = 1) -> Path:
    """A small photograph of nothing."""
    noise = np.random.default_rng(seed).integers(60, 190, (40, 60)).astype(np.uint8)
    cv2.imwrite(str(path), noise)
    return path


def taken_in(casebook: Casebook, path: Path) -> AddedPhoto:
    """A photograph in the casebook's originals, of no examination."""
    return AddedPhoto(**entry(PhotoSource(path), take_in(casebook.folder / "originals", path)))


def read_alone(casebook: Casebook, id: str, actor: str, text: str) -> None:
    casebook.act(id, DrawLine(Place(0, box(0, 10 * len(text))), len(text)), actor)
    for position, character in enumerate(text, 1):
        casebook.act(id, Observe(position, read(character)), actor)
    casebook.act(id, Lock(), actor)


def looked_at(casebook: Casebook, id: str, actor: str, recipe: str = "even_light") -> None:
    """Looks at the first photograph through a recipe, as the page records it."""
    [photo, *_] = casebook.photos(id)
    _, steps = run_recipe(shipped_recipes()[recipe], upright_image(read_photo(photo.path)))
    content = {"photo": 0, "sha256": photo.sha256, "recipe": "r", "steps": [asdict(step) for step in steps]}
    casebook.record_view(id, actor, "enhancement", content)


def decided(casebook: Casebook, photos: list[Path], text: str = "AB", marking: str = "") -> str:
    """An examination of Eva's, every character decided."""
    id = casebook.begin(Mode.CASEWORK, photos, "eva", "Exhibit 1", marking=marking)
    looked_at(casebook, id, "eva")
    casebook.act(id, DescribePhotos((0,), Conditions(reagent="Fry's", cycle="1")), "eva")
    read_alone(casebook, id, "eva", text)
    casebook.keep_proposal(id, proposal([box(0), box(10)], photos=(proposal([]).photos * len(photos))))
    casebook.reveal(id, "eva")
    casebook.act(id, NoteContext("seized with a Tokarev"), "eva")
    for position, character in enumerate(text, 1):
        casebook.act(id, Decide(position, replace(read(character), reason="as first read")), "eva")
    return id


def settle(casebook, id, reading, position=2):
    """Both examiners settle on it, each with a reason."""
    for person, why in (("eva", "clear under oblique light"), ("max", "seen again in photograph 1")):
        casebook.act(id, Settle(position, replace(reading, reason=why)), person)


def whole_case(folder: Path, room: Path) -> tuple[str, Path]:
    """Makes the casebook in `folder`; returns the examination's id and the handover's path in `room`."""
    room.mkdir(exist_ok=True)
    keys = {
        name: Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n, name in enumerate(("eva", "max"))
    }
    with Casebook(folder) as casebook:
        other = casebook.begin(Mode.CASEWORK, [plate(room / "other.png", 2)], "eva", "SECRET OF ANOTHER CASE")
        read_alone(casebook, other, "eva", "A")
        cases = casebook.cases
        case = cases.open_case("2026/17", "Pistol", shipped(), "eva")
        seam = SignOfAlteration("weld seam", photos=(taken_in(casebook, plate(room / "weld.png", 3)),))
        item = cases.put(Item("", case.id, "Pistol", Origin.CONVERTED, signs=(seam,)), "eva")
        marking = cases.put(Marking("", item.id, "Slide", made="struck", metal="carbon steel"), "eva")
        cases.put(ProcedureStep("", marking.id, StepKind.ETCH, reagent="Fry's", dwell_s=20), "eva")
        photos = [plate(room / "plate.png"), plate(room / "plate_2.png", 4)]
        id = decided(casebook, photos, marking=marking.id)
        read_alone(casebook, casebook.begin_second(id, "max"), "max", "AX")
        casebook.take_second(id, "eva")
        settle(casebook, id, read("B"))
        casebook.sign(id, "eva", keys["eva"])
        casebook.sign(id, "max", keys["max"])
        casebook.act(id, Amend("the B is an 8"), "eva")
        settle(casebook, id, read("8"))
        casebook.sign(id, "max", keys["max"])
        casebook.sign(id, "eva", keys["eva"])
        given = room / "handover.zip"
        given.write_bytes(handover(casebook, id, exports(casebook, id), "eva"))
    return id, given


def handover_wrong(path: Path, head: str | None = None, keys: Keys | None = None) -> list[str]:
    return [*checked_handover(path, head, keys).wrong]


def exports(casebook: Casebook, id: str) -> dict[str, bytes]:
    return {
        "reading.json": canonical(reading_json(casebook, id)).encode(),
        "reading.csv": reading_csv(casebook, id).encode(),
    }
