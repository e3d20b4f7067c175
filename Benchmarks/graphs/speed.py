"""Times the networks and whole sampling steps of the reference, and the kernels; one line of JSON a measurement.

speed.py reference|kernels DATA --threads N [--flush] [--repeats R] [NAME ...]
"""
import argparse
import json
import time

import numpy as np

import workloads


def least(call, repeats, seconds):
    """The least time of at least `repeats` calls, more while there are seconds left."""
    call()
    best, start, done = float("inf"), time.perf_counter(), 0
    while done < repeats or (time.perf_counter() - start < seconds and done < 1000):
        before = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - before)
        done += 1
    return best * 1000


def of_reference(options, found, pairs, calls):
    import torch

    import reference

    torch.set_grad_enabled(False)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(options.flush)
    torch.manual_seed(0)
    nets = [reference.network(found[f"params_{part}"], found[f"{part}_state_dict"]) for part in ("x", "adj")]
    batch = [torch.from_numpy(v) for v in workloads.padded(pairs, found["model_config"]["data"]["max_node_num"])]
    x, a = (least(lambda: net(*batch), options.repeats, options.seconds) for net in nets)
    sdes = [reference.SDE(dict(found["model_config"]["sde"][part])) for part in ("x", "adj")]
    settings = {"predictor": "Reverse", "corrector": "Langevin", "snr": 0.2, "scale_eps": 0.7}
    settings |= found["model_config"].get("sampler", {})
    sampler = reference.Sampler(nets, sdes, batch[2], batch[0].shape[-1], settings)
    sampler.x, sampler.a = batch[0], batch[1]
    at = torch.tensor(0.5)
    step = least(lambda: sampler.step(at), max(options.repeats // 2, 3), options.seconds)
    return {"x": x, "a": a, "step": step}


def of_kernels(options, found, pairs, calls):
    import kernels

    nets = [kernels.Network(found[f"params_{part}"], found[f"{part}_state_dict"]) for part in ("x", "adj")]
    x, a = (least(net.prepared(pairs, options.threads), options.repeats, options.seconds) for net in nets)
    # What a step's networks take; the sampler's own arithmetic is not in it.
    return {"x": x, "a": a, "step": calls * (x + a)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["reference", "kernels"])
    parser.add_argument("data")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--flush", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    for name, count, calls in workloads.BATCHES:
        if options.names and name not in options.names:
            continue
        found = workloads.checkpoint(options.data, name)
        pairs = workloads.graphs(options.data, name, count, found["params_x"]["max_feat_num"])
        measure = of_reference if options.what == "reference" else of_kernels
        line = {"name": name, "batch": count, "threads": options.threads, "flush": options.flush,
                "mean nodes": float(np.mean([len(x) for x, _ in pairs]))}
        print(json.dumps(line | measure(options, found, pairs, calls)), flush=True)


if __name__ == "__main__":
    main()
