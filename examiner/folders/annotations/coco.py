"""Lines and characters of all photographs as one COCO file, https://cocodataset.org/#format-data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from examiner.folders.annotations.boxes import AnnotatedPhotograph, rectangle
from pipelines.glyphs import GLYPHS
from pipelines.types import Quad

LINE_CATEGORY = 1
"""Category of a line; the glyphs follow from 2, in the order of the program's classes."""

CATEGORIES = [
    {"id": LINE_CATEGORY, "name": "line", "supercategory": "marking"},
    *(
        {"id": number, "name": glyph, "supercategory": "character"}
        for number, glyph in enumerate(GLYPHS, LINE_CATEGORY + 1)
    ),
]

_IDS = {str(category["name"]): int(str(category["id"])) for category in CATEGORIES}


def coco_json(photographs: Callable[[], Iterable[AnnotatedPhotograph]]) -> Iterator[str]:
    """The file in pieces. `photographs` is called twice and gives the same each time.

    `score` is the probability: of a line, that all of it is right. `line` of a character is the annotation of
    its line.
    """
    yield '{"info": {"description": "Proposals of a machine, not readings"},\n"licenses": [],\n"categories": '
    yield json.dumps(CATEGORIES)
    yield ',\n"images": ['
    yield from _items(_image(number, entry) for number, entry in enumerate(photographs(), 1))
    yield '],\n"annotations": ['
    yield from _items(_annotations(photographs()))
    yield "]}\n"


def _items(values: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield (",\n" if number else "\n") + json.dumps(value)


def _image(number: int, photograph: AnnotatedPhotograph) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": photograph.path,
        "width": photograph.width,
        "height": photograph.height,
        "sha256": photograph.sha256,
        "exif_orientation": photograph.orientation,
        "series": photograph.series,
    }


def _annotations(photographs: Iterable[AnnotatedPhotograph]) -> Iterator[dict[str, Any]]:
    number = 0
    for image, photograph in enumerate(photographs, 1):
        for line in photograph.lines:
            number += 1
            row = number
            yield {**_shape(row, image, LINE_CATEGORY, line.quad), "score": line.p, "text": line.text}
            for character in line.characters:
                number += 1
                category = _IDS[character.glyph]
                yield {**_shape(number, image, category, character.quad), "score": character.p, "line": row}


def _shape(number: int, image: int, category: int, quad: Quad) -> dict[str, Any]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    area = abs((x0 - x2) * (y1 - y3) - (x1 - x3) * (y0 - y2)) / 2
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [round(value, 2) for value in rectangle(quad)],
        "segmentation": [[coordinate for corner in quad for coordinate in corner]],
        "area": round(area, 2),
        "iscrowd": 0,
    }
