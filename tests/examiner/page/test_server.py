"""Starting the page: no other machine is asked, what it writes is private, a port in use is said."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from examiner.page.environment import PageError, prepare_environment
from examiner.validation.table import released_only


def test_the_page_looks_up_no_other_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = socket.getaddrinfo

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in (None, "127.0.0.1", "localhost", b"127.0.0.1", b"localhost"):
            asked.append(host)
            raise OSError("no network in this test")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    prepare_environment(tmp_path / "casebook")
    from examiner.page.server import start

    running = start(tmp_path / "casebook", "127.0.0.1", None, True, released_only)
    running.stop()
    assert asked == []


def test_what_the_page_writes_is_private(tmp_path: Path) -> None:
    cache = prepare_environment(tmp_path / "new" / "casebook")
    for folder in (cache, cache.parent, cache.parent.parent):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    prepare_environment(tmp_path / "casebook")
    from examiner.page.server import start

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PageError, match="choose another port"):
            start(tmp_path / "casebook", "127.0.0.1", taken.getsockname()[1], False, released_only)
