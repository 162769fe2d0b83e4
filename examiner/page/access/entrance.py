"""The way into a page without accounts: an address with a token that only who started the program can read.

Everybody on the machine can reach a port of loopback. So the page is opened with a token that opens it once,
for one browser, which keeps a session from then on. The next token is printed when one was used.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable

MOST_SESSIONS = 200
"""Browsers that are in at once; the one that asked longest ago has to open a new address then."""


class Entrance:
    """Tokens and sessions of one running page. Safe to use from threads. `renewed` is called when one was
    used."""

    def __init__(self, renewed: Callable[[], None] = lambda: None) -> None:
        self.cookie = f"examiner-session-{secrets.token_hex(6)}"
        self.renewed = renewed
        self._token = secrets.token_urlsafe(32)
        self._sessions: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def token(self) -> str:
        """The token that opens the page next."""
        return self._token

    def enter(self, token: str) -> str | None:
        """A new session where the token is right, which is used up then; else None."""
        with self._lock:
            if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
                return None
            self._token = secrets.token_urlsafe(32)
            session = secrets.token_urlsafe(32)
            self._sessions[session] = None
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        self.renewed()
        return session

    def knows(self, session: str) -> bool:
        """Whether this is a session of the page."""
        with self._lock:
            if session not in self._sessions:
                return False
            self._sessions.move_to_end(session)
            return True
