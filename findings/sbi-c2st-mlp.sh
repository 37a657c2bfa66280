#!/usr/bin/env bash
# The toolbox sbi's c2st(classifier="mlp") is not the perceptron of sbibm, whose numbers the field publishes as "C2ST (MLP)".
#
# Both are scikit-learn's MLPClassifier with two hidden layers of 10 d, in five folds. But sbi's stops early on a tenth of the rows, with a patience
# of 50, keeps the weights that were best there, and takes at most 1,000 epochs; sbibm's trains on all rows until the training loss stops falling,
# and keeps the last weights. With few rows and many dimensions sbibm's overfits: two samples that sbi's tells apart seven times in ten it tells apart six
# and a half times. The default of sbi is a random forest, a third number. A product that reports a C2ST must say which of the three it is, and not
# compare one with another.
#
# Needs Python 3.10 or later; installs sbi and scikit-learn into a temporary folder, or takes those of the interpreter that SBI_PYTHON names.
# Exits 0 while this is so, and 1 once it has changed.
set -euo pipefail
if [ -n "${SBI_PYTHON:-}" ]; then
  python=$SBI_PYTHON
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet sbi==0.27.0 scikit-learn==1.9.1
  python=$folder/bin/python
fi
OMP_NUM_THREADS=1 "$python" -W ignore - <<'END'
import sys

import numpy as np
import sbi
import sklearn
import torch
from sbi.utils.metrics import c2st
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neural_network import MLPClassifier

print("sbi", sbi.__version__, "scikit-learn", sklearn.__version__)
rng = np.random.RandomState(1)
x = rng.standard_normal((1000, 10)).astype(np.float32)
y = (1.3 * rng.standard_normal((1000, 10))).astype(np.float32)
mean, sd = x.mean(0), x.std(0, ddof=1)
rows = np.concatenate([(x - mean) / sd, (y - mean) / sd])
labels = np.repeat([0, 1], 1000)
paper = MLPClassifier(hidden_layer_sizes=(100, 100), max_iter=10000, random_state=1)
folds = KFold(n_splits=5, shuffle=True, random_state=1)
sbibm = cross_val_score(paper, rows, labels, cv=folds).mean()
toolbox = float(c2st(torch.tensor(x), torch.tensor(y), classifier="mlp"))
forest = float(c2st(torch.tensor(x), torch.tensor(y)))
print(f"N(0, I) and N(0, 1.69 I) in ten dimensions, 1,000 of each: sbibm's perceptron {sbibm:.3f}, sbi's {toolbox:.3f}, sbi's forest {forest:.3f}")
sys.exit(0 if toolbox - sbibm > 0.03 else 1)
END
