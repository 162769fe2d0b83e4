"""The page of the steps is what the steps and the table say."""

from __future__ import annotations

from pathlib import Path

from pipelines.enhance import STEPS
from pipelines.enhance.pages import page

DOCS = Path(__file__).parents[3] / "docs"


def test_the_committed_page_is_made_from_the_steps_and_the_table() -> None:
    committed = (DOCS / "enhancement-steps.md").read_text(encoding="utf-8")
    assert committed == page(), "make it again: python -m pipelines.enhance.pages > docs/enhancement-steps.md"


def test_every_step_has_a_section_with_its_danger_and_its_parameters() -> None:
    sections = page().split("\n### ")[1:]
    assert {section.partition("\n")[0].strip("`") for section in sections} == set(STEPS)
    for section in sections:
        step = STEPS[section.partition("\n")[0].strip("`")]
        assert "\nLies " in section and "\nAssumes " in section and "\nCost: " in section
        assert all(f"\n- `{parameter.name}`: " in section for parameter in step.parameters)


def test_the_contact_sheet_is_there_and_small() -> None:
    assert "(enhancement-steps.jpg)" in page()
    assert 50_000 < (DOCS / "enhancement-steps.jpg").stat().st_size < 300_000
