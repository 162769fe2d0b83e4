"""Proposal, fusion and time strip have one source for where the photographs of a series lie."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from examiner.page.pictures.images import Pictures
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.page.time_strip.rows import TimeRows
from examiner.photographs.fused_folder import registered_photographs
from pipelines.enhance.recipe import shipped_recipes
from pipelines.photographs.photo import read_photo
from pipelines.propose import propose_series
from pipelines.registration.hand_points import read_alignment
from pipelines.strip import inverse, moved

AGREE = 0.2
"""Pixels: a reader may decode in grey and the page renders in 8 bits, so that the last digits differ."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Four photographs of a sample: one stored on its side, one that shows another plate and has points."""
    folder = tmp_path_factory.mktemp("series")
    sample = Path(str(files("sample_images") / "03_worn"))
    for number in (1, 2):
        (folder / f"{number}.jpg").write_bytes((sample / f"frame_{number:02d}.jpg").read_bytes())
    with Image.open(sample / "frame_03.jpg") as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(folder / "3.jpg", exif=exif, quality=95)
    other = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
    (folder / "4.jpg").write_bytes(other.read_bytes())
    points = [(100, 100, 120, 90), (500, 110, 520, 105), (120, 400, 135, 395)]
    lines = [f"4.jpg,{x},{y},2.jpg,{u},{v}" for x, y, u, v in points]
    (folder / "alignment.csv").write_text("\n".join(["file,x,y,other,other_x,other_y", *lines]) + "\n")
    return folder


def test_proposal_fusion_and_time_strip_agree(folder, tmp_path, monkeypatch):
    paths = sorted(folder.glob("*.jpg"))
    names = [path.name for path in paths]
    hand = {
        (names.index(name), names.index(other)): matrix
        for (name, other), matrix in read_alignment(folder).items()
    }
    assert list(hand) == [(3, 1)]
    inside = []
    monkeypatch.setattr(
        "pipelines.propose.keep_intermediates", lambda stages, _lines, _folder: inside.append(stages)
    )
    proposal = propose_series(
        paths, readers=["marks"], frame=0, by_hand=hand, intermediates=tmp_path / "inside"
    )
    stack = registered_photographs(paths, "1.jpg").stack
    kept = [
        SimpleNamespace(path=path, sha256=read_photo(path).sha256, frame_time_s=None, taken=None)
        for path in paths
    ]
    rows = TimeRows(Pictures(tmp_path / "pictures", PixelCache()), shipped_recipes()["as_taken"])
    try:
        strip = [rows.alignment(kept[i], kept[0], kept, hand) for i in range(4)]
    finally:
        rows.stop()
    assert [entry.laid.split(",")[0] for entry in proposal.photos] == [a.words.split(",")[0] for a in strip]
    assert strip[3].how == "by hand" and strip[2].how == "correlation"
    height, width = read_photo(paths[0]).pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    fused = {layer.index: layer.to_reference for layer in stack.layers}
    (stages,) = inside
    for index in range(4):
        places = [
            moved(corners, inverse(matrix))
            for matrix in (stages.alignments[index].to_reference, fused[index], strip[index].to_reference)
        ]
        for place in places[1:]:
            assert np.abs(place - places[0]).max() < AGREE
