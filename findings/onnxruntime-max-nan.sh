#!/usr/bin/env bash
# ONNX Runtime's reductions by maximum and minimum see a NaN by its place.
#
# One would write from memory that the maximum of numbers among which there is a NaN is NaN (as in NumPy and PyTorch), or perhaps the maximum of
# the others. On the CPU, ReduceMax and ReduceMin give NaN where it comes first, and pass over it anywhere else; ArgMax of the same numbers
# points to it wherever it is, so the element it points to is not the maximum that ReduceMax gives. A training whose loss or gradient has gone
# wrong may look well by its largest element. ReduceSum passes NaN on.
#
# A product that reduces by maximum (a stable log-sum-exp, max pooling, a check that nothing has overflowed) must put the NaN back in itself, for
# instance by adding zero times the sum of the elements, and must test it at every place, not at the first alone.
#
# Exits 0 while this is so, and 1 once it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnx==1.22.0 onnxruntime==1.30.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'END'
import sys
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

print("onnxruntime", ort.__version__)
N = 37


def session(op, attributes, inputs, out_type):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [N])
    y = helper.make_tensor_value_info("y", out_type, None)
    node = helper.make_node(op, inputs, ["y"], **attributes)
    graph = helper.make_graph([node], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def seen(op, attributes, out_type, is_seen):
    run = session(op, attributes, ["x"], out_type)
    places = []
    for place in range(N):
        x = np.linspace(-1, 1, N, dtype=np.float32)
        x[place] = np.nan
        (y,) = run.run(None, {"x": x})
        if is_seen(y, place):
            places.append(place)
    return places


nan = lambda y, _: bool(np.isnan(y).all())
found = {
    "ReduceMax": seen("ReduceMax", {"keepdims": 0}, TensorProto.FLOAT, nan),
    "ReduceMin": seen("ReduceMin", {"keepdims": 0}, TensorProto.FLOAT, nan),
    "ReduceSum": seen("ReduceSum", {"keepdims": 0}, TensorProto.FLOAT, nan),
    "ArgMax": seen("ArgMax", {"axis": 0, "keepdims": 0}, TensorProto.INT64, lambda y, k: int(y) == k),
}
for name, places in found.items():
    what = "at every place" if len(places) == N else f"at {len(places)} of {N} places: {places[:8]}"
    print(f"{name:9} of {N} numbers sees a NaN {what}")
same = all(len(found[k]) == N for k in ("ReduceSum", "ArgMax")) and all(found[k] == [0] for k in ("ReduceMax", "ReduceMin"))
sys.exit(0 if same else 1)
END
