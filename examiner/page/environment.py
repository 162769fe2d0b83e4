"""What the page needs before gradio is imported: switches in the environment and a private folder."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.errors import ExitCode, MarkingError


class PageError(MarkingError):
    """The page cannot be served."""

    kind = "page"
    exit_code = ExitCode.PAGE


def prepare_environment(casebook_folder: Path) -> Path:
    """Turns every outgoing call of the page's libraries off and puts their files into a private folder.

    To be called before gradio is imported; returns that folder. From then on, what this process writes may
    be read by its own user only.
    """
    # What the page writes holds evidence: nobody else on this machine may read it.
    os.umask(0o077)
    cache = casebook_folder.absolute() / "page" / "cache"
    for folder in (casebook_folder.absolute(), cache.parent, cache):
        if not folder.exists():
            # Of parents made on the way, mkdir would leave the mode to the umask.
            folder.mkdir(mode=0o700, parents=True)
    os.environ.update(
        # Not in pipelines.telemetry: a notebook that imports pipelines may use the hub, the page may not.
        HF_HUB_OFFLINE="1",
        # Gradio asks its own server whether it answers; through a proxy, that would be asked of another host.
        NO_PROXY="*",
        no_proxy="*",
        GRADIO_TEMP_DIR=str(cache),
        GRADIO_EXAMPLES_CACHE=str(cache / "examples"),
    )
    return cache
