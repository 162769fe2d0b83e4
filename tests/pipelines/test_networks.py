"""A network that remembers its last answers."""

import numpy as np
import pytest

from pipelines.networks import Remembered


class Doubling:
    """Stands in for a session: one input, twice that as output, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def get_inputs(self):
        return [type("Input", (), {"name": "x"})()]

    def run(self, _outputs, given):
        self.asked += 1
        return [given["x"] * 2]


def test_the_same_tensor_is_run_once_and_another_one_of_the_same_bytes_is_not_it():
    session = Doubling()
    network = Remembered(session)
    one = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert network.run(one)[0].tolist() == network.run(one.copy())[0].tolist() == (one * 2).tolist()
    assert session.asked == 1
    assert network.run(one.reshape(3, 2))[0].shape == (3, 2)
    assert network.run(one + 1)[0].tolist() == ((one + 1) * 2).tolist()
    assert session.asked == 3


def test_the_oldest_are_forgotten_so_that_memory_is_bounded():
    session = Doubling()
    network = Remembered(session, most=30)
    tensors = [np.full(10, value, np.float32) for value in range(4)]
    for tensor in tensors:
        network.run(tensor)
    network.run(tensors[3])
    assert session.asked == 4
    network.run(tensors[0])
    assert session.asked == 5


def test_an_answer_cannot_be_changed_under_the_next_who_asks():
    network = Remembered(Doubling())
    answer = network.run(np.ones(3, np.float32))[0]
    with pytest.raises(ValueError, match="read-only"):
        answer[0] = 7
