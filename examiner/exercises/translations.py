"""The training page in English, Russian and Romanian, by ordinary gettext catalogues.

`locale/LANGUAGE/LC_MESSAGES/training.po` is what translators edit; `make translations` makes the .mo.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from examiner.exercises.exercise import ExerciseError

DOMAIN = "training"
LANGUAGES = {"en": "English", "ru": "Русский", "ro": "Română"}
UNCHECKED = ("ru", "ro")
"""Languages that no native examiner has checked yet; the page says so."""


def _(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


def translation(language: str) -> Callable[[str], str]:
    """From English to a language. Raises ExerciseError for one that is not there."""
    if language not in LANGUAGES:
        raise ExerciseError(f"languages are {', '.join(LANGUAGES)}; got {language!r}")
    if language == "en":
        return str
    folder = Path(str(files("examiner.exercises") / "locale"))
    return gettext.translation(DOMAIN, folder, [language]).gettext


def catalogue(language: str) -> dict[str, str]:
    """Every text of the catalogue in a language, for the browser."""
    if language == "en":
        return {}
    folder = Path(str(files("examiner.exercises") / "locale"))
    found = gettext.translation(DOMAIN, folder, [language])
    known: dict[str, str] = found._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in known.items() if isinstance(key, str) and key}
