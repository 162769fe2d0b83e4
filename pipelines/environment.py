"""The names of the environment variables that the program reads; docs/command-line.md says what each does."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.errors import VariableError

THREADS = "EXAMINER_THREADS"
"""Threads of one network; 0, the default, is one a core. The workers of a folder run have 1."""

CASEBOOK = "EXAMINER_CASEBOOK"
"""The folder of the casebook that the page opens."""

LABORATORY = "EXAMINER_LABORATORY"
"""The laboratory's file of words and rules."""

PEOPLE = "EXAMINER_PEOPLE"
"""The file of accounts."""

RECIPES = "EXAMINER_RECIPES"
"""The folder of the laboratory's own recipes."""

TYPEFACES = "EXAMINER_TYPEFACES"
"""A folder of the laboratory's own font files."""

MOST_THREADS = 1024

VARIABLES = (THREADS, CASEBOOK, LABORATORY, PEOPLE, RECIPES, TYPEFACES)


def path_in(variable: str) -> Path | None:
    """The path that a variable names; None where it is not set or empty."""
    value = os.environ.get(variable)
    return Path(value) if value else None


def network_threads() -> int:
    """The number of threads of one network; 0 leaves it to ONNX Runtime. Raises VariableError."""
    value = os.environ.get(THREADS) or "0"
    if not (value.isascii() and value.isdigit() and int(value) <= MOST_THREADS):
        raise VariableError(
            f"{THREADS}: expected a whole number from 0 to {MOST_THREADS}, got {value!r}; change or unset it"
        )
    return int(value)
