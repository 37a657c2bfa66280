# Posteriors of a learned likelihood or ratio by sbi's default sampler (vectorised slices, 20 chains, 200 sweeps of warm-up, no thinning), the function being that of FOLDER's ONNX files:
#   python sbi_slices.py FOLDER
# FOLDER has context.onnx, the term's .onnx, and job.json: the term, data sets, prior and number of draws. A line of JSON for each data set has the processor seconds of its draws, with their starts and
# warm-up; draws [sets, draws, p] go to FOLDER/sbi.f32. The networks run in ONNX Runtime on one thread, which at such batches takes less than PyTorch does.
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from sbi.inference.posteriors import MCMCPosterior
from sbi.inference.potentials.base_potential import BasePotential
from sbi.utils import BoxUniform, mcmc_transform

torch.set_num_threads(1)
folder = Path(sys.argv[1])
job = json.loads((folder / "job.json").read_text())


def session(name):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])


def prior_of(priors):
    """Independent uniform or normal parameters, of one kind."""
    parts = [part for prior in priors for part in prior.get("parts", [prior])]
    of = lambda key: torch.tensor([float(part[key]) for part in parts])
    (kind,) = {part["name"] for part in parts}
    if kind == "uniform":
        return BoxUniform(of("lower"), of("upper"))
    if kind == "normal":
        return torch.distributions.MultivariateNormal(of("mean"), torch.diag(of("sd") ** 2))
    raise ValueError(f"a prior of {kind} is not made here: take a task with uniform or normal parameters")


networks, term = session("context"), session(job["term"])
prior = prior_of(job["priors"])


class Learned(BasePotential):
    """log p(θ) + the learned term of one data set, for a batch of θ."""

    def __init__(self, context):
        super().__init__(prior)
        self.context = context

    def __call__(self, theta, track_gradients=False):
        feeds = {"context": self.context, "theta": theta.numpy().astype(np.float32)[None]}
        return torch.from_numpy(term.run(None, feeds)[0][0]) + prior.log_prob(theta)


drawn = []
for i, data in enumerate(job["data"]):
    torch.manual_seed(i)
    np.random.seed(i)
    feeds = {name: np.asarray(x["values"], np.float32).reshape([1, *x["shape"]]) for name, x in data.items()}
    potential = Learned(networks.run(None, feeds)[0])
    posterior = MCMCPosterior(potential, proposal=prior, theta_transform=mcmc_transform(prior))
    posterior.set_default_x(torch.zeros(1, 1))
    before = time.process_time()
    draws = posterior.sample((job["draws"],), show_progress_bars=False)
    print(json.dumps({"processor": time.process_time() - before}), flush=True)
    drawn.append(draws.numpy())
np.stack(drawn).astype("<f4").tofile(folder / "sbi.f32")
