"""What the selector offers a person: samples, own examinations, others to look at or to read as second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from examiner.casebook.casebook import Casebook, ExaminationEntry
from examiner.examination.acts import OrderError, Phase
from examiner.examination.mode_words import MODE_WORDS
from examiner.page.casework.permissions import may_read_second
from examiner.page.casework.view_model import SelectorOption
from examiner.page.readers.samples import Sample
from examiner.people import Person

SAMPLE = "sample:"
"""How the selector's entries for samples begin."""

SECOND = "second:"
"""How its entries for examinations to be read by a second examiner begin."""


def visible_to(casebook: Casebook, person: Person) -> list[ExaminationEntry]:
    """The examinations that the person may see now, in the order they were begun."""
    visible = []
    for entry in casebook.examinations():
        try:
            casebook.refuse_blind(entry.id, person.name)
        except OrderError:
            continue
        visible.append(entry)
    return visible


def selector_options(
    samples: Mapping[str, Sample], casebook: Casebook, person: Person
) -> list[SelectorOption]:
    """The selector: the samples, what the casebook holds besides, newest first, and what is to be read as
    second examiner. Choosing the last begins that reading and shows nothing of the first."""
    listed = {sample.title for sample in samples.values()}
    visible = visible_to(casebook, person)
    begun = {entry.second_of for entry in casebook.examinations() if entry.reader == person.name}
    return [
        *(
            SelectorOption(SAMPLE + name, sample.words, "Samples (simulated plates)")
            for name, sample in samples.items()
        ),
        *(
            SelectorOption(entry.id, _label(entry, person), "Casebook")
            for entry in reversed(visible)
            if entry.title not in listed or entry.phase is Phase.SIGNED
        ),
        *(
            SelectorOption(
                SECOND + entry.id, f"{entry.title} · of {entry.reader}", "To read as second examiner"
            )
            for entry in reversed(visible)
            if may_read_second(person, entry)
            and entry.id not in begun
            and not casebook.has_done(entry.id, person.name)
        ),
    ]


def _label(entry: ExaminationEntry, person: Person) -> str:
    whose = "" if entry.reader == person.name else f" · of {entry.reader}"
    return f"{entry.title} · {MODE_WORDS[entry.mode].name}{whose}"


def second_waiting(entries: Sequence[ExaminationEntry], id: str) -> ExaminationEntry | None:
    """The second reading that was begun of an examination last, or None."""
    return next((entry for entry in reversed(entries) if entry.second_of == id), None)
