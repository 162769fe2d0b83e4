"""A character beside another one: what it may be compared with, the pictures, and what is kept of it.

Everything here comes from the examiner's own places and readings, nothing from a reader. Of other
examinations only those are offered that share no photograph with this one, that the person may see now, and
that a look at does not bar the person from reading as second examiner.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from examiner.casebook.casebook import Casebook
from examiner.examination.permissions import EVERY_ROLE, Asking, Deed, refusal
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import RecordError
from examiner.page.access.served_files import ServedFiles
from examiner.page.pictures.images import Pictures
from examiner.photographs.crops import upright_quad, write_png
from pipelines.comparison.compare import (
    BOX_HEIGHT,
    HEIGHT,
    WIDTH,
    difference,
    drawn_glyph,
    font_glyph,
    fonts_in,
    overlaid,
    overlay_picture,
    stretched,
)
from pipelines.comparison.drawn_faces import FACES
from pipelines.enhance.recipe import Recipe
from pipelines.errors import MarkingError
from pipelines.types import Image

VIEWS = ("side", "overlay", "blink", "difference")
MOST_ELSEWHERE = 60
"""Positions of other markings that are offered."""
MOST_NOTE = 2000


@dataclass(frozen=True)
class Beside:
    """What a position is compared with. `kind`: "position" of `examination` by `id`, or "typeface" `name`
    with `glyph`."""

    kind: str
    label: str
    group: str
    examination: str = ""
    id: int = 0
    name: str = ""
    glyph: str = ""

    @property
    def key(self) -> str:
        return json.dumps([self.kind, self.examination, self.id, self.name, self.glyph])


class Comparing:
    """`fonts`: the laboratory's folder of font files, None where it has none."""

    def __init__(
        self,
        casebook: Casebook,
        pictures: Pictures,
        as_taken: Recipe,
        actor: str,
        fonts: Path | None,
        served: ServedFiles,
    ) -> None:
        self._casebook = casebook
        self._pictures = pictures
        self._as_taken = as_taken
        self._actor = actor
        self._served = served
        self._fonts = fonts_in(fonts)

    def show(self, id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The comparison that the browser asks for, or why there is none."""
        try:
            return self._comparison(id, sent)
        except MarkingError as error:
            return {"examination": id, "position": 0, "choices": [], "wrong": str(error), "kept": ""}

    def keep(self, id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The comparison as it is seen becomes a line of the ledger, with the note."""
        try:
            comparison = self._comparison(id, sent)
            note, view = sent.get("note"), sent.get("view")
            if not isinstance(note, str) or len(note) > MOST_NOTE or view not in VIEWS:
                raise RecordError(
                    f"a comparison needs one of the four views and a note of at most {MOST_NOTE} characters"
                )
            if comparison["wrong"]:
                raise RecordError(comparison["wrong"])
            content = {**comparison["record"], "view": view, "note": note.strip()}
            self._casebook.record_view(id, self._actor, "comparison", content)
            return {**comparison, "kept": "Kept in the record."}
        except MarkingError as error:
            return {"examination": id, "position": 0, "choices": [], "wrong": str(error), "kept": ""}

    def _comparison(self, id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        if not id or sent.get("examination") != id:
            raise RecordError("This window has another examination open.")
        positions = self._casebook.examination(id).positions
        here = next((position for position in positions if position.id == sent.get("position")), None)
        if here is None:
            raise RecordError("Choose a position first.")
        choices = list(self._choices(id, here, positions))
        chosen = next(
            (choice for choice in choices if choice.key == sent.get("beside")),
            choices[0] if choices else None,
        )
        value: dict[str, Any] = {
            "examination": id,
            "position": here.id,
            "label": self._label(here, positions),
            "choices": [
                {"key": choice.key, "label": choice.label, "group": choice.group} for choice in choices
            ],
            "beside": chosen.key if chosen else "",
            "inverted": sent.get("inverted") is True,
            "pictures": {},
            "agreement": None,
            "record": {},
            "kept": "",
            "wrong": "" if chosen else "There is nothing to compare with yet: read another position first.",
        }
        if chosen is None:
            return value
        try:
            return {**value, **self._pictures_beside(id, here, chosen, value["inverted"])}
        except MarkingError as error:
            return {**value, "wrong": str(error)}

    def _pictures_beside(
        self, id: str, here: ExaminedPosition, beside: Beside, inverted: bool
    ) -> dict[str, Any]:
        here_patch, here_source = self._crop(id, here)
        if beside.kind == "position":
            there = next(
                p for p in self._casebook.examination(beside.examination).positions if p.id == beside.id
            )
            beside_patch, beside_source = self._crop(beside.examination, there)
        elif beside.name in FACES:
            beside_patch, beside_source = drawn_glyph(beside.glyph, beside.name), {"typeface": beside.name}
        else:
            content = self._fonts[beside.name].read_bytes()
            beside_patch = font_glyph(beside.glyph, content, beside.name)
            beside_source = {"typeface": beside.name, "sha256": hashlib.sha256(content).hexdigest()}
        beside_patch = 1 - beside_patch if inverted else beside_patch
        aligned = overlaid(here_patch, beside_patch)
        pictures = {
            "one": here_patch,
            "other": aligned.moved,
            "overlay": overlay_picture(here_patch, aligned.moved),
            "difference": difference(here_patch, aligned.moved),
        }
        record = {
            "position": here.id,
            "one": here_source,
            "other": {**beside_source, "glyph": beside.glyph},
            "inverted": inverted,
            "to_one": [round(float(value), 6) for value in aligned.to_one.ravel()],
            "agreement": round(aligned.agreement, 4),
        }
        return {
            "pictures": {name: self._address(id, picture) for name, picture in pictures.items()},
            "agreement": round(aligned.agreement, 2),
            "record": record,
        }

    def _choices(
        self, id: str, here: ExaminedPosition, positions: Sequence[ExaminedPosition]
    ) -> Iterator[Beside]:
        """What it may be compared with, in this order: the same character here, elsewhere, typefaces."""
        glyphs = glyphs_of(here)
        others = [position for position in positions if position.id != here.id]
        for same in (True, False):
            for position in others:
                if bool(set(glyphs_of(position)) & set(glyphs)) == same:
                    group = "This marking, the same character" if same else "This marking"
                    yield Beside("position", self._label(position, positions), group, id, position.id)
        yield from self._elsewhere(id, glyphs)
        for glyph in glyphs:
            for name in (*self._fonts, *FACES):
                words = name if name in self._fonts else f"drawn, {name}"
                yield Beside("typeface", f"{glyph} in {words}", "Typefaces", name=name, glyph=glyph)

    def _elsewhere(self, id: str, glyphs: Sequence[str]) -> Iterator[Beside]:
        sharing = self._casebook.sharing(id)
        asking = Asking(self._actor, EVERY_ROLE)
        standings = self._casebook.standings()
        count = 0
        for entry in reversed(self._casebook.examinations()):
            standing = standings.of(entry.id, self._actor)
            unseen = not refusal(asking, Deed.BEGIN_SECOND, standing) and not self._casebook.has_done(
                entry.id, self._actor
            )
            if entry.id in sharing or unseen or refusal(asking, Deed.SEE, standing):
                continue
            positions = self._casebook.examination(entry.id).positions
            for position in positions:
                if count < MOST_ELSEWHERE and set(glyphs_of(position)) & set(glyphs):
                    label = f"{entry.title}: {self._label(position, positions)}"
                    yield Beside(
                        "position", label, "Other markings, the same character", entry.id, position.id
                    )
                    count += 1

    def _label(self, position: ExaminedPosition, positions: Sequence[ExaminedPosition]) -> str:
        said = "/".join(glyphs_of(position))
        return f"position {positions.index(position) + 1}" + (f", read {said}" if said else "")

    def _crop(self, id: str, position: ExaminedPosition) -> tuple[Image, dict[str, Any]]:
        """The position as taken, grey, in the middle of a patch, and where it is from."""
        photo = self._casebook.photos(id)[position.place.frame]
        rendered = self._pictures.rendered(photo, self._as_taken)
        quad = upright_quad(rendered.to_upright, position.place.quad)
        # `cut` leaves a margin of its own; the box is to take BOX_HEIGHT of the patch, whatever its width.
        middle = quad.mean(axis=0)
        tall = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
        along = (quad[1] - quad[0]) / max(float(np.linalg.norm(quad[1] - quad[0])), 1e-9)
        down = np.array([-along[1], along[0]])
        half = tall / BOX_HEIGHT / 2
        corners = np.array(
            [middle + half * (sx * along + sy * down) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        )
        target = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32) - np.float32(0.5)
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
        patch = cv2.warpPerspective(rendered.pixels, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        grey = patch if patch.ndim == 2 else cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
        source = {
            "examination": id,
            "position": position.id,
            "photo": photo.sha256,
            "frame_time_s": photo.frame_time_s,
            "place": asdict(position.place),
        }
        return stretched(np.asarray(grey, np.float32) / np.float32(255)), source

    def _address(self, id: str, picture: Image) -> str:
        pixels = np.round(picture * 255).astype(np.uint8)
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        path = self._pictures.folder / f"compare-{digest[:40]}.png"
        if not path.exists():
            write_png(path, pixels)
        return self._served.pictures(id)(path)


def glyphs_of(position: ExaminedPosition) -> tuple[str, ...]:
    """The single characters that the examiner last said may stand there."""
    reading = position.final or position.own
    if reading is None:
        return ()
    return tuple(text for text in (reading.reading, *reading.alternatives) if len(text) == 1)
