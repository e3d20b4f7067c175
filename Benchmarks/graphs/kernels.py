"""The kernels of Plugins/GDSS/Kernels, compiled by clang into a folder of temporary files and called from Python."""
import ctypes
import os
import pathlib
import shlex
import subprocess
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SHAPE = "kind features layers hidden linears initial inner final attention heads is_mlp".split()
PRUNING = "maps live_maps heads live_heads channels live_channels has_live_nodes".split()
KINDS = {"ScoreNetworkX": 0, "ScoreNetworkX_GMH": 1, "ScoreNetworkA": 2}


class Shape(ctypes.Structure):
    _fields_ = [(word, ctypes.c_int32) for word in SHAPE]


class Pruning(ctypes.Structure):
    _fields_ = [(word, ctypes.c_int32) for word in PRUNING]


def built(folder):
    """Compiles as a release build of the package does; CC and CFLAGS in the environment are heeded."""
    sources = HERE.parent.parent / "Plugins/GDSS/Kernels"
    library = pathlib.Path(folder) / "kernels.so"
    subprocess.run(
        [os.environ.get("CC", "clang"), "-O2", "-fPIC", "-shared", *shlex.split(os.environ.get("CFLAGS", "")),
         f"-I{sources}/include", *map(str, sorted(sources.glob("*.c"))), str(HERE / "many.c"), "-o", str(library),
         "-lm", "-lpthread"], check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.gdss_pack.restype = ctypes.c_void_p
    for name in ("gdss_scratch", "gdss_parameters", "gdss_subnormals"):
        getattr(loaded, name).restype = ctypes.c_size_t
    loaded.gdss_scratch.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    loaded.gdss_subnormals.argtypes = loaded.gdss_free.argtypes = [ctypes.c_void_p]
    loaded.gdss_forward.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_void_p] * 4
    loaded.gdss_pruning.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p]
    loaded.forward_many.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_void_p] * 4 + [ctypes.c_int]
    return loaded


_library = None


def library():
    global _library
    if _library is None:
        with tempfile.TemporaryDirectory() as folder:
            _library = built(folder)
    return _library


def names(p):
    """The parameters' names in the kernels' order."""
    out = []

    def linear(prefix, count):
        parts = [f"{prefix}.linears.{i}" for i in range(count)] if count > 1 else [f"{prefix}.linear"]
        out.extend(f"{part}.{word}" for part in parts for word in ("weight", "bias"))

    for layer in range(p.get("num_layers", p.get("depth"))):
        at = f"layers.{layer}"
        if p["model_type"] == "ScoreNetworkX":
            out.extend([f"{at}.weight", f"{at}.bias"])
            continue
        for channel in range(p["c_hid"] if layer else p["c_init"]):
            for which in "qkv":
                if p["conv"] == "MLP" and which != "v":
                    linear(f"{at}.attn.{channel}.gnn_{which}", 2)
                else:
                    out.extend(f"{at}.attn.{channel}.gnn_{which}.{word}" for word in ("weight", "bias"))
        linear(f"{at}.mlp", p["num_linears"])
        linear(f"{at}.multi_channel", 2)
    linear("final", 3)
    return out


class Network:
    """A packed network; `spared` of the best instruction sets are not used."""

    def __init__(self, p, weights, spared=0):
        self.is_edges = p["model_type"] == "ScoreNetworkA"
        shape = Shape(
            KINDS[p["model_type"]], p["max_feat_num"], p.get("num_layers", p.get("depth")), p["nhid"],
            p.get("num_linears", 2), p.get("c_init", 2), p.get("c_hid", 8), p.get("c_final", 4), p.get("adim", 32),
            p.get("num_heads", 4), int(p.get("conv", "GCN") == "MLP"))
        arrays = [np.ascontiguousarray(weights[name], np.float32) for name in names(p)]
        sizes = (ctypes.c_size_t * len(arrays))()
        count = library().gdss_parameters(ctypes.byref(shape), sizes, len(arrays))
        assert len(weights) == count == len(arrays) and list(sizes) == [array.size for array in arrays]
        pointers = (ctypes.c_void_p * count)(*[array.ctypes.data for array in arrays])
        self.handle = library().gdss_pack(ctypes.byref(shape), pointers, spared)

    def __del__(self):
        library().gdss_free(self.handle)

    def scratch(self, nodes):
        return np.empty(library().gdss_scratch(self.handle, nodes), np.float32)

    def room(self, x):
        return np.empty((len(x), len(x)) if self.is_edges else x.shape, np.float32)

    def __call__(self, x, a):
        x, a = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(a, np.float32)
        out, scratch = self.room(x), self.scratch(len(x))
        library().gdss_forward(
            self.handle, len(x), x.ctypes.data, a.ctypes.data, out.ctypes.data, scratch.ctypes.data)
        return out

    def prepared(self, graphs, threads):
        """A function that runs the network on these pairs (x, a)."""
        room = [self.room(x) for x, _ in graphs]
        nodes = np.array([len(x) for x, _ in graphs], np.uintp)
        lists = [np.array([v.ctypes.data for v in values], np.uintp)
                 for values in ([x for x, _ in graphs], [a for _, a in graphs], room)]
        held = (room, nodes, lists, graphs)

        def call():
            library().forward_many(
                self.handle, len(held[3]), held[1].ctypes.data, *(v.ctypes.data for v in held[2]), threads)

        return call

    def pruning(self):
        """For each layer of attention what was left out."""
        found, layer = Pruning(), 0
        while library().gdss_pruning(self.handle, layer, ctypes.byref(found)):
            yield {word: getattr(found, word) for word in PRUNING}
            layer += 1
