"""How networks are run: ONNX Runtime on the processor, nothing else."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt
import onnxruntime  # Only here: `pipelines` has switched its reports off by now.

from pipelines.environment import network_threads
from pipelines.errors import ReaderError


def inference_session(weights: Path | bytes) -> onnxruntime.InferenceSession:
    """A session on the CPU for a file of weights, or for what is in one. Results do not depend on the number
    of threads (a test holds it)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = network_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads that spin make several processes on few cores many times slower.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = weights if isinstance(weights, bytes) else str(weights)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def weights_of_pp_ocr(part: Literal["det", "rec"]) -> Path:
    """The file of PP-OCRv6's detector or recogniser in the wheel of rapidocr, which is not loaded for it.

    Raises ReaderError where it is not there.
    """
    wheel = find_spec("rapidocr")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        path = Path(folder) / "models" / f"PP-OCRv6_{part}_small.onnx"
        if path.is_file():
            return path
    raise ReaderError(
        f"the weights PP-OCRv6_{part}_small.onnx of the package rapidocr are not installed; "
        "install the program again"
    )


class Remembered:
    """A network that remembers its last answers: a band is often looked at twice.

    Answers are read-only. `most`: numbers kept in all; the oldest are forgotten first.
    """

    def __init__(self, session: onnxruntime.InferenceSession, most: int = 4_000_000) -> None:
        self.session, self._most, self._kept = session, most, 0
        self._names = [tensor.name for tensor in session.get_inputs()]
        self._answers: OrderedDict[bytes, list[npt.NDArray[Any]]] = OrderedDict()

    def run(self, *tensors: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """The network's outputs for contiguous tensors, one for each of its inputs in order."""
        key = _digest(tensors)
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        inputs = dict(zip(self._names, tensors, strict=True))
        outputs: list[npt.NDArray[Any]] = self.session.run(None, inputs)
        for output in outputs:
            output.setflags(write=False)
        self._answers[key] = outputs
        self._kept += sum(output.size for output in outputs)
        while self._kept > self._most and len(self._answers) > 1:
            self._kept -= sum(output.size for output in self._answers.popitem(last=False)[1])
        return outputs


def _digest(tensors: Sequence[npt.NDArray[Any]]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for tensor in tensors:
        digest.update(repr(tensor.shape).encode())
        digest.update(tensor.data)
    return digest.digest()
