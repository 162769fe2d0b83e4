"""A local Dask cluster of two workers, real processes and real sockets."""


import pytest

from examiner.folders.cluster import on_cluster
from examiner.folders.pool import TRIES
from folders import works
from pipelines.errors import WorkerError

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        yield cluster


def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    """The first task that runs ends its own process; all are made, once each in what comes back."""
    asked = [("dies once", str(tmp_path)), *((f"task {n}", str(tmp_path)) for n in range(8))]
    ended = list(on_cluster(cluster.scheduler_address, works.stubborn, asked, lambda _one: 60.0))
    assert sorted(one.number for one in ended) == list(range(9))
    assert {one.asked[0]: one.made for one in ended} == {name: f"{name}: made" for name, _ in asked}
    assert works.tries(tmp_path, "dies once") == 2


def test_one_that_kills_its_workers_or_hangs_is_marked_and_the_others_are_made(cluster, tmp_path):
    asked = [(name, str(tmp_path)) for name in ("first", "dies", "hangs", "last")]
    patience = {"hangs": 1.0}
    ended = on_cluster(
        cluster.scheduler_address, works.stubborn, asked, lambda one: patience.get(one[0], 60.0)
    )
    assert {one.asked[0]: (one.made, one.lost) for one in ended} == {
        "first": ("first: made", None),
        "dies": (None, "died"),
        "hangs": (None, "hung"),
        "last": ("last: made", None),
    }
    assert works.tries(tmp_path, "hangs") <= TRIES


def test_no_scheduler_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr("examiner.folders.cluster.CONNECT_S", 0.2)
    with pytest.raises(WorkerError, match="no scheduler answers"):
        list(on_cluster("tcp://127.0.0.1:1", works.squared, [1], lambda _one: 1.0))
