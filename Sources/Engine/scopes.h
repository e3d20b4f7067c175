// Scopes of the calling thread: recording, inference mode, autocast.
#pragma once

#include "handles.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

namespace {

// Whether autocast is on for a kind of device on this thread, and the type it casts to.
struct Casting {
    bool enabled;
    at::ScalarType dtype;

    static Casting now(c10::DeviceType type) {
#if TORCH_AT_LEAST(2, 4)
        return {at::autocast::is_autocast_enabled(type), at::autocast::get_autocast_dtype(type)};
#else
        if (type == at::kCUDA) return {at::autocast::is_enabled(), at::autocast::get_autocast_gpu_dtype()};
        return {at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
#endif
    }

    void apply(c10::DeviceType type) const {
#if TORCH_AT_LEAST(2, 4)
        at::autocast::set_autocast_enabled(type, enabled);
        at::autocast::set_autocast_dtype(type, dtype);
#else
        if (type == at::kCUDA) {
            at::autocast::set_enabled(enabled);
            at::autocast::set_autocast_gpu_dtype(dtype);
        } else {
            at::autocast::set_cpu_enabled(enabled);
            at::autocast::set_autocast_cpu_dtype(dtype);
        }
#endif
    }
};

// Autocast as wanted, and as before when the guard ends; the cast cache is cleared with the outermost one.
struct Autocast {
    c10::DeviceType type;
    Casting before;

    Autocast(c10::DeviceType t, Casting wanted) : type(t), before(Casting::now(t)) {
        wanted.apply(type);
        at::autocast::increment_nesting();
    }
    ~Autocast() {
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        before.apply(type);
    }
};

struct Guard {
    std::unique_ptr<at::AutoGradMode> grad;
    std::unique_ptr<c10::InferenceMode> inference;
    std::unique_ptr<Autocast> autocast;
};

}  // namespace
