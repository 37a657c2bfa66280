"""One training of sbi's default NPE in a process of its own, on given simulations: prints a line of JSON.

    python sbi_training.py TASK THREADS FOLDER

FOLDER has theta.npy, x.npy, theta_fresh.npy and x_fresh.npy. The score is the mean log density of the fresh ones, without the factor by which mass outside
the prior is made good; loading and scoring are not in the times.
"""
import json
import resource
import sys
import time
from pathlib import Path

# A file beside this one has the name of the package, which must be found first.
sys.path.append(sys.path.pop(0))

import numpy as np
import torch
from sbi.inference import NPE
from sbi.utils import BoxUniform

import sbibm_tasks


def main():
    task, threads, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    field = task == "gaussian_field"
    prior = BoxUniform(torch.zeros(1), 0.6 * torch.ones(1)) if field else sbibm_tasks.prior_of(task)
    theta, x, fresh_theta, fresh_x = (
        torch.from_numpy(np.load(folder / f"{name}.npy")).float()
        for name in ("theta", "x", "theta_fresh", "x_fresh")
    )
    inference = NPE(prior=prior, show_progress_bars=False)
    before, cpu = time.perf_counter(), time.process_time()
    estimator = inference.append_simulations(theta, x).train(show_train_summary=False)
    measured = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - before,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with torch.no_grad():
        each = estimator.log_prob(fresh_theta[None], condition=fresh_x)[0]
    score = {"score": each.mean().item(), "standardError": (each.std() / len(each) ** 0.5).item()}
    print(json.dumps({**measured, **score}))


main()
