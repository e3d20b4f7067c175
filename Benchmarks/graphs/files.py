"""Reads what the measurements need: checkpoints, safetensors and data sets. No code is ever run from a checkpoint."""
import collections, io, json, pickle, struct, zipfile

import numpy as np


class Settings(dict):
    """What stands for the checkpoints' dictionary type."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)

    def __setstate__(self, state):
        self.update(state)


class Ordered(dict):
    """An ordered dictionary whose attributes are dropped."""

    def __setstate__(self, state):
        pass


class Reader(pickle.Unpickler):
    """A pickle reader that knows four names and refuses all others."""

    def __init__(self, archive, root):
        super().__init__(io.BytesIO(archive.read(root + "data.pkl")))
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        known = {
            ("easydict", "EasyDict"): Settings,
            ("collections", "OrderedDict"): Ordered,
            ("torch._utils", "_rebuild_tensor_v2"): tensor,
            ("torch", "FloatStorage"): np.float32,
        }
        if (module, name) not in known:
            raise ValueError(f"the checkpoint names {module}.{name}, which is not known here")
        return known[module, name]

    def persistent_load(self, given):
        return np.frombuffer(self.archive.read(f"{self.root}data/{given[2]}"), given[1])


def tensor(storage, offset, size, stride, *rest):
    """A copy of a part of a storage."""
    view = np.lib.stride_tricks.as_strided(storage[offset:], size, [4 * step for step in stride])
    return np.ascontiguousarray(view)


def checkpoint(path):
    """The dictionaries of a checkpoint file, tensors as arrays; keys without the prefix of parallel training."""
    archive = zipfile.ZipFile(path)
    name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
    read = Reader(archive, name[: -len("data.pkl")]).load()
    for part in ("x_state_dict", "adj_state_dict"):
        read[part] = {key.removeprefix("module."): value for key, value in read[part].items()}
    return read


def safetensors(path):
    """The tensors of a safetensors file."""
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    kinds = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "BOOL": np.bool_, "U8": np.uint8}
    tensors = {}
    for name, about in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            first, last = (8 + size + offset for offset in about["data_offsets"])
            tensors[name] = np.frombuffer(data[first:last], kinds[about["dtype"]]).reshape(about["shape"]).copy()
    return tensors


def graphs(path):
    """The adjacency matrices of a data set, each of its true size."""
    out = []
    for graph in json.load(open(path))["graphs"]:
        matrix = np.zeros((graph["n"], graph["n"]), np.float32)
        for a, b in graph["edges"]:
            matrix[a, b] = matrix[b, a] = 1
        out.append(matrix)
    return out
