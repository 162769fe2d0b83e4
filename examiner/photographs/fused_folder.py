"""Photographs of one marking fused into pictures, each with a record of how it was made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import FusionError, MarkingError, PhotoError
from pipelines.fuse import FUSIONS
from pipelines.fuse.provenance import provenance
from pipelines.fuse.series import registered_series
from pipelines.fuse.stack import Stack
from pipelines.photographs.folder_table import composed
from pipelines.photographs.lights import LightDirection, read_lights
from pipelines.photographs.photo import read_photo
from pipelines.registration.hand_points import read_alignment
from pipelines.types import Matrix, Photo


@dataclass(frozen=True)
class Written:
    """The result of one fusion: the path of its picture, or why there is none."""

    name: str
    picture: Path | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class RegisteredPhotographs:
    """Photographs registered to one of them, the reference. `words` by number in the series: how each
    was registered; `left_out`: names and reasons."""

    stack: Stack
    names: tuple[str, ...]
    words: dict[int, str]
    left_out: tuple[tuple[str, str], ...]


def registered_photographs(paths: Sequence[Path], reference: str | None = None) -> RegisteredPhotographs:
    """The photographs registered to the one named `reference`, or to the middle one.

    `alignment.csv` and `lights.csv` are taken from the folders in which they lie. A photograph that cannot be
    read or does not fit is left out with its reason. Raises FusionError where nothing is left or the
    reference is none of them, AlignmentError and LightsError.
    """
    photos: dict[int, Photo] = {}
    left_out: list[tuple[str, str]] = []
    for number, path in enumerate(paths):
        try:
            photos[number] = read_photo(path)
        except PhotoError as error:
            left_out.append((path.name, str(error)))
    alone = len({composed(path.name) for path in paths}) == len(paths)
    names = [composed(path.name if alone else str(path)) for path in paths]
    middle = _middle(photos, names, reference)
    hand: dict[tuple[int, int], Matrix] = {}
    lights: dict[int, LightDirection] = {}
    for folder in dict.fromkeys(path.parent for path in paths):
        numbers = {composed(path.name): n for n, path in enumerate(paths) if path.parent == folder}
        hand |= {
            (numbers[name], numbers[other]): matrix
            for (name, other), matrix in read_alignment(folder).items()
            if numbers.get(name) in photos and numbers.get(other) in photos
        }
        lights |= {numbers[name]: light for name, light in read_lights(folder).items() if name in numbers}
    series = registered_series(photos, middle, hand, lights)
    left_out += [(names[n], a.words) for n, a in series.alignments.items() if a.to_reference is None]
    words = {n: a.words for n, a in series.alignments.items() if a.to_reference is not None}
    return RegisteredPhotographs(series.stack, tuple(names), words, tuple(left_out))


def fuse(
    photographs: RegisteredPhotographs, wanted: Sequence[str], output: Path, force: bool = False
) -> Iterator[Written]:
    """Every wanted fusion written into `output` as NAME.png, 16 bits a channel, and NAME.json.

    No file is overwritten without `force`: such a fusion is named and left out, and so is one for which these
    photographs are not enough.
    """
    for name in wanted:
        picture, described = output / f"{name}.png", output / f"{name}.json"
        existing = next((path for path in (picture, described) if os.path.lexists(path)), None)
        if existing is not None and not force:
            yield Written(name, None, f"{existing} exists already; name another --out, or add --force")
            continue
        try:
            fused = FUSIONS[name].run(photographs.stack)
        except MarkingError as error:
            yield Written(name, None, str(error))
            continue
        record = provenance(photographs.stack, name, {}, fused, photographs.words)
        output.mkdir(parents=True, exist_ok=True)
        _write(picture, _png(fused.image))
        text = json.dumps(_named(record, photographs.names), ensure_ascii=False, indent=1)
        _write(described, (text + "\n").encode())
        yield Written(name, picture)


def _middle(photos: dict[int, Photo], names: Sequence[str], wanted: str | None) -> int:
    if not photos:
        raise FusionError(f"none of these photographs can be read: {', '.join(names)}")
    if wanted is None:
        return sorted(photos)[len(photos) // 2]
    named = [number for number in photos if names[number] == composed(wanted)]
    if not named:
        raise FusionError(f"no photograph {wanted!r} that can be read; expected one of {', '.join(names)}")
    return named[0]


def _named(record: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    photographs = [{"file": names[entry["number"]], **entry} for entry in record["photographs"]]
    return {**record, "photographs": photographs}


def _png(image: npt.NDArray[np.float32]) -> bytes:
    values = np.round(image * 65535).astype(np.uint16)
    encoded, data = cv2.imencode(".png", values if values.ndim == 2 else values[..., ::-1])
    if not encoded:
        raise FusionError("the picture could not be written as PNG")
    return data.tobytes()


def _write(path: Path, content: bytes) -> None:
    """Writes the file in one piece."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
