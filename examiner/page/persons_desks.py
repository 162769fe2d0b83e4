"""The desks of all persons who use the page: one each, and who may sit down at one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass

from examiner.examination.acts import OrderError
from examiner.page.access.housekeeping import Housekeeping
from examiner.page.desk import Desk
from examiner.page.shared import Shared
from examiner.people import People, Person, SignInError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Session:
    """A person under the name that was typed. `stamp`: of the account as it was when it signed in."""

    person: Person
    stamp: str


class PersonsDesks:
    """`alone`: who uses the page where there are no accounts; `people`: the accounts, None where there are
    none and nobody is asked for a password."""

    def __init__(self, shared: Shared, alone: Person, people: People | None = None) -> None:
        self.shared = shared
        self._alone = alone
        self._people = people
        self._sessions: dict[str, _Session] = {}
        self._desks: dict[str, Desk] = {}
        self._housekeeping: Housekeeping | None = None
        self._lock = threading.RLock()

    @property
    def signing_in(self) -> bool:
        """Whether the page asks for name and password."""
        return self._people is not None

    def sign_in(self, name: str, password: str, address: str) -> bool:
        """Whether name and password are right; the person's key is unlocked from then on. `address`: of whom
        asks, whose wrong passwords are counted too."""
        assert self._people is not None
        # Before the password is looked at: what changes meanwhile ends the session.
        stamp = self._people.stamp(name)
        try:
            person = self._people.sign_in(name, password, address)
        except SignInError as error:
            log.warning("sign-in refused: %s", error)
            return False
        self.shared.casebook.record_person(person.to_json())
        with self._lock:
            self._sessions[name] = _Session(person, stamp)
            if (known := self._desks.get(person.name)) is not None:
                known.person = person
        return True

    def is_live(self, name: str) -> bool:
        """Whether the account behind a session is as it was when the person signed in. Where it is not, the
        session ends: nothing is done or shown for it any more, and its key is forgotten."""
        with self._lock:
            session = self._sessions.get(name)
        if session is None or self._people is None:
            return False
        if session.stamp and self._people.stamp(name) == session.stamp:
            return True
        self._leave(session.person.name)
        return False

    def keep_only(self, names: Collection[str]) -> None:
        """Ends the sessions of everybody who has none under one of these names any more."""
        with self._lock:
            here = {session.person.name for name, session in self._sessions.items() if name in names}
            gone = {session.person.name for session in self._sessions.values()} - here
        for person in gone:
            self._leave(person)

    def _leave(self, person: str) -> None:
        with self._lock:
            self._sessions = {
                name: session for name, session in self._sessions.items() if session.person.name != person
            }
            desk = self._desks.pop(person, None)
        if desk is not None:
            desk.leave()

    def of(self, name: str | None) -> Desk:
        """The desk of who sends a request. Raises OrderError for somebody who is not signed in."""
        with self._lock:
            session = self._sessions.get(name or "")
            person = self._alone if self._people is None else session.person if session else None
            if person is None:
                raise OrderError("you are signed out, or the page has been restarted: sign in again")
            if person.name not in self._desks:
                self._desks[person.name] = Desk(self.shared, person)
            return self._desks[person.name]

    def prepare(self) -> None:
        """Has the readers begin with the samples, and files of the page kept within bounds."""
        self._housekeeping = Housekeeping(self.shared.uploads, self.shared.made / "pictures")
        self.shared.sampled.prepare()

    def close(self) -> None:
        """Ends what works in the background; the casebook needs no closing."""
        with self._lock:
            for desk in self._desks.values():
                desk.close()
        if self._housekeeping is not None:
            self._housekeeping.stop()
        self.shared.readers.stop()
        self.shared.batches.close()
        if self._people is not None:
            self._people.close()
