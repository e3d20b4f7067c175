"""RADD's transformer and its cached sampler in plain PyTorch, computed as the authors describe them: every position goes
through every block and through the head, log-softmax and exponentials over all tokens, and one joint draw of every masked
position in every step. The kernels are measured against this.

    reference.py [--threads N] [--batch B] [--length L] [--dtype float32|bfloat16] [--repeats R] [--width d --heads H --blocks N]

prints a line of JSON for each measurement: the least seconds of the wall clock and of the processor. On a busy machine the
processor's are the ones to compare; run with OMP_WAIT_POLICY=passive, or waiting counts too.
"""
import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional as F


class Norm(nn.LayerNorm):
    """Layer norm in float32, whatever comes in."""

    def forward(self, x):
        return F.layer_norm(x.float(), self.normalized_shape, self.weight.float(), self.bias.float(), self.eps)


def turn(x, cosine, sine):
    """Rotary positions in the half-split form; x is [B, L, H, h]."""
    one, other = x.chunk(2, -1)
    return torch.cat((one * cosine - other * sine, other * cosine + one * sine), -1)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = Norm(width), Norm(width)
        self.attn_qkv = nn.Linear(width, 3 * width, bias=False)
        self.attn_out = nn.Linear(width, width, bias=False)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))

    def forward(self, x, cosine, sine):
        kind = self.attn_out.weight.dtype
        batch, length, width = x.shape
        q, k, v = self.attn_qkv(self.norm1(x).to(kind)).view(batch, length, 3, self.heads, -1).unbind(2)
        q, k = turn(q, cosine, sine), turn(k, cosine, sine)
        o = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        x = x + self.attn_out(o.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x).to(kind))


class Transformer(nn.Module):
    def __init__(self, tokens=50257, width=768, heads=12, blocks=12):
        super().__init__()
        self.mask, self.head = tokens, width // heads
        self.vocab_embed = nn.Module()
        self.vocab_embed.embedding = nn.Parameter(torch.empty(tokens + 1, width).uniform_(-0.1, 0.1))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.output_layer = nn.Module()
        self.output_layer.norm_final = Norm(width)
        self.output_layer.linear = nn.Linear(width, tokens + 1)

    def trunk(self, tokens):
        kind = self.output_layer.linear.weight.dtype
        places = torch.arange(tokens.shape[1], dtype=torch.float32)
        frequencies = 1 / 10000 ** (torch.arange(0, self.head, 2).float() / self.head)
        angles = (places[:, None] * frequencies)[None, :, None]
        cosine, sine = angles.cos().to(kind), angles.sin().to(kind)
        x = self.vocab_embed.embedding[tokens]
        for block in self.blocks:
            x = block(x, cosine, sine)
        return x

    def logits(self, tokens):
        x = self.output_layer.norm_final(self.trunk(tokens))
        return self.output_layer.linear(x.to(self.output_layer.linear.weight.dtype))

    def forward(self, tokens):
        """Log-probabilities of the tokens; the mask's column is left as it is."""
        out = self.logits(tokens).float()
        out[..., :-1] = out[..., :-1].log_softmax(-1)
        return out


def joint_draw(rows, rate):
    """A token of each row of probabilities, or the mask with probability 1 - rate: the smallest of exponential clocks."""
    weights = rows * rate
    weights[:, -1] = 1 - rate
    clocks = 1e-10 - (torch.rand_like(weights) + 1e-10).log()
    return (weights / clocks).argmax(-1)


def sample(model, batch, length, steps, eps=1e-5):
    """The cached sampler by Tweedie's rule and log-linear noise; also how many sequences were evaluated."""
    x = torch.full((batch, length), model.mask)
    changed = torch.ones(batch, dtype=torch.bool)
    laws = torch.empty(batch, length, model.mask + 1)
    evaluations = 0
    for step in range(steps):
        time_now = 1 - (1 - eps) * step / steps
        rate = (1 - eps) / steps / time_now if step < steps - 1 else 1.001
        is_masked = x == model.mask
        if changed.any():
            laws[changed] = model(x[changed]).exp()
            rows = laws[is_masked]
            evaluations += int(changed.sum())
        before = x.clone()
        x[is_masked] = joint_draw(rows.clone(), rate)
        changed = (x != before).any(-1)
    return x, evaluations


def measured(name, call, repeats, **facts):
    call()
    wall = processor = math.inf
    for _ in range(repeats):
        before = time.perf_counter(), time.process_time()
        call()
        wall = min(wall, time.perf_counter() - before[0])
        processor = min(processor, time.process_time() - before[1])
    print(json.dumps({"what": name, **facts, "wall": round(wall, 4), "processor": round(processor, 4)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in [("threads", 2), ("batch", 1), ("length", 1024), ("repeats", 3), ("width", 768), ("heads", 12),
                        ("blocks", 12), ("tokens", 50257)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Transformer(options.tokens, options.width, options.heads, options.blocks)
    kind = getattr(torch, options.dtype)
    for block in model.blocks:
        block.to(kind)
    model.output_layer.linear.to(kind)
    x = torch.randint(0, options.tokens, (options.batch, options.length))
    x[torch.rand(x.shape) < 0.5] = model.mask
    facts = {"dtype": options.dtype, "batch": options.batch, "length": options.length, "threads": options.threads}
    measured("blocks", lambda: model.trunk(x), options.repeats, **facts)
    measured("logits", lambda: model.logits(x), options.repeats, **facts)
    measured("log-probabilities", lambda: model(x), options.repeats, **facts)
    laws = model(x)
    measured("exponentials and rows", lambda: laws.exp()[x == model.mask], options.repeats, **facts)
    rows = laws.exp()[x == model.mask]
    measured("draw of the masked half", lambda: joint_draw(rows, 0.01), options.repeats, **facts)


if __name__ == "__main__":
    main()
