"""Starting and stopping the page's server, with everything that is not needed switched off."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examiner.page import PageError, prepare_environment
from examiner.page.layout import build_page
from examiner.page.session import Desk
from examiner.page.theme import STYLE, instrument_theme
from examiner.validated_for import Validation

MOST_UPLOAD = "300mb"
WINDOWS = 64
"""Browser windows whose state is held at once."""


@dataclass(frozen=True)
class Running:
    """A page that answers at `address`."""

    address: str
    blocks: Any
    desk: Desk

    def stop(self) -> None:
        """Ends the server and the readers."""
        self.blocks.close(verbose=False)
        self.desk.close()


def start(
    casebook_folder: Path,
    host: str,
    port: int | None,
    open_samples: bool,
    validation: Validation,
    watched: Path | None = None,
) -> Running:
    """Starts the server and returns once it answers. `port` None takes a free one; `watched`: the folder
    whose new photographs may join a series."""
    # What the page writes holds evidence: nobody else on this machine may read it.
    os.umask(0o077)
    cache = prepare_environment(casebook_folder)
    shutil.rmtree(cache / "incoming", ignore_errors=True)
    desk = Desk(casebook_folder, cache, getpass.getuser(), open_samples, validation, watched)
    blocks = build_page(desk)
    try:
        _launch(blocks, host, port, casebook_folder)
    except OSError as error:
        raise PageError(
            f"the page cannot be served at {host}, port {port}: in use or not allowed; choose another port"
        ) from error
    desk.sampled.prepare()
    return Running(blocks.local_url, blocks, desk)


def _launch(blocks: Any, host: str, port: int | None, casebook_folder: Path) -> None:
    blocks.launch(
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
        blocked_paths=[str(casebook_folder.absolute() / "originals")],
        max_file_size=MOST_UPLOAD,
        state_session_capacity=WINDOWS,
        theme=instrument_theme(),
        css=STYLE,
        js=None,
    )


def serve(
    casebook_folder: Path,
    host: str,
    port: int,
    open_samples: bool,
    validation: Validation,
    watched: Path | None,
) -> None:
    """Starts the page, prints its address and waits until it is interrupted."""
    running = start(casebook_folder, host, port, open_samples, validation, watched)
    sys.stdout.write(f"Marking examination assistant: {running.address}\nCasebook: {casebook_folder}\n")
    sys.stdout.flush()
    try:
        running.blocks.block_thread()
    except KeyboardInterrupt:
        pass  # The way to end the page.
    finally:
        running.stop()
