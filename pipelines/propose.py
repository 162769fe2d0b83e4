"""The whole way from photographs to a proposal, in one place and in order.

read photographs → search until it is clear → register the series → frame the marking → search the frame →
read every line in every photograph → place its characters → calibrate. Coordinates are stored pixels.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipelines.errors import MarkingError, PhotoError, ReaderError
from pipelines.glyphs import ALPHABETS, GLYPHS
from pipelines.intermediates import ReadingStages, ReadLine, keep_intermediates, new_folder
from pipelines.photographs.copies import WITHOUT_LOSSES, Copy, copies
from pipelines.photographs.mirrored import as_shown
from pipelines.photographs.photo import grey_photo, read_photo
from pipelines.photographs.video import read_frames
from pipelines.probability.calibration import (
    Calibration,
    as_sure_as,
    calibrated,
    calibration,
    position_text,
    state_of,
)
from pipelines.probability.candidate_sets import candidate_sets, every_log10_likelihood, log10_likelihoods
from pipelines.probability.direction import AS_DRAWN, AS_SHOWN, UPRIGHT, Prior
from pipelines.probability.likeness import unlikeness
from pipelines.probability.line_readings import likeliest, readings
from pipelines.probability.signs import sign_probabilities
from pipelines.reading.alphabet import Confined, ConfinedTogether
from pipelines.reading.at_places import line_at_places
from pipelines.reading.decode import text_of
from pipelines.reading.lines import DRAWN, MARKED, read_at_places, read_line, sees_all
from pipelines.reading.pooling import PooledLine, Slice, filled, pool
from pipelines.reading.readers import Reader
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.reading.readers.tesseract import TesseractReader
from pipelines.registration.alignments import ByHand, alignments, fitting
from pipelines.registration.pairs import Alignment
from pipelines.search.ends import with_signs_at_the_ends
from pipelines.search.first_search import (
    ENOUGH,
    LEAST_SUPPORT,
    Searched,
    held_direction,
    least_support,
    searched_in_turn,
    upright_by,
)
from pipelines.search.given import line_in_band, line_in_region
from pipelines.search.hypotheses import (
    Hypothesis,
    along,
    carried,
    chosen,
    is_mirrored,
    main_direction,
    read_in_full,
    reading_order,
    support_of,
    trimmed,
    weighed,
)
from pipelines.search.rings.arcs import ArcLine, arc_lines, mirrored, placed, settled
from pipelines.search.rings.unrolling import Unrolling
from pipelines.search.second_search import (
    Framed,
    candidates,
    frame,
    longer,
    promising,
    region_in_view,
    rows,
    tighter,
)
from pipelines.search.sheets import TOGETHER, Form, Panel, Sheet, cut, sheet, slices_of
from pipelines.search.ways import read_ways, seen_in, with_others
from pipelines.strip import inverse, part, straightened, turned
from pipelines.types import (
    Direction,
    DrawnBand,
    Failure,
    LineProposal,
    Mark,
    Matrix,
    Photo,
    PhotoEntry,
    Position,
    Proposal,
    Quad,
    Region,
)

log = logging.getLogger(__name__)

READERS: dict[str, type[Reader]] = {
    "marks": MarksReader,
    "general": GeneralReader,
    "tesseract": TesseractReader,
}
"""Readers by name. Our own and the first of the others that works choose among the hypotheses."""

SECOND_SHARE = 0.05
"""Weight in the pool of a reader that does not lead."""

SECOND_FORMS = (Form("levelled, wide", True, 0.2, 0.12),)
"""What a reader that does not lead sees, of the photograph with most evidence only."""

SEARCHED_PHOTOS = 3
"""Photographs of a series in which bands are weighed quickly; the likely ones are read in all."""


@dataclass(frozen=True)
class Source:
    """A photograph to read: a file, the marked region and the degrees clockwise that turn it upright, or the
    band that a person drew, and whether the marking is seen in a mirror, where known; for a video the time of
    the frame in seconds; of a file with several pictures the number of the picture, None for the main one."""

    path: str | Path
    region: Region | None = None
    rotate_cw: float | None = None
    frame_time_s: float | None = None
    band: DrawnBand | None = None
    mirrored: bool | None = None
    picture: int | None = None


def propose_series(
    sources: Sequence[Source | str | Path],
    *,
    series: str = "",
    region: Region | None = None,
    rotate_cw: float | None = None,
    band: DrawnBand | None = None,
    mirrored: bool | None = None,
    frame: int | None = None,
    readers: Sequence[str] | None = None,
    alphabet: str | None = None,
    by_hand: ByHand | None = None,
    damaged: bool = False,
    intermediates: Path | None = None,
) -> Proposal:
    """The proposal for one series of photographs that all show one marking.

    `region`, `rotate_cw`, `band` and `mirrored` hold for photograph `frame`, or for every photograph where
    `frame` is None; a source's own come first. What is said of the rotation and of a mirror is a fact; what
    is not is found out, see `LineProposal.direction`. Where a region or a band is given a row is read there,
    always; where a band is, nothing is searched. Quads are in the pixels of `frame`, by default of the
    photograph that carries most evidence. A photograph that cannot be read is named with its error and does
    not stop the others; copies of one exposure count once, and each is named. `alphabet`: the one of
    `glyphs.ALPHABETS` that the marking is known to be in; nothing else is proposed then. `by_hand`: motions
    between photographs, by their places among the sources, that a person set. `damaged`: photographs that are
    damaged inside are read as well, with a notice; else that is their error. `intermediates`: a new or empty
    folder for pictures of what was seen on the way, see `pipelines/intermediates.py`; none are made of a
    series whose error stops the reading.
    Raises ReaderError for an unknown reader's name, KeyError for another alphabet, IndexError for a `frame`
    that is none of the sources and ResultsError where the pictures cannot be written. About 1 to 4 s a
    photograph on two cores.
    """
    started = time.monotonic()
    if intermediates is not None:
        new_folder(intermediates)
    if frame is not None and not 0 <= frame < len(sources):
        raise IndexError(f"frame {frame} is none of the {len(sources)} photographs; the first is 0")
    wanted = [source if isinstance(source, Source) else Source(source) for source in sources]
    wanted = [
        replace(
            source,
            region=region if source.region is None else source.region,
            rotate_cw=rotate_cw if source.rotate_cw is None else source.rotate_cw,
            band=band if source.band is None else source.band,
            mirrored=mirrored if source.mirrored is None else source.mirrored,
        )
        if frame in (None, index)
        else source
        for index, source in enumerate(wanted)
    ]
    glyphs = frozenset(GLYPHS) if alphabet is None else ALPHABETS[alphabet]
    working, status = working_readers(readers, glyphs)
    # No reader but ours needs colour.
    photos, entries = _read_all(wanted, _seated(working)[0].lead is None, damaged)
    lines: tuple[LineProposal, ...] = ()
    stages: ReadingStages | None = None
    error: Failure | None = None
    if not photos:
        error = Failure("no_photographs", "none of the photographs could be read; each names its own reason")
    elif frame is not None and frame not in photos and (region or band) is not None:
        error = Failure("region", f"the region was marked in {entries[frame].path}, which could not be read")
    elif not working:
        error = Failure("no_readers", f"no reader works here: {status}")
    else:
        try:
            marks = {i: _mark(source) for i, source in enumerate(wanted)}
            same = _same(photos, marks, frame)
            copied = _copies(photos, marks, same, frame)
            entries = [
                replace(
                    entry,
                    notices=(*entry.notices, _copy_notice(entry, entries[copied[i].original], copied[i])),
                )
                if i in copied
                else entry
                for i, entry in enumerate(entries)
            ]
            shown_way = as_shown({i: photos[i] for i in sorted(set(same.values()) - set(copied))}, marks)
            hand = {
                (same[i], same[j]): shown_way.to_stored(j) @ matrix @ shown_way.to_stored(i)
                for (i, j), matrix in (by_hand or {}).items()
                if same.get(i) in shown_way.photos and same.get(j) in shown_way.photos
            }
            read_lines = find_lines(shown_way.photos, shown_way.marks, frame, working, status, hand)
            stages = read_lines.stages
            back = shown_way.to_stored(stages.reference)
            lines = tuple(
                _proposed(h, read_lines.to_photo, back, stages.reference, glyphs, marks[stages.reference])
                for h in read_lines.lines
            )
            far = _unlikeness(stages)
            same = {i: copied[j].original if j in copied else j for i, j in same.items()}
            entries = [
                _registered(entry, stages.alignments.get(same.get(i, -1)), far.get(same.get(i, -1)))
                for i, entry in enumerate(entries)
            ]
        except MarkingError as failure:
            error = Failure(failure.kind, str(failure))
    if intermediates is not None and stages is not None:
        keep_intermediates(stages, lines, intermediates)
    seconds = round(time.monotonic() - started, 3)
    return Proposal(series, tuple(entries), lines, status, seconds, error, alphabet=alphabet)


def working_readers(
    names: Sequence[str] | None, glyphs: frozenset[str] = frozenset(GLYPHS)
) -> tuple[list[Reader], dict[str, str]]:
    """The readers that were asked for and answer, confined to `glyphs`, and what is to be said of each."""
    wanted = list(READERS) if names is None else list(names)
    unknown = [name for name in wanted if name not in READERS]
    if unknown or not wanted:
        raise ReaderError(
            f"no reader is called {', '.join(unknown) or '(none)'}; there are {', '.join(READERS)}"
        )
    blank = np.full((48, 96), 0.5, np.float32)
    working: list[Reader] = []
    status: dict[str, str] = {}
    for name, kind in READERS.items():
        if name not in wanted:
            status[name] = "not asked"
            continue
        try:
            reader = kind()
            reader.read([blank])
        except ReaderError as error:
            status[name] = str(error)
        else:
            status[name] = "ok"
            working.append(reader if glyphs == frozenset(GLYPHS) else _confined(reader, glyphs))
    return working, status


def _confined(reader: Reader, glyphs: frozenset[str]) -> Reader:
    return ConfinedTogether(reader, glyphs) if isinstance(reader, MarksReader) else Confined(reader, glyphs)


def _read_all(
    sources: Sequence[Source], in_grey: bool, damaged: bool
) -> tuple[dict[int, Photo], list[PhotoEntry]]:
    photos: dict[int, Photo] = {}
    entries = []
    frames = _frames(sources)
    for index, source in enumerate(sources):
        path, number = source.path, source.picture
        try:
            if source.frame_time_s is None:
                photo = read_photo(path, in_grey=in_grey, damaged=damaged, picture=number)
            else:
                frame = frames[index]
                if isinstance(frame, PhotoError):
                    raise frame
                photo = grey_photo(frame) if in_grey else frame
        except PhotoError as error:
            log.info("%s", error)
            entries.append(PhotoEntry(str(path), None, Failure(error.kind, str(error)), picture=number))
        else:
            photos[index] = photo
            entry = PhotoEntry(str(path), photo.sha256, None, photo.orientation, photo.frame_time_s)
            height, width = photo.pixels.shape[:2]
            entries.append(replace(entry, notices=photo.notices, size=(width, height), picture=number))
    return photos, entries


def _frames(sources: Sequence[Source]) -> dict[int, Photo | PhotoError]:
    """The frames of videos by the source's number; each video is decoded once for all its frames."""
    wanted: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        if source.frame_time_s is not None:
            wanted.setdefault(str(source.path), []).append(index)
    frames: dict[int, Photo | PhotoError] = {}
    for path, indices in wanted.items():
        times = [time for index in indices if (time := sources[index].frame_time_s) is not None]
        try:
            frames |= zip(indices, read_frames(path, times), strict=True)
        except PhotoError:
            # One time that is not in the video costs no other frame.
            for index, time_s in zip(indices, times, strict=True):
                try:
                    (frames[index],) = read_frames(path, [time_s])
                except PhotoError as error:
                    frames[index] = error
    return frames


def _registered(entry: PhotoEntry, alignment: Alignment | None, far: float | None) -> PhotoEntry:
    if alignment is None:
        return replace(entry, aligned=False)
    fits = alignment.to_reference is not None
    return replace(entry, aligned=fits, laid=alignment.words, unlikeness=far)


def _unlikeness(stages: ReadingStages) -> dict[int, float]:
    """Of each photograph that was read, at the line where it is greatest."""
    far: dict[int, float] = {}
    for read in stages.lines:
        for page in read.sheets:
            here = round(unlikeness(cut(page, read.line.quad, TOGETHER)), 2)
            far[page.photo] = max(here, far.get(page.photo, here))
    return far


def _mark(source: Source) -> Mark:
    if source.band is None:
        return Mark(source.region, source.rotate_cw, mirrored=source.mirrored)
    xs, ys = zip(*source.band.quad, strict=True)
    x, y = along(source.band.quad)
    return Mark(
        (min(xs), min(ys), max(xs), max(ys)),
        -float(np.degrees(np.arctan2(y, x))),
        source.band,
        source.mirrored,
    )


def _same(photos: Mapping[int, Photo], marks: Mapping[int, Mark], frame: int | None) -> dict[int, int]:
    """For each photograph the one that stands for it: the same pixels given twice are evidence once only.

    `frame` stands for its copies, then one with a marked region, then the first.
    """
    stands: dict[tuple[str, float | None, int], int] = {}
    for i in sorted(photos, key=lambda i: (i != frame, marks[i] == Mark(), i)):
        stands.setdefault((photos[i].sha256, photos[i].frame_time_s, photos[i].picture), i)
    return {i: stands[photo.sha256, photo.frame_time_s, photo.picture] for i, photo in photos.items()}


def _copies(
    photos: Mapping[int, Photo], marks: Mapping[int, Mark], same: Mapping[int, int], frame: int | None
) -> dict[int, Copy]:
    """Copies of one exposure in files of their own. As with equal files, `frame` stands for its copies, then
    one with a marked region; then a raw file, one without losses, the largest."""

    def rank(i: int) -> tuple[object, ...]:
        photo = photos[i]
        losses = (
            ("camera raw", "TIFF", "PNG", "BMP").index(photo.format) if photo.format in WITHOUT_LOSSES else 9
        )
        return (i != frame, marks[i] == Mark(), losses, -photo.pixels.size, photo.sha256, i)

    return copies(photos, sorted(set(same.values()), key=rank))


def _copy_notice(entry: PhotoEntry, original: PhotoEntry, copy: Copy) -> Failure:
    names = [Path(part.path).name for part in (entry, original)]
    return Failure("copy", f"{names[0]}: is a copy of {names[1]} ({copy.why}); this exposure counts once")


@dataclass(frozen=True, eq=False)
class FoundLines:
    """Lines top to bottom in the pixels of a view; `to_photo` takes these to stored pixels of the reference.
    `stages`: what was seen on the way to them."""

    lines: tuple[Hypothesis, ...]
    to_photo: Matrix
    stages: ReadingStages


def find_lines(
    photos: Mapping[int, Photo],
    marks: Mapping[int, Mark],
    wanted_frame: int | None,
    working: Sequence[Reader],
    status: dict[str, str],
    by_hand: ByHand | None = None,
) -> FoundLines:
    """Every line of the marking, read by all `working` readers in all photographs that fit together.

    `photos` and what a person marked in them by index into the series. A reader that fails is named in
    `status`. Raises RegionError for an impossible region, ReaderError when the leading reader fails.
    """
    panel, others = _seated(working)
    # In the order of their content, so that the order in which photographs are given changes nothing.
    ordered = sorted(photos, key=lambda i: (photos[i].sha256, photos[i].frame_time_s or 0.0, i))
    searched = searched_in_turn(panel, {i: photos[i] for i in ordered}, marks, wanted_frame)
    reference = _reference(searched, wanted_frame)
    registered = alignments({i: photos[i] for i in ordered}, reference.index, by_hand)
    to_reference = fitting(registered)
    together = [s for s in searched if s.index in to_reference]
    first = [
        replace(h, quad=quad)
        for s in together
        for h, quad in zip(s.found, carried([h.quad for h in s.found], to_reference[s.index]), strict=True)
    ]
    direction = main_direction(first) if reference.direction is None else reference.direction
    if direction is None and reference.region is not None:
        direction = held_direction(reference.photo)
    if direction is not None:
        # A line taken for its opposite still says where a line lies.
        first = [replace(h, quad=turned(h.quad, 2)) if along(h.quad) @ direction < -0.5 else h for h in first]
    framed = None if direction is None else frame(reference, first, direction)
    to_photo = np.eye(3) if framed is None else framed.to_photo
    ranked = sorted(together, key=lambda s: -s.support)
    prior = _prior(marks[reference.index])
    straight = StraightLines()
    sheets: list[Sheet] = []
    if framed is not None:
        sheets = [_sheet(s, to_reference[s.index], framed) for s in ranked]
        straight = _straight_lines(panel, sheets, first, framed, reference, prior)
        over = straight.lines[0].way if straight.lines else UPRIGHT
        if over != UPRIGHT and reference.band is None:
            # Searched anew the way round that it stands: locators know upright rows best.
            other = Framed(seen_in(framed.view, over), framed.size)
            other_sheets = [_sheet(s, to_reference[s.index], other) for s in ranked]
            turned_first = [replace(h, quad=seen_in(h.quad, over)) for h in first]
            other_prior = {way.after(over): p for way, p in prior.items()}
            again = _straight_lines(panel, other_sheets, turned_first, other, reference, other_prior)
            if again.lines and again.lines[0].way == UPRIGHT:
                framed, sheets, straight = other, other_sheets, again
                to_photo = framed.to_photo
    drawn = reference.band is not None
    arcs = [] if drawn else arc_lines(panel, ranked, to_reference, reference, SEARCHED_PHOTOS)
    kept, arcs = settled(straight.lines, to_photo, arcs)
    if framed is not None and reference.region is not None and not kept and not arcs:
        limits = region_in_view(reference, framed)
        line = trimmed(line_in_region(panel, sheets, limits, straight.screened))
        kept = with_others(read_ways(panel, sheets, [line], (), prior, -np.inf, MARKED))
    read = {line: ReadLine(line, tuple(sheets)) for line in _with_others(others, sheets[:1], kept, status)}
    lines = list(read)
    rings: dict[Unrolling, list[Hypothesis]] = {}
    for arc in _the_right_way_round(panel, arcs, _prior_round(marks[reference.index])):
        (line,) = _with_others(others, arc.sheets[:1], [arc.read], status)
        on_photo = placed(arc, line, inverse(to_photo))
        rings.setdefault(arc.unrolling, []).append(on_photo)
        read[on_photo] = ReadLine(line, arc.sheets, arc.unrolling)
    in_order = reading_order(lines, list(rings.values()), lines[0].way if lines else UPRIGHT)
    stages = ReadingStages(
        photos=photos,
        searched=searched,
        alignments=registered,
        reference=reference.index,
        framed=framed,
        sheets=sheets,
        screened=straight.screened,
        in_full=straight.in_full,
        lines=[read[line] for line in in_order],
    )
    return FoundLines(in_order, to_photo, stages)


def _seated(working: Sequence[Reader]) -> tuple[Panel, list[Reader]]:
    """The panel, and the readers that only see the lines that it chose."""
    marks = [reader for reader in working if isinstance(reader, (MarksReader, ConfinedTogether))]
    others = [reader for reader in working if not isinstance(reader, (MarksReader, ConfinedTogether))]
    return Panel(others[0] if others else None, marks[0] if marks else None), others[1:]


@dataclass(frozen=True, eq=False)
class StraightLines:
    """The lines of the framed marking, every band that was read quickly for them, and those read in full."""

    lines: Sequence[Hypothesis] = ()
    screened: Sequence[Hypothesis] = ()
    in_full: Sequence[Hypothesis] = ()


def _straight_lines(
    panel: Panel,
    sheets: Sequence[Sheet],
    first: Sequence[Hypothesis],
    framed: Framed,
    reference: Searched,
    prior: Prior,
) -> StraightLines:
    """The lines of the framed marking, read in every photograph, in the likeliest way with the others beside
    it. `first`: those of the first search."""
    if reference.band is not None:
        (band,) = carried([reference.band.quad], inverse(framed.to_photo))
        line = line_in_band(panel, sheets, band, reference.band.places)
        ways = read_ways(panel, sheets, [line], (), prior, -np.inf, DRAWN)
        # Places hold for the row as it was drawn.
        return StraightLines(with_others(ways, UPRIGHT if reference.band.places else None))
    best = sheets[:SEARCHED_PHOTOS]
    least = least_support(reference)
    screened = weighed(panel, best, candidates(panel, sheets, first, framed, reference))
    if sum(h.support for h in chosen(screened, least)) < ENOUGH:
        screened += weighed(panel, best, rows(panel, best, framed, reference))
    screened += weighed(panel, best, longer(panel, screened, least))
    screened += weighed(panel, best, tighter(screened, least))
    likely = promising(screened, least)
    in_full = [trimmed(h) for h in read_in_full(panel, sheets, likely)]
    ways = read_ways(panel, sheets, chosen(in_full, least), likely, prior, least)
    lines = with_others(ways)
    return StraightLines(with_signs_at_the_ends(panel, sheets, lines), screened, in_full)


def _prior(mark: Mark) -> Prior:
    """How likely each way is before anything is read, by what a person said."""
    prior = AS_SHOWN if mark.band is None else AS_DRAWN
    turned_said = mark.band is None and mark.rotate_cw is not None
    return {
        way: 0.0 if (way.turned and turned_said) or (way.mirrored and mark.mirrored is not None) else p
        for way, p in prior.items()
    }


def _prior_round(mark: Mark) -> Prior:
    """The same of lines struck round a circle: their feet point inwards or outwards, whatever is said."""
    return {way: 0.0 if way.mirrored and mark.mirrored is not None else p for way, p in AS_SHOWN.items()}


def _the_right_way_round(panel: Panel, arcs: Sequence[ArcLine], prior: Prior) -> list[ArcLine]:
    """The arcs of each ring in the likeliest way to read them together, with the others beside it."""
    rings: dict[Unrolling, list[ArcLine]] = {}
    for arc in arcs:
        rings.setdefault(arc.unrolling, []).append(arc)
    settled_arcs: list[ArcLine] = []
    for ring in rings.values():
        lines = with_others(
            read_ways(panel, ring[0].sheets, [arc.read for arc in ring], (), prior, LEAST_SUPPORT)
        )
        settled_arcs += [replace(ring[0], read=line) for line in lines]
    return settled_arcs


def _with_others(
    readers: Sequence[Reader], sheets: Sequence[Sheet], lines: Sequence[Hypothesis], status: dict[str, str]
) -> list[Hypothesis]:
    """The lines with what the readers that do not lead see in them. One that fails is named and left out."""
    if not lines:
        return []
    more: list[list[Slice]] = [[] for _ in lines]
    for reader in readers:
        try:
            seen = slices_of(reader, sheets, [h.quad for h in lines], SECOND_FORMS, SECOND_SHARE)
        except ReaderError as error:
            status[reader.name] = str(error)
        else:
            more = [[*before, *new] for before, new in zip(more, seen, strict=True)]
    return [
        replace(_joined(h, slices), others=tuple(_with_others(readers, sheets, h.others, status)))
        for h, slices in zip(lines, more, strict=True)
    ]


def _joined(h: Hypothesis, more: Sequence[Slice]) -> Hypothesis:
    """The line read again with slices of its own band."""
    slices = (*h.slices, *more)
    if sees_all(slices):
        return replace(h, line=read_line(slices, h.spacing), slices=slices)
    line = pool(slices) if more else h.line
    return replace(h, line=filled(line, slices), support=support_of(line), slices=slices)


def _reference(searched: Sequence[Searched], wanted_frame: int | None) -> Searched:
    for photograph in searched:
        if photograph.index == wanted_frame:
            return photograph
    # A region that a person marked in one photograph holds for the series: that photograph leads.
    marked = [s for s in searched if s.region is not None]
    return max(marked or searched, key=lambda s: s.support)


def _sheet(searched: Searched, to_reference: Matrix, framed: Framed) -> Sheet:
    view = carried([framed.view], inverse(to_reference))[0]
    return sheet(searched.index, straightened(searched.photo.pixels, view, framed.size[1], framed.size[0])[0])


def _proposed(
    h: Hypothesis, to_photo: Matrix, mirror: Matrix, reference: int, glyphs: frozenset[str], mark: Mark
) -> LineProposal:
    released = calibration("marks" if MarksReader.name in h.line.by_reader else "general")
    line = replace(h.line, glyphs=glyphs)
    given_way = calibrated(line, released)
    candidates_each = [as_sure_as(named, h.direction) for named in given_way]
    to_stored = mirror @ to_photo
    boxes = carried(h.boxes or [part(h.quad, *cell) for cell in h.line.cells], to_stored)
    likelihoods = log10_likelihoods(line, released, candidates_each)
    positions = _positions(line, released, h.direction, boxes, likelihoods)
    at_places: tuple[Position, ...] = ()
    if h.places:
        read = read_at_places if sees_all(h.slices) else line_at_places
        marked = replace(read(h.slices, h.places), glyphs=glyphs)
        places = carried([part(h.quad, *place) for place in h.places], to_stored)
        every = every_log10_likelihood(marked, released)
        at_places = _positions(marked, released, h.direction, places, every)
    quad = carried([h.quad], to_stored)[0]
    others = tuple(_proposed(other, to_photo, mirror, reference, glyphs, mark) for other in h.others)
    return LineProposal(
        text="".join(position_text(named) for named in candidates_each),
        best=text_of(h.line.string),
        frame=reference,
        quad=quad,
        positions=positions,
        by_reader=h.line.by_reader,
        arc=mirrored(h.arc, mirror),
        mirrored=is_mirrored(carried([h.quad], to_photo)[0]) or mark.mirrored is True,
        readings=likeliest(readings(given_way), h.direction, [other.readings for other in others]),
        at_places=at_places,
        direction=Direction(h.direction, upright_by(quad), _known_of(mark)),
        other_ways=others,
    )


def _known_of(mark: Mark) -> tuple[str, ...]:
    """What was known of the direction before anything was read."""
    said = [
        "drawn" if mark.band is not None else "rotation" if mark.rotate_cw is not None else "",
        "mirror" if mark.mirrored is not None else "",
    ]
    return tuple(word for word in said if word)


def _positions(
    line: PooledLine,
    released: Calibration,
    direction: float,
    boxes: Sequence[Quad],
    likelihoods: Sequence[tuple[tuple[str, float], ...]],
) -> tuple[Position, ...]:
    sets = candidate_sets(line, released)
    signs = [round(float(p), 4) for p in sign_probabilities(line)]
    each = [as_sure_as(named, direction) for named in calibrated(line, released)]
    return tuple(
        Position(named, box, state_of(named), _carriers(line, i), sets[i], likelihoods[i], signs[i])
        for i, (named, box) in enumerate(zip(each, boxes, strict=True))
    )


def _carriers(line: PooledLine, position: int) -> tuple[tuple[int, float], ...]:
    """Per photograph the log-likelihood of the first over the second candidate at this position, nats."""
    first, second = np.argsort(-line.table[position], kind="stable")[:2]
    return tuple(
        (photo, round(float(table[position, first] - table[position, second]), 3))
        for photo, table in line.by_photo.items()
    )
