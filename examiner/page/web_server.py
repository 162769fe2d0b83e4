"""The web server of a page: started with everything switched off that is not needed, waited for, stopped."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from examiner.page.environment import PageError
from examiner.page.html_parts import instrument_theme, style

MOST_UPLOAD = "300mb"
WINDOWS = 64
"""Browser windows whose state is held at once."""


class Closing(Protocol):
    """What the events of a page call; it works in the background until it is closed."""

    def close(self) -> None: ...


Behind = TypeVar("Behind", bound=Closing)


@dataclass(frozen=True)
class RunningPage(Generic[Behind]):
    """A page that answers at `address`. `behind`: what its events call."""

    address: str
    blocks: Any
    behind: Behind

    def stop(self) -> None:
        """Ends the server and what works behind it."""
        self.blocks.close(verbose=False)
        self.behind.close()

    def wait(self, words: str) -> None:
        """Prints the words, waits until the page is interrupted, and stops it."""
        sys.stdout.write(words)
        sys.stdout.flush()
        try:
            self.blocks.block_thread()
        except KeyboardInterrupt:
            pass  # The way to end the page.
        finally:
            self.stop()


def serve_blocks(
    blocks: Any, behind: Behind, host: str, port: int | None, **more: Any
) -> RunningPage[Behind]:
    """Starts the server of a page and returns once it answers. `port` None takes a free one; `more`: what
    gradio's `launch` is told besides. Raises PageError where the port is taken."""
    try:
        blocks.launch(
            **more,
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
    return RunningPage(blocks.local_url, blocks, behind)
