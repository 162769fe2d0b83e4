"""What calibration is fitted on, read, with the truth beside it: plates of both renderers, rows drawn on
photographs of steel, and labelled photographs.

Every sample can be kept in a folder as it is made, so that a run that is stopped goes on where it was; kept
ones hold for the weights of the readers they were read with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from models.calibration.bare_metal import PIECES, bare_photographs, bare_pieces
from models.foreign.plates import foreign_plate
from models.labelled import Labelled, read_index
from models.plates.draw import random_spec
from models.plates.fittings import random_fittings
from models.plates.plate import photographs
from models.plates.spec import Tier
from models.plates.strips import strip_text
from models.plates.typefaces import unseen_faces
from models.training.drawn_strips import drawn_strip
from models.training.metal import opened
from models.training.metal import photographs as steel_photographs
from pipelines.comparison.drawn_faces import FACES
from pipelines.glyphs import GLYPHS
from pipelines.photographs.photo import read_photo
from pipelines.probability.measures import aligned, plain
from pipelines.propose import find_lines, working_readers
from pipelines.reading.pooling import PooledLine
from pipelines.search.hypotheses import Hypothesis
from pipelines.types import Mark, Photo

TIERS: tuple[Tier, ...] = ("intact", "worn", "etched")
COUNTS = (1, 2, 3, 6)
"""Photographs per simulated series; every use gets all of them."""

BARE = 3
"""To so many plates, one that never bore a character, with gouges and screws such as a reader takes for
characters."""

FIRST_BARE = 100_000
"""Bare plates are numbered from here."""

FIRST_SEED = 500_000
"""Seeds of these plates; samples, exercises and training use others."""

FIRST_FOREIGN = 480_000
"""Seeds of foreign plates that calibrate; those that train and those of the benchmarks are others."""

ENLARGED = 2
"""Times that a row drawn on steel is enlarged, so that it is as large as in a photograph."""

REGION_MARGIN = 2.0
"""Pixels of the enlarged row outside its region, which holds the whole of it."""

Use = Literal["fit", "sets", "judge"]
USES: tuple[Use, ...] = ("fit", "sets", "fit", "judge")
"""What the plates and photographs are for, in turn."""


@dataclass(frozen=True)
class Sample:
    """One series: where it comes from and its lines, with the glyph that stands at each position ("": none,
    None: a separator, which labels leave out)."""

    source: str
    use: Use
    lines: tuple[tuple[PooledLine, tuple[str | None, ...]], ...]

    def judged(self) -> Iterator[tuple[PooledLine, list[int], list[str]]]:
        """Each line with the positions that are judged and their truths."""
        for line, truths in self.lines:
            kept = [(i, truth) for i, truth in enumerate(truths) if truth is not None]
            yield line, [i for i, _ in kept], [truth for _, truth in kept]


@dataclass(frozen=True)
class Task:
    """A sample to be made: plate `number` of a tier, of the second renderer where it is `foreign`; or a row
    `number` drawn on photographs in the folder `steel`; or a photograph with its lines, or piece `number` of
    its bare metal."""

    use: Use
    tier: Tier | None = None
    number: int = 0
    foreign: bool = False
    steel: Path | None = None
    photo: Path | None = None
    lines: str = ""
    bare: Labelled | None = None

    @property
    def name(self) -> str:
        """Of its file: the same task has the same name in every run."""
        if self.steel is not None:
            return f"steel-{self.number:05d}"
        if self.photo is None:
            return f"{'foreign-' if self.foreign else ''}{self.tier}-{self.number:05d}"
        photo = f"photo-{hashlib.sha256(str(self.photo).encode()).hexdigest()[:16]}"
        return photo if self.bare is None else f"{photo}-bare-{self.number}"


def tasks(plates: int, photos: Path | None, steel: Path | None = None) -> list[Task]:
    """`plates` of each tier and renderer, tier by turns, twice as many rows on the steel of a folder, then
    the labelled photographs of a folder."""
    numbers = [*range(plates), *range(FIRST_BARE, FIRST_BARE + plates // BARE)]
    made = [
        Task(USES[n % len(USES)], tier, n, foreign)
        for n in numbers
        for foreign in (False, True)
        for tier in TIERS
    ]
    made += [Task(USES[n % len(USES)], number=n, steel=steel) for n in range(2 * plates if steel else 0)]
    return made + (labelled_photos(photos) + bare_metal(photos) if photos else [])


def labelled_photos(folder: Path) -> list[Task]:
    """Photographs of the tuning half, with all lines labelled, of designations that our own reader was not
    trained on, and what each is for."""
    every = read_index(folder)
    trained = {row.designation for row in every if row.trains}
    rows = [row for row in every if row.lines and row.half == "tuning" and row.designation not in trained]
    return [Task(USES[n % len(USES)], photo=folder / row.path, lines=row.lines) for n, row in enumerate(rows)]


def bare_metal(folder: Path) -> list[Task]:
    """Pieces without a marking of the tuning half's photographs; our own reader saw the rows in them only."""
    return [
        Task(USES[n % len(USES)], number=piece, photo=folder / row.path, bare=row)
        for n, row in enumerate(bare_photographs(folder, "tuning"))
        for piece in range(PIECES)
    ]


def gathered(
    every: Sequence[Task], readers: Sequence[str], pool: Executor, kept: Path | None
) -> Iterator[Sample]:
    """The samples in the order of their tasks; those in `kept` are not made again, others are put there."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    there = {task: kept is not None and (kept / f"{task.name}.npz").is_file() for task in every}
    fresh = pool.map(partial(made, readers), [task for task in every if not there[task]])
    for task in every:
        path = None if kept is None else kept / f"{task.name}.npz"
        if there[task] and path is not None:
            yield replace(read(path), use=task.use)
            continue
        fresh_sample = next(fresh)
        if path is not None:
            write(path, fresh_sample)
        yield fresh_sample


def made(readers: Sequence[str], task: Task) -> Sample:
    if task.photo is not None and task.bare is not None:
        folder = Path(str(task.photo).removesuffix(task.bare.path))
        pieces = bare_pieces(folder, task.bare)[task.number : task.number + 1]
        photos = {i: Photo("piece", f"{i:02d}", pixels, "photograph") for i, pixels in enumerate(pieces)}
        return sample("real photographs", task.use, _lines_in(photos, readers), "")
    if task.photo is not None:
        lines = _lines_in({0: read_photo(task.photo)}, readers)
        return sample("real photographs", task.use, lines, task.lines)
    if task.steel is not None:
        return _on_steel(task, readers)
    assert task.tier is not None
    if task.foreign:
        return _foreign(task, task.tier, readers)
    # In faces that no reader was trained on, as those of casework are; drawn ones where none is installed.
    spec = random_spec(FIRST_SEED + task.number, task.tier, unseen_faces() or tuple(FACES), strip_text)
    if task.number >= FIRST_BARE:
        chance = np.random.default_rng([task.number, TIERS.index(task.tier)])
        spec = replace(spec, lines=(), fittings=random_fittings(chance, spec.size))
    plate = photographs(spec, COUNTS[(task.number // len(USES)) % len(COUNTS)])
    # The content's name must differ, or the photographs of the series would count as one.
    photos = {i: Photo("plate", f"{i:02d}", s.pixels, "simulated") for i, s in enumerate(plate.photographs)}
    return sample(task.tier, task.use, _lines_in(photos, readers), plate.text)


def _foreign(task: Task, tier: Tier, readers: Sequence[str]) -> Sample:
    """A plate of the second renderer with its region; a bare one where the number says so."""
    bare = task.number >= FIRST_BARE
    count = COUNTS[(task.number // len(USES)) % len(COUNTS)]
    plate = foreign_plate(FIRST_FOREIGN + task.number % FIRST_BARE, tier, count, blank=bare)
    photos = {i: Photo("plate", f"{i:02d}", p, "simulated") for i, p in enumerate(plate.photographs)}
    marks = {i: Mark(region, plate.rotate_cw) for i, region in enumerate(plate.region)}
    text = "".join(plate.text).replace(" ", "")
    return sample(f"foreign {tier}", task.use, _lines_in(photos, readers, marks), text)


def _on_steel(task: Task, readers: Sequence[str]) -> Sample:
    """A row in a face kept back on photographs that training does not open, its region given."""
    rng = np.random.default_rng([FIRST_SEED, task.number, 0x57EE1])
    faces = unseen_faces() or tuple(FACES)
    pictures = _kept_back(task.steel)
    while True:
        row = drawn_strip(rng, pictures, faces[task.number % len(faces)])
        if row.orientation == "upright" and row.counted.all():
            break
    frames = [
        cv2.resize(frame, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        for frame in row.pixels
    ]
    photos = {i: Photo("steel", f"{i:02d}", frame, "simulated") for i, frame in enumerate(frames)}
    high, wide = frames[0].shape
    inside = (REGION_MARGIN, REGION_MARGIN, wide - REGION_MARGIN, high - REGION_MARGIN)
    marks = dict.fromkeys(photos, Mark(inside, 0.0))
    text = "".join(GLYPHS[row.classes[i]] for i in np.argsort(row.middles))
    return sample("drawn on steel", task.use, _lines_in(photos, readers, marks), text)


@cache
def _kept_back(steel: Path | None) -> tuple[npt.NDArray[np.uint8], ...]:
    assert steel is not None
    return tuple(opened(steel_photographs(steel, kept_back=True)))


def _lines_in(
    photos: Mapping[int, Photo], readers: Sequence[str], marks: Mapping[int, Mark] | None = None
) -> Sequence[Hypothesis]:
    if not photos:
        return ()
    marks = dict.fromkeys(photos, Mark()) if marks is None else marks
    return find_lines(dict(photos), dict(marks), None, *working_readers(readers)).lines


def sample(source: str, use: Use, read: Sequence[Hypothesis], truth: str) -> Sample:
    """The lines that were read, the truth aligned with their characters. One without a glyph class judges
    nothing."""
    text = "".join(h.line.text for h in read)
    there = iter(aligned(plain(truth), plain(text)))
    marks = iter([_judging(next(there)) if plain(character) else None for character in text])
    lines = [(h.line, tuple(next(marks) for _ in h.line.string)) for h in read]
    return Sample(source, use, tuple(lines))


def _judging(truth: str) -> str | None:
    return truth if truth in ("", *GLYPHS) else None


def write(path: Path, sample: Sample) -> None:
    """The sample as arrays, without what calibration does not look at."""
    arrays: dict[str, Any] = {}
    for number, (line, truths) in enumerate(sample.lines):
        arrays[f"string{number}"] = np.array(line.string, np.int64)
        arrays[f"table{number}"] = line.table
        arrays[f"outside{number}"] = line.outside
        if line.small is not None:
            arrays[f"small{number}"] = line.small
        arrays[f"weight{number}"] = np.array(line.weight)
        arrays[f"photos{number}"] = np.array(list(line.by_photo), np.int64)
        arrays[f"truths{number}"] = np.array(json.dumps(truths))
        arrays[f"by_reader{number}"] = np.array(json.dumps(line.by_reader))
    partial_path = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial_path, source=sample.source, use=sample.use, lines=np.array(len(sample.lines)), **arrays
    )
    partial_path.replace(path)


def read(path: Path) -> Sample:
    """A kept sample; its lines have no cells and nothing by photograph."""
    with np.load(path, allow_pickle=False) as held:
        lines = []
        for number in range(int(held["lines"])):
            string = tuple(int(c) for c in held[f"string{number}"])
            table = held[f"table{number}"]
            photos = {int(photo): np.zeros_like(table) for photo in held[f"photos{number}"]}
            by_reader = json.loads(str(held[f"by_reader{number}"]))
            weight = float(held[f"weight{number}"])
            line = PooledLine(string, table, photos, held[f"outside{number}"], (), by_reader, (), weight)
            if f"small{number}" in held:
                line = replace(line, small=held[f"small{number}"])
            lines.append((line, tuple(json.loads(str(held[f"truths{number}"])))))
        use: Use = next(use for use in USES if use == str(held["use"]))
        return Sample(str(held["source"]), use, tuple(lines))
