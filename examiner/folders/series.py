"""Series of photographs in folders: which there are, and the proposal for one of them.

A proposal for a folder is triage, never a reading.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.errors import AlignmentError, MarkingError, PhotoError, RegionError
from pipelines.photographs.folder_table import composed
from pipelines.photographs.photo import is_storage, photo_paths, picture_numbers
from pipelines.photographs.regions import read_regions
from pipelines.photographs.video import is_video, pick_frame_times
from pipelines.propose import Source, propose_series
from pipelines.registration.hand_points import read_alignment
from pipelines.types import DrawnBand, Failure, Mark, Matrix, PhotoEntry, Proposal, Region

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Series:
    """Photographs that all show one marking. More than one tuple of sources: several marked regions of one
    photograph, which are read one after the other. `error`: why the series cannot be read at all."""

    name: str
    sources: tuple[tuple[Source, ...], ...]
    error: Failure | None = None
    by_hand: Mapping[tuple[int, int], Matrix] = field(default_factory=dict)
    """Homographies between sources, by their places in the series, from alignment.csv."""


@dataclass(frozen=True)
class Options:
    """What a person may set for all series; a region or band here takes the place of regions.csv."""

    region: Region | None = None
    rotate_cw: float | None = None
    readers: tuple[str, ...] | None = None
    alphabet: str | None = None
    band: DrawnBand | None = None
    mirrored: bool | None = None
    damaged: bool = False


def series_in(paths: Sequence[Path], each_photo: bool, options: Options) -> list[Series]:
    """The series that these paths name, in order.

    A photograph or video is one series. The photographs of a folder are one series, or with `each_photo` one
    series each. Every subfolder is another series, to any depth. Links to folders are not followed.
    """
    every: list[Series] = []
    for path in paths:
        if not path.is_dir():
            every.append(_series(str(path), path.parent, [path], options))
            continue
        inside = [series for folder in _folders(path) for series in _series_of(folder, each_photo, options)]
        if not inside:
            message = f"{path}: no photograph in this folder; expected JPEG, PNG, TIFF, HEIC or the like"
            inside = [Series(str(path), (), Failure("no_photographs", message))]
        every += inside
    return every


def _series_of(folder: Path, each_photo: bool, options: Options) -> list[Series]:
    """The series of the photographs in this folder, without its subfolders."""
    try:
        photos = photo_paths(folder)
    except PhotoError as error:
        return [Series(str(folder), (), Failure(error.kind, str(error)))]
    if each_photo:
        return [_series(str(photo), folder, [photo], options) for photo in photos]
    return [_series(str(folder), folder, photos, options)] if photos else []


def read_series(series: Series, options: Options, intermediates: Path | None = None) -> Proposal:
    """The proposal for one series. A failure is in the proposal, never raised.

    `intermediates`: a new folder for pictures of what was seen on the way; with several marked regions each
    has a folder in it.
    """
    if series.error is not None:
        return Proposal(series.name, (), (), {}, 0.0, series.error)
    folders: list[Path | None] = [intermediates]
    if len(series.sources) > 1:
        folders = [intermediates and intermediates / f"region_{n}" for n in range(1, len(series.sources) + 1)]
    try:
        proposals = [
            propose_series(
                sources,
                series=series.name,
                readers=options.readers,
                alphabet=options.alphabet,
                by_hand=series.by_hand,
                damaged=options.damaged,
                intermediates=folder,
            )
            for sources, folder in zip(series.sources, folders, strict=True)
        ]
    except MarkingError as error:
        return _failed(series, error.kind, str(error))
    except Exception as error:
        log.exception("%s", series.name)
        message = (
            f"{series.name}: {type(error).__name__}: {error}; the program has an error, please report it"
        )
        return _failed(series, "unexpected", message)
    first = proposals[0]
    return replace(
        first,
        lines=tuple(line for proposal in proposals for line in proposal.lines),
        seconds=round(sum(proposal.seconds for proposal in proposals), 3),
        error=next((proposal.error for proposal in proposals if proposal.error), None),
    )


def _failed(series: Series, kind: str, message: str) -> Proposal:
    entries = tuple(
        PhotoEntry(str(source.path), None) for sources in series.sources[:1] for source in sources
    )
    return Proposal(series.name, entries, (), {}, 0.0, Failure(kind, message))


def _folders(path: Path) -> Iterator[Path]:
    yield path
    try:
        entries = sorted(path.iterdir())
    except OSError:
        return  # Listing its photographs says why.
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink() and not is_storage(entry):
            yield from _folders(entry)


def _series(name: str, folder: Path, photos: Sequence[Path], options: Options) -> Series:
    try:
        in_options = options.region is not None or options.band is not None
        marks = {} if in_options else read_regions(folder)
        sources = _sources(photos, marks, options)
        return Series(name, sources, by_hand=_by_hand(folder, sources[0]) if len(photos) > 1 else {})
    except (RegionError, AlignmentError) as error:
        return Series(name, (), Failure(error.kind, str(error)))


def _by_hand(folder: Path, sources: Sequence[Source]) -> dict[tuple[int, int], Matrix]:
    places = {composed(Path(source.path).name): place for place, source in enumerate(sources)}
    homographies = read_alignment(folder)
    return {
        (places[a], places[b]): matrix
        for (a, b), matrix in homographies.items()
        if a in places and b in places
    }


def _sources(
    photos: Sequence[Path], marks: Mapping[str, tuple[Mark, ...]], options: Options
) -> tuple[tuple[Source, ...], ...]:
    plain = [source for photo in photos for source in _frames(photo)]
    rows = [marks.get(composed(Path(source.path).name), ()) for source in plain]
    most = max((len(several) for several in rows), default=0)
    if most > 1 and len(plain) > 1:
        doubled = next(
            str(source.path) for source, several in zip(plain, rows, strict=True) if len(several) > 1
        )
        raise RegionError(
            f"{doubled}: {most} regions in a series of photographs; mark one region in each, or read the "
            "photographs one by one with --each-photo"
        )
    return tuple(
        tuple(
            _marked(source, several[row] if row < len(several) else None, options)
            for source, several in zip(plain, rows, strict=True)
        )
        for row in range(max(1, most))
    )


def _marked(source: Source, mark: Mark | None, options: Options) -> Source:
    """The source with its row of regions.csv, or with what holds for all series."""
    marked = Mark(options.region, None, options.band) if mark is None else mark
    rotate_cw = marked.rotate_cw if options.rotate_cw is None else options.rotate_cw
    mirrored = marked.mirrored if options.mirrored is None else options.mirrored
    return replace(source, region=marked.region, rotate_cw=rotate_cw, band=marked.band, mirrored=mirrored)


def _frames(path: Path) -> list[Source]:
    """The photograph, the pictures of a file of several, or the frames that are read of a video."""
    try:
        if path.is_file() and is_video(path):
            return [Source(path, frame_time_s=time_s) for time_s in pick_frame_times(path)]
    except PhotoError:
        pass  # Reading the file says why.
    numbers = picture_numbers(path)
    return [Source(path, picture=number) for number in numbers] if len(numbers) > 1 else [Source(path)]
