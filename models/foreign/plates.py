"""Foreign plates: photographs of marked metal from a second renderer.

    python -m models.foreign.plates OUT --tier etched --count 20 --seed 1 [--blank-share 0.1]

Nothing here shares code, typeface or texture with `models.plates`. Training sees rows of plates with seeds of
its own (`models/training/foreign_strips.py`), the benchmarks other seeds; whether a reader reads more than
the pictures it knows is judged by `benchmarks/on_metal.py`, which shares nothing with either. OUT gets a
folder per plate with its photographs and `regions.csv` (file, x0, y0, x1, y1, rotate_cw), and `truth.csv` at
the top.
The same seed and tier give the same bytes with the same versions of NumPy, OpenCV, Pillow and fonts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.faces import DRAWN, faces, missing_faces
from models.foreign.light import Light, Picture, camera, develop, expose, take
from models.foreign.marks import METHODS, Mark, Place, Tool, places, strike, tool
from models.foreign.metal import Generator
from models.foreign.scene import build, frame, light_of
from pipelines.glyphs import CYRILLIC, DIGITS, LATIN, SEPARATORS
from pipelines.spreadsheet import csv_row, csv_text

Tier = Literal["intact", "worn", "etched"]
TIERS: tuple[Tier, ...] = get_args(Tier)
PHOTOGRAPHS = {"intact": 1, "worn": 3, "etched": 6}
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ForeignPlate:
    """One plate and its series of N characters in F photographs.

    `text` holds the rows (a space is a position without character), `glyphs` (N,) the characters row by row.
    `photographs` F × (H, W, 3) uint8 RGB; `files` the JPEG each is decoded from. `quads` F × (N, 4, 2)
    float64: each character's box, clockwise from its own top left, in stored pixels (origin at the centre of
    the top-left pixel). `region` F × (x0, y0, x1, y1) round the row with a margin of 0.2 to 0.6 character
    heights. `views` F × (3, 3): from the plate's own plane to stored pixels, one plane for all photographs.
    Turning the photographs clockwise by `rotate_cw` (0, 90, 180, 270) makes them upright.
    """

    tier: str
    method: str
    parameters: dict[str, Any]
    text: tuple[str, ...]
    photographs: tuple[Picture, ...]
    files: tuple[bytes, ...]
    quads: tuple[Points, ...]
    glyphs: tuple[str, ...]
    region: tuple[tuple[float, float, float, float], ...]
    views: tuple[Points, ...]
    rotate_cw: int


def random_text(rng: Generator) -> str:
    """A serial number: half letters then digits, half any glyph classes in any order."""
    if rng.random() < 0.5:
        letters = CYRILLIC if rng.random() < 0.2 else LATIN
        prefix = "".join(rng.choice(list(letters), rng.integers(1, 4)))
        middle = str(rng.choice(["", " ", "-"], p=[0.72, 0.2, 0.08]))
        return prefix + middle + "".join(rng.choice(list(DIGITS), rng.integers(3, 8)))
    length = int(
        rng.choice([3, 4, 5, 6, 7, 8, 9, 10, 11], p=[0.03, 0.05, 0.2, 0.2, 0.2, 0.14, 0.12, 0.04, 0.02])
    )
    kinds = rng.choice(4, length, p=[0.42, 0.40, 0.14, 0.04])
    text = [str(rng.choice(list((DIGITS, LATIN, CYRILLIC, SEPARATORS)[kind]))) for kind in kinds]
    if length > 4 and rng.random() < 0.2:
        text[int(rng.integers(1, length - 1))] = " "
    return "".join(text)


def foreign_plate(
    seed: int,
    tier: Tier,
    photographs: int | None = None,
    blank: bool = False,
    motions: Mapping[int, Points] | None = None,
    piece: int | None = None,
) -> ForeignPlate:
    """The plate of `seed` in `tier` with `photographs` frames (1 intact, 3 worn, 6 etched by default).

    A `blank` plate went through the same hands without ever having had characters; its region lies where a
    row could be. `motions`: by number of the frame a homography (3, 3) of the upright photograph's pixels by
    which the camera was moved further; the plate goes on beyond its edge as in a mirror. `piece`: the seed of
    another piece of metal, light and hand, struck with the very same row in the same place. Sizes 900×600 to
    1600×1200 upright, cap heights 24 to 110 pixels. ValueError for an unknown tier or less than one
    photograph.
    """
    if tier not in TIERS:
        raise ValueError(f"tier {tier!r} is none of {', '.join(TIERS)}")
    count = PHOTOGRAPHS[tier] if photographs is None else photographs
    if count < 1:
        raise ValueError(f"a plate needs at least one photograph, not {count}")
    rng = np.random.default_rng([seed, TIERS.index(tier), 0xF0E])
    width = int(rng.integers(900, 1601))
    height = int(np.clip(width * rng.choice([2 / 3, 3 / 4, rng.uniform(0.6, 0.8)]), 600, 1200))
    shape = (round(height * 1.12), round(width * 1.12))
    text = tuple(random_text(rng) for _ in range(1 if rng.random() < 0.93 else 2))
    method = str(
        rng.choice(METHODS, p=[0.5, 0.22, 0.14, 0.14] if tier != "etched" else [0.6, 0.22, 0.13, 0.05])
    )
    used = tool(rng, method, faces(), DRAWN)
    row, wide, high = places(rng, text, used)
    cap = float(np.exp(rng.uniform(np.log(24), np.log(110))))
    cap = max(24.0, min(cap, 0.78 * width / wide, 0.5 * height / high))
    turn = float(rng.normal(0, 0.02))
    slack = np.maximum([0.9 * width - wide * cap, 0.7 * height - high * cap], 0) / 2
    middle = np.array([shape[1], shape[0]]) / 2 + rng.uniform(-0.8, 0.8, 2) * slack
    cos, sin = np.cos(turn), np.sin(turn)
    start = middle - np.array([[cos, -sin], [sin, cos]]) @ (wide * cap / 2, high * cap / 2)
    marks = [strike(rng, place, used, cap, start, turn, shape) for place in row]
    if piece is not None:
        rng = np.random.default_rng([piece, TIERS.index(tier), 0xF0F])
    corners = np.stack([mark.corners for mark in marks])
    box = (*corners.min(axis=(0, 1)), *corners.max(axis=(0, 1)))
    over = _restruck(rng, marks, row, used, cap, start, turn, shape) if tier == "worn" and not blank else {}
    struck = [] if blank else marks
    scene = build(rng, tier, shape, box, struck, [mark for mark, _ in over.values()], used, cap)
    lamp = Light(
        float(rng.uniform(0, 2 * np.pi)),
        float(rng.uniform(16, 45)),
        float(rng.uniform(0.3, 1.0)),
        float(rng.uniform(0.05, 0.7)),
        float(rng.choice([0.0, rng.uniform(0.05, 0.3)])),
    )
    softness = float(rng.uniform(0.1, 1.0) * np.clip(cap / 55, 0.4, 1))
    warm = float(rng.normal(0, 0.06))
    held = float(rng.normal(0, 2.2))
    rotate = int(rng.choice([0, 90, 180, 270], p=[0.94, 0.02, 0.02, 0.02]))
    margin = rng.uniform(0.2, 0.6)
    files, quads, regions, views, frames = [], [], [], [], []
    for index in range(count):
        time = (index + rng.uniform(0.2, 0.8)) / count
        powder = scene.etched.powder if scene.etched else ""
        light = light_of(rng, tier, index, count, lamp, powder)
        linear, state = frame(rng, scene, light, time)
        view = (motions or {}).get(index, np.eye(3)) @ _held(rng, shape, (height, width), corners, held)
        shot = camera(rng, softness, warm)
        if powder == "fluorescent":  # a dark picture under UV is left dark
            shot = replace(shot, exposure=0.45 * shot.exposure)
        shown = cv2.warpPerspective(
            expose(linear, scene.metal.plate, shot),
            view,
            (width, height),
            flags=cv2.INTER_CUBIC if cap < 40 else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        quad, stored = _stored(_moved(view, corners), np.asarray(shown, np.uint8), rotate)
        views.append(_turned_back((width, height), rotate) @ view)
        files.append(take(rng, stored, shot))
        regions.append(_region(quad, margin * cap, (stored.shape[1], stored.shape[0])))
        quads.append(quad if not blank else np.zeros((0, 4, 2)))
        frames.append(state | {"azimuth": round(light.azimuth % (2 * np.pi), 2), "quality": shot.quality})
    parameters = {
        "face": used.face,
        "missing_faces": list(missing_faces()),
        "stroke": round(used.stroke, 3),
        "cap": round(cap, 1),
        **scene.parameters,
        "restruck": {index: mark.character for index, (mark, _) in over.items()},
        "frames": frames,
    }
    return ForeignPlate(
        tier,
        method,
        parameters,
        () if blank else text,
        tuple(develop(file) for file in files),
        tuple(files),
        tuple(quads),
        tuple(mark.character for mark in struck),
        tuple(regions),
        tuple(views),
        rotate,
    )


def _restruck(
    rng: Generator,
    marks: Sequence[Mark],
    row: Sequence[Place],
    used: Tool,
    cap: float,
    start: Points,
    turn: float,
    shape: tuple[int, int],
) -> dict[int, tuple[Mark, Place]]:
    """Other characters struck over some of the row; the truth stays what was there first."""
    if rng.random() > 0.2:
        return {}
    made = {}
    for index in rng.choice(len(marks), min(len(marks), int(rng.integers(1, 3))), replace=False):
        other = str(rng.choice([c for c in DIGITS + LATIN if c != marks[index].character]))
        (new,), _, _ = places(rng, [other], used)
        moved = Place(
            new.glyph, other, row[index].x + rng.normal(0, 0.05), row[index].y, new.turn, new.size, new.lean
        )
        made[int(index)] = (strike(rng, moved, used, cap, start, turn, shape), moved)
    return made


def _held(
    rng: Generator, shape: tuple[int, int], size: tuple[int, int], corners: Points, held: float
) -> Points:
    """Canvas to photograph, (3, 3), as a hand holds the camera; the row stays in the picture."""
    height, width = size
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    middle = np.array([shape[1] / 2, shape[0] / 2])
    for attempt in range(12):
        ease = 0.7**attempt
        turn = np.radians(np.clip(held + rng.normal(0, 0.9), -6.5, 6.5) * ease)
        scale = 1 + rng.normal(0, 0.02) * ease
        c, s = np.cos(turn) * scale, np.sin(turn) * scale
        shift = rng.normal(0, 0.012, 2) * width * ease
        target = (frame - (width / 2, height / 2)) @ np.array([[c, s], [-s, c]]) + (width / 2, height / 2)
        target += shift + rng.normal(0, 0.006, (4, 2)) * width * ease
        source = frame - (width / 2, height / 2) + middle
        view = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
        moved = _moved(view, corners)
        if (moved >= 3).all() and (moved <= (width - 4, height - 4)).all():
            break
    return np.asarray(view, np.float64)


def _moved(view: Points, points: Points) -> Points:
    flat = np.concatenate([points.reshape(-1, 2), np.ones((points.size // 2, 1))], axis=1) @ view.T
    return np.asarray((flat[:, :2] / flat[:, 2:]).reshape(points.shape), np.float64)


def _stored(quads: Points, picture: Picture, rotate_cw: int) -> tuple[Points, Picture]:
    """Turns an upright picture and its points against `rotate_cw`."""
    for _ in range(rotate_cw // 90):
        width = picture.shape[1]
        picture = np.rot90(picture)
        quads = np.stack([quads[..., 1], width - 1 - quads[..., 0]], axis=-1)
    return quads, np.ascontiguousarray(picture)


def _turned_back(size: tuple[int, int], rotate_cw: int) -> Points:
    """(3, 3) what `_stored` does to the points of an upright picture of `size` (width, height)."""
    matrix = np.eye(3)
    for _ in range(rotate_cw // 90):
        matrix = np.array([[0, 1, 0], [-1, 0, size[0] - 1], [0, 0, 1.0]]) @ matrix
        size = size[::-1]
    return matrix


def _region(quads: Points, margin: float, size: tuple[int, int]) -> tuple[float, float, float, float]:
    low = np.maximum(quads.min(axis=(0, 1)) - margin, 0)
    high = np.minimum(quads.max(axis=(0, 1)) + margin, (size[0] - 1, size[1] - 1))
    x0, y0, x1, y1 = (round(float(value), 1) for value in (*low, *high))
    return x0, y0, x1, y1


def write_plate(plate: ForeignPlate, folder: Path) -> None:
    """The photographs as the camera stored them, and `regions.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, (file, region) in enumerate(zip(plate.files, plate.region, strict=True), start=1):
        name = f"frame_{index:02d}.jpg"
        (folder / name).write_bytes(file)
        rows.append([name, *region, plate.rotate_cw])
    heading = ("file", "x0", "y0", "x1", "y1", "rotate_cw")
    (folder / "regions.csv").write_text(csv_text(heading, rows), "utf-8-sig", newline="")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--tier", choices=TIERS, required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="plates have the seeds SEED, SEED + 1, …")
    parser.add_argument("--photographs", type=int, help="frames of a plate")
    parser.add_argument("--blank-share", type=float, default=0.0, help="share of plates without characters")
    arguments = parser.parse_args(words)
    if missing_faces():
        sys.stderr.write(f"drawn without the faces {', '.join(missing_faces())}: no such font files\n")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "truth.csv").open("w", encoding="utf-8-sig", newline="") as output:
        heading = ("series", "text", "tier", "method", "face", "cap", "blank", "seed", "parameters")
        output.write(csv_row(heading, "\n"))
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            blank = bool(np.random.default_rng([seed, 0xB1A]).random() < arguments.blank_share)
            plate = foreign_plate(seed, arguments.tier, arguments.photographs, blank)
            series = f"{arguments.tier}_{seed:05d}"
            write_plate(plate, arguments.out / series)
            values = plate.parameters
            row = [series, "|".join(plate.text), plate.tier, plate.method, values["face"], values["cap"]]
            output.write(csv_row([*row, int(blank), seed, json.dumps(values, ensure_ascii=False)], "\n"))
            sys.stderr.write(f"\r{seed - arguments.seed + 1}/{arguments.count}")
            sys.stderr.flush()
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()
