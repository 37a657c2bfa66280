"""The Gaussian field's posterior by sbi behind FastAPI: python peer.py PROCESSES

sbi's default density (NPE) of the range, with its own CNN of the 16 x 16 field. Trained for so long that few of its draws lie outside of the prior: those are drawn again. Each
request is answered by `posterior.sample`, as sbi's users would, and summarised as ours is. One thread of torch a process, and one process a processor.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

PORT = 8765
LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
FILE = Path(os.environ.get("PEER_FILE", Path(tempfile.gettempdir()) / f"peer-{os.getpid()}.pt"))
torch.set_num_threads(1)


def train():
    from sbi.inference import NPE
    from sbi.neural_nets import posterior_nn
    from sbi.neural_nets.embedding_nets import CNNEmbedding
    from sbi.utils import BoxUniform

    torch.manual_seed(1)
    prior = BoxUniform(torch.zeros(1), 0.6 * torch.ones(1))
    theta = prior.sample((5_000,))
    x = torch.randn(5_000, 16, 16) * (0.5 + theta[:, :, None])
    embedding = CNNEmbedding(input_shape=(16, 16), output_dim=20)
    inference = NPE(prior, density_estimator=posterior_nn("maf", embedding_net=embedding), show_progress_bars=False)
    inference.append_simulations(theta, x).train(max_num_epochs=20, show_train_summary=False)
    torch.save(inference.build_posterior(), FILE)


class Question(BaseModel):
    data: list[list[float]]
    samples: int = 1_000


def make_app():
    posterior = torch.load(FILE, weights_only=False)
    app = FastAPI()

    # In FastAPI's pool of threads, as blocking work is to be.
    @app.post("/infer")
    def infer(question: Question):
        x = torch.tensor(question.data)
        with torch.no_grad():
            draws = posterior.sample((question.samples,), x=x[None], show_progress_bars=False)
        draws = draws.numpy()
        quantiles = np.quantile(draws, LEVELS, axis=0)
        return {
            "mean": draws.mean(0).tolist(),
            "sd": draws.std(0).tolist(),
            "quantiles": {str(level): row.tolist() for level, row in zip(LEVELS, quantiles)},
        }

    return app


if __name__ == "__main__":
    os.environ["PEER_FILE"] = str(FILE)
    train()
    sys.path.insert(0, str(Path(__file__).parent))
    # A process that loads torch on a busy machine is not heard of for longer than the usual 5 s, and would be ended and started again, for ever.
    uvicorn.run("peer:make_app", factory=True, host="127.0.0.1", port=PORT, workers=int(sys.argv[1]), log_level="info", access_log=False, timeout_worker_healthcheck=600)
