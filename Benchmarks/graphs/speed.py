"""Times networks and sampling steps: `reference` and `kernels` give a line of JSON for each batch, `table` runs both
side by side, each in a process of its own and by turns, and prints the least times.

A step of the reference is the whole step of the checkpoint's own sampler; that of the kernels is the calls of both
networks in such a step, without the sampler's own arithmetic.
"""
import argparse
import json
import subprocess
import sys
import time

import numpy as np

import workloads


def least(call, options):
    """The least time of at least `repeats` calls, more while there are seconds left. A single thread's time is that of
    the processor, which does not count what other programs take."""
    call()
    clock = time.thread_time if options.threads == 1 else time.perf_counter
    best, start, done = float("inf"), time.perf_counter(), 0
    while done < options.repeats or (time.perf_counter() - start < options.seconds and done < 1000):
        before = clock()
        call()
        best = min(best, clock() - before)
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
    x, a = (least(lambda: net(*batch), options) for net in nets)
    sdes = [reference.SDE(dict(found["model_config"]["sde"][part])) for part in ("x", "adj")]
    settings = {"predictor": "Reverse", "corrector": "Langevin", "snr": 0.2, "scale_eps": 0.7}
    settings |= found["model_config"].get("sampler", {})
    sampler = reference.Sampler(nets, sdes, batch[2], batch[0].shape[-1], settings)
    sampler.x, sampler.a = batch[0], batch[1]
    at = torch.tensor(0.5)
    step = least(lambda: sampler.step(at), options)
    return {"x": x, "a": a, "step": step}


def of_kernels(options, found, pairs, calls):
    import kernels

    nets = [kernels.Network(found[f"params_{part}"], found[f"{part}_state_dict"]) for part in ("x", "adj")]
    x, a = (least(net.prepared(pairs, options.threads), options) for net in nets)
    # What a step's networks take; the sampler's own arithmetic is not in it.
    return {"x": x, "a": a, "step": calls * (x + a)}


def of_process(options, name, what):
    """What another process of this program measures of a data set, by the batch's size."""
    command = [sys.executable, __file__, what[0], options.data, name, "--threads", str(options.threads),
               "--repeats", str(options.repeats), "--seconds", str(options.seconds), *what[1:]]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line["batch"]: line for line in map(json.loads, out.splitlines())}


def table(options):
    """By turns, so that what else the machine does meets all of them."""
    whats = [("reference",), ("reference", "--flush"), ("kernels",)]
    print(f"Milliseconds with {options.threads} threads, the least of {options.rounds} rounds: of the reference in its "
          "default mode, and with subnormal numbers flushed : of the kernels (how many times faster than either).\n")
    print("| batch | network for nodes | network for edges | step |\n|---|---|---|---|", flush=True)
    for name in dict.fromkeys(name for name, _, _ in workloads.BATCHES):
        if options.names and name not in options.names:
            continue
        rounds = [[of_process(options, name, what) for what in whats] for _ in range(options.rounds)]
        for batch, line in rounds[0][0].items():
            cells = []
            for word in ("x", "a", "step"):
                default, flushed, ours = (min(run[i][batch][word] for run in rounds) for i in range(3))
                cells.append(f"{default:.2f}, {flushed:.2f} : {ours:.3f} ({default / ours:.0f}, {flushed / ours:.0f})")
            print(f"| {name}, {batch} of {line['mean nodes']:.1f} nodes | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["reference", "kernels", "table"])
    parser.add_argument("data")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--flush", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.what == "table":
        return table(options)
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
