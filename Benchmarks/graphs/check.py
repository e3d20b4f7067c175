"""Compares the reference here and the kernels with recorded outputs of the authors' code: check.py DATA GOLDEN."""
import json
import pathlib
import sys

import numpy as np
import torch

import files
import kernels
import reference


def cases(data, golden):
    """(name, words, weights, tensors, wanted, relative and absolute tolerance) of each network."""
    for case in json.load(open(golden / "manifest.json"))["cases"]:
        if case["kind"] != "forward":
            continue
        tensors, config = files.safetensors(golden / case["file"]), case["config"]
        allowed = case["rtol"], case["atol"]
        if "checkpoint" not in config:
            weights = {name[2:]: value for name, value in tensors.items() if name.startswith("w.")}
            yield case["name"], config, weights, tensors, tensors["out"], allowed
            continue
        found = files.checkpoint(data / config["checkpoint"])
        for part in ("x", "adj"):
            weights, words = found[f"{part}_state_dict"], config[f"params_{part}"]
            yield f"{case['name']} {part}", words, weights, tensors, tensors[f"net_{part}"], allowed
            if f"net_{part}_ema" in tensors:
                averaged = dict(zip(weights, found[f"ema_{part}"]["shadow_params"]))
                yield f"{case['name']} {part} ema", words, averaged, tensors, tensors[f"net_{part}_ema"], allowed


def of_reference(words, weights, tensors):
    batch = (torch.from_numpy(tensors[name]) for name in ("x", "adj", "flags"))
    return reference.network(words, weights)(*batch).numpy()


def of_kernels(words, weights, tensors, spared):
    network = kernels.Network(words, weights, spared)
    padded = tensors["x"].shape[1]
    out = np.zeros((len(tensors["x"]), padded, padded if network.is_edges else tensors["x"].shape[2]), np.float32)
    for b, count in enumerate(tensors["flags"].sum(1).astype(int)):
        got = network(tensors["x"][b, :count], tensors["adj"][b, :count, :count])
        out[b, :count, : got.shape[1]] = got
    return out


def replayed(data, golden, case):
    """The worst deviations of x and a after a recorded run of the sampler, drawing the recorded noise."""
    tensors, config = files.safetensors(golden / case["file"]), case["config"]
    found = files.checkpoint(data / config["checkpoint"])
    nets, sdes = [], []
    for part in ("x", "adj"):
        weights = found[f"{part}_state_dict"]
        if config["use_ema"]:
            weights = dict(zip(weights, found[f"ema_{part}"]["shadow_params"]))
        nets.append(reference.network(found[f"params_{part}"], weights))
        sdes.append(reference.SDE(config["sde"][part] | {"num_scales": config["num_scales"]}))
    noise = [[tensors[f"raw_prior_{part}"], *tensors[f"raw_noise_{part}"]] for part in ("x", "adj")]
    draw = lambda shape: torch.from_numpy(noise[shape[-1] == shape[-2]].pop(0))
    sampler = reference.Sampler(
        nets, sdes, torch.from_numpy(tensors["flags"]), tensors["x_out"].shape[-1], config, draw)
    for t in sampler.times(config["eps"])[slice(*config["step_window"])]:
        mean = sampler.step(t)
    out = mean if config["noise_removal"] else (sampler.x, sampler.a)
    return [float(abs(v.numpy() - tensors[f"{part}_out"]).max()) for v, part in zip(out, ("x", "adj"))]


def main():
    torch.set_grad_enabled(False)
    data, golden = map(pathlib.Path, sys.argv[1:])
    worst = 0
    print(f"{'':34}worst deviation, as a part of the tolerance: reference; kernels with every instruction set")
    for name, words, weights, tensors, wanted, (relative, absolute) in cases(data, golden):
        got = [of_reference(words, weights, tensors)] + [of_kernels(words, weights, tensors, s) for s in (0, 1, 2)]
        parts = [float((abs(out - wanted) / (absolute + relative * abs(wanted))).max()) for out in got]
        worst = max(worst, *parts)
        print(f"{name:34}{parts[0]:.3f};  {parts[1]:.3f}  {parts[2]:.3f}  {parts[3]:.3f}")
    print("largest deviations of x and a after recorded runs of the reference's samplers")
    for case in json.load(open(golden / "manifest.json"))["cases"]:
        if case["kind"] == "sampler":
            x, a = replayed(data, golden, case)
            worst = max(worst, x / case["atol"], a / case["atol"])
            print(f"{case['name']:42}{x:.1e}  {a:.1e}")
    sys.exit(worst >= 1)


if __name__ == "__main__":
    main()
