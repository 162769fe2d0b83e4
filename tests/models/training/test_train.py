"""Run where models/requirements-train.txt is installed."""

from __future__ import annotations

from functools import partial
from itertools import islice

import numpy as np
import pytest

from models.plates.strips import strip_series
from models.training import shards

torch = pytest.importorskip("torch")

from models.training.lanes import LANES, in_turn  # noqa: E402
from models.training.network import CLASSES, Marks  # noqa: E402
from models.training.train import WIDTHS, averaged, batches, loss_of, presence_loss  # noqa: E402
from pipelines.reading.readers.levelling import CHANNELS  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("shards")
    shards.write(made / "0.npz", [strip_series(seed) for seed in range(40)])
    return made


def test_batches_do_not_depend_on_how_many_processes_make_them(folder):
    stream = partial(batches, folder, 1, 0, 8)
    alone, two = (list(islice(in_turn(stream, processes), 5)) for processes in (0, 2))
    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(alone, two, strict=True))
    assert not torch.equal(alone[0].pixels, alone[1].pixels)


def test_a_number_of_processes_that_does_not_divide_the_lanes_is_refused():
    with pytest.raises(ValueError, match=f"{LANES} lanes"):
        in_turn(partial(iter, [1]), 5)


def test_a_batch_is_full_and_its_edges_are_not_judged(folder):
    for batch in islice(batches(folder, 1, 0, 32, 3), 6):
        count, _, height, wide = batch.pixels.shape
        assert (count, height, wide % WIDTHS) == (32 * 256 // wide, 48, 0)
        assert set(batch.series.tolist()) == set(range(len(batch.lengths)))
        for row, length in zip(batch.columns, batch.lengths, strict=True):
            assert (row[length:] == -1).all()


def test_the_network_reads_a_series_in_any_order():
    torch.manual_seed(0)
    network = Marks().eval()
    frames = torch.randn(3, CHANNELS, 48, 64)
    with torch.no_grad():
        one, other = (
            network(frames[order], torch.zeros(3, dtype=torch.long), 1) for order in ([0, 1, 2], [2, 0, 1])
        )
    assert one.shape == (1, 16, CLASSES + 1) and torch.allclose(one, other, atol=1e-5)


def test_a_few_steps_lower_the_loss(folder):
    torch.manual_seed(0)
    network = Marks()
    batch = next(batches(folder, 1, 0, 4, 0))
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(8):
        loss = sum(loss_of(network(batch.pixels, batch.series, len(batch.lengths)), batch))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all() and losses[-1] < 0.7 * losses[0]


def test_presence_counts_where_it_is_asked_only():
    truth = torch.tensor([[1, 0, -1, 0]])
    right, wrong = torch.tensor([[9.0, -9, 0, -9]]), torch.tensor([[-9.0, 9, 0, 9]])
    assert float(presence_loss(right, truth)) < 1e-3 < 20 < float(presence_loss(wrong, truth))
    unasked = right + torch.tensor([[0.0, 0, 50, 0]])
    assert float(presence_loss(unasked, truth)) == float(presence_loss(right, truth))


def test_strips_drawn_beside_shards_are_the_same_again_and_each_photograph_is_seen_once(folder):
    def made():
        return list(islice(batches(folder, 1, 0, 32, 0, drawn=0.5, group=1), 3))

    first, again = made(), made()
    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    for batch in first:
        assert len(batch.pixels) <= 32 * 256 // batch.pixels.shape[3]
        assert batch.presence.shape == batch.columns.shape


def test_the_average_follows_the_weights():
    network = Marks()
    average = {name: torch.zeros_like(value) for name, value in network.state_dict().items()}
    averaged(average, network, 0.75)
    name = "trunk.0.first.weight"
    assert torch.allclose(average[name], 0.25 * network.state_dict()[name])
