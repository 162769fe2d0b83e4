"""Steps on colour: etched metal may differ from bare metal in hue where it does not in brightness.

A grey photograph has no colour to work on and comes out of all of these unchanged.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.step import ChoiceParameter, Number, step
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

SHADES = 4096
"""Colours of a scale; more than a photograph of 8 bits can tell apart."""


@step(
    "colour",
    which=ChoiceParameter(
        (
            "red",
            "green",
            "blue",
            "lightest",
            "darkest",
            "lightness",
            "green_red",
            "blue_yellow",
            "saturation",
        ),
        "what becomes the grey of the result",
    ),
)
def channel(image: Image, *, which: str = "green") -> Image:
    """Makes a grey picture of one channel of the colour.

    Polarity is that of the channel. A grey picture is unchanged.

    Assumes that the mark differs in one hue: copper films, rust and fluorescent particles stand out in one
    channel and drown in another.

    Lies by the camera's own processing: colour is stored coarser than brightness, most of all in a JPEG.

    which: "red", "green", "blue"; "lightest" or "darkest" of the three at each pixel; CIE "lightness";
    "green_red" and "blue_yellow" (CIE a and b, 128 units each way about mid-grey); "saturation" (of HSV).

    Cost: 0.1 s for 24 megapixels, 0.5 s for the CIE ones.
    """
    if image.ndim == 2:
        return image
    if which in ("red", "green", "blue"):
        return image[..., ("red", "green", "blue").index(which)]
    if which == "lightest":
        return image.max(axis=2)
    if which == "darkest":
        return image.min(axis=2)
    if which == "saturation":
        return cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[..., 1]
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    if which == "lightness":
        return lab[..., 0] / np.float32(100)
    return lab[..., 1 if which == "green_red" else 2] / np.float32(256) + np.float32(0.5)


@step(
    "colour",
    deviation=Number("of full range", 0.02, 0.4, "spread that every direction of colour gets"),
    most=Number("times", 1, 50, "the most that a direction is spread"),
)
def decorrelation_stretch(image: Image, *, deviation: float = 0.16, most: float = 12.0) -> Image:
    """Spreads the colours that the picture has as far apart as they will go, keeping their hues' order.

    Along the principal directions of colour each spread is made equal, about the mean colour. A grey picture
    is unchanged.

    Assumes that the three channels are nearly alike, as on metal, and that the little by which they differ is
    what matters.

    Lies in its colours, which are not those of the metal, and by showing JPEG's blocks and colour noise.

    deviation: of full range, 0.02 to 0.4. Standard deviation that each direction gets.
    most: times, 1 to 50. Limit for directions that hold next to nothing but noise.

    Cost: 3 s for 24 megapixels.
    Reference: Gillespie, Kahle, Walker, Remote Sensing of Environment 20 (1986) 209,
    doi 10.1016/0034-4257(86)90044-1.
    """
    if image.ndim == 2:
        return image
    mean, spreads, directions = _principal(image)
    times = np.minimum(deviation / np.maximum(spreads, 1e-6), most)
    turn = (directions * times) @ directions.T
    return _mixed(image, turn, mean - turn @ mean)


@step("colour", scale=ChoiceParameter(("viridis", "cividis", "turbo"), "colours from dark to bright"))
def false_colour(image: Image, *, scale: str = "viridis") -> Image:
    """Shows brightness as colour: the eye parts more hues than shades of grey.

    The last step of a chain. A colour picture counts by its luminance; a grey one becomes colour.
    Polarity is that of the scale: "viridis" and "cividis" (for eyes that do not part red from green) go from
    dark to bright evenly; "turbo" parts most, unevenly.

    Assumes that brightness carries the mark.

    Lies by borders where the hue turns quickly: a smooth slope looks like steps, most of all with "turbo".

    scale: "viridis", "cividis" or "turbo".

    Cost: a look-up for each pixel.
    Reference: Nuñez, Anderton, Renslow, PLOS ONE 13 (2018) e0199239, doi 10.1371/journal.pone.0199239.
    """
    levels = np.arange(256, dtype=np.uint8)[np.newaxis]
    coarse = cv2.applyColorMap(levels, getattr(cv2, f"COLORMAP_{scale.upper()}"))[0, :, ::-1] / 255
    shades = np.linspace(0, 255, SHADES)
    table = np.stack([np.interp(shades, np.arange(256), coarse[:, index]) for index in range(3)], axis=1)
    place = np.round(luminance(image) * np.float32(SHADES - 1)).astype(np.int32)
    return np.asarray(table.astype(np.float32)[place], np.float32)


def _principal(
    image: Image,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean colour, standard deviations and directions (columns) of the colours, largest first."""
    planes = [image[..., index].astype(np.float64) for index in range(3)]
    mean = np.array([plane.mean() for plane in planes])
    # Sums of products instead of a matrix product: its result would depend on the number of threads.
    covariance = np.array(
        [[float(np.mean((planes[i] - mean[i]) * (planes[j] - mean[j]))) for j in range(3)] for i in range(3)]
    )
    values, vectors = np.linalg.eigh(covariance)
    directions = vectors[:, ::-1]
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, range(3)])
    return mean, np.sqrt(np.maximum(values[::-1], 0)), directions


def _mixed(image: Image, weights: npt.NDArray[np.float64], offset: npt.NDArray[np.float64]) -> Image:
    """Each row of `weights` (rows, 3) applied to the channels, plus `offset`; one row gives grey."""
    planes = [
        image[..., 0] * np.float32(row[0])
        + image[..., 1] * np.float32(row[1])
        + image[..., 2] * np.float32(row[2])
        + np.float32(add)
        for row, add in zip(weights, offset, strict=True)
    ]
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=2)
