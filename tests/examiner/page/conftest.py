"""A running page with readers that answer at once, browser windows on it, and photographs of nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from examiner.page.environment import prepare_environment
from examiner.validation.table import released_only
from tests.examiner.page.in_browser import BrowserWindow, new_window
from tests.examiner.page.machine_proposal import proposal_of
from tests.examiner.page.over_http import Page, Window, entered_at


@pytest.fixture(autouse=True)
def readers_that_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examiner.page.readers.queue.propose_series", proposal_of)


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    """Two photographs, 400×300, of nothing."""
    noise = np.random.default_rng(1).integers(60, 190, (300, 400, 3)).astype(np.uint8)
    paths = [tmp_path / "photo_1.png", tmp_path / "photo_2.png"]
    for i, path in enumerate(paths):
        cv2.imwrite(str(path), np.roll(noise, i, axis=1))
    return paths


@pytest.fixture
def start_page(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts a page over the casebook `casebook` of the test's folder, without samples; takes what
    `examiner.page.server.start` takes besides."""
    folder = tmp_path / "casebook"
    prepare_environment(folder)
    from examiner.page.server import start

    started = []

    def start_one(samples: bool = False, **options: Any) -> Any:
        started.append(start(folder, "127.0.0.1", None, samples, released_only, **options))
        return started[-1]

    yield start_one
    for running in started:
        running.stop()


@pytest.fixture
def running(start_page: Callable[..., Any]) -> Any:
    """A running page over an empty casebook."""
    return start_page()


@pytest.fixture
def page(running: Any, tmp_path: Path) -> Page:
    """The running page, for windows that talk to it over HTTP."""
    return entered_at(running.address, tmp_path / "casebook")


@pytest.fixture
def window(page: Page) -> Callable[[], Window]:
    """Opens windows on the page, without a browser."""
    count = 0

    def opened() -> Window:
        nonlocal count
        count += 1
        with page.client() as client:
            config = client.get("config").json()
        new = Window(page.address, config, f"window{count}", [json.dumps(config)], dict(page.cookies))
        new.send("load", None, [])
        return new

    return opened


@pytest.fixture
def browser_window(browser: Any) -> BrowserWindow:
    """An empty window of the browser."""
    return new_window(browser)
