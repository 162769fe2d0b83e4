"""Where the lamp stood for each photograph: `lights.csv` in a folder, written by a person.

Columns `file,azimuth,elevation`, in degrees. `azimuth` runs clockwise from 12 o'clock in the photograph as it
is seen (EXIF orientation applied): 0 shines from the top of the picture, 90 from the right. `elevation` is
above the surface: 90 shines straight down, as a coaxial light does. A photograph without a row has no known
light.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.errors import LightsError
from pipelines.photographs.folder_table import read_rows

FILE_NAME = "lights.csv"
COLUMNS = ("file", "azimuth", "elevation")

FLATTEST = 0.06
"""Least over greatest singular value of the light directions; below, noise is raised more than about
sixteenfold and they count as lying in one plane."""


@dataclass(frozen=True)
class LightDirection:
    """`azimuth` degrees clockwise from 12 o'clock as the photograph is seen, 0 to below 360; `elevation`
    degrees above the surface, above 0 to 90."""

    azimuth: float
    elevation: float


def direction(azimuth: float, elevation: float, where: str) -> LightDirection:
    """Checked. Raises LightsError naming `where` for what is no direction of a lamp above the surface."""
    if not (math.isfinite(azimuth) and -360 <= azimuth <= 360):
        raise LightsError(
            f"{where}: azimuth is a number of degrees, clockwise from 12 o'clock, got {azimuth:g}"
        )
    if not (math.isfinite(elevation) and 0 < elevation <= 90):
        raise LightsError(f"{where}: elevation is above 0 to 90 degrees over the surface, got {elevation:g}")
    # The remainder of a tiny negative number is 360 itself.
    return LightDirection(azimuth % 360 % 360, elevation)


def read_lights(folder: Path) -> dict[str, LightDirection]:
    """Light directions by `composed` file name; empty where the folder has no lights.csv.

    Raises LightsError naming file and row, for a second row of one file as well.
    """
    lights: dict[str, LightDirection] = {}
    for name, row in read_rows(folder / FILE_NAME, COLUMNS, "", LightsError):
        if name in lights:
            raise LightsError(
                f"{row.where}: a second row for {name!r}; expected one light for each photograph"
            )
        azimuth, elevation = (row.number(column, "a number of degrees") for column in COLUMNS[1:])
        lights[name] = direction(azimuth, elevation, row.where)
    return lights


def towards(light: LightDirection) -> npt.NDArray[np.float64]:
    """Unit vector to the lamp: x right, y down, z to the camera."""
    azimuth, elevation = math.radians(light.azimuth), math.radians(light.elevation)
    level = math.cos(elevation)
    return np.array([math.sin(azimuth) * level, -math.cos(azimuth) * level, math.sin(elevation)])


def check_spread(lights: Sequence[LightDirection]) -> None:
    """Raises LightsError where the directions lie in one plane, or so nearly that no slope follows."""
    spread = np.linalg.svd(np.array([towards(light) for light in lights]), compute_uv=False)
    if len(lights) < 3 or spread[2] < FLATTEST * spread[0]:
        said = ", ".join(f"{light.azimuth:g}°/{light.elevation:g}°" for light in lights)
        raise LightsError(
            f"the light directions lie in one plane or nearly so (azimuth/elevation {said}); the slope "
            "across it cannot be told. Take photographs with the lamp at three or more sides, best all round."
        )


def opposed(lights: Mapping[int, LightDirection]) -> tuple[int, int] | None:
    """The two keys, least first, whose lamps stood most nearly opposite each other, None where no two are
    more than 120° apart in azimuth. The least keys where several are as good."""
    best: tuple[float, int, int] | None = None
    for first in sorted(lights):
        for other in sorted(key for key in lights if key > first):
            apart = abs((lights[first].azimuth - lights[other].azimuth + 180) % 360 - 180)
            if apart > 120 and (best is None or apart > best[0]):
                best = apart, first, other
    return None if best is None else best[1:]
