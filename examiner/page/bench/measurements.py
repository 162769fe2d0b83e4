"""Lengths, angles, arrows and words on a photograph: beside its pixels, as lines of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.examination.readings import RecordError
from examiner.page.casework.browser_acts import is_whole
from examiner.photographs.annotations import AnnotationError, from_json, to_json
from pipelines.enhance.measuring import Measure, Scale, angle, distance, scale_from_ruler
from pipelines.errors import MarkingError

ANNOTATIONS = "annotations"
MEASUREMENT = "measurement"
MOST_MM = 10_000.0

Point = tuple[float, float]


def noted_on(casebook: Casebook, examination: str, photo: int) -> dict[str, Any]:
    """Annotations and the scale of a photograph as they were kept last: annotations, scale."""
    kept: dict[str, Any] = {"kind": "noted", "photo": photo, "annotations": [], "scale": None}
    for line in casebook.history(examination):
        if line.kind != "view":
            continue
        value = line.value()
        content = value["content"]
        if content.get("photo") != photo:
            continue
        if value["what"] == ANNOTATIONS:
            kept["annotations"] = content["annotations"]
        elif value["what"] == MEASUREMENT and content["measured"] == "scale":
            kept["scale"] = content["scale"]
    return kept


def annotate(casebook: Casebook, examination: str, actor: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps all arrows and words of a photograph, in place of those before. Raises RecordError."""
    photo, sha256 = _photo(casebook, examination, sent.get("photo"))
    try:
        kept = to_json(from_json(sent.get("annotations")))
    except AnnotationError as error:
        raise RecordError(str(error)) from error
    content = {"photo": photo, "sha256": sha256, "annotations": kept}
    casebook.record_view(examination, actor, ANNOTATIONS, content)
    return noted_on(casebook, examination, photo)


def measure(casebook: Casebook, examination: str, actor: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """A scale from a ruler, a distance or an angle, in stored pixels of the photograph; recorded.

    Raises RecordError and MeasuringError, which say what was expected.
    """
    photo, sha256 = _photo(casebook, examination, sent.get("photo"))
    points = [_point(point) for point in sent.get("points", ()) or ()]
    what = sent.get("measured")
    content: dict[str, Any] = {"photo": photo, "sha256": sha256, "measured": what, "points": points}
    match what:
        case "scale" if len(points) == 2:
            scale = scale_from_ruler(points[0], points[1], _length(sent.get("mm")))
            content["scale"] = asdict(scale)
            said = f"1 mm is {1 / scale.mm_per_px:.4g} pixels ± {100 * scale.deviation:.2g} %"
        case "distance" if len(points) == 2:
            known = noted_on(casebook, examination, photo)["scale"]
            if known is None:
                raise RecordError("There is no scale yet: measure a known length on the ruler first.")
            content["distance"] = asdict(measured := distance(points[0], points[1], Scale(**known)))
            said = _said(measured, "mm")
        case "angle" if len(points) == 3:
            content["angle"] = asdict(measured := angle(points[0], points[1], points[2]))
            said = _said(measured, "°")
        case _:
            raise RecordError("A scale and a distance need two points, an angle needs three.")
    casebook.record_view(examination, actor, MEASUREMENT, content)
    return {**noted_on(casebook, examination, photo), "said": said}


def noted(casebook: Casebook, examination: str, actor: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """A measure, annotations kept, or what is kept: as was asked; where it is refused, why."""
    try:
        if "measured" in sent:
            return measure(casebook, examination, actor, sent)
        if "annotations" in sent:
            return annotate(casebook, examination, actor, sent)
        return noted_on(casebook, examination, _photo(casebook, examination, sent.get("photo"))[0])
    except MarkingError as error:
        return {"kind": "noted", "error": str(error)}


def _said(measured: Measure, unit: str) -> str:
    return f"{measured.value:.4g} ± {measured.deviation:.1g} {unit}"


def _photo(casebook: Casebook, examination: str, index: Any) -> tuple[int, str]:
    photos: Sequence[Any] = casebook.photos(examination) if examination else ()
    if not is_whole(index) or not 0 <= index < len(photos):
        raise RecordError("there is no such photograph in the open examination")
    return index, photos[index].sha256


def _point(value: Any) -> Point:
    if isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value):
        return float(value[0]), float(value[1])
    raise RecordError("a point is [x, y] in stored pixels")


def _length(value: Any) -> float:
    if not _is_number(value) or not 0 < value <= MOST_MM:
        raise RecordError(f"the length on the ruler is a number of mm up to {MOST_MM:g}")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 1e6
