"""GDSS' score networks and samplers in plain PyTorch, as their authors compute them: a padded batch, one attention
module after the other, each of whose three convolutions normalises the adjacency again. The kernels are measured
against this."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def mask_nodes(x, flags):
    return x * flags[:, :, None]


def mask_edges(a, flags):
    if a.dim() == 4:
        flags = flags[:, None]
    return a * flags.unsqueeze(-1) * flags.unsqueeze(-2)


class Perceptron(nn.Module):
    """Linear layers with an activation between them, over the last axis."""

    def __init__(self, layers, inputs, inside, outputs, activation=F.elu):
        super().__init__()
        self.activation = activation
        if layers == 1:
            self.linear = nn.Linear(inputs, outputs)
        else:
            widths = [inputs] + [inside] * (layers - 1) + [outputs]
            self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        if hasattr(self, "linear"):
            return self.linear(x)
        for linear in self.linears[:-1]:
            x = self.activation(linear(x))
        return self.linears[-1](x)


class Convolution(nn.Module):
    """A dense graph convolution: the diagonal is set to 1, degrees are at least 1."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x, a):
        a = a.clone()
        every = torch.arange(a.shape[-1])
        a[:, every, every] = 1
        out = torch.matmul(x, self.weight)
        scale = a.sum(-1).clamp(min=1).pow(-0.5)
        a = scale.unsqueeze(-1) * a * scale.unsqueeze(-2)
        return torch.matmul(a, out) + self.bias


class Attention(nn.Module):
    def __init__(self, inputs, width, outputs, heads, conv):
        super().__init__()
        small = lambda: Perceptron(2, inputs, 2 * width, width, torch.tanh)
        self.gnn_q, self.gnn_k = (Convolution(inputs, width) if conv == "GCN" else small() for _ in range(2))
        self.gnn_v = Convolution(inputs, outputs)
        self.conv, self.outputs, self.piece = conv, outputs, max(width // heads, 1)

    def forward(self, x, a):
        if self.conv == "GCN":
            q, k = self.gnn_q(x, a), self.gnn_k(x, a)
        else:
            q, k = self.gnn_q(x), self.gnn_k(x)
        v = self.gnn_v(x, a)
        q, k = (torch.cat(values.split(self.piece, 2), 0) for values in (q, k))
        maps = torch.tanh(q.bmm(k.transpose(1, 2)) / math.sqrt(self.outputs))
        maps = maps.view(-1, *a.shape).mean(0)
        return v, (maps + maps.transpose(-1, -2)) / 2


class AttentionLayer(nn.Module):
    def __init__(self, linears, inputs, width, outputs, channels_in, channels_out, heads, conv):
        super().__init__()
        self.attn = nn.ModuleList(Attention(inputs, width, outputs, heads, conv) for _ in range(channels_in))
        inside = 2 * max(channels_in, channels_out)
        self.mlp = Perceptron(linears, 2 * channels_in, inside, channels_out)
        self.multi_channel = Perceptron(2, channels_in * outputs, inside, outputs)

    def forward(self, x, a, flags):
        values, maps = [], []
        for channel, attention in enumerate(self.attn):
            value, weights = attention(x, a[:, channel])
            values.append(value)
            maps.append(weights.unsqueeze(-1))
        x = torch.tanh(mask_nodes(self.multi_channel(torch.cat(values, -1)), flags))
        given = torch.cat([torch.cat(maps, -1), a.permute(0, 2, 3, 1)], -1)
        made = self.mlp(given).permute(0, 3, 1, 2)
        return x, mask_edges(made + made.transpose(-1, -2), flags)


def powers(a, count):
    out, last = [a], a
    for _ in range(count - 1):
        last = torch.bmm(last, a)
        out.append(last)
    return torch.stack(out, 1)


def attention_layers(p, layers):
    build = []
    for layer in range(layers):
        first, last = layer == 0, layer == layers - 1
        build.append(AttentionLayer(
            p["num_linears"], p["max_feat_num"] if first else p["nhid"], p["nhid"] if first else p["adim"], p["nhid"],
            p["c_init"] if first else p["c_hid"], p["c_final"] if last else p["c_hid"], p["num_heads"], p["conv"]))
    return nn.ModuleList(build)


class ScoreNetworkX(nn.Module):
    def __init__(self, p):
        super().__init__()
        features, hidden = p["max_feat_num"], p["nhid"]
        self.layers = nn.ModuleList(
            Convolution(hidden if layer else features, hidden) for layer in range(p["depth"]))
        width = features + p["depth"] * hidden
        self.final = Perceptron(3, width, 2 * width, features)

    def forward(self, x, a, flags):
        every = [x]
        for layer in self.layers:
            x = torch.tanh(layer(x, a))
            every.append(x)
        return mask_nodes(self.final(torch.cat(every, -1)), flags)


class ScoreNetworkXGMH(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.layers = attention_layers(p, p["depth"])
        self.powers = p["c_init"]
        width = p["max_feat_num"] + p["depth"] * p["nhid"]
        self.final = Perceptron(3, width, 2 * width, p["max_feat_num"])

    def forward(self, x, a, flags):
        channels, every = powers(a, self.powers), [x]
        for layer in self.layers:
            x, channels = layer(x, channels, flags)
            x = torch.tanh(x)
            every.append(x)
        return mask_nodes(self.final(torch.cat(every, -1)), flags)


class ScoreNetworkA(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.layers = attention_layers(p, p["num_layers"])
        self.powers = p["c_init"]
        width = p["c_init"] + p["c_hid"] * (p["num_layers"] - 1) + p["c_final"]
        self.final = Perceptron(3, width, 2 * width, 1)

    def forward(self, x, a, flags):
        channels = powers(a, self.powers)
        every = [channels]
        for layer in self.layers:
            x, channels = layer(x, channels, flags)
            every.append(channels)
        out = self.final(torch.cat(every, 1).permute(0, 2, 3, 1)).squeeze(-1)
        return mask_edges(out * (1 - torch.eye(out.shape[-1], dtype=out.dtype)), flags)


def network(p, weights, dtype=torch.float32):
    """The network that a checkpoint's words describe, with its weights."""
    kinds = {"ScoreNetworkX": ScoreNetworkX, "ScoreNetworkX_GMH": ScoreNetworkXGMH, "ScoreNetworkA": ScoreNetworkA}
    net = kinds[p["model_type"]](p)
    net.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()})
    return net.to(dtype).eval()


class SDE:
    """VP, or VE, with K steps; beta_min and beta_max are the least and the largest sigma of VE."""

    def __init__(self, given):
        self.kind, self.low, self.high, self.count = (
            given[word] for word in ("type", "beta_min", "beta_max", "num_scales"))
        if self.kind == "VP":
            self.betas = torch.linspace(self.low / self.count, self.high / self.count, self.count)
        else:
            self.sigmas = torch.exp(torch.linspace(math.log(self.low), math.log(self.high), self.count))

    def index(self, t):
        return (t * (self.count - 1)).long()

    def alpha(self, t):
        return 1 - self.betas[self.index(t)] if self.kind == "VP" else torch.ones_like(t)

    def drift(self, x, t):
        if self.kind == "VE":
            return torch.zeros_like(x), self.low * (self.high / self.low) ** t * math.sqrt(
                2 * math.log(self.high / self.low))
        beta = self.low + t * (self.high - self.low)
        return -0.5 * beta[:, None, None] * x, beta.sqrt()

    def discrete(self, x, t):
        k = self.index(t)
        if self.kind == "VE":
            before = torch.where(k == 0, torch.zeros_like(t), self.sigmas[(k - 1).clamp(min=0)])
            return torch.zeros_like(x), (self.sigmas[k] ** 2 - before**2).sqrt()
        beta = self.betas[k]
        return (1 - beta).sqrt()[:, None, None] * x - x, beta.sqrt()

    def score(self, out, t):
        if self.kind == "VE":
            return out
        mean = -0.25 * t**2 * (self.high - self.low) - 0.5 * t * self.low
        return -out / (1 - torch.exp(2 * mean)).sqrt()[:, None, None]

    def transition(self, x, t, dt):
        if self.kind == "VE":
            sigma = lambda at: self.low * (self.high / self.low) ** at
            return x, (sigma(t) ** 2 - sigma(t + dt) ** 2).clamp(min=0).sqrt()
        log = 0.25 * dt * (2 * self.low + (2 * t + dt) * (self.high - self.low))
        return torch.exp(-log)[:, None, None] * x, (1 - torch.exp(2 * log)).clamp(min=0).sqrt()


class Sampler:
    """One batch on its way from noise to graphs. `draw(shape)` gives standard normal numbers."""

    def __init__(self, nets, sdes, flags, features, settings, draw=torch.randn):
        self.nets, self.sdes, self.flags, self.settings, self.draw = nets, sdes, flags, settings, draw
        self.shapes = (*flags.shape, features), (*flags.shape, flags.shape[1])
        self.x, self.a = self.noise(0), self.noise(1)

    def noise(self, part):
        z = self.draw(self.shapes[part])
        if part == 0:
            return mask_nodes(z, self.flags)
        z = z.triu(1)
        return mask_edges(z + z.transpose(-1, -2), self.flags)

    def score(self, part, x, a, t):
        return self.sdes[part].score(self.nets[part](x, a, self.flags), t)

    def pushed(self, part, value, score, noise, t):
        """Langevin's step, whose length depends on the whole batch."""
        norms = [v.reshape(len(v), -1).norm(dim=-1).mean() for v in (score, noise)]
        step = (self.settings["snr"] * norms[1] / norms[0]) ** 2 * 2 * self.sdes[part].alpha(t)[:, None, None]
        mean = value + step * score
        return mean + (2 * step).sqrt() * noise * self.settings["scale_eps"]

    def corrected(self, part, x, a, t):
        value = (x, a)[part]
        for _ in range(self.settings.get("n_steps", 1)):
            score = self.score(part, *((value, a) if part == 0 else (x, value)), t)
            value = self.pushed(part, value, score, self.noise(part), t)
        return value

    def predicted(self, part, x, a, t):
        sde, value = self.sdes[part], (x, a)[part]
        is_flow = self.settings.get("probability_flow", False)
        score = self.score(part, x, a, t)
        if self.settings["predictor"] == "Reverse":
            drift, g = sde.discrete(value, t)
            h = 1
        else:
            drift, g = sde.drift(value, t)
            h = 1 / sde.count
        mean = value - (drift - g[:, None, None] ** 2 * score * (0.5 if is_flow else 1)) * h
        noise = self.noise(part)
        return mean, mean + (0 if is_flow else g[:, None, None] * math.sqrt(h) * noise)

    def step(self, t):
        t = t.expand(len(self.flags))
        if self.settings["predictor"] == "S4":
            return self.split(t)
        x, a = self.x, self.a
        if self.settings["corrector"] == "Langevin":
            x, a = self.corrected(0, x, a, t), self.corrected(1, x, a, t)
        (mean_x, self.x), (mean_a, self.a) = self.predicted(0, x, a, t), self.predicted(1, x, a, t)
        return mean_x, mean_a

    def split(self, t):
        values, dt = [self.x, self.a], -1 / self.sdes[1].count
        scores = [self.score(part, *values, t) for part in (0, 1)]
        drifts = [-self.sdes[p].drift(values[p], t)[1][:, None, None] ** 2 * scores[p] for p in (0, 1)]
        values = [self.pushed(p, values[p], scores[p], self.noise(p), t) for p in (0, 1)]

        def moved(part, at):
            mean, deviation = self.sdes[part].transition(values[part], at, torch.tensor(dt / 2))
            return mean, mean + deviation[:, None, None] * self.noise(part)

        values = [moved(p, t)[1] for p in (0, 1)]
        values = [values[p] + drifts[p] * dt for p in (0, 1)]
        (mean_x, self.x), (mean_a, self.a) = (moved(p, t + dt / 2) for p in (0, 1))
        return mean_x, mean_a

    def times(self, eps=1e-4):
        return torch.linspace(1, eps, self.sdes[1].count)
