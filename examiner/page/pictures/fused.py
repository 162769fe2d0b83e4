"""Fused pictures of a series for the page: made in the background from the kept originals, made once.

No reader has a part in them, so they may be looked at before the lock. The frame is the photograph that is in
view; the others are laid over it as in the time strip, at the photographs' own resolution.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from examiner.examination.conditions import MAX_PHOTOS, DescribedSeries, hand_registrations, lamps
from examiner.examination.readings import RecordError
from examiner.page.access.served_files import Address
from examiner.page.pictures.images import PROXY_SIDE
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.photographs.crops import (
    Bytes,
    KeptPhoto,
    cut,
    read_kept,
    read_png,
    shrunk,
    upright_quad,
    write_png,
)
from pipelines.enhance.step import ChoiceParameter, Number, Parameter
from pipelines.errors import FusionError
from pipelines.fuse import FUSIONS
from pipelines.fuse.fusion import Fused, Fusion
from pipelines.fuse.provenance import provenance
from pipelines.fuse.relief import albedo_of, normals_of, relight_of
from pipelines.fuse.stack import Stack, stack_sha256, stacked
from pipelines.fuse.stereo import Relief, relief
from pipelines.photographs.lights import LightDirection
from pipelines.photographs.photo import upright_matrix
from pipelines.registration.pairs import Alignment
from pipelines.types import Matrix, Quad

RELIT = "relight"
OF_THE_RELIEF = ("where", "surface", "robust")
"""The fusion whose lamp the mouse moves, and which of its parameters are not the lamp's."""

KEPT_FILES = 40
"""Fused pictures on the disk; what was made of one is in the ledger, so that it can be made again."""

Registering = Callable[
    [KeptPhoto, KeptPhoto, Sequence[KeptPhoto], Mapping[tuple[int, int], Matrix]], Alignment
]


@dataclass(frozen=True)
class FusionRequest:
    """A fusion as the examiner wants it. `photographs`: numbers from 0, all where empty."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    photographs: tuple[int, ...] = ()


@dataclass(frozen=True)
class FusedView:
    """A fused picture as the page shows it: files of picture, provenance and relief; `weights` by
    photograph; `left_out`: photographs that do not fit the one in view."""

    request: FusionRequest
    reference: int
    picture: Path
    save: Path
    provenance: Path
    weights: tuple[tuple[int, float], ...]
    left_out: tuple[int, ...]
    findings: Mapping[str, Any]
    relief: Mapping[str, Path]
    record: Mapping[str, Any]
    path: Path
    to_upright: Matrix


class FusedPictures:
    """Makes fused pictures under `folder`, one at a time on a thread of its own, and keeps the files."""

    def __init__(self, folder: Path, register: Registering, cache: PixelCache) -> None:
        self._folder = folder
        self._register = register
        self._views: OrderedDict[str, FusedView] = OrderedDict()
        self._cache = cache
        self._last: tuple[str, Relief] | None = None
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "fusions")

    def order(
        self,
        photos: Sequence[KeptPhoto],
        reference: int,
        series: DescribedSeries,
        request: FusionRequest,
    ) -> Future[FusedView]:
        """The fused picture to come; `series` says lights and hand registrations. Raises FusionError for a
        fusion or a photograph that there is not, RecipeError for a parameter; the future raises what fusing
        raises."""
        if request.name not in FUSIONS:
            raise FusionError(f"there is no fusion {request.name[:40]!r}")
        chosen = tuple(sorted(set(request.photographs))) or tuple(range(len(photos)))
        if chosen[-1] >= len(photos) or chosen[0] < 0:
            raise FusionError(f"there is no photograph {chosen[-1] + 1}; the series has {len(photos)}")
        complete = FUSIONS[request.name].complete(request.parameters)
        wanted = FusionRequest(request.name, complete, chosen)
        return self._worker.submit(self._fused_view, tuple(photos), reference, series, wanted)

    def crop(self, view: FusedView, place: Quad) -> Path:
        """One position of the reference photograph, cut from the fused picture."""
        digest = hashlib.sha256(json.dumps([view.picture.name, place]).encode()).hexdigest()
        path = self._folder / f"fused-crop-{digest[:40]}.png"
        if not path.exists():
            write_png(path, cut(self._full(view.path), upright_quad(view.to_upright, place)))
        return path

    def stop(self) -> None:
        """Drops what waits and returns once the picture in work is done."""
        self._worker.shutdown(cancel_futures=True)

    def _fused_view(
        self,
        photos: Sequence[KeptPhoto],
        reference: int,
        series: DescribedSeries,
        request: FusionRequest,
    ) -> FusedView:
        lights, hand = lamps(series), hand_registrations(series)
        alignments = {
            index: self._register(photos[index], photos[reference], photos, hand)
            for index in request.photographs
        }
        matrices = {index: alignment.to_reference for index, alignment in alignments.items()}
        fitting = {index: matrix for index, matrix in matrices.items() if matrix is not None}
        key = _key(photos, reference, fitting, lights, request)
        with self._lock:
            if key in self._views:
                self._views.move_to_end(key)
                return self._views[key]
        opened = {index: read_kept(photos[index]) for index in {*fitting, reference}}
        stack = stacked(opened, fitting, reference, lights)
        lit_from: dict[str, Path] = {}
        if request.name == RELIT:
            fused, lit_from = self._relit(stack, request.parameters)
        else:
            fused = FUSIONS[request.name].run(stack, **request.parameters)
        path = self._kept(key, fused)
        words = {index: alignment.words for index, alignment in alignments.items()}
        record = provenance(stack, request.name, request.parameters, fused, words)
        written = path.with_suffix(".json")
        written.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        view = FusedView(
            request=request,
            reference=reference,
            picture=_small(path),
            save=path,
            provenance=written,
            weights=tuple(sorted(fused.weights.items())),
            left_out=tuple(sorted(set(matrices) - set(fitting))),
            findings=fused.findings,
            relief=lit_from,
            record=record,
            path=path,
            to_upright=upright_matrix(opened[reference]),
        )
        self._remember(key, view)
        return view

    def _remember(self, key: str, view: FusedView) -> None:
        """A lamp that is moved makes many pictures: only the latest stay on the disk."""
        with self._lock:
            self._views[key] = view
            gone = [self._views.popitem(last=False)[1] for _ in range(len(self._views) - KEPT_FILES)]
        for old in gone:
            for path in (old.path, _small(old.path), old.path.with_suffix(".json")):
                path.unlink(missing_ok=True)

    def _relit(self, stack: Stack, parameters: Mapping[str, Any]) -> tuple[Fused, dict[str, Path]]:
        """The relief under a lamp, and the pictures of which the browser lights it anew. The last relief is
        kept: while a lamp is moved, only the lamp is another."""
        fusion = FUSIONS[RELIT]
        fusion.check(stack)
        shared = {name: parameters[name] for name in OF_THE_RELIEF}
        key = hashlib.sha256(json.dumps([stack_sha256(stack), shared]).encode()).hexdigest()
        if self._last is None or self._last[0] != key:
            self._last = key, relief(stack, **shared)
        kept_relief = self._last[1]
        lamp = {name: value for name, value in parameters.items() if name not in shared}
        pictures = {"normals": normals_of, "albedo": albedo_of}
        files = {}
        for name, picture_of in pictures.items():
            small = self._folder / f"relief-{key[:40]}-{name}.png"
            if not small.exists():
                pixels = np.round(FUSIONS[name].finished(picture_of(kept_relief)).image * 255).astype(
                    np.uint8
                )
                write_png(small, shrunk(pixels, PROXY_SIDE))
            files[name] = small
        return fusion.finished(relight_of(kept_relief, **lamp)), files

    def _kept(self, key: str, fused: Fused) -> Path:
        """The picture at full resolution and as the page shows it."""
        path = self._folder / f"fused-{key[:40]}.png"
        pixels = np.round(fused.image * 255).astype(np.uint8)
        write_png(path, pixels)
        write_png(_small(path), shrunk(pixels, PROXY_SIDE))
        return path

    def _full(self, path: Path) -> Bytes:
        return self._cache.get(("fused", path), lambda: read_png(path), lambda pixels: pixels.nbytes)


def fusion_request(value: object) -> FusionRequest:
    """What the browser asks for. Raises RecordError where it is no fusion."""
    if not isinstance(value, Mapping):
        raise RecordError("no fusion")
    name, parameters, photographs = (value.get(key) for key in ("name", "parameters", "photographs"))
    if not isinstance(name, str) or not isinstance(parameters, Mapping) or not isinstance(photographs, list):
        raise RecordError("a fusion has a name, parameters and photographs")
    if len(photographs) > MAX_PHOTOS or not all(type(number) is int for number in photographs):
        raise RecordError(f"photographs are at most {MAX_PHOTOS} whole numbers")
    return FusionRequest(
        name, {str(key): parameter for key, parameter in parameters.items()}, tuple(photographs)
    )


def offered_fusions(photos: int, lights: Mapping[int, LightDirection]) -> list[dict[str, Any]]:
    """The catalogue for the browser; `lacks` says why one cannot be had of this series."""
    return [
        {
            "name": fusion.name,
            "title": fusion.title,
            "summary": fusion.summary,
            "parameters": [_described(parameter) for parameter in fusion.parameters],
            "lacks": _lacks(fusion, photos, len(lights)),
        }
        for fusion in FUSIONS.values()
    ]


def fused_value(view: FusedView, address: Address) -> dict[str, Any]:
    """A fused picture for the browser."""
    return {
        "name": view.request.name,
        "parameters": dict(view.request.parameters),
        "photographs": list(view.request.photographs),
        "reference": view.reference,
        "weights": [[index, round(weight, 4)] for index, weight in view.weights],
        "left_out": list(view.left_out),
        "findings": dict(view.findings),
        "relief": {name: address(path) for name, path in view.relief.items()},
        "save": address(view.save),
        "provenance": address(view.provenance),
    }


def _lacks(fusion: Fusion, photos: int, lights: int) -> str:
    if photos < fusion.photographs:
        return f"{fusion.photographs} photographs or more needed"
    if fusion.lights and lights < fusion.photographs:
        return (
            f"{fusion.photographs} photographs with known light needed, {lights} have it; enter azimuth / "
            "elevation in degrees (90 / 30) as \u201clight from\u201d (F4, F2)"
        )
    return ""


def _described(parameter: Parameter) -> dict[str, Any]:
    common = {"name": parameter.name, "default": parameter.default, "doc": parameter.kind.doc}
    match parameter.kind:
        case Number(unit=unit, low=low, high=high):
            return {**common, "kind": "number", "unit": unit, "low": low, "high": high}
        case ChoiceParameter(options=options):
            return {**common, "kind": "choice", "options": list(options)}
    return {**common, "kind": "flag"}


def _small(path: Path) -> Path:
    return path.with_name(f"{path.stem}-small.png")


def _key(
    photos: Sequence[KeptPhoto],
    reference: int,
    fitting: Mapping[int, Matrix],
    lights: Mapping[int, LightDirection],
    request: FusionRequest,
) -> str:
    frame = photos[reference]
    parts: list[Any] = [
        [frame.sha256, frame.frame_time_s],
        [
            [photos[i].sha256, photos[i].frame_time_s, matrix.tolist(), str(lights.get(i)), i]
            for i, matrix in sorted(fitting.items())
        ],
        [request.name, sorted(request.parameters.items())],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
