"""The desks of all persons who use the page: one each, and who may sit down at one."""

from __future__ import annotations

import logging
import threading

from examiner.examination.acts import OrderError
from examiner.page.desk import Desk
from examiner.page.shared import Shared
from examiner.people import People, Person, SignInError

log = logging.getLogger(__name__)


class PersonsDesks:
    """`alone`: who uses the page where there are no accounts; `people`: the accounts, None where there are
    none and nobody is asked for a password."""

    def __init__(self, shared: Shared, alone: Person, people: People | None = None) -> None:
        self.shared = shared
        self._alone = alone
        self._people = people
        self._persons: dict[str, Person] = {}
        self._desks: dict[str, Desk] = {}
        self._lock = threading.RLock()

    @property
    def signing_in(self) -> bool:
        """Whether the page asks for name and password."""
        return self._people is not None

    def sign_in(self, name: str, password: str) -> bool:
        """Whether name and password are right; the person's key is unlocked from then on."""
        assert self._people is not None
        try:
            person = self._people.sign_in(name, password)
        except SignInError as error:
            log.warning("sign-in refused: %s", error)
            return False
        self.shared.casebook.record_person(person.to_json())
        with self._lock:
            self._persons[name] = person
            if (known := self._desks.get(person.name)) is not None:
                known.person = person
        return True

    def of(self, name: str | None) -> Desk:
        """The desk of who sends a request. Raises OrderError for somebody who is not signed in."""
        with self._lock:
            person = self._alone if self._people is None else self._persons.get(name or "")
            if person is None:
                raise OrderError("sign in again: the page has been restarted")
            if person.name not in self._desks:
                self._desks[person.name] = Desk(self.shared, person)
            return self._desks[person.name]

    def prepare(self) -> None:
        """Has the readers begin with the samples."""
        self.shared.sampled.prepare(self._alone.name)

    def close(self) -> None:
        """Ends what works in the background; the casebook needs no closing."""
        with self._lock:
            for desk in self._desks.values():
                desk.close()
        self.shared.readers.stop()
        self.shared.batches.close()
        if self._people is not None:
            self._people.close()
