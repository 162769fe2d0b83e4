"""Photographs read as stored, and every unusable file named by its cause."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageOps

from pipelines.errors import (
    PhotoDamagedError,
    PhotoEmptyError,
    PhotoError,
    PhotoFormatError,
    PhotoMissingError,
    PhotoPermissionError,
    PhotoRenamedError,
    PhotoTooLargeError,
    PhotoTruncatedError,
)
from pipelines.photographs.exif import exif_of_raw
from pipelines.photographs.photo import (
    grey,
    grey_photo,
    photo_paths,
    read_photo,
    upright_image,
    upright_matrix,
)
from pipelines.types import Photo

RNG = np.random.default_rng(7)
RGB = RNG.integers(0, 256, (24, 40, 3), dtype=np.uint8)
GREY = RGB[..., 0]
RGB16 = RNG.integers(0, 65536, (24, 40, 3), dtype=np.uint16)
GREY16 = RGB16[..., 0]
SMOOTH = np.stack(np.broadcast_arrays(*np.ogrid[0:96:4, 0:160:4], np.full((1, 1), 90)), axis=2).astype(
    np.uint8
)


def encoded(pixels: np.ndarray, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    PillowImage.fromarray(pixels).save(stream, form, **options)
    return stream.getvalue()


def tiff(pixels: np.ndarray, **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, metadata=None, **options)
    return stream.getvalue()


def cv2_tiff(pixels: np.ndarray) -> bytes:
    """LZW, which neither Pillow (16-bit colour) nor tifffile can write here."""
    written, data = cv2.imencode(".tif", pixels[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert written
    return data.tobytes()


def png16(pixels: np.ndarray) -> bytes:
    """A 16-bit PNG written by hand: Pillow cannot, and OpenCV must not test itself."""
    height, width = pixels.shape[:2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2] if pixels.ndim == 3 else 1]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def heif(pixels: np.ndarray, exif: bytes | None = None) -> bytes:
    stream = io.BytesIO()
    mode = "RGB" if pixels.dtype == np.uint8 else "RGB;16"
    size = (pixels.shape[1], pixels.shape[0])
    pillow_heif.encode(
        mode, size, pixels.tobytes(), stream, quality=-1, chroma=444, **({"exif": exif} if exif else {})
    )
    return stream.getvalue()


def dng(orientation: int = 1) -> bytes:
    """A minimal DNG: one sensor image of 64 × 96 in the pattern RGGB, the top left quarter brighter."""
    sensor = np.full((64, 96), 3000, np.uint16)
    sensor[:32, :48] = 9000
    unit = [value for row in np.eye(3, dtype=int) for cell in row for value in (int(cell) * 10000, 10000)]
    tags = [
        (50706, 1, 4, b"\x01\x04\x00\x00", True),
        (50707, 1, 4, b"\x01\x01\x00\x00", True),
        (50708, 2, 0, "Test Camera", True),
        (271, 2, 0, "Test", True),
        (272, 2, 0, "Camera", True),
        (274, 3, 1, orientation, True),
        (33421, 3, 2, (2, 2), True),
        (33422, 1, 4, bytes([0, 1, 1, 2]), True),
        (50721, 10, 9, unit, True),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),
        (50714, 4, 1, 0, True),
        (50717, 4, 1, 16383, True),
        (50778, 3, 1, 21, True),
        (36867, 2, 0, "2024:05:06 07:08:09", True),
    ]
    return tiff(sensor, photometric=32803, extratags=tags, software=None)


def exif_block(orientation: int) -> bytes:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    return exif.tobytes()


VALID = {
    "a.jpg": encoded(SMOOTH, "JPEG", exif=exif_block(6)),
    "a.png": encoded(RGB, "PNG"),
    "b.png": png16(RGB16),
    "a.tif": tiff(RGB, photometric="rgb"),
    "b.tif": tiff(RGB16, photometric="rgb", compression="zlib"),
    "c.tif": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "a.bmp": encoded(RGB, "BMP"),
    "a.webp": encoded(RGB, "WEBP", lossless=True),
    "a.heic": heif(SMOOTH),
    "a.dng": dng(),
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def _write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return _write


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("rgb.png", encoded(RGB, "PNG"), RGB),
        ("grey.png", encoded(GREY, "PNG"), GREY),
        ("alpha.png", encoded(np.dstack([RGB, GREY]), "PNG"), RGB),
        ("grey_alpha.png", encoded(np.dstack([GREY, GREY]), "PNG"), GREY),
        ("rgb16.png", png16(RGB16), RGB16),
        ("grey16.png", png16(GREY16), GREY16),
        ("alpha16.png", png16(np.dstack([RGB16, GREY16])), RGB16),
        ("rgb.tif", tiff(RGB, photometric="rgb"), RGB),
        ("grey.tiff", tiff(GREY, photometric="minisblack"), GREY),
        ("white.tif", tiff(GREY, photometric="miniswhite"), 255 - GREY),
        ("rgb16.tif", tiff(RGB16, photometric="rgb"), RGB16),
        ("big.tif", tiff(RGB16, photometric="rgb", bigtiff=True), RGB16),
        ("motorola.tif", tiff(RGB16, photometric="rgb", byteorder=">"), RGB16),
        ("grey16motorola.tif", tiff(GREY16, photometric="minisblack", byteorder=">"), GREY16),
        ("deflate16.tif", tiff(RGB16, photometric="rgb", compression="zlib", predictor=True), RGB16),
        ("tiled16.tif", tiff(RGB16, photometric="rgb", tile=(16, 16)), RGB16),
        (
            "planar16.tif",
            tiff(np.moveaxis(RGB16, 2, 0).copy(), photometric="rgb", planarconfig="separate"),
            RGB16,
        ),
        ("grey16.tif", tiff(GREY16, photometric="minisblack"), GREY16),
        ("white16.tif", tiff(GREY16, photometric="miniswhite"), 65535 - GREY16),
        ("lzw.tif", encoded(RGB, "TIFF", compression="tiff_lzw"), RGB),
        ("lzw16.tif", cv2_tiff(RGB16), RGB16),
        ("rgb.bmp", encoded(RGB, "BMP"), RGB),
        ("grey.bmp", encoded(GREY, "BMP"), GREY),
        ("rgb.webp", encoded(RGB, "WEBP", lossless=True), RGB),
        ("no extension", encoded(RGB, "PNG"), RGB),
        ("UPPER.PNG", encoded(RGB, "PNG"), RGB),
    ],
)
def test_pixels_are_those_stored(write: Any, name: str, data: bytes, expected: np.ndarray) -> None:
    photo = read_photo(write(name, data))
    assert photo.pixels.dtype == expected.dtype
    np.testing.assert_array_equal(photo.pixels, expected)
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.orientation == 1
    assert not photo.pixels.flags.writeable


def test_lossy_and_converted_kinds(write: Any) -> None:
    jpeg = read_photo(write("a.jpg", encoded(SMOOTH, "JPEG", quality=95)))
    assert np.abs(jpeg.pixels.astype(int) - SMOOTH).max() < 16
    assert read_photo(write("g.jpg", encoded(GREY, "JPEG"))).pixels.shape == GREY.shape
    stream = io.BytesIO()
    PillowImage.fromarray(SMOOTH).convert("CMYK").save(stream, "JPEG")
    cmyk = read_photo(write("cmyk.jpg", stream.getvalue()))
    assert np.abs(cmyk.pixels.astype(int) - SMOOTH).mean() < 8
    stream = io.BytesIO()
    PillowImage.fromarray(GREY).convert("P").save(stream, "PNG")
    assert read_photo(write("palette.png", stream.getvalue())).pixels.shape == (*GREY.shape, 3)


@pytest.mark.parametrize("name", VALID)
def test_in_grey_is_the_photograph_without_its_colour(write: Any, name: str) -> None:
    path = write(name, VALID[name])
    coloured, plain = read_photo(path), read_photo(path, in_grey=True)
    expected = grey_photo(coloured).pixels
    assert plain.pixels.shape == coloured.pixels.shape[:2] and plain.pixels.dtype == coloured.pixels.dtype
    # A JPEG's luminance is taken as it is stored: colour cut off at black or white was not in it.
    off = np.abs(plain.pixels.astype(int) - expected)
    assert np.median(off) <= 1 if name.endswith(".jpg") else off.max() == 0
    assert (plain.sha256, plain.exif, plain.taken) == (coloured.sha256, coloured.exif, coloured.taken)
    assert (plain.format, plain.orientation) == (coloured.format, coloured.orientation)
    assert not plain.pixels.flags.writeable


def test_a_jpeg_coded_in_rgb_is_read_in_grey(write: Any) -> None:
    plain = read_photo(write("rgb.jpg", encoded(SMOOTH, "JPEG", quality=95, keep_rgb=True)), in_grey=True)
    assert np.abs(plain.pixels - cv2.cvtColor(SMOOTH, cv2.COLOR_RGB2GRAY).astype(float)).max() < 12


def test_heif_keeps_its_bits(write: Any) -> None:
    photo = read_photo(write("a.heic", heif(SMOOTH)))
    assert photo.format == "HEIF"
    assert photo.pixels.dtype == np.uint8
    assert np.abs(photo.pixels.astype(int) - SMOOTH).max() < 12
    deep = (SMOOTH.astype(np.uint16)) * 256
    photo = read_photo(write("b.heic", heif(deep)))
    assert photo.pixels.dtype == np.uint16
    assert np.abs(photo.pixels.astype(int) - deep).max() < 12 * 256


def test_heif_orientation_is_not_applied_twice(write: Any) -> None:
    photo = read_photo(write("a.heic", heif(SMOOTH, exif_block(6))))
    assert photo.orientation == 1
    assert photo.taken == "2024:05:06 07:08:09"


@pytest.mark.parametrize(
    ("orientation", "shape"), [(1, (64, 96)), (3, (64, 96)), (6, (96, 64)), (8, (96, 64))]
)
def test_camera_raw(write: Any, orientation: int, shape: tuple[int, int]) -> None:
    photo = read_photo(write("a.dng", dng(orientation)))
    assert photo.format == "camera raw"
    assert photo.pixels.dtype == np.uint16
    assert photo.pixels.shape == (64, 96, 3)
    assert photo.pixels[10, 10].min() > 1.5 * photo.pixels[50, 80].max()
    assert photo.orientation == orientation
    assert photo.taken == "2024:05:06 07:08:09"
    assert photo.exif["Make"] == "Test"
    assert upright_image(photo).shape == (*shape, 3)


def test_camera_raw_is_told_from_tiff_by_content(write: Any) -> None:
    raw, plain = read_photo(write("a.tif", dng())), read_photo(write("b.nef", tiff(RGB, photometric="rgb")))
    assert (raw.format, plain.format) == ("camera raw", "TIFF")
    assert [notice.kind for photo in (raw, plain) for notice in photo.notices] == ["renamed"] * 2


def test_exif_of_containers_that_are_not_tiff() -> None:
    main = exif_block(1).removeprefix(b"Exif\0\0")
    boxes = b"".join(struct.pack(">I", 8 + len(main)) + kind + main for kind in (b"CMT1", b"CMT2"))
    assert exif_of_raw(b"\0\0\0\x18ftypcrx " + bytes(12) + boxes)["Make"] == "Maker"
    preview = encoded(SMOOTH, "JPEG", exif=exif_block(1))
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 100, len(preview))
    assert exif_of_raw(head.ljust(100, b"\0") + preview)["DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert exif_of_raw(b"FOVb" + bytes(200)) == {}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "c.tif", "d.tif", "a.webp"])
def test_orientation_is_kept_apart_and_applied_once(write: Any, name: str, orientation: int) -> None:
    block = exif_block(orientation)
    if name == "a.tif":
        data = tiff(RGB16, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
        stored: np.ndarray = RGB16
    elif name in ("c.tif", "d.tif"):
        extra = [(274, 3, 1, orientation, True)]
        stored = RGB if name == "c.tif" else GREY16
        data = tiff(stored, photometric="rgb" if stored.ndim == 3 else "minisblack", extratags=extra)
    else:
        form = {"a.jpg": "JPEG", "a.png": "PNG", "a.webp": "WEBP"}[name]
        data = encoded(RGB, form, exif=block, **({"lossless": True} if form == "WEBP" else {}))
        with PillowImage.open(io.BytesIO(data)) as opened:
            stored = np.asarray(opened)
    photo = read_photo(write(name, data))
    assert photo.orientation == orientation
    np.testing.assert_array_equal(photo.pixels, stored)
    if stored.dtype == np.uint8:
        picture = PillowImage.fromarray(stored)
        picture.getexif()[0x0112] = orientation
        turned = np.asarray(ImageOps.exif_transpose(picture))
        np.testing.assert_array_equal(np.round(upright_image(photo) * 255), turned)
    if name != "a.tif" and not name.endswith("tif"):
        assert photo.exif["Make"] == "Maker"
        assert photo.taken == "2024:05:06 07:08:09"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("x", "y"), [(0, 0), (5, 2), (39, 23), (39, 0)])
def test_upright_matrix_follows_the_pixel(orientation: int, x: int, y: int) -> None:
    pixels = np.zeros((24, 40), np.uint8)
    pixels[y, x] = 255
    photo = Photo("a", "0", pixels, "PNG", orientation=orientation)
    column, row, one = upright_matrix(photo) @ (x, y, 1)
    assert one == 1
    upright = upright_image(photo)
    assert upright[int(row), int(column)] == 1
    assert upright.sum() == 1


def test_upright_image_is_float_and_new() -> None:
    photo = Photo("a", "0", RGB16, "PNG")
    upright = upright_image(photo)
    assert upright.dtype == np.float32
    assert upright.min() >= 0 and upright.max() <= 1
    np.testing.assert_array_equal(np.round(upright.astype(np.float64) * 65535), RGB16)
    assert upright_image(Photo("a", "0", np.full((1, 1), 255, np.uint8), "PNG"))[0, 0] == 1


def test_grey_is_luminance() -> None:
    image = upright_image(Photo("a", "0", RGB, "PNG"))
    np.testing.assert_allclose(grey(image), image @ np.array([0.299, 0.587, 0.114], np.float32), atol=1e-5)
    assert grey(image[..., 0]) is not None and grey(image[..., 0]).shape == GREY.shape


def test_reading_leaves_the_file_alone(write: Any) -> None:
    path = write("a.jpg", VALID["a.jpg"])
    path.chmod(0o400)
    before = path.stat()
    read_photo(path)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_mode) == (
        after.st_mtime_ns,
        after.st_size,
        after.st_mode,
    )
    assert path.read_bytes() == VALID["a.jpg"]


def _raises(path: Path, expected: type[PhotoError]) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(path)
    assert type(caught.value) is expected, caught.value
    assert path.name in str(caught.value)
    assert len(str(caught.value)) > len(path.name) + 30


def test_missing_empty_folder_permission(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _raises(tmp_path / "none.jpg", PhotoMissingError)
    _raises(tmp_path / "nul\0.jpg", PhotoMissingError)
    _raises(write("empty.jpg", b""), PhotoEmptyError)
    (tmp_path / "folder.jpg").mkdir()
    _raises(tmp_path / "folder.jpg", PhotoFormatError)
    path = write("locked.jpg", VALID["a.jpg"])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # The superuser may read anything, so a mode of 0 would test nothing there.
    monkeypatch.setattr(Path, "open", refuse)
    _raises(path, PhotoPermissionError)


@pytest.mark.parametrize(
    "data",
    [
        b"hello, world\n" * 40,
        bytes(500),
        b"II",
        b"BM" + bytes(60),
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"%PDF-1.7\n" + bytes(50),
    ],
)
def test_not_a_photograph(write: Any, data: bytes) -> None:
    _raises(write("a", data), PhotoFormatError)


def test_formats_that_are_recognised_but_not_read(write: Any) -> None:
    gif = encoded(GREY, "GIF")
    _raises(write("a.gif", gif), PhotoFormatError)
    _raises(write("a.jpg", gif), PhotoRenamedError)
    _raises(write("a.avif", encoded(RGB, "AVIF")), PhotoFormatError)
    _raises(write("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(40)), PhotoFormatError)


@pytest.mark.parametrize("name", VALID)
def test_a_wrong_suffix_is_a_notice(write: Any, name: str) -> None:
    sound, renamed = read_photo(write(name, VALID[name])), read_photo(write("x.webp", VALID[name]))
    np.testing.assert_array_equal(renamed.pixels, sound.pixels)
    assert [n.kind for n in renamed.notices] == ([] if name.endswith(".webp") else ["renamed"])
    assert all(renamed.format in notice.message for notice in renamed.notices)


@pytest.mark.parametrize("name", VALID)
def test_truncation_is_always_seen(write: Any, name: str) -> None:
    data = VALID[name]
    for cut in sorted({40, len(data) // 4, len(data) // 2, len(data) * 9 // 10, len(data) - 1}):
        if name == "a.dng" and cut < 1000:
            continue  # before its own tags a DNG is a TIFF; the next test
        if name == "a.jpg" and cut == len(data) - 1:
            continue  # Only the end marker is cut, and no block.
        _raises(write(name, data[:cut]), PhotoTruncatedError)


def test_a_cut_dng_still_ends_in_a_photo_error(write: Any) -> None:
    for cut in (9, 40, 100, 300):
        with pytest.raises(PhotoError):
            read_photo(write("a.dng", dng()[:cut]))


def test_too_large_is_told_from_the_header(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    header = bytearray(VALID["a.png"])
    header[16:24] = struct.pack(">II", 20_000, 10_001)
    header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
    _raises(write("bomb.png", bytes(header)), PhotoTooLargeError)
    bmp = bytearray(VALID["a.bmp"][:54])
    bmp[18:26] = struct.pack("<ii", 60_000, 60_000)
    bmp[30:34] = struct.pack("<I", 1)
    _raises(write("bomb.bmp", bytes(bmp)), PhotoTooLargeError)
    webp = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + (15_999).to_bytes(3, "little") * 2
    _raises(write("bomb.webp", b"RIFF" + struct.pack("<I", len(webp)) + webp), PhotoTooLargeError)
    monkeypatch.setattr("pipelines.photographs.file_checks.MOST_PIXELS", 24 * 40 - 1)
    for name in VALID:
        _raises(write(name, VALID[name]), PhotoTooLargeError)
    monkeypatch.setattr("pipelines.photographs.photo.MOST_BYTES", 100)
    _raises(write("a.png", VALID["a.png"]), PhotoTooLargeError)


def test_pixels_without_area(write: Any) -> None:
    header = bytearray(VALID["a.png"])
    header[16:24] = bytes(8)
    header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
    _raises(write("zero.png", bytes(header)), PhotoDamagedError)
    _raises(write("zero.bmp", VALID["a.bmp"][:18] + bytes(8) + VALID["a.bmp"][26:]), PhotoDamagedError)


def test_float_and_odd_tiffs_are_refused(write: Any) -> None:
    _raises(write("f.tif", tiff(np.ones((4, 4), np.float32))), PhotoFormatError)
    _raises(write("i.tif", tiff(np.ones((4, 4), np.uint32))), PhotoFormatError)
    _raises(write("s.tif", tiff(np.ones((4, 4), np.int16))), PhotoFormatError)


def test_a_damaged_png_chunk_is_seen(write: Any) -> None:
    data = bytearray(VALID["a.png"])
    data[len(data) // 2] ^= 0xFF
    path = write("a.png", bytes(data))
    with pytest.raises(PhotoDamagedError, match=r"damaged PNG.*checksum of chunk 'IDAT'"):
        read_photo(path)


def test_a_png_with_only_a_wrong_checksum_may_be_read_when_asked(write: Any) -> None:
    data = bytearray(VALID["a.png"])
    at = data.index(b"IEND") - 8
    data[at] ^= 0xFF
    path = write("a.png", bytes(data))
    _raises(path, PhotoDamagedError)
    photo = read_photo(path, damaged=True)
    assert [notice.kind for notice in photo.notices] == ["damaged"]
    np.testing.assert_array_equal(photo.pixels, RGB)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_lose_the_photograph(write: Any, form: str) -> None:
    block = bytearray(exif_block(6))
    data = encoded(RGB, form, exif=bytes(block))
    at = data.index(bytes(block[6:]))
    rng = np.random.default_rng(3)
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(at, at + len(block) - 6, 6):
            broken[place] = rng.integers(256)
        assert read_photo(write(f"a.{form.lower()}", bytes(broken))).pixels.shape == RGB.shape


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(VALID)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    early=st.booleans(),
    cut=st.none() | st.floats(0.01, 1),
)
def test_mutated_files_end_in_a_photo_or_a_photo_error(
    tmp_path: Path, name: str, changes: list[tuple[float, int]], early: bool, cut: float | None
) -> None:
    data = bytearray(VALID[name])
    for place, value in changes:
        data[int(place * min(len(data), 400 if early else len(data)))] = value
    if cut is not None:
        data = data[: max(1, int(cut * len(data)))]
    path = tmp_path / name
    path.write_bytes(data)
    try:
        photo = read_photo(path)
    except PhotoError as error:
        assert path.name in str(error)
    else:
        assert photo.pixels.dtype in (np.uint8, np.uint16)
        assert upright_image(photo).ndim in (2, 3)


MAGIC = [data[:16] for data in VALID.values()] + [
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIU\0",
    b"\0MRM",
    b"FOVb",
    b"II*\0",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(magic=st.sampled_from(MAGIC), body=st.binary(min_size=1, max_size=600))
def test_random_bytes_behind_a_signature_end_in_a_photo_error(
    tmp_path: Path, magic: bytes, body: bytes
) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(magic + body)
    with pytest.raises(PhotoError, match="hostile"):
        read_photo(path)


def test_photo_paths_are_in_natural_order(tmp_path: Path) -> None:
    for name in (
        "img10.jpg",
        "img2.jpg",
        "IMG1.JPG",
        "notes.txt",
        "regions.csv",
        ".hidden.jpg",
        "clip.mp4",
        "odd",
        "x.json",
    ):
        (tmp_path / name).write_bytes(b"not an image")
    (tmp_path / "sub").mkdir()
    assert [path.name for path in photo_paths(tmp_path)] == [
        "clip.mp4",
        "IMG1.JPG",
        "img2.jpg",
        "img10.jpg",
        "odd",
    ]
    with pytest.raises(PhotoMissingError):
        photo_paths(tmp_path / "none")
    with pytest.raises(PhotoFormatError):
        photo_paths(tmp_path / "odd")
