"""sbi's NPE, trained and kept; or a kept one diagnosed as sbi's guide does: SBC, expected coverage and TARP, each with its check. Prints a line of JSON.

    python sbi_diagnosis.py train TASK FOLDER
    python sbi_diagnosis.py diagnose TASK FOLDER DATA_SETS DRAWS THREADS

FOLDER has theta.npy, x.npy, theta_fresh.npy and x_fresh.npy. Importing and loading are not in the seconds of a diagnosis; memory is the peak of the process, whose
floor is what it had once everything was loaded.
"""
import json

import pickle
import resource
import sys
import time
from functools import partial
from pathlib import Path

# A file beside this one has the name of the package, which must be found first.
sys.path.append(sys.path.pop(0))

import numpy as np
import torch
from sbi.diagnostics import check_sbc, check_tarp, run_sbc, run_tarp
from sbi.inference import NPE

import sbibm_tasks

mode, task, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])

def read(name):
    return torch.from_numpy(np.load(folder / f"{name}.npy")).float()

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def train():
    torch.manual_seed(1)
    inference = NPE(prior=sbibm_tasks.prior_of(task), show_progress_bars=False)
    # How well it has learned makes no difference to what a diagnosis takes.
    inference.append_simulations(read("theta"), read("x")).train(max_num_epochs=30)
    (folder / "sbi.pkl").write_bytes(pickle.dumps(inference.build_posterior()))
    print("{}")

def diagnose(size, draws, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(2)
    posterior = pickle.loads((folder / "sbi.pkl").read_bytes())
    theta, x = read("theta_fresh")[:size], read("x_fresh")[:size]
    how = {"num_posterior_samples": draws, "show_progress_bar": False}
    floor = megabytes()
    seconds, cpu = {}, time.process_time()

    def timed(name, what):
        before = time.perf_counter()
        found = what()
        seconds[name] = time.perf_counter() - before
        print(f"{name} {seconds[name]:.1f} s", file=sys.stderr, flush=True)
        return found

    ranks, averaged = timed("sbc", lambda: run_sbc(theta, x, posterior, **how))
    checked = timed("check", lambda: check_sbc(ranks, theta, averaged, num_posterior_samples=draws))
    ecp, alpha = timed("tarp", lambda: run_tarp(theta, x, posterior, **how))
    check_tarp(ecp, alpha)
    # As sbi's guide has it, reduce_fns=posterior.log_prob, each density is normalised by 10,000 draws anew, for each data set twice: ranks are the same without.
    density = partial(posterior.log_prob, norm_posterior=False)
    timed("coverage", lambda: run_sbc(theta, x, posterior, reduce_fns=density, **how))
    print(
        json.dumps(
            {
                "wall": sum(seconds.values()),
                "cpu": time.process_time() - cpu,
                "parts": seconds,
                "rss": megabytes(),
                "floor": floor,
                "found": [round(value, 3) for value in checked["ks_pvals"].tolist()],
            }
        )
    )

if mode == "train":
    train()
else:
    diagnose(*(int(given) for given in sys.argv[4:7]))

