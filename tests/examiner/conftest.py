"""What tests of the program share: an empty casebook, a file for a photograph, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook


@pytest.fixture
def casebook(tmp_path: Path) -> Iterator[Casebook]:
    """An empty casebook, open."""
    with Casebook(tmp_path / "casebook") as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file that stands for a photograph where its pixels do not matter."""
    path = tmp_path / "IMG 1.JPG"
    path.write_bytes(b"not even a photograph " * 1000)
    return path


@pytest.fixture
def browser() -> Iterator[Any]:
    """Chromium. Where there is none, the test is skipped on a user's machine and fails in CI."""
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "no Chromium here: install it (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()
