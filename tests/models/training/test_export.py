"""What is exported, and how training goes on from it; needs models/requirements-train.txt."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from onnx import numpy_helper  # noqa: E402

from models.training.export import HALVED, Exported, halved, read_back  # noqa: E402
from models.training.network import CLASSES, Marks  # noqa: E402
from pipelines.networks import inference_session  # noqa: E402
from pipelines.reading.readers.levelling import CHANNELS  # noqa: E402

RELEASED = Path(str(files("models") / "marks.onnx"))


def test_the_network_read_back_says_what_the_released_one_says():
    frames = np.random.default_rng(0).standard_normal((3, CHANNELS, 48, 96)).astype(np.float32)
    rows = np.arange(4)
    session = inference_session(RELEASED)
    channels = session.get_inputs()[0].shape[1]
    said = session.run(None, {"photographs": frames[:, :channels].copy(), "rows": rows})
    with torch.no_grad():
        classes, presence = Exported(read_back(RELEASED)).eval()(
            torch.from_numpy(frames), torch.from_numpy(rows)
        )
    assert np.abs(classes.numpy() - said[0]).max() < 1e-4
    if len(said) > 1:
        assert np.abs(presence.numpy() - said[1]).max() < 1e-4


def test_a_file_of_another_network_is_refused():
    with pytest.raises(ValueError, match="another network"):
        read_back(RELEASED.with_name("rows.onnx"))


def test_weights_in_half_precision_come_back_as_near_as_they_can():
    names = {name: value for name, value in Marks().state_dict().items() if value.dtype.is_floating_point}
    tensors = [numpy_helper.from_array(value.numpy(), name) for name, value in names.items()]
    model = onnx.helper.make_model(onnx.helper.make_graph([], "weights", [], [], tensors))
    small = halved(model)
    half = {one.name for one in small.graph.initializer if one.data_type == onnx.TensorProto.FLOAT16}
    assert half == {f"{name}.half" for name, value in names.items() if value.numel() >= HALVED}
    widened = {node.output[0] for node in small.graph.node if node.op_type == "Cast"}
    assert widened == {name.removesuffix(".half") for name in half}


def test_a_column_sees_about_a_hundred_pixels():
    """What lies 52 pixels and more from a column's middle does not change what it says of a character."""
    torch.manual_seed(0)
    network, column = Marks().eval(), 16
    frames = torch.randn(1, CHANNELS, 48, 128)
    frames.requires_grad_()
    said = network(frames, torch.zeros(1, dtype=torch.long), 1)
    assert said.shape == (1, 32, CLASSES + 1)
    said[0, column].sum().backward()
    reached = frames.grad.abs().amax(dim=(0, 1, 2)).nonzero().ravel()
    middle = 4 * column + 2
    assert middle - 52 <= int(reached.min()) and int(reached.max()) < middle + 52
