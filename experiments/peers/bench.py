"""Milliseconds a training step of the engine's benchmark programs, in PyTorch and JAX on the CPU.

    python bench.py --program mlp|spline|affine|cnn|deepset|settransformer|graph --batch 256 --peer torch-eager|torch-compile|jax|jax-scan --threads 1

Networks of sets are in PyTorch alone (set_networks.py; graphs by torch_geometric). Prints one JSON line. One measurement a process, so that threads and peak memory are that peer's alone. Forward, backward and Adam, float32.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True, choices=["mlp", "spline", "affine", "cnn", "deepset", "settransformer", "graph"])
parser.add_argument("--batch", type=int)
parser.add_argument("--peer", required=True, choices=["torch-eager", "torch-compile", "jax", "jax-scan"])
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--blocks", type=int, default=7)
args = parser.parse_args()
BATCHES = {"cnn": 32, "deepset": 64, "settransformer": 64, "graph": 32}
batch = args.batch or BATCHES.get(args.program, 256)

# Before the libraries load. The driver also holds a one-thread run to one processor, since XLA sizes its pool by affinity.
os.environ["OMP_NUM_THREADS"] = str(args.threads)
os.environ["MKL_NUM_THREADS"] = str(args.threads)
os.environ["JAX_PLATFORMS"] = "cpu"
if args.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np

ROWS = 8192
SHAPES = {
    "mlp": ((256,), (2,)),
    "spline": ((4,), (10,)),
    "affine": ((4,), (10,)),
    "cnn": ((16, 16), (1,)),
    "deepset": ((100, 3), (2,)),
    "settransformer": ((100, 3), (2,)),
    # Two coordinates of a place, and the number at it.
    "graph": ((60, 3), (2,)),
}
BY_ROWS = ("deepset", "settransformer", "graph")
rng = np.random.default_rng(1)
shape_a, shape_b = SHAPES[args.program]
data_a = rng.standard_normal((ROWS, *shape_a), dtype=np.float32)
data_b = rng.standard_normal((ROWS, *shape_b), dtype=np.float32)


def blocks(step_many):
    """Median and least milliseconds a step, over blocks of about 0.4 s, after a warm-up."""
    started = time.perf_counter()
    step_many(1)
    compile_ms = 1e3 * (time.perf_counter() - started)
    step_many(3)
    before = time.perf_counter()
    step_many(5)
    each = (time.perf_counter() - before) / 5
    steps = max(3, int(0.4 / each))
    step_many(steps)
    times = []
    begun = time.process_time()
    for _ in range(args.blocks):
        before = time.perf_counter()
        step_many(steps)
        times.append(1e3 * (time.perf_counter() - before) / steps)
    cpu = 1e3 * (time.process_time() - begun) / (steps * args.blocks)
    return statistics.median(times), min(times), compile_ms, cpu


def with_torch(compiled):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    a, b = torch.from_numpy(data_a), torch.from_numpy(data_b)

    def dense(sizes):
        layers = []
        for i, (m, n) in enumerate(zip(sizes, sizes[1:])):
            layers += [nn.Linear(m, n)] + ([nn.ReLU()] if i < len(sizes) - 2 else [])
        return nn.Sequential(*layers)

    def rational_quadratic(x, params, bins=10, bound=3.0, least=1e-3):
        """Durkan et al. 2019, as nflows writes it: search for the bin, gather, evaluate; the identity outside."""
        inside = (x >= -bound) & (x <= bound)
        t = x.clamp(-bound, bound)
        w, h, d = params.split([bins, bins, bins - 1], dim=-1)

        def knots(free):
            sizes = least + (1 - least * bins) * torch.softmax(free, dim=-1)
            edges = F.pad(torch.cumsum(sizes, dim=-1), (1, 0))
            edges = 2 * bound * edges - bound
            return edges, edges[..., 1:] - edges[..., :-1]

        xs, widths = knots(w)
        ys, heights = knots(h)
        slopes = F.pad(least + F.softplus(d), (1, 1), value=1.0)
        index = (torch.searchsorted(xs, t[..., None], right=True) - 1).clamp(0, bins - 1)
        pick = lambda table: table.gather(-1, index)[..., 0]
        x0, width, y0, height = pick(xs[..., :-1]), pick(widths), pick(ys[..., :-1]), pick(heights)
        d0, d1 = pick(slopes[..., :-1]), pick(slopes[..., 1:])
        s = height / width
        xi = (t - x0) / width
        xx = xi * (1 - xi)
        below = s + (d1 + d0 - 2 * s) * xx
        y = y0 + height * (s * xi * xi + d0 * xx) / below
        top = s * s * (d1 * xi * xi + 2 * s * xx + d0 * (1 - xi) ** 2)
        log = torch.log(top) - 2 * torch.log(below)
        return torch.where(inside, y, x), torch.where(inside, log, torch.zeros_like(log))

    class Flow(nn.Module):
        def __init__(self, layers, hidden, per):
            super().__init__()
            self.nets = nn.ModuleList(dense([12, *hidden, 2 * per]) for _ in range(layers))
            self.per = per

        def forward(self, u, context):
            halves = u[:, :2], u[:, 2:]
            log = 0.0
            for net in self.nets:
                kept, moved = halves
                params = net(torch.cat([kept, context], dim=-1))
                if self.per == 2:
                    shift, scale = params.chunk(2, dim=-1)
                    scale = torch.tanh(scale)
                    moved, ladj = moved * torch.exp(scale) + shift, scale
                else:
                    moved, ladj = rational_quadratic(moved, params.view(-1, 2, self.per))
                log = log + ladj.sum(-1)
                halves = moved, kept
            z = torch.cat(halves, dim=-1)
            base = -0.5 * (z * z).sum(-1) - 2 * np.log(2 * np.pi)
            return -(base + log).mean()

    if args.program == "mlp":
        model = dense([256, 128, 128, 128, 2])
        loss_of = lambda x, y: ((model(x) - y) ** 2).mean()
    elif args.program == "cnn":
        model = nn.Sequential(
            nn.Conv2d(1, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2048, 64), nn.LeakyReLU(0.01), nn.Linear(64, 1),
        )
        loss_of = lambda x, y: ((model(x[:, None]) - y) ** 2).mean()
    elif args.program in BY_ROWS:
        import set_networks

        model = set_networks.build(args.program, a, 2)
        # Rows, since a graph has edges as well, which are not made anew for each step.
        loss_of = lambda rows, y: ((model(rows) - y) ** 2).mean()
    else:
        model = Flow(5, (50, 50), 29) if args.program == "spline" else Flow(6, (128, 128), 2)
        loss_of = lambda x, y: model(x, y)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    loss_of = torch.compile(loss_of) if compiled else loss_of

    def step_many(n):
        for _ in range(n):
            rows = torch.randint(0, ROWS, (batch,))
            optimizer.zero_grad()
            loss_of(rows if args.program in BY_ROWS else a[rows], b[rows]).backward()
            optimizer.step()

    return torch.__version__, blocks(step_many)


def with_jax(scan):
    import jax
    import jax.numpy as jnp
    import optax

    a, b = jnp.asarray(data_a), jnp.asarray(data_b)
    keys = iter(jax.random.split(jax.random.key(1), 64))

    def dense(sizes):
        return [
            (jax.random.normal(next(keys), (m, n)) * (2 / m) ** 0.5, jnp.zeros(n))
            for m, n in zip(sizes, sizes[1:])
        ]

    def apply(layers, x):
        for i, (w, c) in enumerate(layers):
            x = x @ w + c
            x = jax.nn.relu(x) if i < len(layers) - 1 else x
        return x

    def rational_quadratic(x, params, bins=10, bound=3.0, least=1e-3):
        inside = (x >= -bound) & (x <= bound)
        t = jnp.clip(x, -bound, bound)
        w, h, d = jnp.split(params, [bins, 2 * bins], axis=-1)

        def knots(free):
            sizes = least + (1 - least * bins) * jax.nn.softmax(free, axis=-1)
            edges = jnp.pad(jnp.cumsum(sizes, axis=-1), [(0, 0), (0, 0), (1, 0)])
            edges = 2 * bound * edges - bound
            return edges, edges[..., 1:] - edges[..., :-1]

        xs, widths = knots(w)
        ys, heights = knots(h)
        slopes = jnp.pad(least + jax.nn.softplus(d), [(0, 0), (0, 0), (1, 1)], constant_values=1.0)
        index = jnp.clip(jnp.sum(t[..., None] >= xs, axis=-1, keepdims=True) - 1, 0, bins - 1)
        pick = lambda table: jnp.take_along_axis(table, index, axis=-1)[..., 0]
        x0, width, y0, height = pick(xs[..., :-1]), pick(widths), pick(ys[..., :-1]), pick(heights)
        d0, d1 = pick(slopes[..., :-1]), pick(slopes[..., 1:])
        s = height / width
        xi = (t - x0) / width
        xx = xi * (1 - xi)
        below = s + (d1 + d0 - 2 * s) * xx
        y = y0 + height * (s * xi * xi + d0 * xx) / below
        top = s * s * (d1 * xi * xi + 2 * s * xx + d0 * (1 - xi) ** 2)
        log = jnp.log(top) - 2 * jnp.log(below)
        return jnp.where(inside, y, x), jnp.where(inside, log, 0.0)

    def flow(nets, u, context, per):
        halves = u[:, :2], u[:, 2:]
        log = 0.0
        for net in nets:
            kept, moved = halves
            params = apply(net, jnp.concatenate([kept, context], axis=-1))
            if per == 2:
                shift, scale = jnp.split(params, 2, axis=-1)
                scale = jnp.tanh(scale)
                moved, ladj = moved * jnp.exp(scale) + shift, scale
            else:
                moved, ladj = rational_quadratic(moved, params.reshape(-1, 2, per))
            log = log + ladj.sum(-1)
            halves = moved, kept
        z = jnp.concatenate(halves, axis=-1)
        return -(-0.5 * (z * z).sum(-1) - 2 * jnp.log(2 * jnp.pi) + log).mean()

    if args.program == "mlp":
        params = dense([256, 128, 128, 128, 2])
        loss = lambda p, x, y: ((apply(p, x) - y) ** 2).mean()
    elif args.program == "cnn":
        kernel = lambda m, n: jax.random.normal(next(keys), (3, 3, m, n)) * (2 / (9 * m)) ** 0.5
        params = (kernel(1, 64), jnp.zeros(64), kernel(64, 128), jnp.zeros(128), dense([2048, 64]), dense([64, 1]))

        def conv_pool(x, k, c):
            x = jax.lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            return jax.lax.reduce_window(jax.nn.relu(x + c), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

        def loss(p, x, y):
            k0, c0, k1, c1, hidden, out = p
            x = conv_pool(conv_pool(x[..., None], k0, c0), k1, c1).reshape(-1, 2048)
            return ((apply(out, jax.nn.leaky_relu(apply(hidden, x))) - y) ** 2).mean()
    elif args.program == "spline":
        params = [dense([12, 50, 50, 58]) for _ in range(5)]
        loss = lambda p, x, y: flow(p, x, y, 29)
    else:
        params = [dense([12, 128, 128, 4]) for _ in range(6)]
        loss = lambda p, x, y: flow(p, x, y, 2)

    optimizer = optax.adam(5e-4)
    state = (params, optimizer.init(params))

    def one(state, rows):
        p, o = state
        value, g = jax.value_and_grad(loss)(p, a[rows], b[rows])
        updates, o = optimizer.update(g, o)
        return (optax.apply_updates(p, updates), o), value

    jitted = jax.jit(one)
    scanned = jax.jit(lambda s, rows: jax.lax.scan(one, s, rows))
    draw = np.random.default_rng(2)
    chunk = 50

    def step_many(n):
        nonlocal state
        if scan:
            # Whole chunks of 50 steps a call; timed as such.
            for _ in range(-(-n // chunk)):
                state, values = scanned(state, jnp.asarray(draw.integers(0, ROWS, (chunk, batch))))
        else:
            for _ in range(n):
                state, values = jitted(state, jnp.asarray(draw.integers(0, ROWS, batch)))
        values.block_until_ready()

    if scan:
        started = time.perf_counter()
        step_many(chunk)
        compile_ms = 1e3 * (time.perf_counter() - started)
        times = []
        before = time.perf_counter()
        step_many(chunk)
        repeats = max(1, int(0.4 / (time.perf_counter() - before)))
        begun = time.process_time()
        for _ in range(args.blocks):
            before = time.perf_counter()
            step_many(chunk * repeats)
            times.append(1e3 * (time.perf_counter() - before) / (chunk * repeats))
        cpu = 1e3 * (time.process_time() - begun) / (chunk * repeats * args.blocks)
        return jax.__version__, (statistics.median(times), min(times), compile_ms, cpu)
    return jax.__version__, blocks(step_many)


if args.program in BY_ROWS and not args.peer.startswith("torch"):
    parser.error(f"{args.program} is there in PyTorch alone")
version, (median, least, compile_ms, cpu) = (
    with_torch(args.peer == "torch-compile") if args.peer.startswith("torch") else with_jax(args.peer == "jax-scan")
)
print(
    json.dumps(
        {
            "peer": args.peer,
            "version": version,
            "program": args.program,
            "batch": batch,
            "threads": args.threads,
            "msPerStep": median,
            "msPerStepMin": least,
            "cpuMsPerStep": cpu,
            "compileMs": compile_ms,
            "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
sys.stdout.flush()
