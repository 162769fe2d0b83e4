"""What the selector offers a person: samples, own examinations, others to look at or to read as second."""

from __future__ import annotations

from collections.abc import Mapping

from examiner.casebook.casebook import Casebook, ExaminationEntry
from examiner.casebook.standing import Standings
from examiner.examination.acts import Phase
from examiner.examination.mode_words import MODE_WORDS
from examiner.examination.permissions import Asking, Deed, refusal
from examiner.page.casework.view_model import SelectorOption
from examiner.page.readers.samples import Sample

SAMPLE = "sample:"
"""How the selector's entries for samples begin."""

SECOND = "second:"
"""How its entries for examinations to be read by a second examiner begin."""


def may_still_read_second(casebook: Casebook, asking: Asking, standings: Standings, examination: str) -> bool:
    """Whether the person may begin a second reading of the examination now."""
    if standings.entry(examination).reader == asking.name:
        return False
    if refusal(asking, Deed.BEGIN_SECOND, standings.of(examination, asking.name)):
        return False
    if standings.shown_machine(examination, asking.name):
        return False
    return not casebook.has_done(examination, asking.name)


def selector_options(
    samples: Mapping[str, Sample], casebook: Casebook, asking: Asking, standings: Standings
) -> list[SelectorOption]:
    """The selector: the samples, what the casebook holds besides, newest first, and what is to be read as
    second examiner. Choosing the last begins that reading and shows nothing of the first."""
    listed = {sample.title for sample in samples.values()}
    newest_first = [*reversed(casebook.examinations())]
    return [
        *(
            SelectorOption(SAMPLE + name, sample.words, "Samples (simulated plates)")
            for name, sample in samples.items()
        ),
        *(
            SelectorOption(entry.id, _label(entry, asking), "Casebook")
            for entry in newest_first
            if (entry.title not in listed or entry.phase is Phase.SIGNED)
            and not refusal(asking, Deed.SEE, standings.of(entry.id, asking.name))
        ),
        *(
            SelectorOption(
                SECOND + entry.id, f"{entry.title} · of {entry.reader}", "To read as second examiner"
            )
            for entry in newest_first
            if may_still_read_second(casebook, asking, standings, entry.id)
        ),
    ]


def _label(entry: ExaminationEntry, asking: Asking) -> str:
    whose = "" if entry.reader == asking.name else f" · of {entry.reader}"
    return f"{entry.title} · {MODE_WORDS[entry.mode].name}{whose}"
