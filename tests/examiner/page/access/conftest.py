"""A page with accounts of every role, and a casebook with examinations at every phase."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Decide, DrawLine, Lock, Mode, Observe, Place
from examiner.people import People, Role
from tests.examiner.drawn import box, proposal, read
from tests.examiner.page.over_http import Window, signed_in

PASSWORD = "four words and a 7"

ROLES = {
    "eva": Role.EXAMINER,
    "ann": Role.EXAMINER,
    "max": Role.REVIEWER,
    "tom": Role.TRAINER,
    "ada": Role.ADMINISTRATOR,
}


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    monkeypatch.setenv("EXAMINER_PEOPLE", str(tmp_path / "people.sqlite"))
    accounts = People(tmp_path / "people.sqlite")
    for name, role in ROLES.items():
        accounts.add(name, name.title(), [role], PASSWORD)
    yield accounts
    accounts.close()


@pytest.fixture
def running(start_page: Callable[..., Any], people: People) -> Any:
    assert people.everybody()
    return start_page()


@pytest.fixture
def window_of(running: Any) -> Callable[[str], Window]:
    """A new window of a person who signs in."""
    count = iter(range(1000))
    return lambda name: signed_in(running.address, name, PASSWORD, f"{name}{next(count)}")


def read_alone(casebook: Casebook, id: str, actor: str, text: str, lock: bool = True) -> None:
    casebook.act(id, DrawLine(Place(0, box(100, 50 * len(text), 100, 80)), len(text)), actor)
    for position, character in enumerate(text, 1):
        casebook.act(id, Observe(position, read(character)), actor)
    if lock:
        casebook.act(id, Lock(), actor)


def revealed(casebook: Casebook, photos: list[Path], actor: str = "eva") -> str:
    """An examination with every position decided."""
    id = casebook.begin(Mode.CASEWORK, photos, actor, "plate")
    read_alone(casebook, id, actor, "AB")
    casebook.keep_proposal(id, proposal([box(100, 50, 100, 80)], proposal([]).photos * len(photos)))
    casebook.reveal(id, actor)
    for position in casebook.examination(id).positions:
        casebook.act(id, Decide(position.id, read("A")), actor)
    return id
