"""The DDPM++ network of Song et al. (2021) with EDM's preconditioning, in eager PyTorch: what `bench` compares Genera with.

Reads the same safetensors file. Takes commands on standard input, one a line, and answers each with one line:
  evaluate          seconds of one evaluation of the denoiser
  images            seconds of Heun's method with 18 steps (35 evaluations) until the pictures are bytes
  train N           seconds of a training step, mean of N: forward, backward, Adam, moving average
  output FILE       writes the denoiser's answer as raw float32
  memory            the most memory that the process ever had, in MiB
"""
import json
import math
import mmap
import struct
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import silu


def read_safetensors(path):
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        assert entry["dtype"] == "F32", entry["dtype"]
        tensors[name] = torch.from_numpy(np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy())
    return tensors, metadata


class Conv2d(nn.Module):
    def __init__(self, inputs, outputs, kernel, up=False, down=False, taps=(1, 1)):
        super().__init__()
        self.inputs, self.up, self.down, self.padding = inputs, up, down, kernel // 2
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel) / math.sqrt(inputs * kernel**2))
        self.bias = nn.Parameter(torch.zeros(outputs))
        if up or down:
            f = torch.tensor(taps, dtype=torch.float32)
            self.register_buffer("resample_filter", (torch.outer(f, f) / f.sum() ** 2)[None, None])

    def forward(self, x):
        if self.up or self.down:
            f = self.resample_filter.to(x.dtype).tile([self.inputs, 1, 1, 1])
            padding = (f.shape[-1] - 1) // 2
            if self.up:
                x = nn.functional.conv_transpose2d(x, f * 4, groups=self.inputs, stride=2, padding=padding)
            else:
                x = nn.functional.conv2d(x, f, groups=self.inputs, stride=2, padding=padding)
        return nn.functional.conv2d(x, self.weight, self.bias, padding=self.padding)


def group_norm(channels):
    return nn.GroupNorm(min(32, channels // 4), channels, eps=1e-6)


class Block(nn.Module):
    def __init__(self, inputs, outputs, embedding, dropout, up=False, down=False, attention=False):
        super().__init__()
        self.dropout, self.inputs = dropout, inputs
        self.norm0 = group_norm(inputs)
        self.conv0 = Conv2d(inputs, outputs, 3, up, down)
        self.affine = nn.Linear(embedding, outputs)
        self.norm1 = group_norm(outputs)
        self.conv1 = Conv2d(outputs, outputs, 3)
        self.skip = Conv2d(inputs, outputs, 1, up, down) if inputs != outputs or up or down else None
        if attention:
            self.norm2 = group_norm(outputs)
            self.qkv = Conv2d(outputs, outputs * 3, 1)
            self.proj = Conv2d(outputs, outputs, 1)
        self.attention = attention

    def forward(self, x, embedding):
        h = self.conv0(silu(self.norm0(x)))
        h = silu(self.norm1(h.add_(self.affine(embedding)[:, :, None, None])))
        h = self.conv1(nn.functional.dropout(h, self.dropout, self.training))
        h = h.add_(self.skip(x) if self.skip is not None else x) * math.sqrt(0.5)
        if self.attention:
            q, k, v = self.qkv(self.norm2(h)).reshape(h.shape[0], h.shape[1], 3, -1).unbind(2)
            w = torch.einsum("ncq,nck->nqk", q.float(), k.float() / math.sqrt(k.shape[1])).softmax(2).to(q.dtype)
            a = torch.einsum("nqk,nck->ncq", w, v)
            h = self.proj(a.reshape(h.shape)).add_(h) * math.sqrt(0.5)
        return h


class DDPMpp(nn.Module):
    def __init__(self, c):
        super().__init__()
        base, mult, blocks, size = c["model_channels"], c["channel_mult"], c["num_blocks"], c["img_resolution"]
        width, self.base, self.labels = base * c["channel_mult_emb"], base, c["label_dim"]
        if self.labels:
            self.map_label = nn.Linear(self.labels, base)
        if c["augment_dim"]:
            self.map_augment = nn.Linear(c["augment_dim"], base, bias=False)
        self.map_layer0, self.map_layer1 = nn.Linear(base, width), nn.Linear(width, width)
        self.enc, self.dec = nn.ModuleDict(), nn.ModuleDict()
        now, skips = c["img_channels"], []

        def block(outputs, inputs=None, **options):
            return Block(inputs or now, outputs, width, c["dropout"], **options)

        for level, m in enumerate(mult):
            r = size >> level
            if level == 0:
                self.enc[f"{r}x{r}_conv"], now = Conv2d(now, base, 3), base
            else:
                self.enc[f"{r}x{r}_down"] = block(now, down=True)
            skips.append(now)
            for i in range(blocks):
                self.enc[f"{r}x{r}_block{i}"] = block(base * m, attention=r in c["attn_resolutions"])
                now = base * m
                skips.append(now)
        for level, m in reversed(list(enumerate(mult))):
            r = size >> level
            if level == len(mult) - 1:
                self.dec[f"{r}x{r}_in0"], self.dec[f"{r}x{r}_in1"] = block(now, attention=True), block(now)
            else:
                self.dec[f"{r}x{r}_up"] = block(now, up=True)
            for i in range(blocks + 1):
                attention = i == blocks and r in c["attn_resolutions"]
                self.dec[f"{r}x{r}_block{i}"] = block(base * m, now + skips.pop(), attention=attention)
                now = base * m
        self.dec[f"{size}x{size}_aux_norm"] = group_norm(now)
        self.dec[f"{size}x{size}_aux_conv"] = Conv2d(now, c["img_channels"], 3)

    def forward(self, x, noise, labels=None):
        half = self.base // 2
        frequencies = (1 / 10000) ** (torch.arange(half, dtype=torch.float32) / (half - 1))
        angles = noise[:, None] * frequencies
        e = torch.cat([angles.sin(), angles.cos()], 1)
        if self.labels:
            e = e + self.map_label(labels * math.sqrt(self.labels))
        e = silu(self.map_layer1(silu(self.map_layer0(e))))
        skips = []
        for name, layer in self.enc.items():
            x = layer(x) if name.endswith("conv") else layer(x, e)
            skips.append(x)
        for name, layer in self.dec.items():
            if name.endswith("aux_norm"):
                x = silu(layer(x))
            elif name.endswith("aux_conv"):
                x = layer(x)
            else:
                if x.shape[1] != layer.inputs:
                    x = torch.cat([x, skips.pop()], 1)
                x = layer(x, e)
        return x


class Denoiser(nn.Module):
    """D(x; sigma) = c_skip x + c_out F(c_in x; ln(sigma) / 4), Karras et al. (2022), table 1."""

    def __init__(self, c):
        super().__init__()
        self.model, self.data = DDPMpp(c), c["sigma_data"]

    def forward(self, x, sigma, labels=None):
        x, sigma, d = x.float(), sigma.float().reshape(-1, 1, 1, 1), self.data
        skip, out = d**2 / (sigma**2 + d**2), sigma * d / (sigma**2 + d**2).sqrt()
        F = self.model(x / (d**2 + sigma**2).sqrt(), (sigma.log() / 4).flatten(), labels)
        return skip * x + out * F.float()


def heun(net, latents, steps=18, low=0.002, high=80.0, rho=7):
    i = torch.arange(steps, dtype=torch.float64)
    t = (high ** (1 / rho) + i / (steps - 1) * (low ** (1 / rho) - high ** (1 / rho))) ** rho
    t = torch.cat([t, torch.zeros(1, dtype=torch.float64)])
    x = latents.double() * t[0]
    for now, then in zip(t[:-1], t[1:]):
        d = (x - net(x, now).double()) / now
        y = x + (then - now) * d
        if then > 0:
            e = (y - net(y, then).double()) / then
            y = x + (then - now) * (0.5 * d + 0.5 * e)
        x = y
    return x


def trainer(net, c, batch, narrow):
    net.train().requires_grad_(True)
    average = [p.detach().clone() for p in net.parameters()]
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8)
    images = torch.rand(512, c["img_channels"], c["img_resolution"], c["img_resolution"]) * 2 - 1
    classes = torch.eye(c["label_dim"])[torch.arange(512) % c["label_dim"]] if c["label_dim"] else None

    def step():
        rows = torch.randint(512, (batch,))
        y, labels = images[rows], classes[rows] if classes is not None else None
        sigma = (torch.randn(batch, 1, 1, 1) * 1.2 - 1.2).exp()
        weight = (sigma**2 + 0.25) / (sigma * 0.5) ** 2
        with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
            loss = (weight * (net(y + torch.randn_like(y) * sigma, sigma, labels) - y) ** 2).sum() / batch
        adam.zero_grad(set_to_none=True)
        loss.backward()
        for p in net.parameters():
            if p.grad is not None:
                torch.nan_to_num(p.grad, nan=0, posinf=1e5, neginf=-1e5, out=p.grad)
        adam.step()
        with torch.no_grad():
            for p, a in zip(net.parameters(), average):
                a.copy_(p.lerp(a, 0.999))

    return step


def main():
    path, threads, batch, narrow = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "bf16" in sys.argv[4:]
    torch.set_num_threads(threads)
    weights, metadata = read_safetensors(path)
    c = json.loads(metadata["genera.configuration"])
    net = Denoiser(c)
    net.load_state_dict(weights)
    del weights
    net.eval().requires_grad_(False)
    # The same numbers as on the other side, from a formula.
    count = batch * c["img_channels"] * c["img_resolution"] ** 2
    x = torch.from_numpy(np.sin(np.arange(count, dtype=np.float64) * 12.9898) * 1.5).float()
    x = x.reshape(batch, c["img_channels"], c["img_resolution"], c["img_resolution"])
    sigma, step = torch.tensor(0.7), None
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        words = line.split()
        began = time.perf_counter()
        if words[0] == "evaluate":
            with torch.inference_mode():
                net(x, sigma)
        elif words[0] == "images":
            with torch.inference_mode():
                images = heun(net, torch.randn_like(x))
                images = (images * 127.5 + 128).clip(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        elif words[0] == "train":
            step = step or trainer(net, c, batch, narrow)
            for _ in range(int(words[1])):
                step()
            print((time.perf_counter() - began) / int(words[1]), flush=True)
            continue
        elif words[0] == "output":
            with torch.inference_mode():
                net(x, sigma).numpy().tofile(words[1])
        elif words[0] == "memory":
            peak = next(l for l in open("/proc/self/status") if l.startswith("VmHWM"))
            print(int(peak.split()[1]) / 1024, flush=True)
            continue
        print(time.perf_counter() - began, flush=True)


main()
