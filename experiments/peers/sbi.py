"""The benchmark sbibm in sbi: default NPE, NLE and NRE at the benchmark's budgets, their samples and what they cost.

    pip install sbi==0.27.0
    python sbi.py --shared FOLDER --out DIR              # everything below, in order; goes on where it stopped
    python sbi.py --shared FOLDER --out DIR --only npe:1000:1:two_moons
    python sbi.py --out DIR --scores SCORES --table FILE        # what there is, with the scores below, as one table

FOLDER holds the benchmark's observations/. DIR gets <method>-<n>-<seed>/<task>_<k>.npy, the 10,000 posterior samples of observation k, and
<task>.json, what they cost. Scored by

    amortis benchmark sbibm --task all --method sbi-npe --simulations 1000 --seed 1 --samples DIR/npe-1000-1 \\
        --observations FOLDER/observations --reference FOLDER/reference --out SCORES

Each training has a process of its own, on one thread, so that processor time and peak memory are its own. `load` is the machine's load
average over the last five minutes: where it is above 1.5 the row is marked `shared`, others were at work beside it, and its times are not to be told as
speed.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

# This file has the name of the package that it measures, which must be found first.
sys.path.append(sys.path.pop(0))

TASKS = [
    "two_moons",
    "gaussian_linear",
    "slcp",
    "gaussian_mixture",
    "gaussian_linear_uniform",
    "bernoulli_glm",
    "sir",
    "lotka_volterra",
    "bernoulli_glm_raw",
    "slcp_distractors",
]


def plan():
    """Method, simulations, seed, task: what matters first comes first."""
    runs = [("npe", 1_000, 1, task) for task in TASKS]
    runs += [("npe", 10_000, 1, task) for task in TASKS]
    runs += [("npe", 1_000, seed, task) for seed in (2, 3) for task in TASKS]
    runs += [("nle", 10_000, 1, task) for task in TASKS]
    runs += [("nre", 10_000, 1, task) for task in TASKS]
    runs += [("npe", 10_000, seed, task) for seed in (2, 3) for task in TASKS]
    runs += [("npe", 100_000, 1, task) for task in ("two_moons", "gaussian_linear", "slcp")]
    return runs


def folder_of(out, method, n, seed):
    return Path(out) / f"{method}-{n}-{seed}"


def train_and_sample(args, method, n, seed, task):
    import numpy as np
    import sbi
    import torch
    from sbi.inference import NLE, NPE, NRE

    import sbibm_tasks

    torch.set_num_threads(1)
    theta, x = sbibm_tasks.simulate(task, n, seed)
    torch.manual_seed(seed)
    inference = {"npe": NPE, "nle": NLE, "nre": NRE}[method](
        prior=sbibm_tasks.prior_of(task), show_progress_bars=False
    )
    before, cpu = time.perf_counter(), time.process_time()
    inference.append_simulations(theta, x).train(show_train_summary=False)
    training = {
        "training_wall_s": time.perf_counter() - before,
        "training_cpu_s": time.process_time() - cpu,
        "epochs": inference.summary["epochs_trained"][-1],
        "best_validation": inference.summary["best_validation_loss"][-1],
        "peak_rss_after_training_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    posterior = inference.build_posterior()
    folder = folder_of(args.out, method, n, seed)
    folder.mkdir(parents=True, exist_ok=True)
    times = []
    for path in sorted((Path(args.shared) / "observations" / task).glob("observation_*.json")):
        observed = json.loads(path.read_text())
        x_o = torch.tensor(observed["observation"]).float()[None]
        before, cpu = time.perf_counter(), time.process_time()
        draws = posterior.sample((10_000,), x=x_o, show_progress_bars=False)
        times.append((time.perf_counter() - before, time.process_time() - cpu))
        k = path.stem.split("_")[-1]
        np.save(folder / f"{task}_{k}.npy", draws.numpy().astype(np.float32).reshape(10_000, -1))
    row = {
        "task": task,
        "method": method,
        "simulations": n,
        "seed": seed,
        "sbi": sbi.__version__,
        "torch": torch.__version__,
        **training,
        "one_observation_wall_s": [round(t[0], 3) for t in times],
        "one_observation_cpu_s": [round(t[1], 3) for t in times],
    }
    if method == "npe":
        # log q(θ | x) of fresh simulations, without the factor by which mass outside the prior is made good: as the benchmark command has it.
        fresh_theta, fresh_x = sbibm_tasks.simulate(task, 2_000, 2_000_000 + seed)
        with torch.no_grad():
            each = posterior.posterior_estimator.log_prob(fresh_theta[None], condition=fresh_x)[0]
        row["log_density"] = each.mean().item()
        row["log_density_se"] = (each.std() / len(each) ** 0.5).item()
        _, many = sbibm_tasks.simulate(task, 100, 1_000_000 + seed)
        before, cpu = time.perf_counter(), time.process_time()
        posterior.sample_batched((1_000,), x=many, show_progress_bars=False)
        row["hundred_observations_wall_s"] = time.perf_counter() - before
        row["hundred_observations_cpu_s"] = time.process_time() - cpu
    row["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row["load"] = os.getloadavg()[1]
    (folder / f"{task}.json").write_text(json.dumps(row, indent=1) + "\n")
    print(json.dumps(row), flush=True)


def write_table(args):
    """All rows so far, with their C2ST where they have been scored."""
    rows = []
    for method, n, seed, task in plan():
        path = folder_of(args.out, method, n, seed) / f"{task}.json"
        failed = path.with_suffix(".failed")
        if failed.exists():
            row = {"task": task, "method": method, "simulations": n, "seed": seed, "failed": failed.read_text().strip()}
        elif path.exists():
            row = json.loads(path.read_text())
            row["shared"] = row["load"] > 1.5
        else:
            continue
        scored = folder_of(args.scores, f"sbi-{method}", n, seed) / f"{task}.json" if args.scores else None
        if scored and scored.exists():
            scores = json.loads(scored.read_text())["scores"]
            row["c2st"] = {one["k"]: one["c2st"] for one in scores}
        rows.append(row)
    lines = ",\n".join(json.dumps(row) for row in rows)
    Path(args.table).write_text(f"[\n{lines}\n]\n")
    print(f"{args.table}: {len(rows)} rows")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", help="folder with the benchmark's observations/")
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", help="method:simulations:seed:task")
    parser.add_argument("--minutes", type=float, default=30, help="for one training and its samples")
    parser.add_argument("--table", help="file to write what there is into, in the place of training")
    parser.add_argument("--scores", help="what the command's --out was given")
    args = parser.parse_args()
    if args.table:
        write_table(args)
        return
    if args.only:
        method, n, seed, task = args.only.split(":")
        train_and_sample(args, method, int(n), int(seed), task)
        return
    for method, n, seed, task in plan():
        folder = folder_of(args.out, method, n, seed)
        if (folder / f"{task}.json").exists() or (folder / f"{task}.failed").exists():
            continue
        command = [sys.executable, __file__, "--shared", args.shared, "--out", args.out]
        command += ["--only", f"{method}:{n}:{seed}:{task}"]
        try:
            done = subprocess.run(command, timeout=60 * args.minutes)
            problem = f"exit status {done.returncode}" if done.returncode else ""
        except subprocess.TimeoutExpired:
            problem = f"took longer than {args.minutes} minutes"
        if problem:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{task}.failed").write_text(problem + "\n")
            print(f"{method} {n} {seed} {task}: {problem}", file=sys.stderr, flush=True)


main()
