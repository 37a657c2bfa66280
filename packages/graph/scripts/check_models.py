"""Checks ONNX files with tools that are not ours: onnx.checker (with full shape inference) and onnxruntime for Python.

    python packages/graph/scripts/check_models.py FILE.onnx ... [--no-run]

For each file: its IR version and operator set, whether onnx.checker accepts it, whether inferred shapes agree with the declared
ones, and whether onnxruntime loads it and (unless --no-run) runs it once on ones, dynamic sizes taken as 3. Exit status 1 where
anything fails. Needs the Python packages onnx, onnxruntime and numpy.
"""

import argparse
import sys

import numpy as np
import onnx
import onnxruntime as ort

DYNAMIC = 3
DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}


def size(dim: int | str | None) -> int:
    """A dimension as a number: names are DYNAMIC, products such as "3*batch" are multiplied out."""
    if isinstance(dim, int):
        return dim
    factors = (dim or "?").split("*")
    return int(np.prod([int(f) if f.isdigit() else DYNAMIC for f in factors]))


def feeds(session: ort.InferenceSession) -> dict[str, np.ndarray]:
    return {
        i.name: np.ones([size(d) for d in i.shape], DTYPES[i.type]) for i in session.get_inputs()
    }


def check(path: str, run: bool) -> str:
    """One line about a good file; raises for a bad one."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    ran = ""
    if run:
        outputs = session.run(None, feeds(session))
        ran = ", runs: " + " ".join(str(list(o.shape)) for o in outputs)
    opsets = " ".join(f"{o.domain or 'ai.onnx'}={o.version}" for o in model.opset_import)
    return f"IR {model.ir_version}, {opsets}, {len(model.graph.node)} nodes{ran}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--no-run", action="store_true", help="load only")
    arguments = parser.parse_args()
    failed = 0
    for path in arguments.files:
        try:
            print(f"ok    {path}: {check(path, not arguments.no_run)}")
        except Exception as error:  # whatever a checker raises is the finding
            failed += 1
            print(f"FAIL  {path}: {type(error).__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
