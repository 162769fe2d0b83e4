"""Sentences that explain why a plate looks as it does after the work on it."""

from __future__ import annotations

from examiner.exercises.translations import _
from models.plates.spec import PlateSpec
from models.plates.workpiece import Worked

LOW, HIGH = 20.0, 55.0
"""Degrees of elevation below which the text calls the light low, and above which steep."""


def why(spec: PlateSpec, worked: Worked) -> list[str]:
    """Sentences in English, from the metal to the light; the page translates them."""
    return [_of_grinding(spec, worked), *_of_reagent(spec, worked), _of_light(worked)]


def _of_grinding(spec: PlateSpec, worked: Worked) -> str:
    share = worked.ground_mm / spec.punch.depth
    if share <= 0.02:
        return _(
            "Nothing was ground off: the strokes stand as grooves, and light makes their "
            "flanks bright and dark."
        )
    if share < 1:
        return _("The grooves are partly ground away: the deepest strokes stay visible longest.")
    if share < 1.8:
        return _(
            "The grooves are gone. The metal below them is still deformed; only a reagent or "
            "magnetic particles can show where."
        )
    if share < 2.7:
        return _(
            "Little of the deformed metal is left: what comes back is faint and broad, and small "
            "holes in characters close."
        )
    return _("The deformed metal is gone too: nothing can bring this marking back.")


def _of_reagent(spec: PlateSpec, worked: Worked) -> list[str]:
    if worked.particles:
        return [
            _(
                "Magnetic particles gather where the metal is disturbed, most of all along "
                "the edges of strokes, in clumps."
            )
        ]
    if worked.dwell <= 0:
        return []
    time = worked.dwell * worked.strength
    sentences = []
    if time < 0.6 * spec.etching.rise:
        sentences.append(_("The reagent has only begun to work: each character appears at its own time."))
    elif time < spec.etching.fade * 0.8:
        sentences.append(
            _(
                "The reagent makes the deformed metal darker or brighter than the rest. Photograph "
                "now: this does not last."
            )
        )
    else:
        sentences.append(
            _(
                "Over-etched: the contrast fades and stains grow. More reagent does not help. Polish "
                "and begin again; this costs metal."
            )
        )
    if worked.wet:
        sentences.append(
            _("The plate is wet: drops hide strokes and make bright crescents that are not strokes.")
        )
    return sentences


def _of_light(worked: Worked) -> str:
    if worked.elevation < LOW:
        return _(
            "The light is low: relief stands out, and so do grinding lines. Turn the light along "
            "the lines, and they grow weaker."
        )
    if worked.elevation > HIGH:
        return _(
            "The light is steep: relief looks flat, stains and etched contrast are seen best, and"
            " there may be glare."
        )
    return _(
        "The light is at medium height: turn it once all the way round, because every stroke "
        "is lost in some direction."
    )
