"""Sessions of persons who signed in: each request asks whether the account still is what it was. One that was
closed, has other roles or another password, and one that signed out, ends at once, and its key with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from examiner.page.persons_desks import PersonsDesks

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SIGN_OUT = "/logout"


def user_of(request: Request) -> str | None:
    """The name that a request's session was begun with, None where it has none."""
    gradio_app = request.app
    for kind in ("access-token", "access-token-unsecure"):
        token = request.cookies.get(f"{kind}-{gradio_app.cookie_id}")
        if token is not None and token in gradio_app.tokens:
            return str(gradio_app.tokens[token])
    return None


class LiveSessions:
    """Middleware before Gradio's own check of a session."""

    def __init__(self, app: Application, desks: PersonsDesks) -> None:
        self._app = app
        self._desks = desks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._desks.signing_in:
            await self._app(scope, receive, send)
            return
        tokens: dict[str, str] = scope["app"].tokens
        name = user_of(Request(scope))
        if name is not None and not await run_in_threadpool(self._desks.is_live, name):
            for token in [token for token, user in tokens.items() if user == name]:
                tokens.pop(token, None)
        if not scope["path"].rstrip("/").endswith(SIGN_OUT):
            await self._app(scope, receive, send)
            return

        async def send_once_left(message: MutableMapping[str, Any]) -> None:
            # Gradio has taken the session away: the key goes before the answer does.
            if message["type"] == "http.response.start":
                await run_in_threadpool(self._desks.keep_only, set(tokens.values()))
            await send(message)

        await self._app(scope, receive, send_once_left)
