"""The texts of the training page and their catalogues: `make translations` compiles what translators edited.

Needs Babel, which is part of the tests' packages only.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from importlib.resources import files
from pathlib import Path

from examiner.exercises.exercise import GRADE_WORDS
from examiner.exercises.scoring import Outcome
from examiner.exercises.translations import DOMAIN, UNCHECKED

_CALLED = re.compile(r'\bt\("((?:[^"\\]|\\.)*)"\)|\bt\([^()]*\? "([^"]*)" : "([^"]*)"\)')
_MARKED = re.compile(r'data-t="([^"]*)"')


def texts() -> list[str]:
    """Every text that is translated, once, in the order of its first use."""
    found: list[str] = [*GRADE_WORDS.values(), *(outcome.value for outcome in Outcome)]
    for folder in ("examiner.exercises", "examiner.page.training"):
        for source in sorted(_names(folder, ".py")):
            found += _of_python((files(folder) / source).read_text("utf-8"))
    for suffix in (".html", ".js"):
        for name in sorted(_names("examiner.page.training", suffix)):
            text = (files("examiner.page.training") / name).read_text("utf-8")
            for groups in _CALLED.findall(text):
                found += [one for one in groups if one]
            found += _MARKED.findall(text)
    return list(dict.fromkeys(found))


def po_file(language: str) -> Path:
    """What the translators of a language edit."""
    return Path(str(files("examiner.exercises") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"))


def compiled(po: bytes) -> bytes:
    """The .mo of a .po file; texts without a translation are left out."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = io.BytesIO()
    write_mo(made, read_po(io.BytesIO(po)))
    return made.getvalue()


def translated(po: bytes) -> dict[str, str]:
    """The texts of a .po file with their translations, empty where there is none."""
    from babel.messages.pofile import read_po

    return {str(message.id): str(message.string) for message in read_po(io.BytesIO(po)) if message.id}


def _names(package: str, suffix: str) -> list[str]:
    return [entry.name for entry in files(package).iterdir() if entry.name.endswith(suffix)]


def _of_python(source: str) -> list[str]:
    """Texts marked with `_`, in a module that has it from `examiner.exercises.translations`."""
    if not re.search(r"^from examiner.exercises.translations import .*\b_\b", source, re.MULTILINE):
        return []
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def main() -> None:
    for language in UNCHECKED:
        path = po_file(language)
        missing = [text for text in texts() if not translated(path.read_bytes()).get(text)]
        for text in missing:
            sys.stderr.write(f"{language}: not translated: {text}\n")
        path.with_suffix(".mo").write_bytes(compiled(path.read_bytes()))


if __name__ == "__main__":
    main()
