// What every part of the engine needs: LibTorch's versions, handles, and errors that never leave as C++ exceptions.
#pragma once

#include "genera_engine.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#define TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

#if TORCH_AT_LEAST(2, 1)
#include <optional>
template <class T> using Optional = std::optional<T>;
#else
template <class T> using Optional = c10::optional<T>;
#endif
#if TORCH_AT_LEAST(2, 0)
#define GENERA_HAS_FUSED_ATTENTION 1
#endif

namespace {

using at::Tensor;

// An object of the caller's, released by the caller's function when the last that holds it goes.
using Held = std::shared_ptr<void>;

// What a callback's failure is inside LibTorch; `origin` is the error itself, which only the caller can read.
struct CallbackFailure : std::runtime_error {
    Held origin;
    CallbackFailure(const std::string &text, Held error) : std::runtime_error(text), origin(std::move(error)) {}
};

thread_local std::string error_text;
thread_local Held error_origin;

// Runs `body`, turning whatever it throws into the thread's error text.
template <class Body> int guarded(Body body) {
    Held origin;
    try {
        body();
        return 0;
    } catch (const CallbackFailure &e) {
        error_text = e.what();
        origin = e.origin;
    } catch (const c10::Error &e) {
        error_text = e.what_without_backtrace();
    } catch (const std::bad_alloc &) {
        error_text = "out of memory";
    } catch (const std::exception &e) {
        error_text = e.what();
    } catch (...) {
        error_text = "unknown C++ exception";
    }
    error_origin = std::move(origin);
    return 1;
}

// Uses a handle as a tensor without touching its reference count.
struct Borrowed {
    Tensor tensor;
    explicit Borrowed(ge_tensor handle)
        : tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
              handle ? reinterpret_cast<c10::TensorImpl *>(handle) : c10::UndefinedTensorImpl::singleton())) {}
    ~Borrowed() { tensor.unsafeReleaseTensorImpl(); }
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    operator const Tensor &() const { return tensor; }
    const Tensor *operator->() const { return &tensor; }
};

// A handle that owns one reference.
ge_tensor give(Tensor t) { return reinterpret_cast<ge_tensor>(t.unsafeReleaseTensorImpl()); }

// The tensor of a handle that owns one reference, which is given up.
Tensor taken(ge_tensor handle) {
    return Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(reinterpret_cast<c10::TensorImpl *>(handle)));
}

Tensor owned(ge_tensor handle) {
    Borrowed b(handle);
    return b.tensor;
}

std::vector<Tensor> owned(const ge_tensor *handles, int32_t n) {
    std::vector<Tensor> tensors;
    tensors.reserve(n);
    for (int32_t i = 0; i < n; i++) tensors.push_back(owned(handles[i]));
    return tensors;
}

Optional<Tensor> maybe(ge_tensor handle) { return handle ? Optional<Tensor>(owned(handle)) : Optional<Tensor>(); }

// Devices travel as type * 256 + index, with index 255 for "the current one".
c10::Device to_device(int64_t code) {
    int index = static_cast<int>(code & 255);
    return c10::Device(static_cast<c10::DeviceType>(code >> 8), index == 255 ? -1 : static_cast<c10::DeviceIndex>(index));
}

int32_t from_device(c10::Device device) {
    return static_cast<int32_t>(device.type()) * 256 + (device.has_index() ? device.index() : 255);
}

}  // namespace
