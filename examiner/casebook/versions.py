"""What a ledger line is made with: program, libraries, weights, and the kind of processor."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

PROGRAM = "marking-examination-assistant"
_PACKAGES = (PROGRAM, "numpy", "opencv-python-headless", "onnxruntime", "rapidocr")


@functools.cache
def software_versions() -> Mapping[str, str]:
    """Names and versions. `weights/NAME` is the SHA-256 of the weight file; `machine` the kind of processor,
    on which floating-point results may depend."""
    return {
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
        **weight_hashes(),
        "machine": " ".join((platform.system(), platform.machine(), _processor())).strip(),
    }


@functools.cache
def weight_hashes() -> Mapping[str, str]:
    """SHA-256 of each weight file that is installed, as `weights/NAME`."""
    found = sorted((entry for entry in files("models").iterdir() if entry.name.endswith(".onnx")), key=_name)
    return {f"weights/{entry.name}": hashlib.sha256(entry.read_bytes()).hexdigest() for entry in found}


def _name(entry: object) -> str:
    return str(getattr(entry, "name", ""))


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
