"""Translations of the training page into Russian and Romanian, from gettext catalogues.

Translators edit `locale/LANGUAGE/LC_MESSAGES/training.po`; `make translations` compiles it to the .mo file.
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
    """Marks a text for the catalogues and returns it as it is; the page translates it."""
    return text


def translation(language: str) -> Callable[[str], str]:
    """A function that translates from English. Raises ExerciseError for a language that is not there."""
    if language not in LANGUAGES:
        raise ExerciseError(f"the languages are {', '.join(LANGUAGES)}; got {language!r}")
    if language == "en":
        return str
    folder = Path(str(files("examiner.exercises") / "locale"))
    return gettext.translation(DOMAIN, folder, [language]).gettext


def catalogue(language: str) -> dict[str, str]:
    """Every text of the catalogue with its translation, for the browser."""
    if language == "en":
        return {}
    folder = Path(str(files("examiner.exercises") / "locale"))
    translations = gettext.translation(DOMAIN, folder, [language])
    texts: dict[str, str] = translations._catalog  # type: ignore[attr-defined]
    return {english: text for english, text in texts.items() if isinstance(english, str) and english}
