"""What our own reader starts from: stem and first two stages of PP-OCRv6's recogniser, laid into
`models.training.network`. Source: PaddleOCR (Apache-2.0), the weights in the wheel of rapidocr.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from models.training.network import Marks
from pipelines.networks import inference_session, weights_of_pp_ocr
from pipelines.reading.readers.levelling import CHANNELS

CONTRAST = 0.35
"""Standard deviation, in PP-OCRv6's scale of −1 to 1, that a normalised strip of standard deviation 1 is
taken for."""


class Recogniser:
    """PP-OCRv6's graph without its identities: every name stands for what it is a copy of."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.copies = {n.output[0]: n.input[0] for n in model.graph.node if n.op_type == "Identity"}
        self.nodes = [n for n in model.graph.node if n.op_type != "Identity"]

    def inputs(self, node: onnx.NodeProto) -> list[str]:
        return [self.source(name) for name in node.input]

    def source(self, name: str) -> str:
        while name in self.copies:
            name = self.copies[name]
        return name

    def next(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        return [n for n in self.nodes if node.output[0] in self.inputs(n)]

    def bias(self, convolution: onnx.NodeProto) -> tuple[npt.NDArray[np.float32], onnx.NodeProto]:
        """The bias that is added to a convolution, and the node that adds it."""
        (added,) = self.next(convolution)
        (name,) = (name for name in self.inputs(added) if name in self.values)
        return self.values[name].ravel(), added

    def gates(self, pixels: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """By the name of the sum that a gate multiplies, (C,): its mean over the strips."""
        names = {}
        for node in self.nodes:
            if node.op_type == "HardSigmoid":
                (product,) = self.next(node)
                (gated,) = (name for name in self.inputs(product) if name != node.output[0])
                names[gated] = node.output[0]
        self.model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names.values())
        session = inference_session(self.model.SerializeToString())
        results = session.run(list(names.values()), {session.get_inputs()[0].name: pixels})
        return {gated: result.mean(0).ravel() for gated, result in zip(names, results, strict=True)}


def begin(network: Marks, strips: npt.NDArray[np.float32]) -> None:
    """Sets the trunk of `network` to PP-OCRv6's weights. `strips` (N, 48, W) float32, normalised: its gates,
    which look at the whole line, become what they are on these in the mean. Raises ValueError where the graph
    is another."""
    graph = Recogniser(onnx.load(weights_of_pp_ocr("rec")))
    gates = graph.gates(np.repeat(strips[:, None] * np.float32(CONTRAST), 3, axis=1))
    wanted = [module for module in network.trunk.modules() if isinstance(module, nn.Conv2d)]
    shrunk = {n.output[0] for n in graph.nodes if n.op_type == "ReduceMean"}
    convolutions = []
    for node in graph.nodes:
        if node.op_type == "Conv" and graph.inputs(node)[0] in shrunk:
            shrunk.add(graph.bias(node)[1].output[0])
        elif node.op_type == "Relu" and graph.inputs(node)[0] in shrunk:
            shrunk.add(node.output[0])
        elif node.op_type == "Conv":
            convolutions.append(node)
    # A graph with fewer convolutions than the trunk raises ValueError here; the later ones are not taken.
    for module, node in zip(wanted, convolutions[: len(wanted)], strict=True):
        weight = graph.values[graph.inputs(node)[1]]
        bias, added = graph.bias(node)
        if module.in_channels == CHANNELS:
            # PP-OCRv6 saw grey in three channels; the smoothed copies are as yet not looked at.
            grey = weight.sum(1, keepdims=True) * np.float32(CONTRAST)
            weight = np.concatenate([grey, *[np.zeros_like(grey)] * (CHANNELS - 1)], axis=1)
        gate = gates.get(added.output[0], np.ones(len(bias), np.float32))
        if module.weight.shape != weight.shape or module.bias is None:
            raise ValueError(f"PP-OCRv6: {node.name} is {weight.shape}, not {tuple(module.weight.shape)}")
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(weight * gate[:, None, None, None]))
            module.bias.copy_(torch.from_numpy(bias * gate))
