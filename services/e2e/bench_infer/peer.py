"""One runtime in a process of its own, which runs when it is asked to.

It speaks as `demeter bench infer --on-request` does: a line of JSON when ready,
for each number read one line with the times, and last its peak memory.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

WARM_UP = 3
# A forward pass, prepared: everything it needs is in place.
Forward = Callable[[], list[np.ndarray]]


def memory(field: str) -> int | None:
    """Bytes in physical memory: `VmRSS` now, `VmHWM` at most; `None` where unknown."""
    status = Path("/proc/self/status")
    found = re.search(rf"{field}:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else None


class OnnxRuntime:
    """Single precision, default settings but for the threads."""

    def __init__(self) -> None:
        import onnxruntime

        self.package = onnxruntime

    def prepare(self, model: Path, image: np.ndarray, threads: int) -> Forward:
        options = self.package.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = self.package.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        return lambda: session.run(None, {"input": image})


class OpenVino:
    """One stream for latency, in a precision that has to be named: the default
    is bfloat16 where the processor has it."""

    def __init__(self, precision: str) -> None:
        import openvino

        self.package = openvino
        self.precision = precision

    def prepare(self, model: Path, image: np.ndarray, threads: int) -> Forward:
        core = self.package.Core()
        capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if self.precision == "bf16" and "BF16" not in capabilities:
            raise NotImplementedError("this processor has no bfloat16 arithmetic")
        compiled = core.compile_model(str(model), "CPU", {
            "INFERENCE_PRECISION_HINT": self.precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        })
        request = compiled.create_infer_request()
        tensor = self.package.Tensor(image, shared_memory=True)
        request.set_input_tensor(tensor)

        def forward() -> list[np.ndarray]:
            request.infer()
            return [request.get_output_tensor(i).data for i in range(len(compiled.outputs))]

        return forward


class Torch:
    """Eager, single precision, pixels kept together."""

    def __init__(self) -> None:
        import torch

        self.package = torch

    def prepare(self, model: Path, image: np.ndarray, threads: int) -> Forward:
        import network

        torch = self.package
        torch.set_num_threads(threads)
        module = network.load(model, image.shape[-1]).to(memory_format=torch.channels_last)
        pixels = torch.from_numpy(image).contiguous(memory_format=torch.channels_last)

        def forward() -> list[np.ndarray]:
            with torch.inference_mode():
                return [output.numpy() for output in module(pixels)]

        return forward


RUNTIMES = {
    "onnxruntime": OnnxRuntime,
    "openvino": lambda: OpenVino("f32"),
    "openvino-bf16": lambda: OpenVino("bf16"),
    "torch": Torch,
}


def say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def serve(forward: Forward) -> None:
    """Run as often as each line says, until the lines end."""
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            forward()
            times.append(1e3 * (time.perf_counter() - start))
        say(times_ms=times)
    say(peak_memory_bytes=memory("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runtime", choices=RUNTIMES)
    parser.add_argument("model", type=Path, help="ONNX, or weights as safetensors for torch")
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()

    runtime = RUNTIMES[args.runtime]()
    baseline = memory("VmRSS")
    image = load_file(str(args.input))["input"]
    try:
        forward = runtime.prepare(args.model, image, args.threads)
    except NotImplementedError as reason:
        return say(unable=str(reason))
    for _ in range(WARM_UP):
        forward()
    outputs = [np.ascontiguousarray(output, np.float32) for output in forward()]
    save_file(dict(zip(("prediction", "prototypes"), outputs)), str(args.output))
    del outputs
    version = runtime.package.__version__.split("-")[0].split("+")[0]
    say(ready=args.runtime, version=version, baseline_memory_bytes=baseline)
    serve(forward)


if __name__ == "__main__":
    main()
