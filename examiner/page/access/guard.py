"""What stands before every other part of the page's server, the routes of Gradio among them.

Refuses hosts and origins that are not the page's own, who has not entered, and bodies that are too long.
Every answer leaves with headers that tell a browser to let no other site use it, and to run no script but the
page's own.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from examiner.page.access.entrance import Entrance
from examiner.page.access.origins import Origins
from examiner.page.access.sessions import user_of
from examiner.page.access.uploaded_files import UploadedFiles

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CLIENT_ADDRESS: ContextVar[str] = ContextVar("client_address", default="")
"""The network address of who sends the request that is answered."""

STARTED = "/gradio_api/startup-events"
"""Gradio asks this of itself before the page is announced; it gives nothing out."""

UPLOAD = "/gradio_api/upload"
MOST_BODY = 16 << 20
"""Bytes of a request without files."""

MOST_UPLOADED = 4 << 30
"""Bytes of one upload with all its files."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()"),
)

# Gradio makes functions of the templates and scripts of the page's parts at run time: 'unsafe-eval'. Its
# components set styles of elements: 'unsafe-inline' for styles alone. Scripts in the document are let in by
# their hash, one by one.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

_REPLACED = {name for name, _ in HEADERS} | {b"content-security-policy"}
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_SAME_SITE = re.compile(r";\s*(samesite|httponly)(=\w*)?", re.IGNORECASE)

CLOSED = """<!doctype html><meta charset="utf-8"><title>Marking examination</title>
<p>This page is opened with the address that the program prints when it starts. It opens the page once; the
program prints the next one then. Look there for the newest address.</p>"""

ENTERED = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={path}">
<title>Marking examination</title><p><a href="{path}">Open the page</a></p>"""


class Guard:
    """`entrance`: None where persons sign in with accounts; `uploads`: learns whose each uploaded file is."""

    def __init__(
        self, app: Application, origins: Origins, entrance: Entrance | None, uploads: UploadedFiles | None
    ) -> None:
        self._app = app
        self._origins = origins
        self._entrance = entrance
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        method, path = scope.get("method", "GET"), scope["path"]
        refused = self._origins.refusal(headers, scope["server"][1], method, path)
        if scope["type"] != "http":
            # The page uses no web sockets: whoever asks for one is no window of it.
            await send({"type": "websocket.close", "code": 1008})
            return
        CLIENT_ADDRESS.set(scope["client"][0] if scope.get("client") else "")
        sending = self._sending(scope, send)
        if refused:
            await PlainTextResponse(refused, 403)(scope, receive, sending)
            return
        answer = self._entering(scope, headers, method, path)
        if answer is not None:
            await answer(scope, receive, sending)
            return
        most = MOST_UPLOADED if path.rstrip("/") == UPLOAD else MOST_BODY
        if any(not value.isdigit() or int(value) > most for value in headers.get("content-length", [])):
            await PlainTextResponse("the request is too long", 413)(scope, receive, sending)
            return
        if "text/html" in ",".join(headers.get("accept", [])):
            # The scripts in a document are read to be let in; so it comes as it is.
            scope["headers"] = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        await self._app(scope, _limited(receive, most), sending)

    def _entering(
        self, scope: Scope, headers: dict[str, list[str]], method: str, path: str
    ) -> Response | None:
        """The answer to who comes with a token or without having entered, None to who is in."""
        if self._entrance is None or (path == STARTED and method == "GET"):
            return None
        [token] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[:1]
        if token and method == "GET" and (session := self._entrance.enter(token)):
            entered = HTMLResponse(
                ENTERED.format(path=html.escape(path)), headers={"cache-control": "no-store"}
            )
            entered.set_cookie(self._entrance.cookie, session, httponly=True, samesite="strict")
            return entered
        if any(self._entrance.knows(value) for value in _cookies(headers, self._entrance.cookie)):
            return None
        return HTMLResponse(CLOSED, 401, headers={"cache-control": "no-store"})

    def _sending(self, scope: Scope, send: Send) -> Send:
        """Sends an answer with the page's headers. Documents and lists of uploaded files are read first."""
        start: Message = {}
        body = bytearray()
        upload = scope["path"].rstrip("/") == UPLOAD

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                pairs = [
                    (name, _strict(value) if name.lower() == b"set-cookie" else value)
                    for name, value in message.get("headers", ())
                    if name.lower() not in _REPLACED and not name.lower().startswith(b"access-control-")
                ]
                start.update(message, headers=[*pairs, *HEADERS])
                if not (_is_document(start) or upload):
                    start["headers"].append((b"content-security-policy", _policy(b"")))
                    await send(start)
                return
            if not (_is_document(start) or upload) or message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            if upload and self._uploads is not None and start["status"] == 200:
                self._uploads.received(user_of(Request(scope)) or "", _paths(bytes(body)))
            start["headers"].append((b"content-security-policy", _policy(bytes(body))))
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body)})

        return sent


def _is_document(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"]
    )


def _policy(document: bytes) -> bytes:
    """The policy for a document: its own scripts in it are let in by their hashes."""
    scripts = _INLINE.findall(document.decode("utf-8", "replace"))
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    return POLICY.format(hashes="".join(f" 'sha256-{each}'" for each in sorted(hashes))).encode()


def _strict(cookie: bytes) -> bytes:
    """A Set-Cookie that no other site's request carries and no script reads."""
    return _SAME_SITE.sub("", cookie.decode("latin-1")).encode("latin-1") + b"; HttpOnly; SameSite=Strict"


def _cookies(headers: dict[str, list[str]], name: str) -> list[str]:
    values = []
    for header in headers.get("cookie", []):
        try:
            cookie = SimpleCookie(header).get(name)
        except CookieError:
            continue
        if cookie is not None:
            values.append(cookie.value)
    return values


def _paths(answer: bytes) -> list[str]:
    """The paths that Gradio's upload answers with."""
    try:
        paths = json.loads(answer)
    except ValueError:
        return []
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def _limited(receive: Receive, most: int) -> Receive:
    """Receives a body up to `most` bytes; a longer one ends as if its sender had left."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return message if received <= most else {"type": "http.disconnect"}

    return limited
