"""Texts: seconds of a sequence and of a training step beside the authors' algorithm in PyTorch, in one run.

    table.py --genera PROGRAM [--threads N] [--batches 1,4] [--steps 128,1024] [--repeats R] [--training]

The reference's sequence is put together from its parts, as many of each as its loop takes: looks with their softmax, tables
of probabilities, and a draw of the masked half in every step. The program's is looks by its schedule and their draws
(`genera radd speed`). With --training a step of the tiny geometry is measured too, beside `genera train radd`.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def python(script, *words):
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    out = subprocess.run([sys.executable, os.path.join(HERE, script), *map(str, words)], check=True, env=environment,
                         capture_output=True, text=True).stdout
    return {line["what"]: line for line in map(json.loads, out.splitlines())}


def looks(steps, length, eps=1e-5):
    """What the reference's loop evaluates on average."""
    return 1 + (steps - 1) * (1 - (1 - (1 - eps) / steps) ** length)


def sequences(options):
    length = 1024
    print("| batch | steps | PyTorch fp32, s | PyTorch bf16, s | exact, s | bf16, s | exact to fp32 | bf16 to fp32 | bf16 to bf16 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for batch in options.batches:
        theirs = {}
        for dtype in ["float32", "bfloat16"]:
            parts = python("reference.py", "--threads", options.threads, "--batch", batch, "--dtype", dtype,
                           "--repeats", options.repeats)
            theirs[dtype] = {name: part["wall"] / batch for name, part in parts.items()}
        with tempfile.TemporaryDirectory() as folder:
            out = subprocess.run(
                [options.genera, "radd", "speed", "--model", "small_radd", "--length", str(length), "--together", str(batch),
                 "--steps", ",".join(map(str, options.steps)), "--workers", str(options.threads), "--repeats",
                 str(options.repeats), "--out", os.path.join(folder, "speed.csv"), "--json"],
                check=True, capture_output=True, text=True).stdout
        rows = next(value["rows"] for name, value in json.loads(out).items() if name.startswith("TextsOf"))
        for steps in options.steps:
            def reference(dtype):
                part = theirs[dtype]
                return (looks(steps, length) * (part["log-probabilities"] + part["exponentials and rows"])
                        + steps * part["draw of the masked half"])
            own = {row["precision"]: row["a text"] for row in rows if row["steps"] == steps}
            exact, half = own["float32"], own["bfloat16"]
            first, second = reference("float32"), reference("bfloat16")
            print(f"| {batch} | {steps} | {first:.0f} | {second:.0f} | {exact:.0f} | {half:.0f} | {first / exact:.1f}x "
                  f"| {first / half:.1f}x | {second / half:.1f}x |", flush=True)


def training(options):
    print("| precision | PyTorch, ms a step | genera, ms a step | ratio |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        letters = "".join(chr(33 + i) for i in range(65))
        text = os.path.join(folder, "text.txt")
        with open(text, "w") as file:
            file.write("".join(random.Random(0).choices(letters, k=200_000)) + letters)
        for dtype, word in [("float32", "exact"), ("bfloat16", "bf16")]:
            theirs = python("training.py", "--threads", options.threads, "--dtype", dtype)["training step"]
            run = os.path.join(folder, word)
            subprocess.run(
                [options.genera, "train", "radd", "--data", text, "--preset", "letters", "--precision", word, "--workers",
                 str(options.threads), "--steps", "24", "--log-every", "1", "--validation-share", "0", "--preview-every", "0",
                 "--checkpoint-every", "1000", "--out", run, "-q"], check=True)
            with open(os.path.join(run, "metrics.jsonl")) as file:
                seconds = [json.loads(line)["seconds"] for line in file if '"loss"' in line]
            own = min(b - a for a, b in zip(seconds[2:], seconds[3:]))
            print(f"| {word} | {theirs['wall'] * 1e3:.0f} | {own * 1e3:.0f} | {theirs['wall'] / own:.2f}x |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genera", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    numbers = lambda text: [int(word) for word in text.split(",")]
    parser.add_argument("--batches", type=numbers, default=[1, 4])
    parser.add_argument("--steps", type=numbers, default=[128, 1024])
    parser.add_argument("--training", action="store_true")
    options = parser.parse_args()
    sequences(options)
    if options.training:
        print()
        training(options)


if __name__ == "__main__":
    main()
