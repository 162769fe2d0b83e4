"""What the events of the time strip do with the casebook. Values come plain from the browser, unchecked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts_json import act_from_json
from examiner.examination.conditions import arranged, hand_registrations
from examiner.examination.permissions import EVERY_ROLE, Asking, Deed, refusal
from examiner.examination.readings import RecordError
from examiner.examination.seen_state import seen_state
from examiner.page.access.served_files import ServedFiles
from examiner.page.casework.view_model import photo_label
from examiner.page.pictures.images import Pictures
from examiner.page.time_strip.rows import TimeRows
from examiner.page.time_strip.view import TimeStripContent, WatchedFolderState, nothing_open, time_strip
from pipelines.enhance.recipe import Recipe
from pipelines.errors import MarkingError

ACTS_OF_THE_TIME_STRIP = frozenset(("describe_photos", "order_photos", "lay_photo"))


class TimeStrip:
    """The time strips of one casebook's examinations."""

    def __init__(
        self,
        casebook: Casebook,
        pictures: Pictures,
        as_taken: Recipe,
        actor: str,
        live: Callable[[str], WatchedFolderState],
        served: ServedFiles,
    ) -> None:
        self._casebook = casebook
        self._pictures = pictures
        self._as_taken = as_taken
        self._actor = actor
        self._live = live
        self._served = served
        self.rows = TimeRows(pictures, as_taken)

    def show(self, id: str, recipe: Recipe, notice: str = "") -> dict[str, Any]:
        """The time strip as it stands; rows still to be made are ordered and come later."""
        if not id:
            return {**nothing_open(""), "notice": notice}
        try:
            return self._view_of(id, recipe, notice)
        except MarkingError as error:
            return {**nothing_open(""), "notice": str(error)}

    def _view_of(self, id: str, recipe: Recipe, notice: str) -> dict[str, Any]:
        examination = self._casebook.examination(id)
        photos = self._casebook.photos(id)[: examination.photos]
        names = [photo_label(photo) for photo in photos]
        times = [self._pictures.frame(photo, self._as_taken).exif_time for photo in photos]
        order = arranged(examination.series, names, times)
        places = [position.place for position in examination.positions]
        rows = self.rows.rows(id, photos, places, recipe, order, hand_registrations(examination.series))
        proposal = self._casebook.proposal_in_view(id)
        if proposal is not None:
            self._casebook.record_shown(id, self._actor, "proposal")
        standing = self._casebook.standing(id, self._actor)
        may_describe = not refusal(Asking(self._actor, EVERY_ROLE), Deed.DESCRIBE, standing)
        content = TimeStripContent(
            id,
            "",
            examination,
            proposal,
            names,
            times,
            order,
            rows,
            self._live(id),
            self._served.pictures(id),
            self._casebook.seen_state(id),
            may_describe,
            notice,
        )
        value = time_strip(content)
        # The browser asks again and again; it is answered only where something is new.
        value["stamp"] = hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
        return value

    def act(self, id: str, recipe: Recipe, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Says how photographs were taken, or lays them out anew; where it is refused, why."""
        try:
            if not id or sent.get("examination") != id:
                raise RecordError("This window has another examination open; nothing was changed.")
            value = sent.get("act")
            if not isinstance(value, Mapping) or value.get("act") not in ACTS_OF_THE_TIME_STRIP:
                raise RecordError("This cannot be done from here; nothing was changed.")
            act = act_from_json(value)
            self._casebook.act(id, act, self._actor, seen_state(sent.get("seen")))
        except MarkingError as error:
            return self.show(id, recipe, str(error))
        return self.show(id, recipe)

    def warm(self, photos: Sequence[StoredPhoto]) -> None:
        """Makes what the page needs of photographs before anybody waits for it."""
        for photo in photos:
            self._pictures.thumb(photo, self._as_taken)
            self._pictures.proxy(photo, self._as_taken)
