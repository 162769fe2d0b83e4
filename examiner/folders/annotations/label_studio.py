"""Photographs as tasks for Label Studio, with lines and characters as predictions to be corrected.

https://labelstud.io/guide/predictions; `CONFIG` is the labelling interface for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from examiner.casebook.versions import PROGRAM
from examiner.folders.annotations.boxes import AnnotatedPhotograph
from pipelines.types import Quad

CONFIG = """<View>
  <Image name="photograph" value="$image" zoom="true"/>
  <PolygonLabels name="kind" toName="photograph">
    <Label value="line"/>
    <Label value="character"/>
  </PolygonLabels>
  <TextArea name="text" toName="photograph" perRegion="true" editable="true"/>
</View>
"""


def label_studio_json(photographs: Iterable[AnnotatedPhotograph]) -> Iterator[str]:
    """The file in pieces: a list with one task for each photograph. Corners are per cent of its sides."""
    yield "["
    for number, photograph in enumerate(photographs):
        yield (",\n" if number else "\n") + json.dumps(_task(photograph))
    yield "\n]\n"


def _task(photograph: AnnotatedPhotograph) -> dict[str, Any]:
    result = []
    for row, line in enumerate(photograph.lines, 1):
        result += _region(photograph, f"line_{row}", "line", line.quad, line.text, line.p)
        for number, character in enumerate(line.characters, 1):
            name = f"line_{row}_character_{number}"
            result += _region(photograph, name, "character", character.quad, character.glyph, character.p)
    characters = [character.p for line in photograph.lines for character in line.characters]
    return {
        "data": {
            "image": f"/data/local-files/?d={quote(photograph.path.lstrip('/'), safe='/')}",
            "file": photograph.path,
            "sha256": photograph.sha256,
            "series": photograph.series,
            "exif_orientation": photograph.orientation,
        },
        "predictions": [
            {
                "model_version": f"{PROGRAM} {version(PROGRAM)}",
                "score": min(characters, default=0.0),
                "result": result,
            }
        ],
    }


def _region(
    photograph: AnnotatedPhotograph, name: str, kind: str, quad: Quad, text: str, p: float
) -> list[dict[str, Any]]:
    """The outline and, under the same id, its text."""
    points = [[round(100 * x / photograph.width, 4), round(100 * y / photograph.height, 4)] for x, y in quad]
    common = {
        "id": name,
        "to_name": "photograph",
        "original_width": photograph.width,
        "original_height": photograph.height,
        "image_rotation": 0,
        "score": p,
    }
    return [
        {
            **common,
            "from_name": "kind",
            "type": "polygonlabels",
            "value": {"points": points, "closed": True, "polygonlabels": [kind]},
        },
        {**common, "from_name": "text", "type": "textarea", "value": {"points": points, "text": [text]}},
    ]
