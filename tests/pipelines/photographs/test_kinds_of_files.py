"""Files of several pictures, times, storage, few bits, alpha."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image

from pipelines.errors import PhotoTooLargeError
from pipelines.photographs.capture_time import capture_time, instant
from pipelines.photographs.photo import is_sidecar, is_storage, picture_numbers, read_photo

RNG = np.random.default_rng(5)
SHADES = np.clip(np.linspace(40, 200, 320)[None, :, None] + RNG.normal(0, 12, (240, 320, 3)), 0, 255).astype(
    np.uint8
)


def kinds(path: Path, **how: Any) -> list[str]:
    return [notice.kind for notice in read_photo(path, **how).notices]


def test_every_picture_of_a_stack_is_given(tmp_path: Path) -> None:
    planes = np.stack([SHADES[..., 0], SHADES[..., 1], SHADES[..., 2]])
    for name, how in (("plain.tif", {}), ("imagej.tif", {"imagej": True}), ("of.ome.tif", {"ome": True})):
        path = tmp_path / name
        tifffile.imwrite(path, planes, photometric="minisblack", **how)
        assert picture_numbers(path) == (0, 1, 2)
        for number in range(3):
            assert np.array_equal(read_photo(path, picture=number).pixels, planes[number]), name
        (notice,) = read_photo(path).notices
        assert notice.kind == "several_pictures" and "left out: 2" in notice.message


def test_the_full_picture_comes_before_its_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(SHADES[::8, ::8, 0], subfiletype=1)
        writer.write(SHADES[..., 0])
    photo = read_photo(path)
    assert photo.picture == 1 and np.array_equal(photo.pixels, SHADES[..., 0])
    assert picture_numbers(path) == (1,)
    assert "40 × 30" in photo.notices[0].message


def test_heic_and_mpo_give_all_their_pictures(tmp_path: Path) -> None:
    other = np.ascontiguousarray(SHADES[::-1])
    heic, mpo = tmp_path / "a.heic", tmp_path / "b.jpg"
    file = pillow_heif.from_pillow(Image.fromarray(SHADES))
    file.add_from_pillow(Image.fromarray(other))
    file.save(heic, quality=-1)
    Image.fromarray(SHADES).save(mpo, "MPO", save_all=True, append_images=[Image.fromarray(other)])
    for path in (heic, mpo):
        assert picture_numbers(path) == (0, 1)
        first, second = (read_photo(path, picture=number).pixels.astype(int) for number in (0, 1))
        assert np.mean(np.abs(first - SHADES)) < 10 and np.mean(np.abs(second - other)) < 10


def test_times_with_zones_sort_and_unset_clocks_have_none() -> None:
    def moment(**exif: str) -> str:
        return instant(*capture_time(exif))

    phone = moment(DateTimeOriginal="2024:05:06 10:00:00", OffsetTimeOriginal="+02:00")
    camera = moment(DateTimeOriginal="2024:05:06 09:00:00", OffsetTimeOriginal="+00:00")
    assert phone == "2024:05:06 08:00:00" < camera
    assert moment(DateTimeOriginal="2024:05:06 22:00:00", OffsetTime="-05:30") == "2024:05:07 03:30:00"
    for unset in (
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "",
        "1980:01:01 00:00:07",
        "2024:13:01 00:00:00",
    ):
        assert capture_time({"DateTimeOriginal": unset}) == ("", "")
    assert moment(DateTimeDigitized="2024:05:06 08:30:00") == "2024:05:06 08:30:00"
    assert moment(DateTimeOriginal="0000:00:00 00:00:00", DateTimeDigitized="2024:05:06 08:30:00")


@pytest.mark.parametrize(
    "name", ["@eaDir", "#recycle", "$RECYCLE.BIN", "@Recently-Snapshot", "__MACOSX", ".Trashes"]
)
def test_folders_of_storage_devices(name: str) -> None:
    assert is_storage(Path(name))
    assert not is_storage(Path(f"case {name}"))


@pytest.mark.parametrize("name", ["a.THM", "a.aae", "a.WAV", "a.xmp", "a.jpg.pp3", "Thumbs.db", "._a.jpg"])
def test_sidecars(name: str) -> None:
    assert is_sidecar(Path(name))
    assert not is_sidecar(Path("a.jpg"))


def test_few_bits_in_a_deep_file_are_stretched_and_named(tmp_path: Path) -> None:
    for bits in (8, 10, 12):
        path = tmp_path / f"{bits}.tif"
        values = (SHADES[..., 0].astype(np.uint16) << (bits - 8)) | 1
        values[0, 0] = (1 << bits) - 1
        tifffile.imwrite(path, values)
        photo = read_photo(path)
        assert [notice.kind for notice in photo.notices] == ["few_bits"]
        assert np.array_equal(photo.pixels, values << (16 - bits))
    tifffile.imwrite(tmp_path / "deep.tif", SHADES[..., 0].astype(np.uint16) * 257)
    assert kinds(tmp_path / "deep.tif") == []


def test_a_picture_in_the_alpha_channel_is_named(tmp_path: Path) -> None:
    forms: tuple[tuple[str, int, dict[str, Any]], ...] = (
        ("a.png", 0, {}),
        ("b.webp", 255, {"lossless": True}),
        ("c.tif", 9, {}),
    )
    for name, colour, how in forms:
        pixels = np.full((240, 320, 4), colour, np.uint8)
        pixels[..., 3] = SHADES[..., 0]
        Image.fromarray(pixels).save(tmp_path / name, **how)
        (notice,) = read_photo(tmp_path / name).notices
        assert notice.kind == "alpha" and "alpha channel" in notice.message
    opaque = np.dstack([SHADES, np.full((240, 320), 255, np.uint8)])
    Image.fromarray(opaque).save(tmp_path / "d.png")
    assert kinds(tmp_path / "d.png") == []


def test_a_deep_png_of_more_than_a_gibibyte_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 14_000, 14_200, 16, 6, 0, 0, 1)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(PhotoTooLargeError, match="GiB"):
        read_photo(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.tif"
    os.mkfifo(pipe)
    assert picture_numbers(pipe) == (0,)
