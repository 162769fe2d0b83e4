"""A run over series: one that fails stops no other, whatever the reason."""

import os
from pathlib import Path

from examiner.folders import series as series_module
from examiner.folders.run import read_all
from examiner.folders.series import Options, Series
from pipelines.propose import Source
from pipelines.types import Proposal


def test_what_nobody_expected_is_in_the_proposal_and_the_next_is_read(monkeypatch):
    def failing(_sources, *, series, **_options):
        if series == "bad":
            raise ValueError("nobody thought of this")
        return Proposal(series, (), (), {"general": "ok"}, 0.1)

    monkeypatch.setattr(series_module, "propose_series", failing)
    every = [Series(name, ((Source(Path(name)),),)) for name in ("bad", "good")]
    bad, good = read_all(every, Options(), 1)
    assert bad.error is not None and bad.error.kind == "unexpected"
    assert "nobody thought of this" in bad.error.message and "bad" in bad.error.message
    assert [entry.path for entry in bad.photos] == ["bad"]
    assert (good.series, good.error) == ("good", None)


class Deadly(Source):
    """Ends the process that it is sent to."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_worker_that_dies_is_a_failed_series_in_its_place_and_the_others_are_read(tmp_path):
    every = [
        Series("before", ((Source(tmp_path / "none.jpg"),),)),
        Series("deadly", ((Deadly(Path("deadly.jpg")),),)),
        Series("after", ((Source(tmp_path / "none.jpg"),),)),
    ]
    proposals = list(read_all(every, Options(readers=("general",)), 2))
    assert [(proposal.series, proposal.error and proposal.error.kind) for proposal in proposals] == [
        ("before", "no_photographs"),
        ("deadly", "worker_died"),
        ("after", "no_photographs"),
    ]
    assert [entry.path for entry in proposals[1].photos] == ["deadly.jpg"]
