"""Accounts of persons: names, roles, passwords and signing keys, in one file outside every casebook.

A password is kept as its scrypt hash (RFC 7914); the Ed25519 key is encrypted under another scrypt of it, so
that nobody signs for somebody else, whoever has the file. After wrong passwords the next try has to wait.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import time
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from examiner.casebook.signatures import public_hex
from examiner.examination.roles import Role as Role
from examiner.examination.roles import Task as Task
from examiner.examination.roles import tasks_of
from pipelines.environment import PEOPLE, path_in
from pipelines.errors import ExitCode, MarkingError

LEAST_PASSWORD = 10
MOST_PASSWORD = 200
LONGEST_WAIT_S = 900.0
FREE_TRIES = 2
"""Wrong passwords without a wait after them."""

FREE_TRIES_OF_ADDRESS = 20
LONGEST_WAIT_OF_ADDRESS_S = 60.0
ADDRESS_FORGOTTEN_S = 3600.0
"""After so long without a wrong password, an address is as new."""

_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26}
_NONCE = 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    full_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    key_salt BLOB NOT NULL,
    locked_key BLOB NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    wrong INTEGER NOT NULL DEFAULT 0,
    last_wrong REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS keys (
    name TEXT NOT NULL REFERENCES people (name),
    public TEXT NOT NULL PRIMARY KEY,
    since REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS addresses (
    address TEXT PRIMARY KEY,
    wrong INTEGER NOT NULL,
    last_wrong REAL NOT NULL
) STRICT;
"""


class PeopleError(MarkingError):
    """An account that cannot be made or changed."""

    kind = "people"
    exit_code = ExitCode.USAGE


class SignInError(MarkingError):
    """A sign-in that was refused. Does not say whether name or password was wrong."""

    kind = "sign_in"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Person:
    """Who acts. `key` signs; None for somebody without an account."""

    name: str
    full_name: str
    roles: frozenset[Role]
    key: Ed25519PrivateKey | None = None

    def to_json(self) -> dict[str, Any]:
        """What a casebook records of the person."""
        key = "" if self.key is None else public_hex(self.key)
        return {"name": self.name, "full_name": self.full_name, "roles": sorted(self.roles), "key": key}

    def may(self, task: Task) -> bool:
        """Whether one of the roles allows it."""
        return task in tasks_of(self.roles)


def alone(name: str) -> Person:
    """The operating system's user, alone on the own machine: may do everything, has no key."""
    return Person(name, name, frozenset(Role))


def people_file() -> Path:
    """$EXAMINER_PEOPLE, or `.marking-examiner/people.sqlite` of the user's home folder."""
    return path_in(PEOPLE) or Path.home() / ".marking-examiner" / "people.sqlite"


class People:
    """The accounts of a file, which is made where there is none. Usable from threads and several processes.

    Each sign-in costs about 0.1 s and 32 MiB, twice.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=20, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise PeopleError(f"{path}: accounts cannot be kept there ({error})") from error

    def close(self) -> None:
        """Ends the use of the file."""
        with self._lock:
            self._connection.close()

    def add(self, name: str, full_name: str, roles: Iterable[Role], password: str) -> None:
        """A new account with a new key. Raises PeopleError."""
        if not _NAME.fullmatch(name):
            raise PeopleError(f"a name is 1 to 40 letters, digits, dots or hyphens, got {name[:40]!r}")
        if not 0 < len(full_name.strip()) <= 120 or not full_name.isprintable():
            raise PeopleError("a full name has 1 to 120 printable characters")
        granted = sorted({Role(role) for role in roles})
        if not granted:
            raise PeopleError(f"an account has a role: {', '.join(Role)}")
        secret = _secret(password)
        with self._writing() as connection:
            if self._row(name) is not None:
                raise PeopleError(f"there is an account {name!r} already")
            connection.execute(
                "INSERT INTO people (name, full_name, roles, salt, hash, key_salt, locked_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, full_name.strip(), ",".join(granted), *secret.columns()),
            )
            self._know(name, secret.public)

    def sign_in(self, name: str, password: str, address: str = "") -> Person:
        """The person with the key unlocked. Raises SignInError, after wrong ones without looking at the
        password until the wait is over. `address`: the network address of who asks, or empty."""
        row = self._claimed(name, address)
        # An unknown name costs the same time.
        salt, expected = (row["salt"], row["hash"]) if row is not None else (bytes(16), bytes(32))
        right = hmac.compare_digest(_scrypt(password, salt), expected)
        if row is None or not right or not row["active"]:
            raise SignInError("name or password is wrong")
        with self._writing() as connection:
            connection.execute("UPDATE people SET wrong = 0 WHERE name = ?", (name,))
            # Not to 0: who has an account must not wipe out tries on those of others.
            connection.execute(
                "UPDATE addresses SET wrong = wrong - 1 WHERE address = ? AND wrong > 0", (address,)
            )
        key = _unlocked(password, row["key_salt"], row["locked_key"])
        return Person(row["name"], row["full_name"], _roles(row["roles"]), key)

    def change_password(self, name: str, password: str, new: str) -> None:
        """Locks the same key with another password. Raises SignInError or PeopleError."""
        person = self.sign_in(name, password)
        self._store(name, _secret(new, person.key))

    def reset_password(self, name: str, new: str) -> None:
        """A new password for somebody who lost it, with a new key: the old one cannot be unlocked."""
        self._existing(name)
        secret = _secret(new)
        self._store(name, secret)
        with self._writing():
            self._know(name, secret.public)

    def stamp(self, name: str) -> str:
        """Changes whenever the account is closed or opened, or its roles or its password change; empty where
        there is none or it is closed."""
        row = self._row(name)
        if row is None or not row["active"]:
            return ""
        said = f"{row['name']}\n{row['roles']}\n".encode() + row["salt"] + row["hash"]
        return hashlib.sha256(said).hexdigest()

    def set_active(self, name: str, active: bool) -> None:
        """Closes an account or opens it again; what the person signed stays."""
        self._existing(name)
        with self._writing() as connection:
            connection.execute("UPDATE people SET active = ? WHERE name = ?", (int(active), name))

    def everybody(self) -> list[tuple[Person, bool]]:
        """All accounts by name, without keys, and whether each is open."""
        with self._reading() as connection:
            rows = connection.execute("SELECT name, full_name, roles, active FROM people ORDER BY name")
            return [(Person(name, full, _roles(roles)), bool(active)) for name, full, roles, active in rows]

    def public_keys(self) -> dict[str, list[str]]:
        """The public keys of each person, the present one last, as `examiner verify --keys` takes them."""
        keys: dict[str, list[str]] = {}
        with self._reading() as connection:
            for name, public in connection.execute("SELECT name, public FROM keys ORDER BY name, since"):
                keys.setdefault(name, []).append(public)
        return keys

    def _row(self, name: str) -> sqlite3.Row | None:
        with self._reading() as connection:
            cursor = connection.cursor()
            cursor.row_factory = sqlite3.Row
            row: sqlite3.Row | None = cursor.execute(
                "SELECT * FROM people WHERE name = ?", (name,)
            ).fetchone()
            return row

    def _existing(self, name: str) -> None:
        if self._row(name) is None:
            raise PeopleError(f"there is no account {name[:40]!r}")

    def _claimed(self, name: str, address: str) -> sqlite3.Row | None:
        """The account, where a password may be looked at now. The try counts as a wrong one from here on, so
        that many at once are no more than as many one after another. Raises SignInError."""
        now = self._clock()
        with self._writing() as connection:
            row = self._row(name)
            connection.execute("DELETE FROM addresses WHERE last_wrong < ?", (now - ADDRESS_FORGOTTEN_S,))
            tries = connection.execute(
                "SELECT wrong, last_wrong FROM addresses WHERE address = ?", (address,)
            ).fetchone()
            waits = [0.0]
            if row is not None:
                waits.append(row["last_wrong"] + wait_s(row["wrong"]) - now)
            if tries is not None and address:
                waits.append(tries[1] + address_wait_s(tries[0]) - now)
            if max(waits) > 0:
                raise SignInError(f"too many wrong passwords; try again in {ceil(max(waits))} seconds")
            connection.execute(
                "UPDATE people SET wrong = wrong + 1, last_wrong = ? WHERE name = ?", (now, name)
            )
            connection.execute(
                "INSERT INTO addresses VALUES (?, 1, ?) ON CONFLICT (address)"
                " DO UPDATE SET wrong = wrong + 1, last_wrong = excluded.last_wrong",
                (address, now),
            )
        return row

    def _store(self, name: str, secret: _Secret) -> None:
        with self._writing() as connection:
            connection.execute(
                "UPDATE people SET salt = ?, hash = ?, key_salt = ?, locked_key = ?, wrong = 0"
                " WHERE name = ?",
                (*secret.columns(), name),
            )

    def _know(self, name: str, public: str) -> None:
        self._connection.execute("INSERT INTO keys VALUES (?, ?, ?)", (name, public, self._clock()))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise PeopleError(f"the accounts cannot be used ({error})") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise


def wait_s(wrong: int) -> float:
    """Seconds to wait after so many wrong passwords in a row: 0, 0, 1, 2, 4 … up to LONGEST_WAIT_S."""
    return 0.0 if wrong <= FREE_TRIES else min(LONGEST_WAIT_S, 2.0 ** (min(wrong, 60) - FREE_TRIES - 1))


def address_wait_s(wrong: int) -> float:
    """Seconds to wait after so many wrong passwords from one network address, whatever the names. Persons can
    share an address; so it begins late and ends early."""
    if wrong <= FREE_TRIES_OF_ADDRESS:
        return 0.0
    return min(LONGEST_WAIT_OF_ADDRESS_S, 2.0 ** (min(wrong, 60) - FREE_TRIES_OF_ADDRESS - 1))


@dataclass(frozen=True)
class _Secret:
    salt: bytes
    hash: bytes
    key_salt: bytes
    locked_key: bytes
    public: str

    def columns(self) -> tuple[bytes, bytes, bytes, bytes]:
        return self.salt, self.hash, self.key_salt, self.locked_key


def _secret(password: str, key: Ed25519PrivateKey | None = None) -> _Secret:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise PeopleError(f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    key = key or Ed25519PrivateKey.generate()
    salt, key_salt, nonce = secrets.token_bytes(16), secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    sealed = ChaCha20Poly1305(_scrypt(password, key_salt)).encrypt(nonce, key.private_bytes_raw(), None)
    return _Secret(salt, _scrypt(password, salt), key_salt, nonce + sealed, public_hex(key))


def _unlocked(password: str, salt: bytes, locked: bytes) -> Ed25519PrivateKey:
    try:
        raw = ChaCha20Poly1305(_scrypt(password, salt)).decrypt(locked[:_NONCE], locked[_NONCE:], None)
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (InvalidTag, ValueError) as error:
        raise SignInError("the signing key of this account was changed; have the password reset") from error


def _scrypt(password: str, salt: bytes) -> bytes:
    # NFKC is left alone: a password is the characters that were typed, nothing else.
    return hashlib.scrypt(
        password[:MOST_PASSWORD].encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **_SCRYPT
    )


def _roles(text: str) -> frozenset[Role]:
    return frozenset(Role(role) for role in text.split(","))
