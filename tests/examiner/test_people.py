"""Accounts: passwords and keys that only their person has, waits after wrong ones, what a role allows."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from typer.testing import CliRunner

from examiner.casebook.signatures import public_hex
from examiner.cli import application
from examiner.examination.roles import ALLOWED
from examiner.people import (
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    LONGEST_WAIT_OF_ADDRESS_S,
    LONGEST_WAIT_S,
    People,
    PeopleError,
    Role,
    SignInError,
    Task,
    alone,
    wait_s,
)

RIGHT = "four words and a 7"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock):
    accounts = People(tmp_path / "people" / "people.sqlite", clock)
    accounts.add("eva", "Eva Lind", [Role.EXAMINER], RIGHT)
    yield accounts
    accounts.close()


def test_who_signs_in_has_the_key_that_the_others_know(people):
    person = people.sign_in("EVA", RIGHT)
    assert (person.name, person.full_name) == ("eva", "Eva Lind")
    assert people.public_keys() == {"eva": [public_hex(person.key)]}


def test_the_file_holds_neither_password_nor_key(people, tmp_path):
    raw = people.sign_in("eva", RIGHT).key.private_bytes_raw()
    content = b"".join(path.read_bytes() for path in (tmp_path / "people").iterdir())
    assert RIGHT.encode() not in content and raw not in content
    assert (tmp_path / "people" / "people.sqlite").stat().st_mode & 0o077 == 0


def test_waits_grow_after_wrong_passwords_and_end_with_a_right_one(people, clock):
    for _ in range(3):
        with pytest.raises(SignInError, match="name or password is wrong"):
            people.sign_in("eva", "something else")
    with pytest.raises(SignInError, match="try again in 1 seconds"):
        people.sign_in("eva", RIGHT)
    clock.now += 1
    with pytest.raises(SignInError, match="wrong"):
        people.sign_in("eva", "something else")
    with pytest.raises(SignInError, match="try again in 2 seconds"):
        people.sign_in("eva", RIGHT)
    clock.now += 2
    people.sign_in("eva", RIGHT)
    with pytest.raises(SignInError, match="wrong"):
        people.sign_in("eva", "something else")
    people.sign_in("eva", RIGHT)


def test_many_tries_at_once_are_no_more_than_one_after_another(people, tmp_path, clock, monkeypatch):
    looked_at: list[str] = []

    def wrong(password: str, _: bytes) -> bytes:
        looked_at.append(password)
        return bytes(32)

    monkeypatch.setattr("examiner.people._scrypt", wrong)
    other = People(tmp_path / "people" / "people.sqlite", clock)
    together = Barrier(8)

    def tries(number: int) -> str:
        together.wait()
        with pytest.raises(SignInError) as refused:
            (people, other)[number % 2].sign_in("eva", f"guess {number}", "10.0.0.7")
        return str(refused.value)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(tries, range(8)))
    other.close()
    assert len(looked_at) == FREE_TRIES + 1
    assert sum("try again in" in answer for answer in answers) == 8 - len(looked_at)


def test_an_address_waits_whatever_names_it_tries_and_no_other_address_does(people, clock):
    for number in range(FREE_TRIES_OF_ADDRESS + 1):
        with pytest.raises(SignInError, match="name or password is wrong"):
            people.sign_in(f"nobody{number}", "something else", "10.0.0.7")
    with pytest.raises(SignInError, match="try again in"):
        people.sign_in("eva", RIGHT, "10.0.0.7")
    assert people.sign_in("eva", RIGHT, "10.0.0.8").name == "eva"
    clock.now += LONGEST_WAIT_OF_ADDRESS_S
    assert people.sign_in("eva", RIGHT, "10.0.0.7").name == "eva"


def test_the_wait_doubles_up_to_a_quarter_of_an_hour():
    assert [wait_s(n) for n in range(6)] == [0, 0, 0, 1, 2, 4]
    assert wait_s(30) == wait_s(10**6) == LONGEST_WAIT_S


def test_an_unknown_name_is_not_told_from_a_wrong_password(people):
    with pytest.raises(SignInError) as unknown:
        people.sign_in("max", RIGHT)
    with pytest.raises(SignInError) as wrong:
        people.sign_in("eva", "something else")
    assert str(unknown.value) == str(wrong.value)


def test_a_new_password_keeps_the_key_and_a_reset_makes_another(people):
    key = public_hex(people.sign_in("eva", RIGHT).key)
    people.change_password("eva", RIGHT, "another one of mine")
    assert public_hex(people.sign_in("eva", "another one of mine").key) == key
    people.reset_password("eva", "a third one of mine")
    reset = public_hex(people.sign_in("eva", "a third one of mine").key)
    assert people.public_keys() == {"eva": [key, reset]} and reset != key


def test_a_closed_account_cannot_sign_in(people):
    people.set_active("eva", False)
    with pytest.raises(SignInError):
        people.sign_in("eva", RIGHT)
    assert people.everybody()[0][1] is False
    people.set_active("eva", True)
    people.sign_in("eva", RIGHT)


def test_a_key_that_was_changed_in_the_file_is_no_key(people, tmp_path):
    connection = sqlite3.connect(tmp_path / "people" / "people.sqlite")
    connection.execute("UPDATE people SET locked_key = zeroblob(60)")
    connection.commit()
    connection.close()
    with pytest.raises(SignInError, match="was changed"):
        people.sign_in("eva", RIGHT)


@pytest.mark.parametrize(
    ("name", "full", "roles", "password"),
    [
        ("", "Max", [Role.EXAMINER], RIGHT),
        ("../max", "Max", [Role.EXAMINER], RIGHT),
        ("max", "\n", [Role.EXAMINER], RIGHT),
        ("max", "Max", [], RIGHT),
        ("max", "Max", [Role.EXAMINER], "short"),
        ("Eva", "Max", [Role.EXAMINER], RIGHT),
    ],
)
def test_an_account_that_is_none_is_refused(people, name, full, roles, password):
    with pytest.raises(PeopleError):
        people.add(name, full, roles, password)


def test_what_roles_allow():
    assert ALLOWED[Role.REVIEWER] == {Task.REVIEW, Task.TRAIN}
    assert not any(Task.EXAMINE in ALLOWED[role] for role in Role if role is not Role.EXAMINER)
    person = alone("somebody")
    assert person.key is None and all(person.may(task) for task in Task)


def test_the_command_makes_accounts_and_tells_their_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("EXAMINER_PEOPLE", str(tmp_path / "people.sqlite"))
    run = CliRunner().invoke
    args = ["people", "add", "ann", "--full-name", "Ann Berg", "--role", "reviewer", "--password", RIGHT]
    assert run(application, args).exit_code == 0
    assert run(application, args).exit_code == 2
    assert "ann\treviewer\tAnn Berg" in run(application, ["people", "list"]).output
    assert '"ann"' in run(application, ["people", "keys"]).output
    wrong = [*args[:5], "--role", "king", "--password", RIGHT]
    assert run(application, wrong).exit_code == 2
