"""Series of photographs of rows of characters on photographed bare metal, for `benchmarks/on_metal.py`.

The metal is real: pictures of one kind, enlarged and joined by quilting (minimum error boundary cut; Efros
and Freeman 2001, doi 10.1145/383259.383296). Enlarging loses the grain finer than two of the picture's own
pixels; fine noise at the final scale takes its place, so that the metal is not smooth there. The large
shading of each picture is taken off, or the joints would show.

The marks are drawn: a stroke alphabet of its own (`on_metal_glyphs.py`), and four ways in which an etched
mark differs from the metal round it, mixed anew for each character and each photograph: darker or lighter;
rougher or smoother; relief, one edge bright and one dark, by the lamp of that photograph; a halo beside the
stroke. They are as strong as a number says times the metal's own variation at the width of a stroke, just
there. Everything follows from seed and number, and not from the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.on_metal_glyphs import CUTS, STROKES, Cut, drawn, extent, lines_of
from pipelines.glyphs import CYRILLIC, DIGITS, LATIN
from pipelines.strip import inverse, moved
from pipelines.types import Matrix, Quad, as_quad

JUDGED_KINDS = ("inclusion", "rolled-in_scale")
"""Kinds of metal that only this judge may use. Training may use crazing, patches, pitted_surface and
scratches, and no picture of these two."""

PHOTOGRAPHS = 6
WIDTH, HEIGHT = 920, 360
EDGE = 32
"""Pixels of metal round the photograph, so that motion never shows what is not there."""

PICTURES = 4
"""Pictures of metal a plate."""

STRENGTHS = (0.8, 8.0)
"""Least and greatest strength of a plate, drawn evenly in its logarithm: from below sight to plain."""

LEAST_VARIATION = 1.5
"""Grey levels: smooth metal counts as if it varied as much as a camera's noise leaves at a stroke's width."""

CHARACTERS = (5, 9)
CYRILLIC_SHARE = 0.25
SERIAL_SHARE = 0.4

Floats = npt.NDArray[np.float32]


class NoMetalError(ValueError):
    """The folder holds no pictures of the kinds that are judged."""


@dataclass(frozen=True, eq=False)
class Plate:
    """A series of photographs of one row, and the truth about it.

    `files`: JPEG as the camera stored them. `boxes`: of each character, `band`: of the row, in the pixels of
    the plate; `motions` take these to the pixels of each photograph. `regions`: x0, y0, x1, y1 that a person
    drew round the row, in each photograph. `visibility`: of each character, mean over
    photographs of the root mean square of what the mark changed at the width of a stroke, over that of the
    bare metal there. `text` is "" on a bare plate, which has a band all the same.
    """

    number: int
    kind: str
    script: str
    cut: str
    text: str
    files: tuple[bytes, ...]
    boxes: tuple[Quad, ...]
    band: Quad
    motions: tuple[Matrix, ...]
    regions: tuple[tuple[float, float, float, float], ...]
    visibility: tuple[float, ...]

    def photograph(self, index: int) -> npt.NDArray[np.uint8]:
        """Grey pixels, (H, W)."""
        content = np.frombuffer(self.files[index], np.uint8)
        return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), np.uint8)

    def band_in(self, index: int) -> Quad:
        return as_quad(moved(self.band, self.motions[index]))


# Metal ----------------------------------------------------------------------------------------------------


@cache
def metal_files(folder: Path) -> dict[str, tuple[Path, ...]]:
    """The pictures of each judged kind, by number. Raises NoMetalError where a kind has none."""
    inside = folder / "steel" if (folder / "steel").is_dir() else folder
    files: dict[str, list[tuple[int, Path]]] = {kind: [] for kind in JUDGED_KINDS}
    for path in inside.iterdir() if inside.is_dir() else ():
        kind, _, number = path.stem.rpartition("_")
        if kind in files and number.isdigit() and path.suffix.lower() in (".jpg", ".png", ".bmp"):
            files[kind].append((int(number), path))
    empty = [kind for kind in JUDGED_KINDS if not files[kind]]
    if empty:
        raise NoMetalError(
            f"{inside} holds no photographs of bare metal of the kinds {', '.join(empty)}; expected grey "
            f"pictures named KIND_NUMBER.jpg. Give the folder that holds them, or the one above `steel`."
        )
    return {kind: tuple(path for _, path in sorted(several)) for kind, several in files.items()}


@cache
def metal_digest(folder: Path) -> str:
    """SHA-256 over names and bytes of the pictures: plates of other pictures are other plates."""
    digest = sha256()
    for several in metal_files(folder).values():
        for path in several:
            digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def pictures_of(folder: Path, kind: str, place: int, seed: int) -> list[Floats]:
    """The pictures of the plate that is number `place` of its kind: none is used twice before all were."""
    files = metal_files(folder)[kind]
    order = np.random.default_rng([seed, JUDGED_KINDS.index(kind)]).permutation(len(files))
    chosen = [files[order[(place * PICTURES + n) % len(files)]] for n in range(min(PICTURES, len(files)))]
    pictures = []
    for path in chosen:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise NoMetalError(f"{path} is not a picture that can be read; take it away or mend it.")
        pictures.append(np.asarray(picture, np.float32))
    return pictures


def alike(pictures: list[Floats]) -> list[Floats]:
    """The pictures without their large shading, with one mean and one contrast."""
    flat = [one - 0.85 * cv2.GaussianBlur(one, (0, 0), 0.15 * one.shape[0]) for one in pictures]
    spread = float(np.median([one.std() for one in flat]))
    level = float(np.mean([one.mean() for one in pictures]))
    return [
        np.asarray((one - one.mean()) * (spread / max(float(one.std()), 1e-3)) + level, np.float32)
        for one in flat
    ]


def quilted(
    pictures: list[Floats], height: int, width: int, rng: np.random.Generator, block: int = 200, lap: int = 56
) -> Floats:
    """(height, width) of metal from blocks of the pictures, each laid over its neighbours along the cut of
    least error. Pictures smaller than a block make blocks smaller."""
    block = min(block, *(min(one.shape) for one in pictures))
    lap = min(lap, block // 3)
    step = block - lap
    rows, columns = -(-(height - lap) // step), -(-(width - lap) // step)
    metal = np.zeros((rows * step + lap, columns * step + lap), np.float32)
    for row in range(rows):
        for column in range(columns):
            y, x = row * step, column * step
            there = metal[y : y + block, x : x + block]
            best, mask = _best_block(pictures, there, row > 0, column > 0, lap, rng)
            there += mask * (best - there)
    return metal[:height, :width]


def _best_block(
    pictures: list[Floats], there: Floats, above: bool, beside: bool, lap: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Of a few blocks drawn the one that fits best, and where it is laid (0..1)."""
    size = there.shape[0]
    tried: list[tuple[float, Floats]] = []
    for _ in range(16):
        picture = pictures[rng.integers(len(pictures))]
        y, x = (int(rng.integers(length - size + 1)) for length in picture.shape)
        one = picture[y : y + size, x : x + size]
        difference = (one - there) ** 2
        error = (difference[:lap].mean() if above else 0.0) + (difference[:, :lap].mean() if beside else 0.0)
        tried.append((float(error), one))
    best = min(tried, key=lambda pair: pair[0])[1]
    difference = (best - there) ** 2
    mask = np.ones_like(there)
    if above:
        mask[:lap] *= _boundary(difference[:lap].T).T
    if beside:
        mask[:, :lap] *= _boundary(difference[:, :lap])
    return best, np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.5) * (mask > 0), np.float32)


def _boundary(error: Floats) -> Floats:
    """1 right of the path of least error from the first to the last row of (N, lap) errors, else 0."""
    costs = error.astype(np.float64)
    for row in range(1, len(costs)):
        before = np.pad(costs[row - 1], 1, constant_values=np.inf)
        costs[row] += np.minimum(np.minimum(before[:-2], before[1:-1]), before[2:])
    mask = np.zeros_like(error)
    at = int(costs[-1].argmin())
    for row in range(len(costs) - 1, -1, -1):
        mask[row, at:] = 1
        if row:
            first = max(0, at - 1)
            at = first + int(costs[row - 1, first : at + 2].argmin())
    return mask


def bare_metal(pictures: list[Floats], height: int, width: int, rng: np.random.Generator) -> Floats:
    """Grey 0..255 at the final scale, fine noise included."""
    times = float(rng.uniform(2, 4))
    large = [
        np.asarray(cv2.resize(one, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.float32)
        for one in alike(pictures)
    ]
    turned = [np.ascontiguousarray(np.rot90(one, int(rng.integers(2)) * 2)) for one in large]
    metal = quilted(turned, height, width, rng)
    # What is lost lies below two enlarged pixels: noise of that scale, as strong as what is next to it.
    grain = rng.standard_normal((height, width)).astype(np.float32)
    grain -= cv2.GaussianBlur(grain, (0, 0), times / 2)
    detail = metal - cv2.GaussianBlur(metal, (0, 0), times)
    metal += grain * (0.5 * float(detail.std()) / float(grain.std()))
    level, spread = float(rng.uniform(95, 150)), float(rng.uniform(0.8, 1.2))
    return np.asarray((metal - metal.mean()) * spread + level, np.float32)


def at_stroke_width(picture: Floats, thickness: float) -> Floats:
    """What of a picture is as wide as a stroke: the difference of two Gaussians."""
    fine = cv2.GaussianBlur(picture, (0, 0), 0.4 * thickness)
    return np.asarray(fine - cv2.GaussianBlur(picture, (0, 0), 1.6 * thickness), np.float32)


# Marks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Mark:
    """One character's pictures in a window of the plate: the soft stroke, its slopes along x and y, its halo,
    and the metal's own grain in it; each for strength 1. `area`: where the mark can be seen.
    `variation` of the metal at the width of a stroke, grey levels; `smoothest`: strength that leaves a tenth
    of the grain."""

    window: tuple[slice, slice]
    soft: Floats
    slopes: tuple[Floats, Floats]
    halo: Floats
    grain: Floats
    area: npt.NDArray[np.bool_]
    variation: float
    smoothest: float

    def change(self, weights: Floats, lamp: float) -> Floats:
        """Grey levels that this mark adds. `weights`: of contrast, texture, relief and halo, signed; `lamp`:
        radians."""
        contrast, texture, relief, halo = (float(v) for v in weights)
        slope = np.cos(lamp) * self.slopes[0] + np.sin(lamp) * self.slopes[1]
        # Metal can be made as rough as one likes, but not smoother than smooth.
        grain = max(texture, -self.smoothest)
        return np.asarray(
            self.variation * (contrast * self.soft + grain * self.grain + relief * slope + halo * self.halo),
            np.float32,
        )


def mark_of(metal: Floats, stroke: Floats, thickness: float, softness: float) -> Mark:
    """`stroke`: coverage of the whole plate by one character."""
    ys, xs = np.nonzero(stroke > 0)
    reach = int(4 * thickness) + 2
    window = (
        slice(max(0, int(ys.min()) - reach), int(ys.max()) + reach),
        slice(max(0, int(xs.min()) - reach), int(xs.max()) + reach),
    )
    here, under = stroke[window], metal[window]
    soft = cv2.GaussianBlur(here, (0, 0), softness)
    slopes = np.gradient(cv2.GaussianBlur(here, (0, 0), max(softness, 0.25 * thickness)))
    steepest = max(float(np.abs(slope).max()) for slope in slopes)
    halo = cv2.GaussianBlur(here, (0, 0), 0.9 * thickness) * (1 - soft)
    grain = under - cv2.GaussianBlur(under, (0, 0), 0.5 * thickness)
    variation = max(float(at_stroke_width(metal, thickness)[window].std()), LEAST_VARIATION)
    return Mark(
        window,
        np.asarray(soft, np.float32),
        (np.asarray(slopes[1] / steepest, np.float32), np.asarray(slopes[0] / steepest, np.float32)),
        np.asarray(halo / max(float(halo.max()), 1e-6), np.float32),
        np.asarray(soft * grain / max(float(grain.std()), 1e-3), np.float32),
        np.asarray(cv2.GaussianBlur(here, (0, 0), 0.6 * thickness) > 0.15, np.bool_),
        variation,
        0.9 * float(grain.std()) / variation,
    )


def soft_zones(places: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """For places 0..1 along the row how much of its strength a mark keeps: it fades in one or two zones."""
    kept = np.ones_like(places)
    for _ in range(int(rng.integers(1, 3))):
        middle, reach = rng.uniform(0, 1), rng.uniform(0.08, 0.3)
        kept *= 1 - rng.uniform(0.2, 0.75) * np.exp(-0.5 * ((places - middle) / reach) ** 2)
    return kept


def row_of(rng: np.random.Generator, script: str) -> str:
    """Characters in random order, or some letters and then digits, as serials have them."""
    letters = "".join(glyph for glyph in CYRILLIC if glyph in STROKES) if script == "cyrillic" else LATIN
    count = int(rng.integers(CHARACTERS[0], CHARACTERS[1] + 1))
    if rng.random() < SERIAL_SHARE:
        first = int(rng.integers(1, 4))
        from_ = [letters] * first + [DIGITS] * (count - first)
    else:
        from_ = [letters + DIGITS] * count
    return "".join(several[rng.integers(len(several))] for several in from_)


@dataclass(frozen=True, eq=False)
class CutRow:
    """A row as it is cut: coverage of the plate by each character, its box, the band and the stroke's width,
    pixels."""

    strokes: tuple[Floats, ...]
    boxes: tuple[Quad, ...]
    band: Quad
    thickness: float
    places: npt.NDArray[np.float64]


def cut_row(text: str, cut: Cut, shape: tuple[int, int], rng: np.random.Generator) -> CutRow:
    """The row in the middle of a plate of (height, width) `shape`, give or take; tilted by up to 3°."""
    rows, columns = shape
    spans = [extent(glyph, cut) for glyph in text]
    gap = float(rng.uniform(0.26, 0.42))
    length = sum(end - start for start, end in spans) + gap * (len(text) - 1)
    height = min(float(rng.uniform(58, 92)), (columns - 2 * EDGE - 130) / (length + 0.5))
    weight = cut.weight * float(rng.uniform(0.9, 1.15))
    turn = np.radians(rng.uniform(-3, 3))
    along = np.array([np.cos(turn), np.sin(turn)]) * height
    down = np.array([-np.sin(turn), np.cos(turn)]) * height
    loose_x = max(0.0, (columns - 2 * EDGE - 110 - length * height) / 2)
    loose_y = max(0.0, (rows - 2 * EDGE - 2.4 * height) / 2 - 24)
    middle = np.array(
        [columns / 2 + rng.uniform(-loose_x, loose_x), rows / 2 + rng.uniform(-loose_y, loose_y)]
    )
    origin = middle - along * length / 2 - down / 2
    strokes, boxes, places = [], [], []
    at, pad = 0.0, weight / 2
    for glyph, (start, end) in zip(text, spans, strict=True):
        lines = lines_of(glyph, cut)
        jolt = np.radians(rng.normal(0, 0.8))
        turned = np.array([[np.cos(jolt), -np.sin(jolt)], [np.sin(jolt), np.cos(jolt)]])
        shift = rng.normal(0, 0.012, 2)
        centre = np.array([(start + end) / 2, 0.5])
        basis = np.stack([along, down], axis=1)
        linear = basis @ turned
        offset = origin + basis @ (np.array([at - start, 0.0]) + centre + shift) - linear @ centre
        matrix = np.concatenate([linear, offset[:, None]], axis=1)
        strokes.append(drawn(lines, matrix, weight * height, shape))
        points = np.concatenate(lines)
        (x0, y0), (x1, y1) = points.min(axis=0) - pad, points.max(axis=0) + pad
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        boxes.append(as_quad(corners @ linear.T + offset))
        places.append((at + (end - start) / 2) / length)
        at += end - start + gap
    ends = [(-pad, -pad), (length + pad, -pad), (length + pad, 1 + pad), (-pad, 1 + pad)]
    band = as_quad([origin + along * x + down * y for x, y in ends])
    return CutRow(tuple(strokes), tuple(boxes), band, weight * height, np.array(places))


# Photographs ----------------------------------------------------------------------------------------------


def motion_of(rng: np.random.Generator) -> Matrix:
    """From the plate to a photograph of it: shifts of at most 6 px, 1°, 1 %."""
    turn, scale = np.radians(rng.uniform(-1, 1)), 1 + rng.uniform(-0.01, 0.01)
    shift = rng.uniform(-6, 6, 2)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    plate, middle = np.array([WIDTH / 2 + EDGE, HEIGHT / 2 + EDGE]), np.array([WIDTH / 2, HEIGHT / 2])
    motion = np.eye(3)
    motion[:2, :2], motion[:2, 2] = linear, middle + shift - linear @ plate
    return motion


def taken(surface: Floats, motion: Matrix, rng: np.random.Generator) -> bytes:
    """The photograph: motion, uneven light, the camera's noise, JPEG."""
    picture = cv2.warpPerspective(
        surface, motion, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
    a, b, bow = (float(v) for v in rng.uniform((-0.25, -0.15, -0.15), (0.25, 0.15, 0.05)))
    picture = picture * (1 + a * x + b * y + bow * (x * x + y * y)) * float(rng.uniform(0.85, 1.12))
    noise = rng.standard_normal(picture.shape).astype(np.float32) * float(rng.uniform(1.5, 4.5))
    pixels = np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)
    quality = int(rng.integers(82, 95))
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def relit(metal: Floats, lamp: float, share: float) -> Floats:
    """The metal under a lamp from one side, its grey taken for height: texture moves with the lamp too."""
    smooth = cv2.GaussianBlur(metal, (0, 0), 1.2)
    slope = np.cos(lamp) * np.gradient(smooth, axis=1) + np.sin(lamp) * np.gradient(smooth, axis=0)
    spread = max(float(slope.std()), 1e-3)
    return np.asarray(metal + share * float(metal.std()) * slope / spread, np.float32)


def on_metal_plate(
    folder: Path, seed: int, number: int, *, bare: bool = False, strength: float | None = None
) -> Plate:
    """Plate `number` of a seed. `bare`: the same metal, motions and light without a mark. `strength`: instead
    of the one drawn. Raises NoMetalError. About a second."""
    rng = np.random.default_rng([seed, number])
    kind = JUDGED_KINDS[number % len(JUDGED_KINDS)]
    pictures = pictures_of(folder, kind, number // len(JUDGED_KINDS), seed)
    script = "cyrillic" if rng.random() < CYRILLIC_SHARE else "latin"
    text = row_of(rng, script)
    cut = list(CUTS)[rng.integers(len(CUTS))]
    shape = (HEIGHT + 2 * EDGE, WIDTH + 2 * EDGE)
    row = cut_row(text, CUTS[cut], shape, rng)
    metal = bare_metal(pictures, *shape, rng)
    low, high = np.log(STRENGTHS)
    level = float(np.exp(rng.uniform(low, high)))
    level = level if strength is None else strength
    softness = float(rng.uniform(0.12, 0.3)) * row.thickness
    marks = [mark_of(metal, stroke, row.thickness, softness) for stroke in row.strokes]
    kept = level * soft_zones(row.places, rng) * np.exp(rng.normal(0, 0.25, len(text)))
    mixture = rng.dirichlet((1.2, 0.9, 1.2, 0.5)) ** 0.5
    sign = rng.choice((-1.0, 1.0), 4)
    # One for all photographs: a person draws one box and carries it over.
    margins = rng.uniform(0.25, 0.6, 4)
    files, motions, regions, seen = [], [], [], []
    at_width = at_stroke_width(metal, row.thickness)
    for _ in range(PHOTOGRAPHS):
        lamp = float(rng.uniform(0, 2 * np.pi))
        surface = relit(metal, lamp, float(rng.uniform(0, 0.35)))
        photo_weights = mixture * np.exp(rng.normal(0, 0.5, 4)) * np.exp(rng.normal(0, 0.3))
        flips = np.where(rng.random(4) < (0.25, 0.1, 0.0, 0.25), -1, 1)
        each = np.exp(rng.normal(0, 0.3, (len(text), 4)))
        changed = np.zeros_like(metal)
        for mark, own, weights in zip(marks, kept, each, strict=True):
            changed[mark.window] += mark.change(
                (own * weights * photo_weights * sign * flips).astype(np.float32), lamp
            )
        seen.append(visibility(changed, at_width, marks, row.thickness))
        motion = motion_of(rng)
        files.append(taken(surface if bare else surface + changed, motion, rng))
        motions.append(motion)
        regions.append(region_round(row.band, motion, margins))
    return Plate(
        number,
        kind,
        script,
        cut,
        "" if bare else text,
        tuple(files),
        () if bare else row.boxes,
        row.band,
        tuple(motions),
        tuple(regions),
        () if bare else tuple(float(v) for v in np.mean(seen, axis=0)),
    )


def visibility(changed: Floats, metal: Floats, marks: list[Mark], thickness: float) -> list[float]:
    """Root mean square of what each mark changed over that of the metal, both at the width of a stroke.

    `metal`: at that width already.
    """
    change = at_stroke_width(changed, thickness)
    return [
        float(np.sqrt((change[mark.window][mark.area] ** 2).mean() / (metal[mark.window] ** 2).mean()))
        for mark in marks
    ]


def region_round(
    band: Quad, motion: Matrix, margins: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Box round a band in a photograph, with margins left, above, right and below in heights of the band."""
    there = moved(band, motion)
    height = float(np.linalg.norm(there[3] - there[0]))
    (x0, y0), (x1, y1) = there.min(axis=0), there.max(axis=0)
    left, above, right, below = margins * height
    box = (max(0.0, x0 - left), max(0.0, y0 - above), min(WIDTH, x1 + right), min(HEIGHT, y1 + below))
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def to_strip(plate: Plate, index: int, grown_by: float, height: int) -> tuple[Matrix, int]:
    """What takes a photograph's pixels to the row cut out by its true band, grown by a share of its height on
    every side and `height` pixels high; and the width of that strip."""
    a, b, c, d = np.asarray(plate.band)
    along, down = (b - a) / np.linalg.norm(b - a), d - a
    tall = float(np.linalg.norm(down))
    out, over = along * tall * grown_by, down * grown_by
    quad = np.array([a - out - over, b + out - over, c + out + over, d - out + over])
    long = float(np.linalg.norm(quad[1] - quad[0]))
    scale = height / (tall * (1 + 2 * grown_by))
    width = round(long * scale)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    from_plate = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    return from_plate @ inverse(plate.motions[index]), width


def straightened(plate: Plate, index: int, grown_by: float, height: int) -> npt.NDArray[np.uint8]:
    """The row cut out of a photograph by its true band, grown by a share of its height on every side."""
    matrix, width = to_strip(plate, index, grown_by, height)
    return np.asarray(
        cv2.warpPerspective(
            plate.photograph(index),
            matrix,
            (width, height),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )
