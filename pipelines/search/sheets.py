"""How a band of the photographs is shown to the readers: its forms, how wide each is cut, and its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipelines.reading.pooling import DOUBT, Slice, as_slice
from pipelines.reading.readers import Reader, ReaderTogether
from pipelines.strip import grown, sides, straightened
from pipelines.types import Evidence, Image, Quad


@dataclass(frozen=True, eq=False)
class Form:
    """A way to present a band to a reader: an enhanced photograph and how much wider than the band to cut."""

    name: str
    levelled: bool
    along: float
    across: float


SCREENING = (Form("as taken", False, 0.0, 0.0),)

FORMS = (
    Form("as taken", False, 0.0, 0.0),
    Form("levelled", True, 0.0, 0.0),
    Form("as taken, wide", False, 0.2, 0.12),
    Form("levelled, wide", True, 0.2, 0.12),
)

TOGETHER = Form("together", False, 0.35, 0.25)

TOGETHER_FORMS = (
    Form("together, close", False, 0.3, 0.12),
    TOGETHER,
    Form("together, wide", False, 0.5, 0.45),
)
"""What a reader sees that looks at all photographs at once; it levels them itself."""

TOGETHER_SHARE = 4.0
"""Weight of a reader of all photographs at once beside the leading reader's mean over them."""

TOGETHER_DOUBT = 0.005
"""Doubt of such a reader's columns, see `decode.doubted`: less, as it has weighed the photographs itself."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """An area of one photograph with its levelled form. All sheets of a series show the same area, so that
    one quad means the same place in each. `photo`: index into the series."""

    photo: int
    plain: Image
    levelled: Image

    @property
    def forms(self) -> tuple[Image, Image]:
        return self.plain, self.levelled


@dataclass(frozen=True)
class Panel:
    """The readers that screen bands and choose among them; at least one of the two is there.

    `lead` sees each photograph by itself, `together` all at once.
    """

    lead: Reader | None
    together: ReaderTogether | None


def searched_forms(panel: Panel, page: Sheet) -> tuple[Image, ...]:
    """In what the general locator looks for lines first: as taken and levelled; only levelled where our own
    reader is alone, which is the quick way to read."""
    return (page.levelled,) if panel.lead is None else page.forms


def sheet(photo: int, image: Image) -> Sheet:
    return Sheet(photo, image, levelled(image))


def levelled(image: Image) -> Image:
    """Grey with local mean 0.5 and local standard deviation 0.2: light fall-off and glare bands taken out.

    Mean and deviation are taken over about 6 % and 10 % of the shorter side. Polarity is kept.
    """
    plain = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = plain.shape
    scale = min(1.0, 400 / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(plain, size, interpolation=cv2.INTER_AREA)
    reach = min(small.shape)
    mean = cv2.GaussianBlur(small, (0, 0), max(1.0, reach * 0.06))
    deviation = np.sqrt(cv2.GaussianBlur((small - mean) ** 2, (0, 0), max(1.0, reach * 0.1))) + 0.015
    mean, deviation = (cv2.resize(part, (width, height)) for part in (mean, deviation))
    return np.clip(0.5 + 0.2 * (plain - mean) / deviation, 0, 1).astype(np.float32)


def screened_slices(panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad]) -> list[list[Slice]]:
    """For each band what the panel sees at a first look, one form each."""
    seen = _slices_of_lead(panel, sheets, quads, SCREENING)
    if panel.together is not None:
        for slices, quad in zip(seen, quads, strict=True):
            pieces = [cut(page, quad, TOGETHER) for page in sheets]
            pooled = panel.together.read_pooled(pieces)
            slices.append(_slice_of_all(pooled, quad, TOGETHER, pieces, TOGETHER_SHARE))
    return seen


def full_slices(panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad]) -> list[list[Slice]]:
    """For each band all that the panel sees."""
    seen = _slices_of_lead(panel, sheets, quads, FORMS)
    if panel.together is not None:
        for slices, quad in zip(seen, quads, strict=True):
            slices += _slices_together(panel.together, sheets, quad)
    return seen


def _slices_of_lead(
    panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad], forms: Sequence[Form]
) -> list[list[Slice]]:
    return [[] for _ in quads] if panel.lead is None else slices_of(panel.lead, sheets, quads, forms)


def slices_of(
    reader: Reader, sheets: Sequence[Sheet], quads: Sequence[Quad], forms: Sequence[Form], share: float = 1.0
) -> list[list[Slice]]:
    """For each band what `reader` sees in every sheet and form; all strips go to the reader at once."""
    wanted = [(page, quad, form) for quad in quads for page in sheets for form in forms]
    pieces = [cut(page, quad, form) for page, quad, form in wanted]
    slices = [
        _slice(seen, page.photo, quad, form, piece, share / len(forms))
        for (page, quad, form), piece, seen in zip(wanted, pieces, reader.read(pieces), strict=True)
    ]
    each = len(sheets) * len(forms)
    return [slices[start : start + each] for start in range(0, len(slices), each)]


def _slices_together(reader: ReaderTogether, sheets: Sequence[Sheet], quad: Quad) -> list[Slice]:
    """What a reader sees in all sheets at once, and, without a vote, in each of them."""
    slices = []
    share = TOGETHER_SHARE / len(TOGETHER_FORMS)
    for form in TOGETHER_FORMS:
        pieces = [cut(page, quad, form) for page in sheets]
        together, alone = reader.read_together(pieces)
        slices.append(_slice_of_all(together, quad, form, pieces, share))
        for page, piece, seen in zip(sheets, pieces, alone, strict=True):
            alone_slice = _slice(seen, page.photo, quad, form, piece, share, TOGETHER_DOUBT)
            slices.append(replace(alone_slice, votes=False))
    return slices


def _slice_of_all(seen: Evidence, quad: Quad, form: Form, pieces: Sequence[Image], share: float) -> Slice:
    # As many votes as the photographs that the leading reader sees one by one.
    return _slice(seen, None, quad, form, pieces[0], share * len(pieces), TOGETHER_DOUBT)


def cut(page: Sheet, quad: Quad, form: Form) -> Image:
    """The band upright, as a reader gets it in that form."""
    image = page.levelled if form.levelled else page.plain
    return straightened(image, grown(quad, form.along, form.across))[0]


def _slice(
    seen: Evidence,
    photo: int | None,
    quad: Quad,
    form: Form,
    piece: Image,
    weight: float,
    doubt: float = DOUBT,
) -> Slice:
    length, height = sides(quad)
    margin = form.along * height / max(length, 1e-9)
    aspect = piece.shape[1] / piece.shape[0]
    tall = 1 + 2 * form.across
    return as_slice(seen, photo, form.name, weight, -margin, 1 + margin, aspect, doubt, tall)
