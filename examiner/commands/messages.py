"""What a command says on standard error, and in the file of --log-file.

`log.info` is for what was done, `log.warning` for what was left out, `log.error` for why a command ends.
--quiet leaves the first out; --verbose adds what the program's own modules and its libraries say.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import typer

log = logging.getLogger("examiner.commands")

LOG_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_OURS = ("examiner", "pipelines")


def visible(text: str) -> str:
    """The text on one line, with control characters as codes: a file's name must not act on a terminal."""
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else _code(c) for c in text)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _OneLine(logging.Formatter):
    """Without the traceback of an exception, which belongs into the log file and into --verbose."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(record.getMessage())


class _StandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        typer.echo(self.format(record).encode("utf-8", "backslashreplace"), err=True)


@contextmanager
def messages(quiet: bool, verbose: bool, log_file: Path | None) -> Iterator[None]:
    """Sends messages to standard error, and everything with its time to `log_file`, while the block runs.

    Raises OSError where the file cannot be written.
    """
    console = _StandardError()
    console.setFormatter(logging.Formatter(LOG_LINE) if verbose else _OneLine())
    console.addFilter(lambda record: record.levelno >= _least(record, quiet, verbose))
    handlers: list[logging.Handler] = [console]
    if log_file is not None:
        file = logging.FileHandler(log_file, encoding="utf-8", errors="backslashreplace")
        file.setFormatter(logging.Formatter(LOG_LINE))
        handlers.append(file)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *_OURS)}
    thorough = verbose or log_file is not None
    root.setLevel(logging.INFO if thorough else logging.ERROR)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if thorough else logging.INFO)
    for handler in handlers:
        root.addHandler(handler)
    try:
        log.debug("version %s: %s", version("marking-examination-assistant"), sys.argv)
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _least(record: logging.LogRecord, quiet: bool, verbose: bool) -> int:
    """The least level at which a record is for the person at the terminal."""
    if verbose:
        return logging.DEBUG
    if record.name != log.name:
        return logging.ERROR
    return logging.WARNING if quiet else logging.INFO


def shows_progress() -> bool:
    """Whether the person wants to be told what is done: not after --quiet."""
    return any(
        isinstance(handler, _StandardError)
        and handler.filter(logging.LogRecord(log.name, logging.INFO, "", 0, "", (), None))
        for handler in logging.getLogger().handlers
    )
