"""What a fused picture was made of, as plain values for JSON, and the same picture made of it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from pipelines.enhance.recipe import image_sha256
from pipelines.errors import FusionError
from pipelines.fuse.fusion import FUSIONS, Fused
from pipelines.fuse.stack import Stack, pixels_sha256, stack_sha256, stacked
from pipelines.photographs.lights import LightDirection
from pipelines.types import Photo

FORMAT = 1


def provenance(
    stack: Stack, name: str, parameters: Mapping[str, Any], fused: Fused, registered: Mapping[int, str]
) -> dict[str, Any]:
    """The record of `fused`, made of `stack` by fusion `name`.

    `registered`: how each photograph was registered, in words, by its number in the series. Photographs
    are named by the SHA-256 of their file and of their stored pixels, with their weight, their homography to
    the reference's stored pixels (row by row) and their light, where known.
    """
    reference = next(layer for layer in stack.layers if layer.index == stack.reference)
    return {
        "format": FORMAT,
        "fusion": name,
        "parameters": FUSIONS[name].complete(parameters),
        "reference": reference.photo.sha256,
        "size": {"width": stack.size[1], "height": stack.size[0]},
        "photographs": [
            {
                "number": layer.index,
                "sha256": layer.photo.sha256,
                "frame_time_s": layer.photo.frame_time_s,
                "pixels_sha256": pixels_sha256(layer.photo),
                "weight": float(fused.weights.get(layer.index, 0.0)),
                "to_reference": [float(value) for value in layer.to_reference.ravel()],
                "laid": registered.get(layer.index, ""),
                "light": None
                if layer.light is None
                else {"azimuth": layer.light.azimuth, "elevation": layer.light.elevation},
            }
            for layer in stack.in_series_order()
        ],
        "findings": dict(fused.findings),
        "stack_sha256": stack_sha256(stack),
        "picture_sha256": image_sha256(fused.image),
        "version": _version(),
    }


def replayed(record: Mapping[str, Any], photographs: Sequence[Photo]) -> Fused:
    """The picture of `record` made again of these photographs, in whatever order they are given.

    Raises FusionError where one is missing or has other pixels, where the record is none, and where the
    picture comes out differently.
    """
    try:
        entries = list(record["photographs"])
        by_content = {(photo.sha256, photo.frame_time_s): photo for photo in photographs}
        photos, matrices, lights = {}, {}, {}
        for entry in entries:
            number, key = int(entry["number"]), (entry["sha256"], entry["frame_time_s"])
            if key not in by_content:
                raise FusionError(f"photograph {number + 1}, SHA-256 {key[0]}, is not among those given")
            photos[number] = by_content[key]
            if pixels_sha256(photos[number]) != entry["pixels_sha256"]:
                raise FusionError(f"photograph {number + 1} decodes to other pixels than it did")
            matrices[number] = np.array(entry["to_reference"], np.float64).reshape(3, 3)
            if entry["light"] is not None:
                lights[number] = LightDirection(entry["light"]["azimuth"], entry["light"]["elevation"])
        reference = next(n for n, photo in photos.items() if photo.sha256 == record["reference"])
        fused = FUSIONS[record["fusion"]].run(
            stacked(photos, matrices, reference, lights), **record["parameters"]
        )
        expected = record["picture_sha256"]
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise FusionError(f"no record of a fused picture ({type(error).__name__}: {error})") from error
    if image_sha256(fused.image) != expected:
        raise FusionError("the same fusion of the same photographs gives another picture with this version")
    return fused


def _version() -> str:
    try:
        return version("marking-examination-assistant")
    except PackageNotFoundError:
        return "source"
