"""The crop of a position: its size, and where the position lies in it."""

from __future__ import annotations

import numpy as np
import pytest

from examiner.photographs.crops import CROP_ASPECT, CROP_HEIGHT, crop_share, cut


def test_the_position_lies_in_the_middle_of_its_crop() -> None:
    pixels = np.zeros((200, 300), np.uint8)
    pixels[50:90, 100:120] = 255
    quad = ((100, 50), (120, 50), (120, 90), (100, 90))
    crop = cut(pixels, np.array(quad, float))
    assert crop.shape == (CROP_HEIGHT, round(CROP_HEIGHT * CROP_ASPECT))
    across, down = crop_share(quad)
    rows, columns = np.nonzero(crop > 127)
    assert np.ptp(columns) / crop.shape[1] == pytest.approx(across, abs=0.03)
    assert np.ptp(rows) / crop.shape[0] == pytest.approx(down, abs=0.03)
    assert columns.mean() == pytest.approx(crop.shape[1] / 2, abs=3)
