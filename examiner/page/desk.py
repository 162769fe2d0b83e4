"""What the page's events do with the casebook. Values come plain from the browser; none is trusted."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from examiner.casebook.standing import Standings
from examiner.examination.acts import NO_DEMANDS, Mode, OrderError
from examiner.examination.conditions import lamps
from examiner.examination.permissions import (
    TASKS,
    Asking,
    Deed,
    Standing,
    begin_refusal,
    general_refusal,
    refusal,
)
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import RecordError
from examiner.examination.seen_state import StaleError, seen_state
from examiner.examination.state import Examination
from examiner.page.access.deeds import STEPS
from examiner.page.bench.bench import Bench
from examiner.page.bench.measurements import noted
from examiner.page.bench.suggestions import suggesting
from examiner.page.case_panel.panel import CasePanel
from examiner.page.casework.browser_acts import act_of, is_whole
from examiner.page.casework.exports import written_file
from examiner.page.casework.selector import SAMPLE, SECOND, may_still_read_second, selector_options
from examiner.page.casework.view import view, waiting_view
from examiner.page.casework.view_model import Notice, SelectorOption, ViewContent, series_photos
from examiner.page.casework.work_stages import WorkStage, further_stages, next_stage, take_stage
from examiner.page.pictures.comparison import Comparing
from examiner.page.pictures.fused import FusedPictures, fused_value, fusion_request, offered_fusions
from examiner.page.pictures.recipes import DeskRecipes
from examiner.page.readers.queue import finished
from examiner.page.reveal import revealing
from examiner.page.shared import Shared
from examiner.page.time_strip.growing_series import GrowingSeries
from examiner.page.uploads import Incoming, readable, under_own_names
from examiner.page.window_state import Opened, Windows
from examiner.people import Person
from pipelines.enhance.recipe import Recipe
from pipelines.environment import TYPEFACES, path_in
from pipelines.errors import MarkingError

NEW_MODES = (Mode.CASEWORK.value, Mode.QUALITY_CONTROL.value, Mode.INFORMED.value, Mode.TRAINING.value)
"""How new photographs may be opened."""

Views = dict[str, dict[str, Any]]


class Desk:
    """What one person does with the casebook, the pictures and the readers behind the page."""

    def __init__(self, shared: Shared, person: Person) -> None:
        self.shared = shared
        self.person = person
        self.left = False
        self.casebook = shared.casebook
        self.pictures = shared.pictures
        self.recipes = DeskRecipes(shared.recipes)
        self.bench = Bench(
            self.casebook,
            self.recipes,
            shared.made / "pictures",
            person.name,
            shared.served,
            shared.pixels,
            shared.intermediates,
        )
        self._windows = Windows()
        self._stamps = itertools.count(1)
        self.growing = GrowingSeries(shared, person.name)
        self.comparing = Comparing(
            self.casebook, self.pictures, shared.as_taken, person.name, path_in(TYPEFACES), shared.served
        )
        self.case_panel = CasePanel(self.casebook, shared.laboratory, lambda: self.person)
        self.fused = FusedPictures(shared.made / "pictures", self.growing.time.rows.alignment, shared.pixels)

    @property
    def actor(self) -> str:
        """The name under which acts are recorded."""
        return self.person.name

    def permit(self, deed: Deed, examination: str) -> None:
        """Raises OrderError where the person may not do this now. `examination`: what it is done with; empty
        where none is open."""
        if self.left:
            raise OrderError("you are signed out; sign in again")
        asking = Asking(self.person.name, self.person.roles)
        if deed in TASKS or not examination:
            refused = general_refusal(asking, deed if deed in TASKS else Deed.ENTER)
        else:
            refused = refusal(asking, deed, self.casebook.standing(examination, self.actor))
        if refused:
            raise OrderError(refused)

    def leave(self) -> None:
        """The person is signed out: nothing is done or shown for this desk any more, and its key is gone."""
        self.left = True
        self.person = replace(self.person, key=None)
        self.close()

    def close(self) -> None:
        """Ends what works in the background; readers and casebook are not this desk's."""
        self.growing.stop()
        self.fused.stop()
        self.bench.stop()

    def show(
        self,
        opened: Opened,
        *,
        reply: int = -1,
        notice: Notice | None = None,
        busy: str = "",
        fusing: str = "",
        download: Mapping[str, str] | None = None,
        question: Mapping[str, str] | None = None,
        stale: bool = False,
    ) -> Views:
        """The view of what is opened, where the person may see it now. The proposal comes through the
        casebook's gate or not at all."""
        if self.left:
            return waiting_view([], self.actor, "", _refused("You are signed out; sign in again."))
        if not opened.examination:
            return waiting_view(self._choices(), self.actor, busy, notice, question, self._signs_out)
        try:
            self.permit(Deed.SEE, opened.examination)
            return self._view_of(opened, reply, notice, busy, fusing, download, question, stale)
        except MarkingError as error:
            refused = _refused(str(error))
            return waiting_view(self._choices(), self.actor, "", refused, None, self._signs_out)

    @property
    def _signs_out(self) -> bool:
        """Whether the person signed in with a password."""
        return self.person.key is not None

    def _view_of(
        self,
        opened: Opened,
        reply: int,
        notice: Notice | None,
        busy: str,
        fusing: str,
        download: Mapping[str, str] | None,
        question: Mapping[str, str] | None,
        stale: bool,
    ) -> Views:
        stamp = next(self._stamps)
        # Before what it says is looked up: what changes meanwhile is found by the act that follows.
        seen = self.casebook.seen_state(opened.examination)
        address = self.shared.served.pictures(opened.examination)
        standings = self.casebook.standings()
        proposal = self.casebook.proposal_in_view(opened.examination)
        if proposal is not None:
            self.casebook.record_shown(opened.examination, self.actor, "proposal")
        if opened.fused and not opened.fused.path.exists():
            opened = replace(opened, fused=None)
        examination = self.casebook.examination(opened.examination)
        photos = self.casebook.photos(opened.examination)
        recipe = self.recipes[opened.recipe]
        photo = photos[opened.photo]
        return view(
            ViewContent(
                id=opened.examination,
                examiner=self.actor,
                examination=examination,
                proposal=proposal,
                photos=series_photos(
                    self.pictures, photos, self.shared.as_taken, address, examination.series
                ),
                photo=opened.photo,
                recipe=opened.recipe,
                recipes=tuple(_described(recipe) for recipe in self.recipes.values()),
                original=address(self.pictures.proxy(photo, self.shared.as_taken)),
                enhanced=address(
                    opened.fused.picture if opened.fused else self.pictures.proxy(photo, recipe)
                ),
                crop=partial(self._crop, photos, opened),
                fusions=tuple(offered_fusions(len(photos), lamps(examination.series))),
                fusion=fused_value(opened.fused, address) if opened.fused else None,
                fusing=fusing,
                choices=tuple(self._choices(standings)),
                download=download,
                step=self._step(opened.examination, examination, standings),
                more=tuple(self._further(opened.examination, examination, standings)),
                laboratory=self.shared.laboratory,
                filed=self.case_panel.words(opened.examination),
                reader=standings.entry(opened.examination).reader,
                seen=seen,
                allowed=partial(self._allows, standings.of(opened.examination, self.actor)),
                question=question,
                stale=stale,
                sign_out=self._signs_out,
                chosen=opened.choice or opened.examination,
                reply=reply,
                notice=notice,
                busy=busy,
                stamp=stamp,
            )
        )

    # What the browser asks for

    def begin_page(self) -> Iterator[tuple[Opened, Views]]:
        """The page as it opens: the first sample, read; without samples the newest examination."""
        window = Opened(window=secrets.token_hex(8))
        if self.shared.samples:
            yield from self.open_sample(window, next(iter(self.shared.samples)))
            return
        own = self._newest_own()
        opened = self._windows.now(replace(window, examination=own))
        yield opened, self.show(opened)

    def open(self, before: Opened, choice: object, sure: bool = False) -> Iterator[tuple[Opened, Views]]:
        """The sample or examination that was chosen. `sure`: the person was asked, and wants to see somebody
        else's examination although it cannot be read as second examiner afterwards."""
        if isinstance(choice, str) and choice.removeprefix(SAMPLE) in self.shared.samples:
            yield from self.open_sample(before, choice.removeprefix(SAMPLE))
            return
        try:
            asked = self._question(choice)
            if asked is not None and not sure:
                yield before, self.show(before, question=asked)
                return
            id = self._chosen(choice)
        except MarkingError as error:
            yield before, self.show(before, notice=_refused(str(error)))
            return
        opened = self._windows.now(Opened(id, recipe=before.recipe, window=before.window))
        yield opened, self.show(opened)

    def upload(
        self, before: Opened, incoming: Sequence[Incoming], mode: object, owner: str = ""
    ) -> Iterator[tuple[Opened, Views]]:
        """A new examination of the uploaded files. One that cannot be read is named; the others open.
        `owner`: the name of the session that uploaded them."""
        try:
            chosen = Mode(mode) if mode in NEW_MODES else Mode.CASEWORK
            if refused := begin_refusal(Asking(self.actor, self.person.roles), chosen):
                raise OrderError(refused)
            examination, wrong, notices = self._begun_with(incoming, chosen, owner)
        except MarkingError as error:
            yield before, self.show(before, notice=_refused(str(error)))
            return
        opened = self._windows.now(Opened(examination, window=before.window))
        said = [f"Not opened: {' '.join(wrong)}"] * bool(wrong) + [f"Noticed: {' '.join(notices)}"] * bool(
            notices
        )
        notice = _refused(" ".join(said)) if said else None
        if chosen is Mode.TRAINING:
            yield from self._revealing(opened, notice)
        else:
            yield opened, self.show(opened, notice=notice)

    def _begun_with(
        self, incoming: Sequence[Incoming], mode: Mode, owner: str
    ) -> tuple[str, list[str], list[str]]:
        """A new examination of uploaded files, what is wrong with those that cannot be read, and what was
        noticed of the others."""
        room = self.shared.cache / "incoming"
        with (
            self.shared.uploads.opened(owner, incoming, room) as mine,
            under_own_names(mine, room) as paths,
        ):
            good, wrong, notices = readable(paths)
            if not good:
                raise RecordError(" ".join(wrong) or "No photograph was sent.")
            title = good[0].path.name + (f" + {len(good) - 1}" if len(good) > 1 else "")
            rules = NO_DEMANDS if mode is Mode.TRAINING else self.shared.laboratory.rules
            return self.casebook.begin(mode, good, self.actor, title, rules), wrong, notices

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
            return opened, self.show(opened, notice=refused)
        looked_at = self._windows.now(replace(opened, photo=photo, recipe=recipe, fused=None))
        kept = self.casebook.photos(looked_at.examination)[photo]
        steps = self.pictures.steps(kept, self.recipes[recipe])
        content = {
            "photo": photo,
            "sha256": kept.sha256,
            "recipe": recipe,
            "steps": [asdict(s) for s in steps],
        }
        self.casebook.record_view(looked_at.examination, self.actor, "enhancement", content)
        return looked_at, self.show(looked_at)

    def fuse(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[tuple[Opened, Views]]:
        """A picture fused from the series, in the frame of the photograph in view. It is recorded."""
        try:
            self._same(opened, sent)
            examination = self.casebook.examination(opened.examination)
            photos = self.casebook.photos(opened.examination)
            request = fusion_request(sent.get("fusion"))
            future = self.fused.order(photos, opened.photo, examination.series, request)
            seconds = 0
            while not finished(future, 1.0 if seconds else 0.3):
                yield opened, self.show(opened, fusing=f"Fusing the series: {seconds} s.")
                seconds += 1
            fused = future.result()
            self.casebook.record_view(opened.examination, self.actor, "fusion", fused.record)
        except MarkingError as error:
            yield opened, self.show(opened, notice=_refused(str(error)))
            return
        looked_at = self._windows.now(replace(opened, fused=fused))
        yield looked_at, self.show(looked_at)

    def act(self, opened: Opened, sent: Mapping[str, Any]) -> Views:
        """One act of the strip or the viewer, and the view after it; where it is refused, why."""
        reply = sent.get("reply")
        number = reply if is_whole(reply) and abs(reply) < 2**53 else -1
        try:
            self._same(opened, sent)
            photos = self.casebook.photos(opened.examination)
            act = act_of(sent.get("act"), self.pictures, photos, self.shared.as_taken)
            self.casebook.act(opened.examination, act, self.actor, seen_state(sent.get("seen")))
        except MarkingError as error:
            stale = isinstance(error, StaleError)
            return self.show(opened, reply=number, notice=_refused(str(error)), stale=stale)
        return self.show(opened, reply=number)

    def step(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[Views]:
        """The next step of the order of work, or another one that may be taken now."""
        try:
            self._same(opened, sent)
            seen = seen_state(sent.get("seen"))
            if sent.get("step") == "reveal":
                self.casebook.refuse_stale(opened.examination, seen)
                for _, views in self._revealing(opened, None):
                    yield views
                return
            self._still_here()
            take_stage(self.casebook, opened.examination, self.person, sent, seen)
        except MarkingError as error:
            stale = isinstance(error, StaleError)
            yield self.show(opened, notice=_refused(str(error)), stale=stale)
            return
        yield self.show(opened)

    def give_out(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[Views]:
        """A file of the signed examination, recorded as given out."""
        try:
            self._same(opened, sent)
            yield self.show(opened, busy="Making the file.")
            file = written_file(
                self.casebook,
                opened.examination,
                sent.get("file"),
                self.actor,
                self.shared.laboratory,
                self.shared.made / "exports",
                self.shared.served.exports(opened.examination),
            )
        except MarkingError as error:
            yield self.show(opened, notice=_refused(str(error)))
            return
        yield self.show(opened, download=file)

    # The bench

    def use(self, opened: Opened, sent: Mapping[str, Any]) -> tuple[Opened, Views, dict[str, Any]]:
        """A chain of the bench as a recipe of the page, shown on the photograph in view."""
        kept = self.bench.keep(sent)
        if "name" not in kept or not opened.examination:
            return opened, self.show(opened), kept
        looked_at, views = self.look(opened, {"photo": opened.photo, "recipe": kept["name"]})
        return looked_at, views, kept

    def note(self, opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Measures on a photograph, or keeps its arrows and words; without either, what is kept."""
        return noted(self.casebook, opened.examination, self.actor, sent)

    def suggest(self, opened: Opened, sent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The recipes ranked by the readers' evidence, as far as the gate lets them through."""
        for value in suggesting(self.casebook, self.shared.readers, opened.examination, sent):
            if value.get("ranked"):
                self.casebook.record_shown(opened.examination, self.actor, "suggestions")
            yield value

    # The time strip and the watched folder

    def refresh(self, opened: Opened, sent: Mapping[str, Any]) -> tuple[Views | None, dict[str, Any] | None]:
        """The time strip where it is not what the browser has; and everything, where photographs joined."""
        value = self.growing.time.show(opened.examination, self.recipes[opened.recipe])
        known = sent.get("examination") == opened.examination
        if known and sent.get("stamp") == value["stamp"]:
            return None, None
        grown = known and any(sent.get(key) != value[key] for key in ("photos", "proposal"))
        return (self.show(opened) if grown else None), value

    def time_act(self, opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Says how photographs were taken, or lays them out anew."""
        return self.growing.time.act(opened.examination, self.recipes[opened.recipe], sent)

    def time_strip_with(self, opened: Opened, notice: str) -> dict[str, Any]:
        """The time strip as far as the person may see it, with a message."""
        try:
            self.permit(Deed.SEE, opened.examination)
        except MarkingError:
            return self.growing.time.show("", self.recipes[opened.recipe], notice)
        return self.growing.time.show(opened.examination, self.recipes[opened.recipe], notice)

    def set_live(self, opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Begins or ends to watch the folder for the open examination."""
        return self.growing.set_live(opened.examination, self.recipes[opened.recipe], sent)

    # Samples and the readers

    def open_sample(self, before: Opened, name: str) -> Iterator[tuple[Opened, Views]]:
        """The sample's unsigned training examination, or a new one, with its proposal in view."""
        try:
            if refused := begin_refusal(Asking(self.actor, self.person.roles), Mode.TRAINING):
                raise OrderError(refused)
            begun = self.shared.sampled.begun(name, self.actor)
        except MarkingError as error:
            yield before, self.show(before, notice=_refused(str(error)))
            return
        opened = self._windows.now(Opened(begun, choice=SAMPLE + name, window=before.window))
        yield from self._revealing(opened, None, partial(self.shared.sampled.proposal, name))

    def _revealing(
        self, opened: Opened, notice: Notice | None, work: Any = None
    ) -> Iterator[tuple[Opened, Views]]:
        """Has the readers read, keeps the proposal, reveals it; tells how long it takes meanwhile."""
        for said in revealing(self.shared, opened.examination, self.actor, work):
            if isinstance(said, Notice):
                notice = said
            elif now := self._windows.as_of_now(opened):
                yield now, self.show(now, notice=notice, busy=said)
        if now := self._windows.as_of_now(opened):
            yield now, self.show(now, notice=notice)

    # Inside

    def _same(self, opened: Opened, sent: Mapping[str, Any]) -> None:
        if not opened.examination or sent.get("examination") != opened.examination:
            raise RecordError("This window has another examination open; nothing was changed.")

    def _still_here(self) -> None:
        if self.left:
            raise OrderError("you are signed out; sign in again")

    def _choices(self, standings: Standings | None = None) -> list[SelectorOption]:
        asking = Asking(self.actor, self.person.roles)
        return selector_options(
            self.shared.samples, self.casebook, asking, standings or self.casebook.standings()
        )

    def _newest_own(self) -> str:
        """The person's newest examination that may be seen now; empty where there is none."""
        standings = self.casebook.standings()
        asking = Asking(self.actor, self.person.roles)
        own = [entry.id for entry in self.casebook.examinations() if entry.reader == self.actor]
        visible = (id for id in reversed(own) if not refusal(asking, Deed.SEE, standings.of(id, self.actor)))
        return next(visible, "")

    def _question(self, choice: object) -> Mapping[str, str] | None:
        """What is asked before somebody else's examination is opened that the person could still read as
        second examiner."""
        standings = self.casebook.standings()
        if not isinstance(choice, str) or choice not in standings:
            return None
        asking = Asking(self.actor, self.person.roles)
        if not may_still_read_second(self.casebook, asking, standings, choice):
            return None
        entry = standings.entry(choice)
        return {
            "choice": choice,
            "words": f"{entry.title} is of {entry.reader}. If you look at it, you can no longer be its "
            "second examiner.",
        }

    def _chosen(self, choice: object) -> str:
        """The examination of a selector's entry; one to be read as second examiner is begun."""
        standings = self.casebook.standings()
        id = choice.removeprefix(SECOND) if isinstance(choice, str) else ""
        if id not in standings:
            raise RecordError("There is no such examination in this casebook.")
        if id != choice:
            mine = [second.id for second in standings.seconds(id) if second.reader == self.actor]
            if mine:
                return mine[0]
            self.permit(Deed.BEGIN_SECOND, id)
            return self.casebook.begin_second(id, self.actor)
        self.permit(Deed.SEE, id)
        self.casebook.record_opened(id, self.actor)
        return id

    def _allows(self, standing: Standing, deed: Deed) -> bool:
        return not refusal(Asking(self.actor, self.person.roles), deed, standing)

    def _step(self, id: str, examination: Examination, standings: Standings) -> WorkStage | None:
        stage = next_stage(examination, self.actor, standings.waiting(id))
        if stage is None or not self._allows(standings.of(id, self.actor), STEPS[stage.name]):
            return None
        return stage

    def _further(self, id: str, examination: Examination, standings: Standings) -> list[WorkStage]:
        standing = standings.of(id, self.actor)
        return [stage for stage in further_stages(examination) if self._allows(standing, STEPS[stage.name])]

    def _crop(self, photos: Sequence[Any], opened: Opened, position: ExaminedPosition) -> str:
        place = position.place
        address = self.shared.served.pictures(opened.examination)
        if opened.fused and opened.fused.reference == place.frame:
            return address(self.fused.crop(opened.fused, place.quad))
        return address(self.pictures.crop(photos[place.frame], self.recipes[opened.recipe], place.quad))


def _described(recipe: Recipe) -> dict[str, str]:
    return {"name": recipe.name, "title": recipe.title, "purpose": recipe.purpose}


def _refused(text: str) -> Notice:
    return Notice("error", text)
