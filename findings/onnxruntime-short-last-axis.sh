#!/usr/bin/env bash
# ONNX Runtime adds a bias to a narrow column some twenty times slower than to a row of the same numbers.
#
# One would write from memory that the time of an elementwise operation goes by the number of elements. On the CPU an operation that broadcasts works
# through the output in runs along its last axis, with a fixed cost a run. Where that axis is one or two long, as of a network with one or two outputs for very
# many rows, [n, 1] + [1] takes tens of times as long an element as [1, n] + [1, 1], which are the same sums. A scalar, [], in the place of [1] helps nothing: it is the other
# operand's axis of length one that counts; of [n] there is no such cost. With an axis of eight it is still felt.
#
# A product that evaluates small networks at many rows should keep rows on the last axis (features first), and leave axes of length one out until the end.
#
# Exits 0 while a last axis of one or two costs at least five times as much an element, and 1 once it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnx==1.22.0 onnxruntime==1.30.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'END'
import sys
import time
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

print("onnxruntime", ort.__version__)
ELEMENTS = 1 << 20


def nanoseconds(x_shape, b_shape):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, x_shape)
    b = helper.make_tensor_value_info("b", TensorProto.FLOAT, b_shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("Add", ["x", "b"], ["y"])], "g", [x, b], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feeds = {"x": np.ones(x_shape, np.float32), "b": np.ones(b_shape, np.float32)}
    times = []
    for _ in range(20):
        start = time.process_time()
        session.run(None, feeds)
        times.append(time.process_time() - start)
    # The least of twenty: other work on the machine only adds.
    return min(times) / ELEMENTS * 1e9


slow = []
print("last axis d   [n, d] + [d]   [d, n] + [d, 1]   ns an element")
for d in (1, 2, 8, 64):
    n = ELEMENTS // d
    narrow, wide = nanoseconds([n, d], [d]), nanoseconds([d, n], [d, 1])
    print(f"{d:>11} {narrow:>14.2f} {wide:>17.2f}")
    if d <= 2:
        slow.append(narrow / wide)
scalar, flat = nanoseconds([ELEMENTS, 1], []), nanoseconds([ELEMENTS], [])
print(f"[n, 1] + []: {scalar:.2f}   [n] + []: {flat:.2f}")
slow.append(scalar / flat)
sys.exit(0 if min(slow) >= 5 else 1)
END
