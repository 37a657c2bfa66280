"""The normal hierarchy of `experiments/hierarchies/normal.ts` in BayesFlow 2.1, on JAX, by its estimator of multilevel models.

    pip install bayesflow==2.1.0 jax==0.12.0.1      (Python 3.12)
    python hierarchy_bayesflow.py TEST.json TARGET SIMULATIONS EPOCHS MOST_SECONDS

TEST.json has hierarchies with their truth. Trains until the mean log-density of all parameters of these given their data is TARGET, or for so many epochs or seconds of the processor; what judging takes is left
out of them. Prints a line for each epoch, and a JSON document last.
"""
import json
import os
import resource
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

import bayesflow as bf
from bayesflow.experimental.multilevel_estimator import MultilevelEstimator
from bayesflow.experimental.multilevel_simulator import MultilevelSimulator
from bayesflow.experimental.multilevel_simulator.samples import NodeSamples

GROUPS, ELEMENTS = 32, 8


def log_uniform(least, most):
    """A whole number with probability proportional to its inverse."""
    values = np.arange(least, most + 1)
    return int(np.random.choice(values, p=(1 / values) / (1 / values).sum()))


def sizes():
    return {"groups": log_uniform(2, GROUPS)}


def elements(size):
    values = np.arange(1, ELEMENTS + 1)
    return np.random.choice(values, size=size, p=(1 / values) / (1 / values).sum())


def sample_globals(batch_size):
    return {"mu": np.random.normal(size=(batch_size, 1)), "tau": np.abs(np.random.normal(size=(batch_size, 1)))}


def sample_locals(batch_size, mu, tau):
    return {"theta": mu + tau * np.random.normal(size=(batch_size, 1))}


def sample_data(batch_size, theta):
    return {"y": theta + np.random.normal(size=(batch_size, 1))}


def simulator():
    made = MultilevelSimulator(meta_fn=sizes, is_batched=True)
    made.add_node("top", sample_fn=sample_globals)
    made.add_node("group", sample_fn=sample_locals, reps="groups")
    made.add_node("y", sample_fn=sample_data, reps=elements)
    made.add_edge("top", "group")
    made.add_edge("group", "y")
    return made


def fresh(path):
    """Hierarchies of a file, in the library's long format."""
    with open(path) as file:
        sets = json.load(file)
    top, group, y = [], [], []
    for d, one in enumerate(sets):
        top.append((one["mu"], one["tau"]))
        for theta, values in zip(one["theta"], one["y"]):
            group.append((d, theta))
            y += [(d, len(group) - 1, value) for value in values]
    of_group = np.array([d for d, _ in group])
    of_y, within = np.array([d for d, _, _ in y]), np.array([j for _, j, _ in y])
    numbers = np.arange(len(sets))
    column = lambda values: np.array(values, dtype=float).reshape(-1, 1)
    return {
        "top": NodeSamples({"dataset": numbers, "top": numbers}, {"mu": column([m for m, _ in top]), "tau": column([t for _, t in top])}),
        "group": NodeSamples({"dataset": of_group, "top": of_group, "group": np.arange(len(group))}, {"theta": column([t for _, t in group])}),
        "y": NodeSamples({"dataset": of_y, "top": of_y, "group": within, "y": np.arange(len(y))}, {"y": column([v for _, _, v in y])}),
    }


class Judge(keras.callbacks.Callback):
    """The score after each epoch, and what had been spent by then."""

    def __init__(self, estimator, test, target, most):
        super().__init__()
        self.of, self.test, self.target, self.most = estimator, test, target, most
        self.judging, self.reached, self.score, self.scores = 0.0, None, -np.inf, []

    def spent(self):
        return time.process_time() - STARTED - self.judging

    def on_epoch_end(self, epoch, logs=None):
        now = time.process_time()
        seconds = self.spent()
        logs_ = self.of.log_prob(self.test)
        self.score = float(np.mean(logs_))
        self.scores.append([seconds, self.score])
        print(f"epoch {epoch + 1}: {seconds:.0f} s, score {self.score:.3f}", file=sys.stderr, flush=True)
        self.judging += time.process_time() - now
        if self.score >= self.target:
            self.reached = seconds
        if self.reached is not None or seconds > self.most:
            self.model.stop_training = True


STARTED = time.process_time()


def main():
    path, target, simulations, epochs, most = sys.argv[1], *map(float, sys.argv[2:])
    np.random.seed(1)
    keras.utils.set_random_seed(1)
    made = simulator()
    graph = made.graph.expand().invert()
    # As the library has them: affine coupling. Splines took more than 150 s of the processor to compile.
    flows = [bf.networks.CouplingFlow() for _ in graph.networks()]
    estimator = MultilevelEstimator(graph, inference_networks=flows, adapter=bf.Adapter().log("tau"))
    batches = -(-int(simulations) // 64)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, int(epochs) * batches)
    estimator.compile(optimizer=keras.optimizers.Adam(rate, clipnorm=1.5))
    judge = Judge(estimator, fresh(path), target, most)
    estimator.fit(dataset=made.sample(int(simulations)), batch_size=64, epochs=int(epochs), verbose=0, callbacks=[judge])
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"score": judge.score, "reached": judge.reached, "cpu": judge.scores[-1][0], "megabytes": kilobytes / 1024, "scores": judge.scores}))


if __name__ == "__main__":
    main()
