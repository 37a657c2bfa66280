#!/usr/bin/env bash
# A neural spline flow of sbi cannot place a posterior beyond about three standard deviations of its prior, however many simulations it has, and says nothing.
#
# sbi's "nsf" standardises parameters by the mean and standard deviation of the training set, and its splines act on [-3, 3] and are the identity outside. What lies outside moves by
# nothing that depends on the data. With an exponential prior 1.8 % of the simulations lie there: for theta ~ Exponential(1), x ~ N(theta, 0.1^2) and 20,000 simulations, of which 139 have theta > 5,
# the posterior given x = 5 is put at 4.0 with a standard deviation of 0.02, where the exact one is 4.99 and 0.1: nearly ten exact standard deviations off, and five times too sure. At x = 2 and 3 it is right.
# One expects wide or noisy answers in a tail with few simulations, not narrow ones that stop at a wall. A product whose flows have splines must put something that depends on the data before them
# (a location and a scale), or map the prior so that none of it lies outside.
#
# Needs Python 3.10 or later; installs sbi into a temporary folder, or takes that of the interpreter that SBI_PYTHON names. Takes about two minutes.
# Exits 0 while this is so, and 1 once it has changed.
set -euo pipefail
if [ -n "${SBI_PYTHON:-}" ]; then
  python=$SBI_PYTHON
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet sbi==0.27.0
  python=$folder/bin/python
fi
OMP_NUM_THREADS=1 "$python" -W ignore - <<'END'
import sys

import sbi
import torch
from sbi.inference import NPE
from sbi.neural_nets import posterior_nn
from torch.distributions import Exponential, Independent

torch.manual_seed(1)
torch.set_num_threads(1)
print("sbi", sbi.__version__)
prior = Independent(Exponential(torch.ones(1)), 1)
theta = prior.sample((20_000,))
x = theta + 0.1 * torch.randn_like(theta)
inference = NPE(prior, density_estimator=posterior_nn(model="nsf"), show_progress_bars=False)
inference.append_simulations(theta, x).train(max_num_epochs=60)
posterior = inference.build_posterior()
found = {}
for at in (2.0, 3.0, 5.0, 6.0):
    draws = posterior.sample((4_000,), x=torch.tensor([[at]]), show_progress_bars=False)
    found[at] = (draws.mean().item(), draws.std().item())
    beyond = int((theta > at).sum())
    print(f"x = {at}: mean {found[at][0]:.3f}, sd {found[at][1]:.3f}; exact {at - 0.01:.3f}, 0.100; simulations beyond: {beyond}")
right_inside = abs(found[2.0][0] - 1.99) < 0.1 and abs(found[3.0][0] - 2.99) < 0.1
stops = found[5.0][0] < 4.5 and found[6.0][0] < 4.5 and found[5.0][1] < 0.08
sys.exit(0 if right_inside and stops else 1)
END
