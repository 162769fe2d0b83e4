"""How a strip is presented to our own reader; training presents strips by the same function."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

HEIGHT = 48
"""Rows of a strip as the network sees it."""

STEP = 16
"""Strips are made wider to a multiple of this, by repeating their last column."""

MOST_WIDE = 2048

REACH = 12.0
"""Standard deviation in pixels of the surroundings that a pixel is compared with: about a character."""

FAINTEST = 0.012
"""Added to the local standard deviation: what varies less than this is noise, not marking."""


SMOOTHED = 0.03, 0.06
"""Standard deviations, in heights of the strip, of the smoothed copies that a network may look at beside the
strip: what etching leaves is coarser than what a tool does."""


CHANNELS = 1 + len(SMOOTHED)
"""Of what is presented: the strip and its smoothed copies."""


def presented(strip: npt.NDArray[np.float32], channels: int = CHANNELS) -> npt.NDArray[np.float32]:
    """(channels, 48, W) from a strip as `scaled` gives it: normalised, then its smoothed copies, each
    normalised anew. The negative gives exactly the negative."""
    copies = [smoothed(strip, share) for share in (0.0, *SMOOTHED)[:channels]]
    return np.stack([normalised(copy) for copy in copies])


def smoothed(strip: npt.NDArray[np.float32], share: float) -> npt.NDArray[np.float32]:
    """The strip seen through a Gaussian of `share` of its height; itself for 0."""
    if share == 0:
        return strip
    return cv2.GaussianBlur(strip, (0, 0), share * strip.shape[0], borderType=cv2.BORDER_REFLECT)


def scaled(piece: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Grey [0, 1], 48 rows, aspect kept up to `MOST_WIDE` columns, from (H, W) or (H, W, 3) RGB in [0, 1]."""
    grey = piece if piece.ndim == 2 else cv2.cvtColor(piece, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    columns = int(np.clip(round(width * HEIGHT / height), STEP, MOST_WIDE))
    interpolation = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    return np.clip(cv2.resize(grey, (columns, HEIGHT), interpolation=interpolation), 0, 1)


def normalised(strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The strip less its local mean, over its local standard deviation, within ±4; same shape.

    The negative gives exactly the negative, up to rounding of float32.
    """
    mean = cv2.GaussianBlur(strip, (0, 0), REACH, borderType=cv2.BORDER_REFLECT)
    off = strip - mean
    deviation = np.sqrt(cv2.GaussianBlur(off * off, (0, 0), REACH, borderType=cv2.BORDER_REFLECT))
    return np.clip(off / (deviation + np.float32(FAINTEST)), -4, 4)
