"""The sample series that travel with the program: `python -m models.plates.samples [FOLDER]` makes them
again.

The same program on the same kind of processor writes the same bytes. Serials are invented; no real item is
shown or imitated.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.etch import Etching
from models.plates.light import Glow, Light
from models.plates.obliterate import Obliteration
from models.plates.plate import Photograph, Plate, photographs
from models.plates.spec import Handling, PlateSpec
from models.plates.strike import Punch
from models.plates.surface import Surface

FOLDER = Path(__file__).resolve().parents[2] / "sample_images"

LICENCE = "Simulated by models/plates of this project, under the project's licence; no real item is shown."

VISIBLE = 0.25
"""Visibility from which a character counts as there to be seen; assumption, set by eye."""


@dataclass(frozen=True)
class Series:
    """One folder of samples: its name, what it shows, the plate, how many frames, JPEG quality 1..95."""

    folder: str
    shows: str
    spec: PlateSpec
    count: int
    quality: int


def _camera(size: tuple[float, float], scale: float, **changes: Any) -> Camera:
    return Camera(width=1120, height=768, scale=scale, aim=(size[0] / 2, size[1] / 2), **changes)


WINDOW = Glow((-0.06, -0.16), 0.05, (0.85, 0.92, 1.02))
CEILING = Glow((0.14, 0.1), 0.12, (0.4, 0.37, 0.32))
WARM_WALL = Glow((0.2, -0.05), 0.16, (0.5, 0.42, 0.32))

SERIES = (
    Series(
        "01_intact_stamped",
        "hand-stamped number on a ground steel plate, lamp going round",
        PlateSpec(
            seed=101,
            lines=("QX 48271",),
            tier="intact",
            size=(68.0, 40.0),
            dirt=0.35,
            punch=Punch(
                face="gothic",
                height=6.0,
                stroke=0.8,
                depth=0.26,
                pitch=6.2,
                aspect=1.05,
                pitch_spread=0.04,
                baseline_spread=0.035,
                turn_spread=1.6,
                lean_spread=0.25,
                ragged=0.025,
            ),
            surface=Surface("steel", "ground", 3.0, 0.05, 0.13, 0.05, 0.35, 0.15),
            body=Body(3.0, 0.6, 0.0, ((6.0, 6.0, 1.8), (62.0, 34.0, 1.8)), (0.02, 0.05, 0.04), 0.4),
            light=Light(320, 32, 170, 0.1, 1.6, 0.2, (1.0, 0.97, 0.92), 0.03, (WINDOW, WARM_WALL)),
            camera=_camera((68.0, 40.0), 14.9, turn=-2.0, blur=0.7, contrast=1.25, gain=0.2),
        ),
        4,
        84,
    ),
    Series(
        "02_intact_two_lines",
        "two stamped lines, Cyrillic prefix and number, on a dark blued plate",
        PlateSpec(
            seed=202,
            lines=("ЖИ 4827", "ФП-63"),
            tier="intact",
            size=(58.0, 42.0),
            dirt=0.1,
            punch=Punch(
                face="typewriter",
                height=5.0,
                stroke=0.62,
                depth=0.2,
                pitch=5.8,
                line_gap=9.5,
                profile="flat",
                burr=0.22,
                pitch_spread=0.03,
                turn_spread=1.2,
                lean_spread=0.2,
                ragged=0.02,
            ),
            surface=Surface("blued", "ground", 91.0, 0.08, 0.08, 0.03, 0.5, 0.2),
            body=Body(1.5, 0.8, 0.5, (), (0.1, 0.075, 0.05), 0.6),
            light=Light(40, 34, 160, 0.1, 2.2, 0.4, (1.0, 0.96, 0.9), 0.04, (WINDOW, CEILING)),
            camera=_camera((58.0, 42.0), 16.6, turn=3.0, blur=0.65, contrast=1.25, gain=0.35),
        ),
        4,
        84,
    ),
    Series(
        "03_worn",
        "machine-stamped number lightly and unevenly ground, relief left everywhere",
        PlateSpec(
            seed=303,
            lines=("B70392K",),
            tier="worn",
            size=(64.0, 40.0),
            dirt=0.15,
            punch=Punch(
                face="narrow",
                height=6.2,
                stroke=0.75,
                depth=0.24,
                pitch=5.6,
                aspect=1.15,
                profile="flat",
                depth_spread=0.15,
                lean_spread=0.2,
                ragged=0.03,
            ),
            surface=Surface("stainless", "milled", 8.0, 0.45, 0.08, 0.02, 0.3, 0.1),
            body=Body(1.0, 0.5, 0.0, ((5.0, 20.0, 1.5),), (0.05, 0.055, 0.07), 0.3),
            obliteration=Obliteration(
                0.15, (0.22, 0.1), 0.15, (6.0, 9.0, 54.0, 22.0), 6.0, (64.0, 12.0), 0.09, 0.07
            ),
            light=Light(300, 26, 180, 0.09, 1.8, 0.2, (1.0, 0.98, 0.95), 0.03, (WINDOW, CEILING)),
            camera=_camera((64.0, 40.0), 15.5, turn=1.5, blur=0.75, contrast=1.25, gain=0.25),
        ),
        4,
        84,
    ),
    Series(
        "04_heavily_ground",
        "number ground nearly away: some characters only in traces, some gone",
        PlateSpec(
            seed=404,
            lines=("H362584",),
            tier="worn",
            size=(66.0, 42.0),
            dirt=0.3,
            punch=Punch(
                face="gothic",
                height=6.0,
                stroke=0.85,
                depth=0.25,
                pitch=6.2,
                depth_spread=0.16,
                lean_spread=0.3,
                turn_spread=1.5,
                ragged=0.03,
            ),
            surface=Surface("steel", "cast", 0.0, 0.22, 0.1, 0.02, 0.3, 0.5),
            body=Body(2.0, 0.9, 0.0, (), (0.11, 0.075, 0.05), 0.6),
            obliteration=Obliteration(
                0.17, (0.22, 0.08), 0.08, (5.0, 8.0, 56.0, 26.0), 8.0, (22.0, -14.0), 0.12, 0.08
            ),
            light=Light(330, 24, 150, 0.08, 2.0, 0.2, (1.0, 0.95, 0.86), 0.03, (WARM_WALL, CEILING)),
            camera=_camera((66.0, 42.0), 15.1, turn=-3.0, blur=0.8, contrast=1.25, gain=0.3),
        ),
        4,
        84,
    ),
    Series(
        "05_etched_over_time",
        "ground flat and etched: characters come and go over the minutes, darker or lighter than the ground",
        PlateSpec(
            seed=633,
            lines=("7LA4906",),
            tier="etched",
            size=(66.0, 42.0),
            punch=Punch(face="gothic", height=6.4, stroke=0.85, depth=0.26, pitch=6.4, depth_spread=0.12),
            surface=Surface("steel", "ground", 88.0, 0.1, 0.1, 0.02, 0.3, 0.2),
            body=Body(1.5, 0.6, 0.0, (), (0.05, 0.06, 0.065), 0.4),
            obliteration=Obliteration(
                0.36, (0.08, 0.05), 0.05, (3.0, 6.0, 60.0, 30.0), 10.0, (50.0, 6.0), 0.09, 0.07
            ),
            etching=Etching(0.36, 3.2, 0.8, 0.55, 60.0, 170.0, 0.55, 0.002, 0.35, (15.0, 300.0)),
            light=Light(310, 48, 220, 0.16, 1.5, 0.25, (1.0, 0.97, 0.93), 0.04, (WINDOW, CEILING)),
            camera=_camera((66.0, 42.0), 15.1, turn=1.0, blur=0.75, contrast=1.25, gain=0.25),
            handling=Handling(azimuth_step=0.0, azimuth_spread=6.0),
        ),
        6,
        84,
    ),
    Series(
        "06_etched_partly_lost",
        "etched number with an empty position, a character struck over another, and an end ground too deep "
        "to come back",
        PlateSpec(
            seed=606,
            lines=("D83 51EM2",),
            tier="etched",
            size=(70.0, 42.0),
            overstruck=((0, 2, "6"),),
            punch=Punch(
                face="typewriter",
                height=5.4,
                stroke=0.72,
                depth=0.22,
                pitch=6.0,
                depth_spread=0.18,
                lean_spread=0.25,
            ),
            surface=Surface("stainless", "milled", 4.0, 0.35, 0.08, 0.02, 0.3, 0.1),
            body=Body(1.0, 0.5, 0.0, ((65.0, 6.0, 1.6),), (0.06, 0.03, 0.028), 0.6),
            obliteration=Obliteration(
                0.42, (0.85, 0.0), 0.08, (2.0, 6.0, 64.0, 30.0), 9.0, (80.0, 34.0), 0.1, 0.08
            ),
            etching=Etching(0.45, 2.1, 0.9, 0.5, 60.0, 300.0, 0.5, 0.002, 0.45, (30.0, 280.0)),
            light=Light(35, 42, 200, 0.14, 1.6, 0.25, (1.0, 0.96, 0.9), 0.04, (WINDOW, WARM_WALL)),
            camera=_camera((70.0, 42.0), 14.4, turn=-1.5, blur=0.8, contrast=1.25, gain=0.3),
            handling=Handling(azimuth_step=0.0, azimuth_spread=10.0),
        ),
        5,
        84,
    ),
)


def state(relief: float, contrast: float, visibility: float) -> str:
    """What is left of a character in one frame: "relief", "etched_dark", "etched_light" or "not_visible"."""
    if visibility < VISIBLE:
        return "not_visible"
    if relief >= VISIBLE:
        return "relief"
    return "etched_dark" if contrast < 0 else "etched_light"


def _rounded(values: npt.NDArray[np.float64], digits: int) -> Any:
    return np.round(values, digits).tolist()


def _frame(name: str, plate: Plate, photograph: Photograph) -> dict[str, Any]:
    return {
        "file": name,
        "dwell_s": round(photograph.dwell, 1),
        "homography": _rounded(photograph.homography, 9),
        "quads": _rounded(photograph.quads, 2),
        "contrast": _rounded(photograph.contrast, 3),
        "visibility": _rounded(photograph.visibility, 3),
        "states": [
            state(character.relief, float(contrast), float(visibility))
            for character, contrast, visibility in zip(
                plate.characters, photograph.contrast, photograph.visibility, strict=True
            )
        ],
        "light": asdict(photograph.light),
        "camera": asdict(photograph.camera),
    }


def truth(series: Series, plate: Plate) -> dict[str, Any]:
    """The content of truth.json: mm and stored pixels, corners clockwise from each character's top left."""
    names = [f"frame_{number + 1:02d}.jpg" for number in range(series.count)]
    return {
        "series": series.folder,
        "shows": series.shows,
        "licence": LICENCE,
        "text": plate.text,
        "lines": list(plate.spec.lines),
        "characters": [asdict(character) for character in plate.characters],
        "frames": [_frame(name, plate, shot) for name, shot in zip(names, plate.photographs, strict=True)],
        "spec": asdict(plate.spec),
    }


def make(series: Series, folder: Path) -> None:
    """Writes one series' frames and truth.json into `folder`/its own name."""
    plate = photographs(series.spec, series.count)
    place = folder / series.folder
    place.mkdir(parents=True, exist_ok=True)
    content = truth(series, plate)
    for frame, shot in zip(content["frames"], plate.photographs, strict=True):
        Image.fromarray(shot.pixels).save(
            place / frame["file"], "JPEG", quality=series.quality, optimize=True
        )
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False)
    (place / "truth.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for sample in SERIES:
        make(sample, Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
