"""Text as a page can show it: what its fonts lack, or what would reorder a line, stands by its number.

Evidence may hold any character: Chinese characters on a rifle, Arabic digits, whatever a file is named.
"""

from __future__ import annotations

import functools
import json
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
"""Of Typst's own; each is used for all of a report's text somewhere."""

_UNSHOWN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_CLUSTER = re.compile(r"[^\x20-\x7e\n]")
_SOURCE = "".join(
    f'#text(font: ("{font}", "{FONTS[1]}"), weight: "{weight}", json("text.json").join(" "))\n'
    for font in FONTS
    for weight in ("regular", "bold")
)


def by_number(text: str) -> str:
    """Each character as ‹U+4E94›."""
    return "".join(f"‹U+{ord(character):04X}›" for character in text)


def showable(value: Any) -> tuple[Any, dict[str, str]]:
    """Plain values with every text in them as it can be shown, and the signs that were put in with the names
    of their characters. Lists, mappings (keys too) and texts in any depth."""
    lacking = lacking_clusters(frozenset().union(*map(_clusters, _texts(value))))
    names = {
        by_number(character): unicodedata.name(character, "a character without a name")
        for character in sorted({*"".join(lacking)})
    }
    return _replaced(value, lacking), names


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield _spaced(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _replaced(value: Any, lacking: frozenset[str]) -> Any:
    if isinstance(value, str):
        return _with_numbers(value, lacking)
    if isinstance(value, Mapping):
        return {_with_numbers(str(key), lacking): _replaced(inner, lacking) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(inner, lacking) for inner in value]
    return value


def _with_numbers(text: str, lacking: frozenset[str]) -> str:
    text = _spaced(text)
    if not lacking:
        return text
    return "".join(by_number(cluster) if cluster in lacking else cluster for cluster in _split(text))


def _spaced(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")


def _split(text: str) -> list[str]:
    """A text as characters, each with the marks that stand on it."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character).startswith("M"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _clusters(text: str) -> frozenset[str]:
    """The clusters of which it is not certain that they can be shown."""
    return (
        frozenset(cluster for cluster in _split(text) if _CLUSTER.search(cluster))
        if _CLUSTER.search(text)
        else frozenset()
    )


def lacking_clusters(clusters: frozenset[str]) -> frozenset[str]:
    """Those that cannot be shown. Costs one empty document, and one for each cluster where it fails."""
    never = {cluster for cluster in clusters if any(map(_is_never_shown, cluster))}
    doubtful = clusters - never
    if not doubtful or _can_be_set(tuple(sorted(doubtful))):
        return frozenset(never)
    return frozenset(never | {cluster for cluster in doubtful if not _can_be_set((cluster,))})


def _is_never_shown(character: str) -> bool:
    return (
        unicodedata.category(character) in _UNSHOWN or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
    ) and character != "\n"


@functools.lru_cache(maxsize=4096)
def _can_be_set(clusters: tuple[str, ...]) -> bool:
    """Whether Typst has glyphs for all of them: PDF/A admits no text without."""
    import typst

    with tempfile.TemporaryDirectory(prefix="examiner-glyphs-") as room:
        folder = Path(room)
        (folder / "text.json").write_text(json.dumps(clusters), "utf-8")
        (folder / "text.typ").write_text(_SOURCE, "utf-8")
        try:
            typst.compile(folder / "text.typ", ignore_system_fonts=True, pdf_standards="a-2b", timestamp=0)
        except typst.TypstError:
            return False
    return True
