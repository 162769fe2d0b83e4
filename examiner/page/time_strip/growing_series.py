"""A series that grows while it is examined: time strip, watched folder, and reading anew in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts import Phase
from examiner.examination.conditions import hand_registrations
from examiner.examination.order_of_work import awaits_proposal
from examiner.page.readers.queue import drawn_rows, propose
from examiner.page.shared import Shared
from examiner.page.time_strip.strip import TimeStrip
from examiner.page.time_strip.watched_folder import Live, ReadAnew
from pipelines.enhance.recipe import Recipe
from pipelines.probability.over_time import best_now, best_now_words
from pipelines.types import Proposal


class GrowingSeries:
    """For one person."""

    def __init__(self, shared: Shared, actor: str) -> None:
        self._casebook = shared.casebook
        self._actor = actor
        self._readers = shared.readers
        self._validation = shared.validation
        self._as_taken = shared.as_taken
        room = shared.cache / "incoming"
        self.live = Live(shared.watched, self._casebook, actor, room, self._joined)
        self.time = TimeStrip(
            self._casebook, shared.pictures, self._as_taken, actor, self.live.state_for, shared.served
        )
        self._anew = ReadAnew(self._order, self._show_anew)

    def stop(self) -> None:
        """Ends what works in the background; what a photograph needs to join is done first."""
        self.live.stop()
        self.time.rows.stop()

    def set_live(self, id: str, recipe: Recipe, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Begins or ends to watch the folder for this examination; the time strip afterwards."""
        if not id or sent.get("examination") != id:
            return self.time.show(id, recipe, "This window has another examination open.")
        if sent.get("on") is not True:
            self.live.stop()
        elif self._casebook.examination(id).phase is not Phase.SIGNED:
            self.live.start(id)
        return self.time.show(id, recipe)

    def _joined(self, id: str, photos: Sequence[StoredPhoto]) -> None:
        # Has the row made, whether or not a browser asks for it.
        self.time.show(id, self._as_taken)
        self._anew.ask(id)
        self.time.warm(photos)

    def _order(self, id: str) -> Future[Proposal] | None:
        """A reading of the whole series, where a proposal is in view that may be shown anew."""
        examination = self._casebook.examination(id)
        if examination.phase is not Phase.REVEALED or not awaits_proposal(examination):
            return None
        drawn = any(line.kind == "draw_line" for line in self._casebook.history(id))
        photos = self._casebook.photos(id)
        names = [photo.name for photo in photos]
        frame = next((position.place.frame for position in examination.positions), None)
        places = drawn_rows(examination) if drawn else []
        return self._readers.order(
            partial(propose, photos, names, "", places, frame, hand_registrations(examination.series))
        )

    def _show_anew(self, id: str, proposal: Proposal) -> None:
        proposal = replace(proposal, validation=self._validation(proposal.readers))
        if len(proposal.photos) != self._casebook.examination(id).photos:
            return  # More have joined meanwhile: that reading is still to come.
        self._casebook.keep_proposal(id, proposal)
        examination = self._casebook.reveal(id, self._actor)
        best = best_now(proposal, examination.photos - 1)
        numbers = [n for n, position in enumerate(examination.positions, 1) if position.proposed in best]
        self.live.hint(id, best_now_words(numbers))
