"""What the page's events do with the casebook. Values come plain from the browser; none is trusted."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard

from examiner.casebook import Casebook, ExaminationEntry
from examiner.examination import Examination, ExaminedPosition
from examiner.page.exports import downloads
from examiner.page.fused import FusedPictures, FusedView, asked_from, fused_shown, offered
from examiner.page.growing import Growing
from examiner.page.images import Pictures, outside
from examiner.page.incoming import Incoming, readable, under_own_names
from examiner.page.proposing import AHEAD, WAITED_FOR, Readers, bands, propose, remembered
from examiner.page.samples import Sample, sample_series
from examiner.page.series import series_photos
from examiner.page.view import Choice, Notice, Shown, view, waiting_view
from examiner.records import Act, DrawLine, Lock, Mode, Phase, RecordError, Sign, act_from_json
from examiner.taking import lamps
from examiner.validated_for import Validation
from pipelines.enhance.recipe import Recipe, shipped_recipes
from pipelines.errors import MarkingError
from pipelines.types import Proposal

AS_TAKEN = "as_taken"
SAMPLE = "sample:"
ACTS_OF_THE_STRIP = frozenset(
    (
        *("observe", "decide", "undo", "insert_position", "insert_before"),
        *("delete_position", "split_position", "merge_positions"),
    )
)

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
        self.remembered = folder / "page" / "proposals"
        self.recipes = shipped_recipes()
        self.samples = sample_series() if samples else {}
        self.readers = Readers()
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
        self.fused = FusedPictures(cache / "pictures", self.growing.time.rows.to_reference)

    def close(self) -> None:
        """Ends what works in the background; the casebook needs no closing."""
        self.growing.stop()
        self.fused.stop()
        self.readers.stop()

    # What the browser sees

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
            return waiting_view(self.choices(), self.actor, busy, notice)
        try:
            return self._shown(opened, reply, notice, busy, fusing, unasked)
        except MarkingError as error:
            return waiting_view(self.choices(), self.actor, "", _refused(str(error)))

    def _shown(
        self, opened: Opened, reply: int, notice: Notice | None, busy: str, fusing: str, unasked: bool
    ) -> Views:
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
                choices=tuple(self.choices()),
                downloads=self._downloads(opened.examination, examination),
                chosen=opened.choice or opened.examination,
                reply=reply,
                notice=notice,
                busy=busy,
                unasked=unasked,
            )
        )

    def choices(self) -> list[Choice]:
        """The samples and the casebook's examinations, newest first."""
        samples = [
            Choice(SAMPLE + name, sample.words, "Samples (simulated plates)")
            for name, sample in self.samples.items()
        ]
        listed = {sample.title for sample in self.samples.values()}
        kept = [
            Choice(entry.id, f"{entry.title} · {entry.mode.value}", "Casebook")
            for entry in reversed(self._examinations())
            if entry.title not in listed or entry.phase is Phase.SIGNED
        ]
        return [*samples, *kept]

    # What the browser asks for

    def begin_page(self) -> Iterator[tuple[Opened, Views]]:
        """The page as it opens: the first sample, read; without samples the newest examination."""
        if self.samples:
            yield from self.open_sample(next(iter(self.samples)))
            return
        kept = self._examinations()
        opened = Opened(kept[-1].id) if kept else Opened()
        yield opened, self.show(opened)

    def open(self, before: Opened, choice: object) -> Iterator[tuple[Opened, Views]]:
        """The sample or examination that was chosen."""
        if isinstance(choice, str) and choice.removeprefix(SAMPLE) in self.samples:
            yield from self.open_sample(choice.removeprefix(SAMPLE))
            return
        if choice not in {entry.id for entry in self._examinations()}:
            yield before, self.show(before, notice=_refused("There is no such examination in this casebook."))
            return
        opened = Opened(str(choice), recipe=before.recipe)
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
        opened = Opened(examination)
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
            not _is_whole(photo)
            or not isinstance(recipe, str)
            or not 0 <= photo < count
            or recipe not in self.recipes
        ):
            refused = _refused("There is no such photograph or enhancement.")
            return opened, self.show(opened, notice=refused, unasked=True)
        seen = replace(opened, photo=photo, recipe=recipe, fused=None)
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
            asked, lights = asked_from(sent.get("fusion")), lamps(examination.taking)
            future = self.fused.order(photos, opened.photo, lights, asked)
            seconds = 0
            while not _finished(future, 1.0 if seconds else 0.3):
                yield opened, self.show(opened, fusing=f"Fusing the series: {seconds} s.", unasked=True)
                seconds += 1
            fused = future.result()
            self.casebook.record_view(opened.examination, self.actor, "fusion", fused.record)
        except MarkingError as error:
            yield opened, self.show(opened, notice=_refused(str(error)), unasked=True)
            return
        seen = replace(opened, fused=fused)
        yield seen, self.show(seen, unasked=True)

    def act(self, opened: Opened, sent: Mapping[str, Any]) -> Views:
        """One act of the strip or the viewer, and the view after it; where it is refused, why."""
        reply = sent.get("reply")
        number = reply if _is_whole(reply) and abs(reply) < 2**53 else -1
        try:
            self._same(opened, sent)
            act = self._checked(opened, sent.get("act"))
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
                    self._do(opened, Lock())
                case "sign":
                    self._do(opened, Sign())
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

    def prepare_samples(self) -> None:
        """Has the readers begin with the samples, the first one first; returns at once."""
        for sample in self.samples.values():
            self.readers.order(partial(self._sample_proposal, sample), AHEAD)

    def open_sample(self, name: str) -> Iterator[tuple[Opened, Views]]:
        """The sample's unsigned training examination, or a new one, with its proposal in view."""
        sample = self.samples[name]
        opened = Opened(self._begun(sample), choice=SAMPLE + name)
        yield from self._revealing(opened, None, partial(self._sample_proposal, sample))

    def _begun(self, sample: Sample) -> str:
        with self._lock:
            for entry in reversed(self._examinations()):
                unsigned = entry.mode is Mode.TRAINING and entry.phase is not Phase.SIGNED
                if entry.title == sample.title and unsigned:
                    return entry.id
            return self.casebook.begin(Mode.TRAINING, sample.photos, self.actor, sample.title)

    def _sample_proposal(self, sample: Sample) -> Proposal:
        photos = self.casebook.photos(self._begun(sample))
        return remembered(
            self.remembered,
            [photo.sha256 for photo in photos],
            partial(propose, photos, [photo.name for photo in photos], sample.name, []),
        )

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
            work or partial(propose, photos, names, "", bands(examination)), WAITED_FOR
        )
        yield opened, self.show(opened, notice=notice, busy="The readers are at work.")
        seconds = 0
        while not _finished(future, 1.0):
            seconds += 1
            yield opened, self.show(opened, notice=notice, busy=f"The readers are at work: {seconds} s.")
        try:
            proposal = future.result()
            proposal = replace(proposal, validation=self.validation(proposal.readers))
            self._reveal(opened, proposal)
        except MarkingError as error:
            yield opened, self.show(opened, notice=_refused(str(error)))
            return
        failed = _refused(proposal.error.message) if proposal.error else notice
        yield opened, self.show(opened, notice=failed)

    def _reveal(self, opened: Opened, proposal: Proposal) -> None:
        with self._lock:
            # Another window may have revealed it meanwhile.
            if self.casebook.examination(opened.examination).phase in (Phase.REVEALED, Phase.SIGNED):
                return
            self.casebook.keep_proposal(opened.examination, proposal)
            self.casebook.reveal(opened.examination, self.actor)

    # Inside

    def _same(self, opened: Opened, sent: Mapping[str, Any]) -> None:
        if not opened.examination or sent.get("examination") != opened.examination:
            raise RecordError("This window has another examination open; nothing was changed.")

    def _checked(self, opened: Opened, value: object) -> Act:
        if not isinstance(value, Mapping):
            raise RecordError("no act")
        if value.get("act") == "draw_line":
            act = act_from_json(value)
            assert isinstance(act, DrawLine)
            self._inside(opened, act)
            return act
        if value.get("act") not in ACTS_OF_THE_STRIP:
            raise RecordError("This cannot be done from here; nothing was changed.")
        return act_from_json(value)

    def _inside(self, opened: Opened, act: DrawLine) -> None:
        photos = self.casebook.photos(opened.examination)
        if not 0 <= act.place.frame < len(photos):
            raise RecordError(f"there is no photograph {act.place.frame}; the series has {len(photos)}")
        rendered = self.pictures.rendered(photos[act.place.frame], self.recipes[AS_TAKEN])
        if outside(rendered, act.place.quad):
            raise RecordError("The middle of the band lies outside the photograph; check the four edges.")

    def _do(self, opened: Opened, act: Act) -> None:
        self.casebook.act(opened.examination, act, self.actor)

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


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _finished(future: Future[Any], seconds: float) -> bool:
    try:
        future.exception(seconds)
    except FutureTimeoutError:
        return False
    return True
