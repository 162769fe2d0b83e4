"""Why a plate looks as it does after what was done to it, a sentence each."""

from __future__ import annotations

from examiner.exercises.translations import _
from models.plates.spec import PlateSpec
from models.plates.workpiece import Worked

LOW, HIGH = 20.0, 55.0
"""Degrees below which light slants, and above which it is steep."""


def why(spec: PlateSpec, worked: Worked) -> list[str]:
    """Sentences in English, to be translated where they are shown; from the metal to the light."""
    return [_of_grinding(spec, worked), *_of_reagent(spec, worked), _of_light(worked)]


def _of_grinding(spec: PlateSpec, worked: Worked) -> str:
    share = worked.ground_mm / spec.punch.depth
    if share <= 0.02:
        return _(
            "Nothing was ground off: the strokes stand as grooves, and light makes their "
            "flanks bright and dark."
        )
    if share < 1:
        return _("The grooves are ground down but not out: the deepest strokes live longest.")
    if share < 1.8:
        return _(
            "The grooves are gone. The metal below them is still squeezed, and only a "
            "reagent or particles tell it from the rest."
        )
    if share < 2.7:
        return _(
            "Little of the squeezed metal is left: what comes back is faint, broad and closes small counters."
        )
    return _("The squeezed metal is gone too: nothing brings this marking back.")


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
    said = []
    if time < 0.6 * spec.etching.rise:
        said.append(_("The reagent has only begun: each character comes in its own time."))
    elif time < spec.etching.fade * 0.8:
        said.append(
            _(
                "The reagent shows the squeezed metal darker or brighter than the rest. "
                "Photograph now: it passes."
            )
        )
    else:
        said.append(
            _(
                "Over-etched: the contrast fades, stains grow, and no swab brings it back. "
                "Polish and begin again, at the cost of metal."
            )
        )
    if worked.wet:
        said.append(_("The plate is wet: drops hide strokes and make bright crescents that are none."))
    return said


def _of_light(worked: Worked) -> str:
    if worked.elevation < LOW:
        return _(
            "The light slants: relief stands out, grinding lines as well. Turn it along the"
            " lines and they grow weaker."
        )
    if worked.elevation > HIGH:
        return _(
            "The light is steep: relief is flat, stains and etched contrast are seen best, glare is near."
        )
    return _("The light is half high: turn it once round, as every stroke is lost in some direction.")
