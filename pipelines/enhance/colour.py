"""Steps on colour: etched metal may differ from bare metal in hue where it does not in brightness.

A grey photograph has no colour to work on and comes out of all of these unchanged.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.step import Choice, Number, step
from pipelines.types import Image


@step(
    "colour",
    which=Choice(
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

    Copper films, rust and fluorescent particles stand out in one channel and drown in another. Polarity is
    that of the channel. A grey picture is unchanged.

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

    Assumes that the three channels are nearly alike, as on metal, and that the little by which they differ is
    what matters. Along the principal directions of colour each spread is made equal, about the mean colour.
    The colours of the result are not those of the metal; JPEG's blocks in colour come out as well. A grey
    picture is unchanged.

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


@step(
    "colour",
    which=Choice(("first", "second", "third"), "first: mostly brightness; third: what is left"),
    deviation=Number("of full range", 0.02, 0.4, "spread that the result gets"),
)
def principal_colour(image: Image, *, which: str = "second", deviation: float = 0.16) -> Image:
    """Makes a grey picture of one principal direction of the picture's colours, about mid-grey.

    The first holds what the channels share, the second and third what sets them apart: a film, a stain, an
    etched spot of another hue. The sign is that of the direction's largest part, so polarity carries no
    meaning. A grey picture is unchanged.

    which: "first", "second" or "third".
    deviation: of full range, 0.02 to 0.4. Standard deviation of the result; raised at most 30 times.

    Cost: 1 s for 24 megapixels.
    """
    if image.ndim == 2:
        return image
    mean, spreads, directions = _principal(image)
    index = ("first", "second", "third").index(which)
    weights = directions[:, index] * min(deviation / max(spreads[index], 1e-6), 30.0)
    return _mixed(image, weights[np.newaxis], np.array([0.5 - weights @ mean]))


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
