"""A browser's way of talking to a running page without a browser: every byte that comes back is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

WAIT_S = 120
"""Seconds that an answer may take: a busy machine takes its time."""


@dataclass(frozen=True)
class Page:
    """Where the running page answers and where its casebook lies."""

    address: str
    folder: Path
    cookies: Mapping[str, str] = field(default_factory=dict)

    def client(self) -> httpx.Client:
        """Talks to the page as somebody who has entered."""
        return httpx.Client(base_url=self.address, timeout=WAIT_S, cookies=dict(self.cookies))


def entered_at(address: str, folder: Path) -> Page:
    """The running page as somebody sees it who opened its address."""
    answer = httpx.get(address, timeout=WAIT_S)
    assert answer.status_code == 200, answer.text
    return Page(address.partition("?")[0], folder, dict(answer.cookies))


@dataclass
class Window:
    """One browser window: sends events as Gradio's own script does."""

    address: str
    config: dict[str, Any]
    session: str
    received: list[str]
    cookies: dict[str, str] = field(default_factory=dict)
    """Of who has entered, or signed in."""

    @property
    def page(self) -> Page:
        return Page(self.address, Path(), self.cookies)

    def _function(self, event: str) -> dict[str, Any]:
        for function in self.config["dependencies"]:
            if any(name == event for _, name in function["targets"]):
                return function
        raise AssertionError(f"no event {event}")

    def send(self, event: str, data: Any, inputs: Sequence[Any] | None = None) -> str:
        """Everything that came back for an event, generators run to their end."""
        if isinstance(data, dict) and isinstance(data.get("examination"), str):
            data = {"seen": self.seen(), **data}
        function = self._function(event)
        body = {
            "data": list(inputs) if inputs is not None else [None] * len(function["inputs"]),
            "event_data": data,
            "fn_index": function["id"],
            "trigger_id": function["targets"][0][0],
            "session_hash": self.session,
        }
        before = len(self.received)
        with httpx.Client(base_url=self.address, timeout=WAIT_S, cookies=self.cookies) as client:
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

    def seen(self) -> dict[str, int]:
        """The state of the examination that the window shows, as the page's scripts name it."""
        texts = (text.replace('\\"', '"') for text in reversed(self.received))
        found = (re.findall(r'"seen":\s*(\{[^{}]*\})', text) for text in texts)
        last = next(
            (states[-1] for states in found if states), '{"readings": 0, "photographs": 0, "second": 0}'
        )
        return dict(json.loads(last))

    def upload(self, paths: Sequence[Path], names: Sequence[str], mode: str = "casework") -> None:
        """Uploads files under the given names and opens them."""
        with httpx.Client(base_url=self.address, timeout=WAIT_S, cookies=self.cookies) as client:
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


def signed_in(address: str, name: str, password: str, session: str) -> Window:
    """A window of a person who has just signed in."""
    with httpx.Client(base_url=address, timeout=WAIT_S) as client:
        answer = client.post("login", data={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        cookies = dict(client.cookies)
        config = client.get("config", cookies=cookies).json()
    return Window(address, config, session, [], cookies)
