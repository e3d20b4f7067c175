"""A training step of RADD in plain PyTorch, as the authors describe it: the head and its softmax over all tokens at every
position, lambda_DCE, AdamW with clipping and an average.

    training.py [--threads N] [--batch B] [--length L] [--dtype float32|bfloat16] [--tokens V --width d --heads H --blocks N]

prints a line of JSON with the least and the median seconds of a step.
"""
import argparse
import json
import statistics
import time

import torch

from reference import Transformer


def step(model, optimiser, average, tokens, is_half):
    share = (torch.rand(len(tokens)) + torch.arange(len(tokens))) / len(tokens)
    masked = torch.rand(tokens.shape) < share[:, None]
    with torch.autocast("cpu", torch.bfloat16, enabled=is_half):
        logits = model.logits(torch.where(masked, model.mask, tokens))
    laws = logits.float()[..., :-1].log_softmax(-1)
    own = -laws.gather(-1, tokens[..., None])[..., 0]
    loss = ((own * masked).sum(-1) / share).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    with torch.no_grad():
        for shadow, parameter in zip(average, model.parameters()):
            shadow.lerp_(parameter, 0.001)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in [("threads", 2), ("batch", 32), ("length", 256), ("repeats", 8), ("tokens", 65), ("width", 192),
                        ("heads", 6), ("blocks", 5)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Transformer(options.tokens, options.width, options.heads, options.blocks)
    average = [parameter.detach().clone() for parameter in model.parameters()]
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.03)
    tokens = torch.randint(0, options.tokens, (options.batch, options.length))
    times = []
    for number in range(options.repeats + 2):
        before = time.perf_counter()
        step(model, optimiser, average, tokens, options.dtype == "bfloat16")
        if number >= 2:
            times.append(time.perf_counter() - before)
    print(json.dumps({"what": "training step", "dtype": options.dtype, "batch": options.batch, "length": options.length,
                      "threads": options.threads, "wall": min(times), "median": statistics.median(times)}))


if __name__ == "__main__":
    main()
