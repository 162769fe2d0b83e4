"""The texts of the training page, and its catalogues: `make translations` compiles what translators edited.

Needs Babel, which is installed for the tests only.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from examiner.exercises.exercise import GRADE_WORDS
from examiner.exercises.scoring import Outcome
from examiner.exercises.translations import DOMAIN, UNCHECKED

PACKAGES = ("examiner.exercises", "examiner.page.training")

METHODS = {".py": ("python", "_"), ".js": ("javascript", "t")}
"""By suffix of a source, Babel's way to take it apart and the function that marks a text there."""

OPTIONS = {"parse_template_string": True}
"""Texts are marked within `${…}` of JavaScript, too."""


def texts() -> list[str]:
    """Every text that is translated, once, in the order of its first use."""
    marked: list[str] = [*GRADE_WORDS.values(), *(outcome.value for outcome in Outcome)]
    for package in PACKAGES:
        for source in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            marked += texts_of(source)
    return list(dict.fromkeys(marked))


def texts_of(source: Traversable) -> Iterator[str]:
    """The texts that are marked in a file: arguments of the marking function, or attributes `data-t`."""
    suffix = Path(source.name).suffix
    if suffix == ".html":
        markup = _MarkedTexts()
        markup.feed(source.read_text("utf-8"))
        yield from markup.texts
    elif suffix in METHODS:
        method, function = METHODS[suffix]
        with source.open("rb") as file:
            for _line, text, _comments, _context in extract(method, file, {function: None}, options=OPTIONS):
                if not isinstance(text, str):
                    raise ValueError(f"{source.name}: {function}() takes one text, got {text!r}")
                yield text


class _MarkedTexts(HTMLParser):
    """Collects the values of `data-t` in markup."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name == "data-t" and value]


def po_file(language: str) -> Path:
    """What the translators of a language edit."""
    return Path(str(files("examiner.exercises") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"))


def compiled(po: bytes) -> bytes:
    """The .mo of a .po file; texts without a translation are left out."""
    mo = io.BytesIO()
    write_mo(mo, read_po(io.BytesIO(po)))
    return mo.getvalue()


def translated(po: bytes) -> dict[str, str]:
    """The texts of a .po file with their translations, empty where there is none."""
    return {str(message.id): str(message.string) for message in read_po(io.BytesIO(po)) if message.id}


def main() -> None:
    for language in UNCHECKED:
        path = po_file(language)
        known, used = translated(path.read_bytes()), texts()
        for text in used:
            if not known.get(text):
                sys.stderr.write(f"{language}: not translated: {text}\n")
        for text in known.keys() - set(used):
            sys.stderr.write(f"{language}: not used any more: {text}\n")
        path.with_suffix(".mo").write_bytes(compiled(path.read_bytes()))


if __name__ == "__main__":
    main()
