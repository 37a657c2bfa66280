"""Checks likelihoods of one trial with software that is not ours: LANfactory's contract, onnxruntime, PyMC and NumPyro.

    npx tsx packages/amortis/scripts/write-single-trials.ts FOLDER
    python packages/amortis/scripts/check_single_trial.py FOLDER

Python 3.13 with

    pip install onnx onnxruntime numpy pymc==6.4.0 numpyro==0.22.0
    pip install --no-deps lanfactory==0.9.0

Examples are run with two chains of 300 draws, after as many of warm-up. (LANfactory without PyTorch: its onnx/contract.py is loaded by itself.) For each folder in FOLDER: the contract holds for all .onnx files; values are those that the
library answered; the PyMC and NumPyro examples beside the files give the model's exact posterior, its mean
within half of its standard deviation: four standard errors of two hundred effective draws are 0.28 of it, and the rest is left to a likelihood learned from 4,000 simulations. Exit status 1 where anything fails.

HSSM traces such a file by jaxonnxruntime, whose version 0.3.0 reads no operator set after 19 and calls what JAX 0.12 no longer has: that way is not checked here.
"""

import importlib.util
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import onnxruntime as ort

# Means may be off by so many standard deviations, and these by a factor.
MEAN, SD = 0.5, 1.3


def contract():
    """LANfactory's assert_single_trial_contract, without the imports of its package."""
    root = importlib.util.find_spec("lanfactory").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("contract", f"{root}/onnx/contract.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.assert_single_trial_contract


def check_posterior(script: str, folder: pathlib.Path, exact: dict) -> str:
    text = (folder / script).read_text().replace("=1000", "=300").replace("hains=4", "hains=2")
    said = subprocess.run([sys.executable, "-c", text], cwd=folder, capture_output=True, text=True, check=False)
    found = re.findall(r"(\w+): mean (\S+), sd (\S+)", said.stdout)
    assert len(found) == len(exact), f"{script} failed:\n{said.stderr[-2000:]}"
    for name, mean, sd in found:
        wanted = exact[name]
        assert abs(float(mean) - wanted["mean"]) < MEAN * wanted["sd"], (name, mean, wanted)
        assert 1 / SD < float(sd) / wanted["sd"] < SD, (name, sd, wanted)
    return ", ".join(f"{name} {mean} ({sd}), exact {exact[name]['mean']:.4f} ({exact[name]['sd']:.4f})" for name, mean, sd in found)


def main(folder: str) -> int:
    failed = 0
    for out in sorted(path for path in pathlib.Path(folder).iterdir() if path.is_dir()):
        expected = json.loads((out / "expected.json").read_text())
        trials = np.asarray(expected["asked"], np.float32)

        def held(what: str, check, out=out):
            nonlocal failed
            try:
                print(f"{out.name}: {what}: {check()}", flush=True)
            except Exception as error:  # noqa: BLE001
                failed += 1
                print(f"{out.name}: {what} FAILED: {type(error).__name__}: {str(error)[:1000]}", flush=True)

        def values(path):
            session = ort.InferenceSession(path)
            got = np.array([session.run(None, {"trial": z})[0] for z in trials])
            assert got.shape == (len(trials),), got.shape
            np.testing.assert_allclose(got, expected["values"], rtol=1e-4, atol=1e-4)
            return f"{len(trials)} as the library's"

        for path in sorted(out.glob("*.onnx")):
            held(f"{path.name} contract", lambda path=path: contract()(path, expected_input_width=trials.shape[1]))
            held(f"{path.name} values", lambda path=path: values(path))
        for script in ("pymc_example.py", "numpyro_example.py"):
            held(script, lambda script=script: check_posterior(script, out, expected["posterior"]))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
