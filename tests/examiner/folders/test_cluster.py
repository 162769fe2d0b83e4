"""A local Dask cluster of two workers, real processes and real sockets."""

import os
import signal
from dataclasses import replace

import cv2
import numpy as np
import pytest

from examiner.folders.cluster import on_cluster
from examiner.folders.job import Job, read_job, versions_here
from examiner.folders.results.row import SeriesResult
from examiner.folders.run import Where, run
from examiner.folders.series import Options, series_in
from pipelines.errors import WorkerError
from pipelines.types import Proposal
from tests.examiner.folders import works

distributed = pytest.importorskip("distributed")

OPTIONS = Options(readers=("general",))


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        yield cluster


def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    """The first task that runs ends its own process; all are made, once each in what comes back."""
    items = [("dies once", str(tmp_path)), *((f"task {n}", str(tmp_path)) for n in range(8))]
    ended = list(on_cluster(cluster.scheduler_address, works.stubborn, items, lambda _item: 60.0))
    assert sorted(end.number for end in ended) == list(range(9))
    assert {end.item[0]: end.outcome for end in ended} == {name: f"{name}: made" for name, _ in items}
    assert works.tries(tmp_path, "dies once") == 2


def test_one_that_kills_its_workers_or_hangs_is_marked_and_the_others_are_made(
    cluster, tmp_path, monkeypatch
):
    monkeypatch.setattr("examiner.folders.cluster.RESTART_S", 20)
    monkeypatch.setattr("examiner.folders.cluster.TRIES", 1)
    items = [(name, str(tmp_path)) for name in ("first", "dies", "hangs", "last")]
    patience = {"hangs": 4.0}
    ended = on_cluster(
        cluster.scheduler_address, works.stubborn, items, lambda item: patience.get(item[0], 200.0)
    )
    assert {end.item[0]: (end.outcome, end.lost) for end in ended} == {
        "first": ("first: made", None),
        "dies": (None, "died"),
        "hangs": (None, "hung"),
        "last": ("last: made", None),
    }


def test_the_same_function_reads_on_a_cluster_and_a_killed_worker_loses_nothing(cluster, tmp_path):
    """Series read by `examiner read --scheduler`, while one of the two workers is killed."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(4):
        pixels = np.random.default_rng(number).integers(90, 160, (48, 96), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), pixels)
    every = series_in([folder], True, OPTIONS)
    steps = run(every, OPTIONS, Where(scheduler=cluster.scheduler_address))
    first = next(steps)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    results = {step.series: step.result for step in (first, *steps)}
    here = {step.series: step.result for step in run(every, OPTIONS, Where())}
    assert {name: timeless(result) for name, result in results.items()} == {
        name: timeless(result) for name, result in here.items()
    }
    assert len(results) == 4


def timeless(result: SeriesResult | None) -> tuple[str, Proposal]:
    assert result is not None
    return result.key, replace(result.proposal, seconds=0.0)


def test_a_worker_with_other_weights_says_so_and_reads_nothing(tmp_path):
    (series,) = series_in([tmp_path / "a.png"], False, OPTIONS)
    expected = tuple((name, "other" if name == "weights/marks.onnx" else v) for name, v in versions_here())
    result = read_job(Job(series, OPTIONS, versions=expected))
    assert result is not None and result.proposal.error is not None and result.key == ""
    assert result.proposal.error.kind == "version" and "weights/marks.onnx" in result.proposal.error.message


def test_no_scheduler_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr("examiner.folders.cluster.CONNECT_S", 0.2)
    with pytest.raises(WorkerError, match="no scheduler answers"):
        list(on_cluster("tcp://127.0.0.1:1", works.squared, [1], lambda _item: 1.0))
