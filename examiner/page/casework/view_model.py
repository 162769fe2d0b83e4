"""What a view of the page is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from examiner.casebook.laboratory import Laboratory
from examiner.examination.positions import ExaminedPosition
from examiner.examination.state import Examination
from examiner.page.casework.steps import Step
from pipelines.types import Proposal


@dataclass(frozen=True)
class ShownPhoto:
    """A photograph of the series as the browser needs it: sizes and matrices of the full resolution."""

    index: int
    name: str
    sha256: str
    thumb: str
    width: int
    height: int
    proxy_width: int
    to_upright: tuple[float, ...]
    to_stored: tuple[float, ...]
    upright_degrees: int


@dataclass(frozen=True)
class Choice:
    """An entry of the selector of samples and examinations."""

    value: str
    label: str
    group: str


@dataclass(frozen=True)
class Notice:
    """A message to the person; `kind` is "error" or "info"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Shown:
    """Everything that a view is made of. `proposal` has passed the gate, or is None."""

    id: str
    examiner: str
    examination: Examination
    proposal: Proposal | None
    photos: tuple[ShownPhoto, ...]
    photo: int
    recipe: str
    recipes: tuple[Mapping[str, str], ...]
    original: str
    enhanced: str
    crop: Callable[[ExaminedPosition], str]
    choices: tuple[Choice, ...]
    chosen: str
    laboratory: Laboratory
    filed: str = ""
    """Case, item and marking that the series belongs to, in words."""
    reader: str = ""
    """Whose examination it is."""
    sign_out: bool = False
    """Whether the person signed in with a password."""
    step: Step | None = None
    more: tuple[Step, ...] = ()
    fusions: tuple[Mapping[str, Any], ...] = ()
    fusion: Mapping[str, Any] | None = None
    fusing: str = ""
    """What is said while a fused picture is made."""
    given: Mapping[str, str] | None = None
    """Address and name of a file that is given out with this view."""
    reply: int = -1
    notice: Notice | None = None
    busy: str = ""
    stamp: int = 0
    """Grows from view to view of one person: what comes late or twice is known by it."""
