#!/usr/bin/env bash
# Finds LibTorch, or fetches it, and compiles the engine against it. Prints one line saying what it used.
#
#   LIBTORCH         a LibTorch folder (include/ and lib/) to use before any other
#   GENERA_PIP_ARGS  extra arguments for pip, for example an index that offers CPU builds
#   GENERA_TORCH     version to fetch (2.13.0)
#   GENERA_ENGINE_SOURCE=system|python|pip|local   use only that source
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
deps="$root/.deps"
torch_version=${GENERA_TORCH:-2.13.0}
only=${GENERA_ENGINE_SOURCE:-}
cxx=${CXX:-g++}

say() { printf '%s\n' "$*" >&2; }
die() { say "engine: $*"; exit 69; }
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }
complete() { [ -f "$1/include/torch/version.h" ] || [ -f "$1/include/torch/csrc/api/include/torch/version.h" ] || return 1
             [ -f "$1/lib/libtorch_cpu.so" ] && [ -f "$1/lib/libc10.so" ]; }

command -v "$cxx" >/dev/null || die "no C++ compiler ('$cxx'). Install one: apt-get install g++"

fetch_with_pip() {
    command -v python3 >/dev/null || die "LibTorch was not found and there is no python3 to fetch it with. Install python3 and python3-pip, or set LIBTORCH to a LibTorch folder."
    local wheels="$deps/wheels" wheel
    mkdir -p "$wheels"
    wheel=$(ls "$wheels"/torch-"$torch_version"*.whl 2>/dev/null | head -1 || true)
    if [ -z "$wheel" ]; then
        say "engine: fetching LibTorch $torch_version with pip (about 200 MB, once)"
        # shellcheck disable=SC2086
        python3 -m pip download --quiet --no-deps --dest "$wheels" ${GENERA_PIP_ARGS:-} "torch==$torch_version" \
            || die "pip could not fetch torch $torch_version. Give it an index that has it through GENERA_PIP_ARGS, or set LIBTORCH, or install Debian's libtorch-dev."
        wheel=$(ls "$wheels"/torch-"$torch_version"*.whl | head -1)
    fi
    rm -rf "$deps/libtorch.part"
    python3 - "$wheel" "$deps/libtorch.part" <<'PY'
import os, sys, zipfile
wheel, target = sys.argv[1:]
unwanted = ("libtorch_python", "_test", "libshm", "libaoti", "libbackend", "jitbackend", "torchbind")
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        name = entry.filename
        inside = name[len("torch/"):] if name.startswith("torch/") else ""
        is_library = inside.startswith("lib/") and ".so" in inside and not any(word in inside for word in unwanted)
        if inside.startswith("include/") or is_library:
            path = os.path.join(target, inside)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if not entry.is_dir():
                with archive.open(entry) as source, open(path, "wb") as out:
                    while chunk := source.read(1 << 20):
                        out.write(chunk)
PY
    if [ ! -f "$deps/libtorch.part/lib/libtorch_cpu.so" ]; then
        rm -rf "$deps/libtorch.part"
        die "the wheel $(basename "$wheel") holds no usable LibTorch. Remove it and give pip an index with CPU builds through GENERA_PIP_ARGS."
    fi
    if [ -f "$deps/libtorch.part/lib/libtorch_cuda.so" ] && ! python3 -c 'import nvidia' 2>/dev/null && [ ! -d /usr/local/cuda/lib64 ]; then
        rm -rf "$deps/libtorch.part"
        die "pip offered a CUDA build ($(basename "$wheel")), whose CUDA libraries are not on this machine. Get the CPU build: remove $wheel and run again with GENERA_PIP_ARGS='--index-url URL-OF-THE-CPU-WHEELS' (the address stands on pytorch.org under Get Started), or 'apt-get install libtorch-dev'."
    fi
    rm -rf "$deps/libtorch"
    mv "$deps/libtorch.part" "$deps/libtorch"
    rm -f "$wheel"
}

torch=""; source=""; out=""
if [ -n "${LIBTORCH:-}" ]; then
    complete "$LIBTORCH" || die "LIBTORCH is '$LIBTORCH', which has no include/ and lib/ of LibTorch."
    torch=$LIBTORCH; source="LIBTORCH"
fi
if [ -z "$torch" ] && wanted local && complete "$deps/libtorch"; then torch="$deps/libtorch"; source="project copy"; fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/genera/libtorch"
if [ -z "$torch" ] && wanted local && complete "$cache"; then torch=$cache; source="user cache"; fi
if [ -z "$torch" ] && wanted python && command -v python3 >/dev/null; then
    found=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null || true)
    if [ -n "$found" ] && complete "$found"; then torch=$found; source="Python's torch"; fi
fi
if [ -z "$torch" ] && wanted pip && [ "${GENERA_OFFLINE:-0}" != 1 ]; then
    if (fetch_with_pip); then torch="$deps/libtorch"; source="pip wheel"; elif [ "$only" = pip ]; then exit 69; fi
fi
includes=(); libraries=()
if [ -z "$torch" ] && wanted system && [ -f /usr/include/torch/csrc/api/include/torch/version.h ]; then
    source="distribution's libtorch-dev"
    includes=(-I/usr/include/torch/csrc/api/include); libraries=(-ltorch -ltorch_cpu -lc10)
    out="${GENERA_ENGINE_DIR:-$deps/system}"
    version_header=/usr/include/torch/csrc/api/include/torch/version.h
elif [ -n "$torch" ]; then
    includes=("-I$torch/include" "-I$torch/include/torch/csrc/api/include"); libraries=("-L$torch/lib" -ltorch_cpu -lc10)
    [ -f "$torch/lib/libtorch_cuda.so" ] && libraries+=(-Wl,--no-as-needed -ltorch_cuda -lc10_cuda)
    out="$torch/lib"
    [ -w "$out" ] || out="$deps/engine"
    version_header="$torch/include/torch/csrc/api/include/torch/version.h"
    [ -f "$version_header" ] || version_header="$torch/include/torch/version.h"
else
    die "no LibTorch was found. Set LIBTORCH to a folder with include/ and lib/, or let pip fetch it (python3-pip), or install Debian's libtorch-dev."
fi

# Newer versions keep the numbers in headeronly/, included by the header of old.
headeronly="${torch:+$torch/include/torch/headeronly/version.h}"
[ -f "${headeronly:-/nowhere}" ] && version_header=$headeronly
number() { grep -hE "define TORCH_VERSION_$1 " "$version_header" | grep -oE '[0-9]+' | tail -1; }
major=$(number MAJOR); minor=$(number MINOR); patch=$(number PATCH)
if [ -n "$torch" ] && [ -f "$torch/build-version" ] && ! grep -q "^$major\.$minor" "$torch/build-version"; then
    die "$torch: headers are of version $major.$minor, libraries of $(cat "$torch/build-version"). Do not mix them."
fi
standard=c++17; [ "$major" -gt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 10 ]; } && standard=c++20
flags=()
[ "$major" -eq 2 ] && [ "$minor" -le 6 ] && [ "$source" = "pip wheel" ] && flags+=(-D_GLIBCXX_USE_CXX11_ABI=0)

library="$out/libgenera-engine.so"
stamp="$out/libgenera-engine.stamp"
mark="$(cat "$here"/*.cpp "$here"/*.h "$here"/Kernels/* "$here/../CEngine/include/genera_engine.h" "$here/build.sh" | cksum) $major.$minor.$patch $cxx"
if [ ! -f "$library" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
    mkdir -p "$out"
    # The kernels ask the processor before they run, so they may be compiled for more than the machine at hand.
    vector=(-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512bf16 -mavx512vnni -mfma)
    "$cxx" "${vector[@]}" -fsyntax-only -x c++ /dev/null 2>/dev/null || vector=()
    kernels=()
    for part in convolution normalization; do
        "$cxx" -std=c++17 -O3 -fPIC -fvisibility=hidden ${vector[@]+"${vector[@]}"} -c "$here/Kernels/$part.cpp" -o "$library.$part.o"
        kernels+=("$library.$part.o")
    done
    "$cxx" -std=$standard -O3 -fPIC -shared -fvisibility=hidden -fno-math-errno -Wno-deprecated-declarations ${flags[@]+"${flags[@]}"} \
        -I"$here/../CEngine/include" "${includes[@]}" "$here/engine.cpp" "${kernels[@]}" -o "$library.part" \
        "${libraries[@]}" -Wl,-rpath,'$ORIGIN' ${torch:+-Wl,-rpath,"$torch/lib"}
    rm -f "${kernels[@]}"
    mv "$library.part" "$library"
    printf '%s' "$mark" > "$stamp"
fi
# Programs in packages elsewhere find the engine by this link.
data="${XDG_DATA_HOME:-${HOME:-/nowhere}/.local/share}/genera"
if mkdir -p "$data" 2>/dev/null; then ln -sfn "$out" "$data/engine" 2>/dev/null || true; fi
say "engine: $library (LibTorch $major.$minor.$patch, $source)"
