"""A running page with readers that answer at once, and a browser's way of talking to it without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from examiner.page.environment import prepare_environment
from examiner.validation.table import released_only
from pipelines.photographs.photo import read_photo
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, Quad

SECRET = "Ω"
"""A glyph that only the proposal contains: it must reach nobody before the reveal."""


def box(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def proposal_of(sources: Sequence[Any], **_: Any) -> Proposal:
    """Four positions in a row, the first two doubtful; stands in for the readers."""
    photos = tuple(
        PhotoEntry(str(source.path), read_photo(source.path).sha256, frame_time_s=source.frame_time_s)
        for source in sources
    )
    positions = tuple(
        Position(
            (Candidate(SECRET, 0.61234), Candidate("8", 0.2)),
            box(100 + 50 * i, 100, 150 + 50 * i, 180),
            "proposed",
            ((0, 3.25),),
        )
        for i in range(4)
    )
    line = LineProposal(SECRET * 4, SECRET * 4, 0, box(100, 100, 300, 180), positions, {"marks": SECRET * 4})
    return Proposal("", photos, (line,), {"marks": "ok"}, 0.1)


@pytest.fixture(autouse=True)
def readers_that_answer_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_readers" not in request.fixturenames:
        monkeypatch.setattr("examiner.page.readers.queue.propose_series", proposal_of)


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    """Two photographs, 400×300, of nothing."""
    noise = np.random.default_rng(1).integers(60, 190, (300, 400, 3)).astype(np.uint8)
    paths = [tmp_path / "photo_1.png", tmp_path / "photo_2.png"]
    for i, path in enumerate(paths):
        cv2.imwrite(str(path), np.roll(noise, i, axis=1))
    return paths


@dataclass(frozen=True)
class Page:
    """Where the running page answers and where its casebook lies."""

    address: str
    folder: Path


@dataclass
class Window:
    """One browser window: sends events as Gradio's own script does and keeps every byte that comes back."""

    address: str
    config: dict[str, Any]
    session: str
    received: list[str]

    def _function(self, event: str) -> dict[str, Any]:
        for function in self.config["dependencies"]:
            if any(name == event for _, name in function["targets"]):
                return function
        raise AssertionError(f"no event {event}")

    def send(self, event: str, data: Any, inputs: Sequence[Any] | None = None) -> str:
        """Everything that came back for an event, generators run to their end."""
        function = self._function(event)
        body = {
            "data": list(inputs) if inputs is not None else [None] * len(function["inputs"]),
            "event_data": data,
            "fn_index": function["id"],
            "trigger_id": function["targets"][0][0],
            "session_hash": self.session,
        }
        before = len(self.received)
        with httpx.Client(base_url=self.address, timeout=60) as client:
            if function["queue"]:
                self._queued(client, body)
            else:
                self.received.append(client.post("/gradio_api/run/predict", json=body).text)
        return "\n".join(self.received[before:])

    def _queued(self, client: httpx.Client, body: dict[str, Any]) -> None:
        self.received.append(client.post("/gradio_api/queue/join", json=body).text)
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                self.received.append(line)
                if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                    return

    def upload(self, paths: Sequence[Path], names: Sequence[str], mode: str = "casework") -> None:
        """Uploads files under the given names and opens them."""
        with httpx.Client(base_url=self.address, timeout=60) as client:
            files = [("files", (name, path.read_bytes())) for path, name in zip(paths, names, strict=True)]
            sent = client.post("/gradio_api/upload", files=files).json()
        payload = [
            {"path": path, "orig_name": name, "size": 1, "meta": {"_type": "gradio.FileData"}}
            for path, name in zip(sent, names, strict=True)
        ]
        if mode != "casework":
            self.send("mode", {"mode": mode})
        self.send("upload", None, [None, payload, None])

    def everything(self) -> str:
        """All that was received, escapes of JSON undone."""
        text = "\n".join(self.received)
        return text + text.encode("utf-8", "replace").decode("unicode_escape", "replace")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A running page over an empty casebook, without samples."""
    folder = tmp_path / "casebook"
    prepare_environment(folder)
    from examiner.page.server import start

    running = start(folder, "127.0.0.1", None, False, released_only)
    yield Page(running.address, folder)
    running.stop()


@pytest.fixture
def window(page: Page) -> Callable[[], Window]:
    """Opens browser windows on the page."""
    count = 0

    def opened() -> Window:
        nonlocal count
        count += 1
        config = httpx.get(page.address + "config").json()
        new = Window(page.address, config, f"window{count}", [json.dumps(config)])
        new.send("load", None, [])
        return new

    return opened
