"""What the page's events do with the casebook. Values come plain from the browser; none is trusted."""

from __future__ import annotations

import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from examiner.casebook import Casebook, ExaminationEntry
from examiner.page.asked import act_of, is_whole
from examiner.page.comparing import Comparing
from examiner.page.exports import downloads
from examiner.page.fused import FusedPictures, FusedView, asked_from, fused_shown, offered
from examiner.page.growing import Growing
from examiner.page.images import Pictures
from examiner.page.incoming import Incoming, readable, under_own_names
from examiner.page.proposing import WAITED_FOR, Readers, bands, propose
from examiner.page.sampled import SAMPLE, Sampled, choices
from examiner.page.samples import sample_series
from examiner.page.series import series_photos
from examiner.page.view import Notice, Shown, view, waiting_view
from examiner.positions import ExaminedPosition
from examiner.readings import RecordError
from examiner.records import Lock, Mode, Phase, Sign
from examiner.standing import Examination
from examiner.taking import by_hand, lamps
from examiner.validated_for import Validation
from pipelines.enhance.recipe import Recipe, shipped_recipes
from pipelines.errors import MarkingError
from pipelines.types import Proposal

AS_TAKEN = "as_taken"
WINDOWS = 200
"""Windows whose last look is remembered."""
Views = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Opened:
    """What one browser window looks at: examination, photograph and recipe."""

    examination: str = ""
    photo: int = 0
    recipe: str = AS_TAKEN
    fused: FusedView | None = None
    """Shown in place of the recipe."""
    choice: str = ""
    """The selector's entry by which it was opened, where that is a sample."""
    window: str = ""
    """Tells one window from another, as long as it is open."""


class Desk:
    """The casebook, the pictures and the readers behind the page, for one examiner."""

    def __init__(
        self,
        folder: Path,
        cache: Path,
        actor: str,
        samples: bool,
        validation: Validation,
        watched: Path | None = None,
    ) -> None:
        self.actor = actor
        self.validation = validation
        self.casebook = Casebook(folder)
        self.pictures = Pictures(cache / "pictures")
        self.cache = cache
        self.recipes = shipped_recipes()
        self.samples = sample_series() if samples else {}
        self.readers = Readers()
        self.sampled = Sampled(
            self.samples, self.casebook, self.readers, actor, folder / "page" / "proposals"
        )
        self._latest: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.RLock()
        self.growing = Growing(
            self.casebook,
            self.pictures,
            self.recipes[AS_TAKEN],
            actor,
            self.readers,
            validation,
            watched,
            cache / "incoming",
        )
        fonts = os.environ.get("EXAMINER_TYPEFACES")
        self.comparing = Comparing(
            self.casebook, self.pictures, self.recipes[AS_TAKEN], actor, Path(fonts) if fonts else None
        )
        self.fused = FusedPictures(cache / "pictures", self.growing.time.rows.laid)

    def close(self) -> None:
        """Ends what works in the background; the casebook needs no closing."""
        self.growing.stop()
        self.fused.stop()
        self.readers.stop()

    def show(
        self,
        opened: Opened,
        *,
        reply: int = -1,
        notice: Notice | None = None,
        busy: str = "",
        fusing: str = "",
        unasked: bool = False,
    ) -> Views:
        """The view of what is opened. The proposal comes through the casebook's gate or not at all."""
        if not opened.examination:
            return waiting_view(choices(self.samples, self._examinations()), self.actor, busy, notice)
        try:
            return self._shown(opened, reply, notice, busy, fusing, unasked)
        except MarkingError as error:
            return waiting_view(
                choices(self.samples, self._examinations()), self.actor, "", _refused(str(error))
            )

    def _shown(
        self, opened: Opened, reply: int, notice: Notice | None, busy: str, fusing: str, unasked: bool
    ) -> Views:
        if opened.fused and not opened.fused.path.exists():
            opened = replace(opened, fused=None)
        examination = self.casebook.examination(opened.examination)
        photos = self.casebook.photos(opened.examination)
        recipe = self.recipes[opened.recipe]
        photo = photos[opened.photo]
        return view(
            Shown(
                id=opened.examination,
                examiner=self.actor,
                examination=examination,
                proposal=self.casebook.proposal_in_view(opened.examination),
                photos=series_photos(self.pictures, photos, self.recipes[AS_TAKEN]),
                photo=opened.photo,
                recipe=opened.recipe,
                recipes=tuple(_described(recipe) for recipe in self.recipes.values()),
                original=self.pictures.proxy(photo, self.recipes[AS_TAKEN]),
                enhanced=opened.fused.picture if opened.fused else self.pictures.proxy(photo, recipe),
                crop=partial(self._crop, photos, opened),
                fusions=tuple(offered(len(photos), lamps(examination.taking))),
                fusion=fused_shown(opened.fused) if opened.fused else None,
                fusing=fusing,
                choices=tuple(choices(self.samples, self._examinations())),
                downloads=self._downloads(opened.examination, examination),
                chosen=opened.choice or opened.examination,
                reply=reply,
                notice=notice,
                busy=busy,
                unasked=unasked,
            )
        )

    # What the browser asks for

    def begin_page(self) -> Iterator[tuple[Opened, Views]]:
        """The page as it opens: the first sample, read; without samples the newest examination."""
        window = Opened(window=secrets.token_hex(8))
        if self.samples:
            yield from self.open_sample(window, next(iter(self.samples)))
            return
        kept = self._examinations()
        opened = self._now(replace(window, examination=kept[-1].id if kept else ""))
        yield opened, self.show(opened)

    def open(self, before: Opened, choice: object) -> Iterator[tuple[Opened, Views]]:
        """The sample or examination that was chosen."""
        if isinstance(choice, str) and choice.removeprefix(SAMPLE) in self.samples:
            yield from self.open_sample(before, choice.removeprefix(SAMPLE))
            return
        if choice not in {entry.id for entry in self._examinations()}:
            yield before, self.show(before, notice=_refused("There is no such examination in this casebook."))
            return
        opened = self._now(Opened(str(choice), recipe=before.recipe, window=before.window))
        yield opened, self.show(opened)

    def upload(
        self, before: Opened, incoming: Sequence[Incoming], mode: object
    ) -> Iterator[tuple[Opened, Views]]:
        """A new examination of the uploaded files. One that cannot be read is named; the others open."""
        chosen = Mode.TRAINING if mode == Mode.TRAINING.value else Mode.CASEWORK
        with under_own_names(incoming, self.cache / "incoming") as paths:
            good, wrong = readable(paths)
            if not good:
                yield before, self.show(before, notice=_refused(" ".join(wrong) or "No photograph was sent."))
                return
            title = good[0].path.name + (f" + {len(good) - 1}" if len(good) > 1 else "")
            examination = self.casebook.begin(chosen, good, self.actor, title)
        opened = self._now(Opened(examination, window=before.window))
        notice = _refused("Left out: " + " ".join(wrong)) if wrong else None
        if chosen is Mode.CASEWORK:
            yield opened, self.show(opened, notice=notice)
        else:
            yield from self._revealing(opened, notice)

    def look(self, opened: Opened, wanted: Mapping[str, Any]) -> tuple[Opened, Views]:
        """Another photograph or another recipe. What was looked at is recorded."""
        photo, recipe = wanted.get("photo"), wanted.get("recipe")
        count = len(self.casebook.photos(opened.examination)) if opened.examination else 0
        if (
            not is_whole(photo)
            or not isinstance(recipe, str)
            or not 0 <= photo < count
            or recipe not in self.recipes
        ):
            refused = _refused("There is no such photograph or enhancement.")
            return opened, self.show(opened, notice=refused, unasked=True)
        seen = self._now(replace(opened, photo=photo, recipe=recipe, fused=None))
        kept = self.casebook.photos(seen.examination)[photo]
        steps = self.pictures.steps(kept, self.recipes[recipe])
        content = {
            "photo": photo,
            "sha256": kept.sha256,
            "recipe": recipe,
            "steps": [asdict(s) for s in steps],
        }
        self.casebook.record_view(seen.examination, self.actor, "enhancement", content)
        return seen, self.show(seen, unasked=True)

    def fuse(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[tuple[Opened, Views]]:
        """A picture fused from the series, in the frame of the photograph in view. It is recorded."""
        try:
            self._same(opened, sent)
            examination = self.casebook.examination(opened.examination)
            photos = self.casebook.photos(opened.examination)
            asked = asked_from(sent.get("fusion"))
            future = self.fused.order(photos, opened.photo, examination.taking, asked)
            seconds = 0
            while not _finished(future, 1.0 if seconds else 0.3):
                yield opened, self.show(opened, fusing=f"Fusing the series: {seconds} s.", unasked=True)
                seconds += 1
            fused = future.result()
            self.casebook.record_view(opened.examination, self.actor, "fusion", fused.record)
        except MarkingError as error:
            yield opened, self.show(opened, notice=_refused(str(error)), unasked=True)
            return
        seen = self._now(replace(opened, fused=fused))
        yield seen, self.show(seen, unasked=True)

    def act(self, opened: Opened, sent: Mapping[str, Any]) -> Views:
        """One act of the strip or the viewer, and the view after it; where it is refused, why."""
        reply = sent.get("reply")
        number = reply if is_whole(reply) and abs(reply) < 2**53 else -1
        try:
            self._same(opened, sent)
            photos = self.casebook.photos(opened.examination)
            act = act_of(sent.get("act"), self.pictures, photos, self.recipes[AS_TAKEN])
            self.casebook.act(opened.examination, act, self.actor)
        except MarkingError as error:
            return self.show(opened, reply=number, notice=_refused(str(error)))
        return self.show(opened, reply=number)

    def step(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[Views]:
        """Lock, reveal or sign."""
        try:
            self._same(opened, sent)
            match sent.get("step"):
                case "lock":
                    self.casebook.act(opened.examination, Lock(), self.actor)
                case "sign":
                    self.casebook.act(opened.examination, Sign(), self.actor)
                case "reveal":
                    for _, views in self._revealing(opened, None):
                        yield views
                    return
                case _:
                    raise RecordError("no such step")
        except MarkingError as error:
            yield self.show(opened, notice=_refused(str(error)))
            return
        yield self.show(opened)

    # The time strip and the watched folder

    def refresh(self, opened: Opened, sent: Mapping[str, Any]) -> tuple[Views | None, dict[str, Any] | None]:
        """The time strip where it is not what the browser has; and everything, where photographs joined."""
        value = self.growing.time.show(opened.examination, self.recipes[opened.recipe])
        known = sent.get("examination") == opened.examination
        if known and sent.get("stamp") == value["stamp"]:
            return None, None
        grown = known and any(sent.get(key) != value[key] for key in ("photos", "proposal"))
        return (self.show(opened, unasked=True) if grown else None), value

    def time_act(self, opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Says how photographs were taken, or lays them out anew."""
        return self.growing.time.act(opened.examination, self.recipes[opened.recipe], sent)

    def set_live(self, opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Begins or ends to watch the folder for the open examination."""
        return self.growing.set_live(opened.examination, self.recipes[opened.recipe], sent)

    # Samples and the readers

    def open_sample(self, before: Opened, name: str) -> Iterator[tuple[Opened, Views]]:
        """The sample's unsigned training examination, or a new one, with its proposal in view."""
        begun = self.sampled.begun(name)
        opened = self._now(Opened(begun, choice=SAMPLE + name, window=before.window))
        yield from self._revealing(opened, None, partial(self.sampled.proposal, name))

    def _revealing(
        self, opened: Opened, notice: Notice | None, work: Any = None
    ) -> Iterator[tuple[Opened, Views]]:
        """Has the readers read, keeps the proposal, reveals it; tells how long it takes meanwhile."""
        examination = self.casebook.examination(opened.examination)
        photos = self.casebook.photos(opened.examination)
        if examination.phase in (Phase.REVEALED, Phase.SIGNED):
            yield opened, self.show(opened, notice=notice)
            return
        if examination.mode is Mode.CASEWORK and examination.phase is not Phase.LOCKED:
            raise RecordError("in casework the proposal is shown after your own reading is locked")
        names = [photo.name for photo in photos]
        future = self.readers.order(
            work
            or partial(propose, photos, names, "", bands(examination), by_hand=by_hand(examination.taking)),
            WAITED_FOR,
        )
        seconds = 0
        while not _finished(future, 1.0 if seconds else 0.0):
            words = f"The readers are at work: {seconds} s." if seconds else "The readers are at work."
            if now := self._as_of_now(opened):
                yield now, self.show(now, notice=notice, busy=words)
            seconds += 1
        try:
            proposal = future.result()
            proposal = replace(proposal, validation=self.validation(proposal.readers))
            self._reveal(opened, proposal)
            notice = _refused(proposal.error.message) if proposal.error else notice
        except MarkingError as error:
            notice = _refused(str(error))
        if now := self._as_of_now(opened):
            yield now, self.show(now, notice=notice)

    def _reveal(self, opened: Opened, proposal: Proposal) -> None:
        with self._lock:
            # Another window may have revealed it meanwhile.
            if self.casebook.examination(opened.examination).phase in (Phase.REVEALED, Phase.SIGNED):
                return
            self.casebook.keep_proposal(opened.examination, proposal)
            self.casebook.reveal(opened.examination, self.actor)

    # Inside

    def _now(self, opened: Opened) -> Opened:
        """Notes what a window looks at now: what works for long meanwhile must not turn it back."""
        with self._lock:
            self._latest[opened.window] = opened
            self._latest.move_to_end(opened.window)
            while len(self._latest) > WINDOWS:
                self._latest.popitem(last=False)
        return opened

    def _as_of_now(self, opened: Opened) -> Opened | None:
        """What the window looks at now, None where it has another examination open."""
        with self._lock:
            latest = self._latest.get(opened.window, opened)
        return latest if latest.examination == opened.examination else None

    def _same(self, opened: Opened, sent: Mapping[str, Any]) -> None:
        if not opened.examination or sent.get("examination") != opened.examination:
            raise RecordError("This window has another examination open; nothing was changed.")

    def _examinations(self) -> list[ExaminationEntry]:
        return self.casebook.examinations()

    def _crop(self, photos: Sequence[Any], opened: Opened, position: ExaminedPosition) -> str:
        place = position.place
        if opened.fused and opened.fused.reference == place.frame:
            return self.fused.crop(opened.fused, place.quad)
        return self.pictures.crop(photos[place.frame], self.recipes[opened.recipe], place.quad)

    def _downloads(self, id: str, examination: Examination) -> Mapping[str, Mapping[str, str]]:
        if examination.phase is not Phase.SIGNED:
            return {}
        return downloads(self.casebook, id, self.cache / "exports")


def _described(recipe: Recipe) -> dict[str, str]:
    return {"name": recipe.name, "title": recipe.title, "purpose": recipe.purpose}


def _refused(text: str) -> Notice:
    return Notice("error", text)


def _finished(future: Future[Any], seconds: float) -> bool:
    try:
        future.exception(seconds)
    except FutureTimeoutError:
        return False
    return True
