"""Which recipes raise the confidence of the readers on a photograph: only what the gate lets through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import OrderError, Phase
from examiner.examination.order_of_work import suggestions_in_view
from examiner.examination.readings import RecordError
from examiner.page.casework.browser_acts import is_whole
from examiner.page.readers.queue import Readers, drawn_rows, finished
from examiner.photographs.crops import read_kept, upright_quad
from pipelines.enhance.recipe import Recipe, shipped_recipes
from pipelines.errors import MarkingError
from pipelines.photographs.photo import upright_image, upright_matrix
from pipelines.suggest import Suggestion, suggestions
from pipelines.types import Image, Quad, as_quad


def suggesting(
    casebook: Casebook, readers: Readers, examination: str, sent: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The ranking for the browser, with words while the readers work; where it is refused, why."""
    try:
        future = suggest(casebook, readers, examination, sent)
        while not finished(future, 1.0):
            yield {"kind": "suggested", "progress": "The readers are testing every recipe."}
        yield {"kind": "suggested", "ranked": suggested(casebook, examination, future.result())}
    except MarkingError as error:
        yield {"kind": "suggested", "error": str(error)}


def suggest(
    casebook: Casebook, readers: Readers, examination: str, sent: Mapping[str, Any]
) -> Future[tuple[Suggestion, ...]]:
    """Has the readers judge the shipped recipes on the row of the examiner's positions in a photograph.

    Raises OrderError before the lock, RecordError where the photograph holds no position.
    """
    state = casebook.examination(examination)
    if state.phase is Phase.OBSERVE and state.proposal_sha256 is None:
        raise OrderError("Recipes are suggested only after your reading is locked: the readers rank them.")
    photos = casebook.photos(examination)
    index = sent.get("photo")
    rows = [row for row in drawn_rows(state) if row.frame == index]
    if not is_whole(index) or not rows:
        raise RecordError("Choose a photograph in which positions are marked: recipes are tested there.")
    photo = photos[index]

    def work() -> tuple[Suggestion, ...]:
        kept = read_kept(photo)
        band = as_quad(upright_quad(upright_matrix(kept), rows[0].band.quad))
        return ranked(upright_image(kept), band)

    return readers.order(work)


def ranked(image: Image, band: Quad) -> tuple[Suggestion, ...]:
    """The shipped recipes that have steps, ranked on a row by our own reader and the general one."""
    from pipelines.reading.readers.general import GeneralReader
    from pipelines.reading.readers.marks import MarksReader
    from pipelines.search.sheets import Panel

    return suggestions(image, band, judged(), Panel(GeneralReader(), MarksReader()))


def judged() -> dict[str, Recipe]:
    """The recipes that can be suggested."""
    return {name: recipe for name, recipe in shipped_recipes().items() if recipe.steps}


def suggested(casebook: Casebook, examination: str, ranking: tuple[Suggestion, ...]) -> list[dict[str, Any]]:
    """What of a ranking may be shown now, as plain values."""
    titles = shipped_recipes()
    return [
        {
            "recipe": suggestion.recipe,
            "title": titles[suggestion.recipe].title,
            "rise": suggestion.rise,
            "why": suggestion.why,
            "positions": [
                [position.before, position.p_before, position.after, position.p_after]
                for position in suggestion.positions
            ],
        }
        for suggestion in suggestions_in_view(casebook.examination(examination), ranking)
    ]
