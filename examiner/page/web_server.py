"""The web server of a page: started with everything switched off that is not needed, waited for, stopped."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from starlette.concurrency import run_in_threadpool

from examiner.page.access.entrance import Entrance
from examiner.page.access.guard import CLIENT_ADDRESS, Guard
from examiner.page.access.origins import origins_of
from examiner.page.access.uploaded_files import UploadedFiles
from examiner.page.environment import PageError
from examiner.page.html_parts import instrument_theme, style

MOST_UPLOAD = "300mb"
WINDOWS = 1000
"""Browser windows whose state is held at once. One beyond opens again what it shows, see `Handlers`."""


SignIn = Callable[[str, str, str], bool]
"""Whether name and password are right, for somebody at this network address."""


class Closing(Protocol):
    """What the events of a page call; it works in the background until it is closed."""

    def close(self) -> None: ...


Behind = TypeVar("Behind", bound=Closing)


@dataclass(frozen=True)
class RunningPage(Generic[Behind]):
    """A page that answers at `root`. `behind`: what its events call; `entrance`: who may come in, None where
    persons sign in."""

    root: str
    blocks: Any
    behind: Behind
    entrance: Entrance | None = None

    @property
    def address(self) -> str:
        """What is opened in a browser: once, with a token, where nobody signs in."""
        return self.root if self.entrance is None else f"{self.root}?token={self.entrance.token}"

    def stop(self) -> None:
        """Ends the server and what works behind it."""
        self.blocks.close(verbose=False)
        self.behind.close()

    def wait(self, words: str) -> None:
        """Prints the words, waits until the page is interrupted, and stops it. A token that was used is
        followed by the next one."""
        say(words)
        if self.entrance is not None:
            self.entrance.renewed = lambda: say(f"To open it in another browser: {self.address}\n")
        try:
            self.blocks.block_thread()
        except KeyboardInterrupt:
            pass  # The way to end the page.
        finally:
            self.stop()


def say(words: str) -> None:
    """Prints at once, where the person looks who started the program."""
    sys.stdout.write(words)
    sys.stdout.flush()


def serve_blocks(
    blocks: Any,
    behind: Behind,
    host: str,
    port: int | None,
    *,
    sign_in: SignIn | None = None,
    served_as: str = "",
    uploads: UploadedFiles | None = None,
    app: Mapping[str, Any] | None = None,
    **more: Any,
) -> RunningPage[Behind]:
    """Starts the server of a page and returns once it answers. `port` None takes a free one; `sign_in`: asks
    for name and password, where there are accounts; without it the address carries a token. `served_as`: the
    origin under which a reverse proxy serves the page; `uploads` learns whose each uploaded file is; `app`
    and `more`: what Gradio's application and its `launch` are told besides. Raises PageError where the port
    is taken."""
    entrance = Entrance() if sign_in is None else None
    origins = origins_of(host, served_as)

    @asynccontextmanager
    async def guarded(application: Any) -> AsyncIterator[None]:
        # Gradio puts middleware of its own around that of its callers; nothing may stand before the guard.
        application.middleware_stack = Guard(application.middleware_stack, origins, entrance, uploads)
        yield

    try:
        blocks.launch(
            **more,
            auth=None if sign_in is None else _off_the_loop(sign_in),
            app_kwargs={**(app or {}), "lifespan": guarded},
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            show_error=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            allowed_paths=[],
            max_file_size=MOST_UPLOAD,
            state_session_capacity=WINDOWS,
            theme=instrument_theme(),
            css=style(),
            js=None,
        )
    except OSError as error:
        raise PageError(
            f"the page cannot be served at {host}, port {port}: in use or not allowed; choose another port"
        ) from error
    return RunningPage(blocks.local_url, blocks, behind, entrance)


def _off_the_loop(sign_in: SignIn) -> Callable[[str, str], Awaitable[bool]]:
    """Checks a password on a thread: hashing it takes as long as many answers, which would wait."""

    async def checked(name: str, password: str) -> bool:
        return await run_in_threadpool(sign_in, name, password, CLIENT_ADDRESS.get())

    return checked
