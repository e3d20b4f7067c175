"""What is measured: batches of graphs of the data sets, half way between data and noise."""
import pathlib

import numpy as np

import files

CHECKPOINTS = {
    "community_small": "community_small/gdss_community_small.pth", "ego_small": "ego_small/gdss_ego_small.pth",
    "ENZYMES": "ENZYMES/gdss_enzymes.pth", "ZINC250k": "ZINC250k/gdss_zinc250k.pth", "QM9": "QM9/gdss_qm9.pth",
    "grid": "grid/gdss_grid.pth",
}
# Name, graphs in a batch, and calls of each network that one step of the checkpoint's own sampler makes.
BATCHES = [
    ("community_small", 128, 2), ("community_small", 1, 2), ("ego_small", 128, 1), ("ENZYMES", 8, 1),
    ("ENZYMES", 1, 1), ("ZINC250k", 32, 2), ("QM9", 1000, 2), ("grid", 1, 2),
]
# How many atoms molecules have where the data are not at hand.
QM9_SIZES = {4: 2, 5: 17, 6: 57, 7: 257, 8: 1387, 9: 8280}


def molecule(random, name):
    """A chain with branches, of about as many atoms as the data set's molecules."""
    if name == "QM9":
        weights = np.array(list(QM9_SIZES.values()), float)
        n = int(random.choice(list(QM9_SIZES), p=weights / weights.sum()))
    else:
        n = int(np.clip(round(random.normal(23, 4.5)), 6, 38))
    a = np.zeros((n, n), np.float32)
    for i in range(1, n):
        j = random.integers(max(0, i - 3), i)
        a[i, j] = a[j, i] = random.integers(1, 3)
    return a


def graphs(data, name, count, features, seed=0):
    """Pairs (x, a) of graphs of their true sizes."""
    random = np.random.default_rng(seed)
    if name in ("QM9", "ZINC250k"):
        chosen = [molecule(random, name) for _ in range(count)]
    else:
        known = files.graphs(pathlib.Path(data) / f"datasets/{name}.json")
        known = known[int(0.2 * len(known)):]
        chosen = [known[i] for i in random.integers(0, len(known), count)]
        if name == "grid" and count == 1:
            chosen = [max(known, key=len)]
    out = []
    for a in chosen:
        n = len(a)
        x = np.zeros((n, features), np.float32)
        x[np.arange(n), np.minimum((a > 0).sum(1), features - 1)] = 1
        noise = np.triu(random.standard_normal((n, n)), 1)
        out.append(((0.8 * x + 0.5 * random.standard_normal((n, features))).astype(np.float32),
                    (0.8 * a + 0.5 * (noise + noise.T)).astype(np.float32)))
    return out


def padded(pairs, nodes):
    """The same as one batch with flags, as the reference takes it."""
    count, features = len(pairs), pairs[0][0].shape[1]
    x = np.zeros((count, nodes, features), np.float32)
    a, flags = np.zeros((count, nodes, nodes), np.float32), np.zeros((count, nodes), np.float32)
    for b, (one, other) in enumerate(pairs):
        n = len(one)
        x[b, :n], a[b, :n, :n], flags[b, :n] = one, other, 1
    return x, a, flags


def checkpoint(data, name):
    return files.checkpoint(pathlib.Path(data) / "checkpoints" / CHECKPOINTS[name])
