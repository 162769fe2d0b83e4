"""What the card of the models says of error rates is what the calibration's own file says."""

from __future__ import annotations

from importlib.resources import files

from pipelines.probability.calibration import measured_held_out


def test_the_card_gives_the_measured_error_rates():
    card = (files("models") / "CARD.md").read_text("utf-8")
    rows = measured_held_out("marks")
    assert {row.kind for row in rows} >= {"etched", "worn", "intact"}
    for row in rows:
        wrong, covered = f"{100 * (1 - row.right):.1f} %", f"{100 * row.covered:.1f} %"
        cells = (row.kind, str(row.characters), wrong, covered, f"{row.cllr:.3f}", f"{row.cllr_min:.3f}")
        assert f"| {' | '.join(cells)} | {row.pairs} |" in card, "run the table anew: see models/marks.toml"
