"""The networks of sets and of irregular space of `experiments/engine/programs/sets.ts`, in PyTorch as one would write them there; graphs in torch_geometric.

Edges of graphs are found once, before training: in ours they are found anew in each step.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

PLACES, NEAREST, SCALES = 60, 15, 6


def two_layers(inputs, outputs, hidden=128):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))


class DeepSet(nn.Module):
    """phi and rho with one hidden layer of 128, pooled by mean and maximum (Zaheer et al. 2017)."""

    def __init__(self, data, outputs):
        super().__init__()
        self.data = data
        self.phi = two_layers(data.shape[-1], 128)
        self.rho = two_layers(256, outputs)

    def forward(self, rows):
        h = self.phi(self.data[rows])
        return self.rho(torch.cat([h.mean(1), h.amax(1)], -1))


class Block(nn.Module):
    """Attention of some tokens to others, normalised before, and a network of each (Lee et al. 2019)."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.query, self.both = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.mix = nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, queries, tokens):
        q, k = self.norms[0](queries), self.norms[1](tokens)
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(-3, -2)
        key, value = self.both(k).chunk(2, -1)
        looked = F.scaled_dot_product_attention(split(self.query(q)), split(key), split(value))
        h = queries + self.mix(looked.transpose(-3, -2).flatten(-2))
        return h + self.outer(F.silu(self.inner(self.norms[2](h))))


class SetTransformer(nn.Module):
    """Two rounds in which elements look at 16 points that have looked at them; pooled by four scores of attention, and by the mean."""

    def __init__(self, data, outputs, width=64, heads=4, points=16, blocks=2):
        super().__init__()
        self.data = data
        self.first = nn.Linear(data.shape[-1], width)
        self.points = nn.ParameterList(torch.randn(1, points, width) / 8 for _ in range(blocks))
        self.looks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.back = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm, self.scores = nn.LayerNorm(width), nn.Linear(width, 4)
        self.rho = two_layers(5 * width, outputs)

    def forward(self, rows):
        x = self.first(self.data[rows])
        for points, to, back in zip(self.points, self.looks, self.back):
            x = back(x, to(points.expand(len(x), -1, -1), x))
        x = self.norm(x)
        shares = self.scores(x).transpose(1, 2).softmax(-1)
        pooled = torch.cat([(shares @ x).flatten(1), x.mean(1)], -1)
        return self.rho(pooled)


def graph(data, outputs, width=32, layers=2):
    """Places that hear of their 15 nearest by six learned functions of distance, and begin with local variograms (arXiv 2310.02600)."""
    from torch_geometric.nn import MessagePassing
    from torch_geometric.utils import scatter

    places, values = data[..., :2], data[..., 2:]
    nearest = torch.empty(len(data), PLACES, NEAREST, dtype=torch.long)
    for start in range(0, len(data), 256):
        part = places[start : start + 256]
        distances = torch.cdist(part, part)
        distances.diagonal(dim1=1, dim2=2).fill_(math.inf)
        nearest[start : start + 256] = distances.topk(NEAREST, largest=False).indices

    class Hear(MessagePassing):
        def __init__(self):
            super().__init__(aggr="sum")

        def forward(self, h, edges, shares):
            return self.propagate(edges, h=h, shares=shares)

        def message(self, h_j, shares):
            return (shares[:, :, None] * h_j[:, None, :]).flatten(1)

    class Graph(nn.Module):
        def __init__(self):
            super().__init__()
            self.hear = Hear()
            self.scales = nn.Parameter(torch.linspace(math.log(0.1), math.log(1.5), SCALES))
            self.start = nn.Linear(1 + SCALES, width)
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers + 1))
            self.own = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
            self.heard = nn.ModuleList(nn.Linear(SCALES * width, width) for _ in range(layers))
            self.rho = two_layers(2 * width + 1 + SCALES, outputs)

        def forward(self, rows):
            b = len(rows)
            offset = torch.arange(b)[:, None, None] * PLACES
            source = (nearest[rows] + offset).flatten()
            target = torch.arange(b * PLACES).repeat_interleave(NEAREST)
            edges = torch.stack([source, target])
            s, z = places[rows].flatten(0, 1), values[rows].flatten(0, 1)
            squared = ((s[source] - s[target]) ** 2).sum(-1, keepdim=True)
            weights = torch.exp(-squared * torch.exp(-2 * self.scales))
            totals = scatter(weights, target, dim_size=b * PLACES, reduce="sum")
            shares = weights / totals[target].clamp_min(1e-5)
            spread = shares * (z[source] - z[target]) ** 2
            variogram = torch.log(scatter(spread, target, dim_size=b * PLACES, reduce="sum") + 1e-5)
            begun = torch.cat([z, variogram], -1)
            h = self.start(begun)
            for norm, own, heard in zip(self.norms, self.own, self.heard):
                x = norm(h)
                h = h + F.silu(own(x) + heard(self.hear(x, edges, shares)))
            h = self.norms[-1](h).unflatten(0, (b, PLACES))
            pooled = torch.cat([h.mean(1), h.amax(1), begun.unflatten(0, (b, PLACES)).mean(1)], -1)
            return self.rho(pooled)

    return Graph()


def build(program, data, outputs):
    if program == "graph":
        return graph(data, outputs)
    return {"deepset": DeepSet, "settransformer": SetTransformer}[program](data, outputs)
