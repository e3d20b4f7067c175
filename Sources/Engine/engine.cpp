// The engine: Genera's C interface over LibTorch, all C++ of the project but for its kernels.
//
// A handle is the tensor's own TensorImpl pointer with one reference owned by the holder of the handle.

#include "Kernels/kernels.h"
#include "function.h"
#include "handles.h"
#include "scopes.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace {

// ---------------------------------------------------------------- operators by name

struct Operator {
    c10::OperatorHandle handle;
    const c10::FunctionSchema *schema;
};

c10::IValue to_ivalue(const ge_arg &arg, const c10::Argument &formal) {
    c10::TypePtr type = formal.type();
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    const bool list = type->kind() == c10::TypeKind::ListType;
    switch (arg.tag) {
    case GE_DEFAULT: {
        auto value = formal.default_value();
        if (value) return *value;
        TORCH_CHECK(formal.type()->kind() == c10::TypeKind::OptionalType, "argument '", formal.name(), "' is required");
        return c10::IValue();
    }
    case GE_NONE: return c10::IValue();
    case GE_TENSOR: return c10::IValue(owned(arg.u.t));
    case GE_INT:
        if (list) return c10::IValue(std::vector<int64_t>{arg.u.i});
        if (type->kind() == c10::TypeKind::FloatType) return c10::IValue(static_cast<double>(arg.u.i));
        if (type->kind() == c10::TypeKind::BoolType) return c10::IValue(arg.u.i != 0);
        return c10::IValue(arg.u.i);
    case GE_DOUBLE: return c10::IValue(arg.u.d);
    case GE_BOOL: return c10::IValue(arg.u.i != 0);
    case GE_INTS: return c10::IValue(std::vector<int64_t>(arg.u.is, arg.u.is + arg.n));
    case GE_DOUBLES: return c10::IValue(std::vector<double>(arg.u.ds, arg.u.ds + arg.n));
    case GE_TENSORS: return c10::IValue(owned(arg.u.ts, arg.n));
    case GE_OPTIONAL_TENSORS: {
        c10::List<Optional<Tensor>> tensors;
        for (int32_t i = 0; i < arg.n; i++) tensors.push_back(maybe(arg.u.ts[i]));
        return c10::IValue(tensors);
    }
    case GE_STRING: return c10::IValue(std::string(arg.u.s));
    case GE_DEVICE: return c10::IValue(to_device(arg.u.i));
    default: TORCH_CHECK(false, "unknown argument tag ", arg.tag);
    }
}

ge_arg to_result(const c10::IValue &value) {
    ge_arg result{};
    if (value.isTensor()) {
        result.tag = GE_TENSOR;
        result.u.t = give(value.toTensor());
    } else if (value.isTensorList()) {
        auto tensors = value.toTensorVector();
        auto *handles = new ge_tensor[tensors.size() + 1];
        for (size_t i = 0; i < tensors.size(); i++) handles[i] = give(tensors[i]);
        result.tag = GE_TENSORS;
        result.n = static_cast<int32_t>(tensors.size());
        result.u.ts = handles;
    } else if (value.isBool()) {
        result.tag = GE_BOOL;
        result.u.i = value.toBool();
    } else if (value.isInt()) {
        result.tag = GE_INT;
        result.u.i = value.toInt();
    } else if (value.isDouble()) {
        result.tag = GE_DOUBLE;
        result.u.d = value.toDouble();
    } else if (value.isScalar()) {
        result.tag = GE_DOUBLE;
        result.u.d = value.toScalar().toDouble();
    } else {
        result.tag = GE_NONE;
    }
    return result;
}

int op_find(const char *name, const char *overload, ge_op *out) {
    return guarded([&] {
        static std::mutex mutex;
        static std::unordered_map<std::string, std::unique_ptr<Operator>> found;
        std::lock_guard<std::mutex> lock(mutex);
        auto &slot = found[std::string(name) + "." + overload];
        if (!slot) {
            auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
            TORCH_CHECK(handle.has_value(), "LibTorch ", TORCH_VERSION, " has no operator ", name, overload[0] ? "." : "", overload);
            slot.reset(new Operator{*handle, &handle->schema()});
        }
        *out = reinterpret_cast<ge_op>(slot.get());
    });
}

int call(ge_op handle, const ge_arg *args, int32_t n, ge_arg *results, int32_t capacity, int32_t *count) {
    return guarded([&] {
        auto *op = reinterpret_cast<Operator *>(handle);
        const auto &formals = op->schema->arguments();
        TORCH_CHECK(static_cast<size_t>(n) <= formals.size(), "takes at most ", formals.size(), " arguments, ", n, " were given");
        torch::jit::Stack stack;
        stack.reserve(formals.size());
        const ge_arg missing{GE_DEFAULT, 0, {}};
        for (size_t i = 0; i < formals.size(); i++) {
            stack.push_back(to_ivalue(i < static_cast<size_t>(n) ? args[i] : missing, formals[i]));
        }
        op->handle.callBoxed(stack);
        TORCH_CHECK(stack.size() <= static_cast<size_t>(capacity), "returns ", stack.size(), " values");
        *count = static_cast<int32_t>(stack.size());
        for (size_t i = 0; i < stack.size(); i++) results[i] = to_result(stack[i]);
    });
}

void free_list(const ge_tensor *list) { delete[] list; }

// ---------------------------------------------------------------- the library

const char *torch_version() { return TORCH_VERSION; }
const char *last_error() { return error_text.c_str(); }
void *last_origin() { return error_origin.get(); }

const char *cpu_capability() {
#if TORCH_AT_LEAST(2, 1)
    static const std::string text = at::get_cpu_capability();
    return text.c_str();
#else
    return "unknown";
#endif
}

int32_t cuda_device_count() {
    try {
        return at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
    } catch (...) {
        return 0;
    }
}

void set_threads(int32_t count) { at::set_num_threads(count); }
int32_t get_threads() { return at::get_num_threads(); }

int manual_seed(uint64_t seed) {
    return guarded([&] {
        auto generator = at::globalContext().defaultGenerator(c10::Device(at::kCPU));
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_current_seed(seed);
    });
}

int set_matmul_precision(int32_t bf16) {
    return guarded([&] { at::globalContext().setFloat32MatmulPrecision(bf16 ? "medium" : "highest"); });
}

int synchronize(int32_t device) {
    return guarded([&] {
        auto d = to_device(device);
        if (d.is_cuda()) at::empty({1}, at::TensorOptions().device(d)).fill_(0).cpu();
    });
}

// ---------------------------------------------------------------- tensors

int from_memory(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank, int32_t device, ge_tensor *out) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        auto host = at::empty(at::IntArrayRef(sizes, rank), options);
        if (host.numel()) std::memcpy(host.data_ptr(), data, host.nbytes());
        auto d = to_device(device);
        *out = give(d.is_cpu() ? host : host.to(d));
    });
}

int map_memory(
    void *data, int32_t dtype, const int64_t *sizes, int32_t rank, void (*release)(void *), void *context, ge_tensor *out) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        *out = give(at::from_blob(data, at::IntArrayRef(sizes, rank), [=](void *) { release(context); }, options));
    });
}

int to_memory(ge_tensor t, int32_t dtype, void *out, int64_t element_count) {
    return guarded([&] {
        Borrowed source(t);
        auto type = static_cast<at::ScalarType>(dtype);
        auto host = source->detach().to(at::TensorOptions().device(at::kCPU).dtype(type)).contiguous();
        TORCH_CHECK(host.numel() == element_count, "has ", host.numel(), " elements, not ", element_count);
        if (element_count) std::memcpy(out, host.data_ptr(), host.nbytes());
    });
}

int memory(ge_tensor t, void **out) {
    return guarded([&] {
        Borrowed x(t);
        TORCH_CHECK(x->is_cpu() && x->is_contiguous(), "its elements do not lie in row-major order in the processor's memory");
        *out = x->data_ptr();
    });
}

void retain(ge_tensor t) { give(owned(t)); }
void release(ge_tensor t) { taken(t); }
int32_t rank(ge_tensor t) { return static_cast<int32_t>(reinterpret_cast<c10::TensorImpl *>(t)->dim()); }

void sizes(ge_tensor t, int64_t *out) {
    auto s = reinterpret_cast<c10::TensorImpl *>(t)->sizes();
    std::copy(s.begin(), s.end(), out);
}

int64_t element_count(ge_tensor t) { return reinterpret_cast<c10::TensorImpl *>(t)->numel(); }
int32_t dtype(ge_tensor t) { return static_cast<int32_t>(Borrowed(t)->scalar_type()); }
int32_t device(ge_tensor t) { return from_device(Borrowed(t)->device()); }
int32_t requires_grad(ge_tensor t) { return Borrowed(t)->requires_grad(); }

int set_requires_grad(ge_tensor t, int32_t on) {
    return guarded([&] { Borrowed(t)->set_requires_grad(on != 0); });
}

template <class T> bool finite_sum(const T *x, int64_t n) {
    // x - x is 0 for a finite number and NaN otherwise, so the sum stays 0 exactly while all are finite.
    T sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] - x[i];
    return sum == T(0);
}

int all_finite(ge_tensor t, int32_t *out) {
    return guarded([&] {
        Borrowed x(t);
        if (!at::isFloatingType(x->scalar_type())) {
            *out = 1;
        } else if (x->is_cpu() && x->is_contiguous() && x->scalar_type() == at::kFloat) {
            *out = finite_sum(x->data_ptr<float>(), x->numel());
        } else if (x->is_cpu() && x->is_contiguous() && x->scalar_type() == at::kDouble) {
            *out = finite_sum(x->data_ptr<double>(), x->numel());
        } else {
            *out = at::isfinite(x).all().item<bool>();
        }
    });
}

// ---------------------------------------------------------------- operators that are called most

int binary(int32_t kind, ge_tensor a, ge_tensor b, ge_tensor *out) {
    return guarded([&] {
        Borrowed x(a), y(b);
        switch (kind) {
        case GE_ADD: *out = give(at::add(x, y)); break;
        case GE_SUB: *out = give(at::sub(x, y)); break;
        case GE_MUL: *out = give(at::mul(x, y)); break;
        default: *out = give(at::div(x, y)); break;
        }
    });
}

int binary_scalar(int32_t kind, ge_tensor a, double b, ge_tensor *out) {
    return guarded([&] {
        Borrowed x(a);
        switch (kind) {
        case GE_ADD: *out = give(at::add(x, b)); break;
        case GE_SUB: *out = give(at::sub(x, b)); break;
        case GE_MUL: *out = give(at::mul(x, b)); break;
        default: *out = give(at::div(x, b)); break;
        }
    });
}

int unary(int32_t kind, ge_tensor a, ge_tensor *out) {
    return guarded([&] {
        Borrowed x(a);
        switch (kind) {
        case GE_NEG: *out = give(at::neg(x)); break;
        case GE_SILU: *out = give(at::silu(x)); break;
        case GE_GELU: *out = give(at::gelu(x)); break;
        case GE_EXP: *out = give(at::exp(x)); break;
        case GE_LOG: *out = give(at::log(x)); break;
        case GE_SQRT: *out = give(at::sqrt(x)); break;
        case GE_SIGMOID: *out = give(at::sigmoid(x)); break;
        default: *out = give(at::tanh(x)); break;
        }
    });
}

int matmul(ge_tensor a, ge_tensor b, ge_tensor *out) {
    return guarded([&] { *out = give(at::matmul(Borrowed(a), Borrowed(b))); });
}

int linear(ge_tensor x, ge_tensor weight, ge_tensor bias, ge_tensor *out) {
    return guarded([&] { *out = give(at::linear(Borrowed(x), Borrowed(weight), maybe(bias))); });
}

int conv2d(ge_tensor x, ge_tensor weight, ge_tensor bias, int64_t stride, int64_t padding, int64_t groups, ge_tensor *out) {
    return guarded([&] {
        const int64_t strides[2] = {stride, stride}, paddings[2] = {padding, padding}, dilation[2] = {1, 1};
        *out = give(at::conv2d(Borrowed(x), Borrowed(weight), maybe(bias), at::IntArrayRef(strides, 2), at::IntArrayRef(paddings, 2), at::IntArrayRef(dilation, 2), groups));
    });
}

int group_norm(ge_tensor x, int64_t groups, ge_tensor weight, ge_tensor bias, double eps, ge_tensor *out) {
    return guarded([&] { *out = give(at::group_norm(Borrowed(x), groups, maybe(weight), maybe(bias), eps, false)); });
}

int layer_norm(ge_tensor x, int64_t width, ge_tensor weight, ge_tensor bias, double eps, ge_tensor *out) {
    return guarded([&] { *out = give(at::layer_norm(Borrowed(x), {width}, maybe(weight), maybe(bias), eps, false)); });
}

int softmax(ge_tensor x, int64_t axis, ge_tensor *out) {
    return guarded([&] { *out = give(at::softmax(Borrowed(x), axis)); });
}

int attention(ge_tensor q, ge_tensor k, ge_tensor v, ge_tensor *out) {
    return guarded([&] {
        Borrowed query(q), key(k), value(v);
#ifdef GENERA_HAS_FUSED_ATTENTION
        *out = give(at::scaled_dot_product_attention(query, key, value));
#else
        auto logits = at::matmul(query, key->transpose(-2, -1)) / std::sqrt(static_cast<double>(query->size(-1)));
        *out = give(at::matmul(at::softmax(logits, -1), value));
#endif
    });
}

int reshape(ge_tensor x, const int64_t *sizes, int32_t rank, ge_tensor *out) {
    return guarded([&] { *out = give(at::reshape(Borrowed(x), at::IntArrayRef(sizes, rank))); });
}

int permute(ge_tensor x, const int64_t *axes, int32_t rank, ge_tensor *out) {
    return guarded([&] { *out = give(Borrowed(x)->permute(at::IntArrayRef(axes, rank))); });
}

// ---------------------------------------------------------------- derivatives and scopes

int backward(ge_tensor loss) {
    return guarded([&] { torch::autograd::backward({owned(loss)}, {}); });
}

int grad_of(ge_tensor t, ge_tensor *out) {
    return guarded([&] {
        const Tensor &grad = Borrowed(t)->grad();
        *out = grad.defined() ? give(grad) : nullptr;
    });
}

int gradients(ge_tensor loss, const ge_tensor *inputs, int32_t n, int32_t create_graph, ge_tensor *out) {
    return guarded([&] {
        auto grads = torch::autograd::grad(
            {owned(loss)}, owned(inputs, n), {}, create_graph != 0, create_graph != 0, /*allow_unused=*/true);
        for (int32_t i = 0; i < n; i++) {
            out[i] = grads[i].defined() ? give(grads[i]) : give(at::zeros_like(Borrowed(inputs[i])));
        }
    });
}

ge_guard guard_begin(int32_t kind, int32_t device, int32_t dtype) {
    auto *guard = new Guard;
    switch (kind) {
    case GE_NO_GRAD: guard->grad.reset(new at::AutoGradMode(false)); break;
    case GE_WITH_GRAD: guard->grad.reset(new at::AutoGradMode(true)); break;
    case GE_INFERENCE: guard->inference.reset(new c10::InferenceMode()); break;
    default: guard->autocast.reset(new Autocast(to_device(device).type(), {true, static_cast<at::ScalarType>(dtype)}));
    }
    return reinterpret_cast<ge_guard>(guard);
}

void guard_end(ge_guard guard) { delete reinterpret_cast<Guard *>(guard); }

// ---------------------------------------------------------------- optimiser steps

bool plain(const Tensor &t) { return t.is_cpu() && t.is_contiguous() && t.scalar_type() == at::kFloat; }

struct AdamNumbers {
    double lr, beta1, beta2, eps, weight_decay, correction1, correction2_root;
};

// One pass over memory; the arithmetic is PyTorch's single-tensor Adam, element by element in float32.
void adam_plain(float *p, const float *g, float *m, float *v, int64_t n, const AdamNumbers &a) {
    const float lerp = static_cast<float>(1 - a.beta1), keep = static_cast<float>(a.beta2), take = static_cast<float>(1 - a.beta2);
    const float root = static_cast<float>(a.correction2_root), eps = static_cast<float>(a.eps);
    const float rate = static_cast<float>(-a.lr / a.correction1), decay = static_cast<float>(1 - a.lr * a.weight_decay);
    const bool decays = a.weight_decay != 0;
    for (int64_t i = 0; i < n; i++) {
        const float grad = g[i];
        const float first = m[i] + lerp * (grad - m[i]);
        const float second = v[i] * keep + take * grad * grad;
        m[i] = first;
        v[i] = second;
        const float base = decays ? p[i] * decay : p[i];
        p[i] = base + rate * (first / (std::sqrt(second) / root + eps));
    }
}

void adam_general(Tensor &p, const Tensor &g, Tensor &m, Tensor &v, const AdamNumbers &a) {
    if (a.weight_decay != 0) p.mul_(1 - a.lr * a.weight_decay);
    m.lerp_(g, 1 - a.beta1);
    v.mul_(a.beta2).addcmul_(g, g, 1 - a.beta2);
    p.addcdiv_(m, (v.sqrt() / a.correction2_root).add_(a.eps), -a.lr / a.correction1);
}

// `pull` is what decay adds to each gradient (L2), `weight_decay` what it takes from each parameter.
int adam(
    const ge_tensor *parameters, const ge_tensor *gradients, const ge_tensor *first, const ge_tensor *second, int32_t n,
    double lr, double beta1, double beta2, double eps, double weight_decay, double pull, int64_t step) {
    return guarded([&] {
        at::AutoGradMode off(false);
        const AdamNumbers a{
            lr, beta1, beta2, eps, weight_decay, 1 - std::pow(beta1, static_cast<double>(step)),
            std::sqrt(1 - std::pow(beta2, static_cast<double>(step)))};
        for (int32_t i = 0; i < n; i++) {
            Borrowed p(parameters[i]), m(first[i]), v(second[i]);
            Tensor g = owned(gradients[i]);
            TORCH_CHECK(g.sizes() == p->sizes(), "gradient ", i, " has shape ", g.sizes(), ", its parameter ", p->sizes());
            if (pull != 0) g = g.add(p, pull);
            if (plain(p) && plain(m) && plain(v) && g.is_cpu() && g.scalar_type() == at::kFloat) {
                g = g.contiguous();
                adam_plain(p->data_ptr<float>(), g.data_ptr<float>(), m->data_ptr<float>(), v->data_ptr<float>(), g.numel(), a);
            } else {
                adam_general(p.tensor, g, m.tensor, v.tensor, a);
            }
        }
    });
}

int adam_step(
    const ge_tensor *parameters, const ge_tensor *gradients, const ge_tensor *first, const ge_tensor *second, int32_t n,
    double lr, double beta1, double beta2, double eps, double weight_decay, int64_t step) {
    return adam(parameters, gradients, first, second, n, lr, beta1, beta2, eps, weight_decay, 0, step);
}

int adam_l2_step(
    const ge_tensor *parameters, const ge_tensor *gradients, const ge_tensor *first, const ge_tensor *second, int32_t n,
    double lr, double beta1, double beta2, double eps, double weight_decay, int64_t step) {
    return adam(parameters, gradients, first, second, n, lr, beta1, beta2, eps, 0, weight_decay, step);
}

int ema_update(const ge_tensor *averages, const ge_tensor *parameters, int32_t n, double decay) {
    return guarded([&] {
        at::AutoGradMode off(false);
        for (int32_t i = 0; i < n; i++) {
            Borrowed e(averages[i]), p(parameters[i]);
            // average = decay * average + (1 - decay) * parameter, in the order of the reference's `p.lerp(average, decay)`
            if (plain(e) && plain(p) && e->sizes() == p->sizes()) {
                float *x = e->data_ptr<float>();
                const float *y = p->data_ptr<float>();
                const float d = static_cast<float>(decay), rest = static_cast<float>(1 - decay);
                const int64_t count = e->numel();
                if (decay < 0.5) {
                    for (int64_t k = 0; k < count; k++) x[k] = y[k] + d * (x[k] - y[k]);
                } else {
                    for (int64_t k = 0; k < count; k++) x[k] = x[k] - (x[k] - y[k]) * rest;
                }
            } else {
                e.tensor.copy_(p->lerp(e, decay));
            }
        }
    });
}

int gradient_norm(const ge_tensor *gradients, int32_t n, double *out) {
    return guarded([&] {
        at::AutoGradMode off(false);
        double sum = 0;
        for (int32_t i = 0; i < n; i++) {
            const double norm = Borrowed(gradients[i])->norm().item<double>();
            sum += norm * norm;
        }
        *out = std::sqrt(sum);
    });
}

int accumulate(const ge_tensor *sums, const ge_tensor *terms, int32_t n, double scale) {
    return guarded([&] {
        at::AutoGradMode off(false);
        for (int32_t i = 0; i < n; i++) {
            Borrowed s(sums[i]);
            s.tensor.add_(Borrowed(terms[i]), scale);
        }
    });
}

int clean_gradients(const ge_tensor *gradients, int32_t n, double limit) {
    return guarded([&] {
        at::AutoGradMode off(false);
        for (int32_t i = 0; i < n; i++) {
            Borrowed g(gradients[i]);
            at::nan_to_num_(g.tensor, 0.0, limit, -limit);
        }
    });
}

// ---------------------------------------------------------------- TorchScript

int module_load(const char *path, int32_t device, ge_module *out) {
    return guarded([&] {
        auto module = std::make_unique<torch::jit::Module>(torch::jit::load(path, to_device(device)));
        module->eval();
        *out = reinterpret_cast<ge_module>(module.release());
    });
}

int module_forward(ge_module module, ge_tensor x, ge_tensor *out) {
    return guarded([&] {
        std::vector<c10::IValue> inputs;
        inputs.emplace_back(owned(x));
        c10::IValue result = reinterpret_cast<torch::jit::Module *>(module)->forward(std::move(inputs));
        if (result.isTuple() && !result.toTuple()->elements().empty()) {
            c10::IValue first = result.toTuple()->elements()[0];
            result = first;
        }
        TORCH_CHECK(result.isTensor(), "the module gives ", result.tagKind(), " and not a tensor");
        *out = give(result.toTensor());
    });
}

void module_release(ge_module module) { delete reinterpret_cast<torch::jit::Module *>(module); }

// ---------------------------------------------------------------- inference with channels last

void on_threads(int64_t count, void (*body)(void *, int64_t, int64_t), void *context) {
    at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) { body(context, first, last); });
}

template <class T> struct Packed;
template <> struct Packed<float> { static constexpr at::ScalarType type = at::kFloat; };
template <> struct Packed<genera::bf16> { static constexpr at::ScalarType type = at::kBFloat16; };
template <> struct Packed<int8_t> { static constexpr at::ScalarType type = at::kChar; };

genera::Numbers numbers_of(at::ScalarType type) {
    switch (type) {
    case at::kFloat: return genera::Numbers::float32;
    case at::kBFloat16: return genera::Numbers::bfloat16;
    case at::kChar: return genera::Numbers::int8;
    default: TORCH_CHECK(false, "there are no kernels for ", type);
    }
}

template <class T> T *elements(const Tensor &t) { return static_cast<T *>(t.data_ptr()); }

template <class T> Tensor pixels_last(const Tensor &x) { return x.to(Packed<T>::type).contiguous(at::MemoryFormat::ChannelsLast); }

Tensor floats(ge_tensor t) { return Borrowed(t)->detach().to(at::kFloat).contiguous(); }

int32_t has_packed_kernels(int32_t dtype) {
    const auto type = static_cast<at::ScalarType>(dtype);
    return (type == at::kFloat || type == at::kBFloat16 || type == at::kChar) && genera::kernels_available(numbers_of(type));
}

// Tells the system that memory will hardly be read again: pages of a file leave the process, nothing is lost.
void forget(const Tensor &t) {
#ifdef MADV_PAGEOUT
    if (!t.is_cpu() || !t.is_contiguous()) return;
    const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)), start = reinterpret_cast<uintptr_t>(t.data_ptr());
    const uintptr_t first = (start + page - 1) / page * page, last = (start + t.nbytes()) / page * page;
    if (first < last) madvise(reinterpret_cast<void *>(first), last - first, MADV_PAGEOUT);
#endif
}

int pack_convolution(ge_tensor weight, int32_t dtype, ge_tensor *out) {
    return guarded([&] {
        const Tensor w = floats(weight);
        TORCH_CHECK(w.dim() == 4 && w.size(2) == w.size(3) && (w.size(2) == 1 || w.size(2) == 3), "kernels are 1 or 3, not ", w.sizes());
        TORCH_CHECK(has_packed_kernels(dtype), "this processor does not run the kernels");
        const auto type = static_cast<at::ScalarType>(dtype);
        Tensor packed = at::empty({genera::packed_size(w.size(0), w.size(1), w.size(2), numbers_of(type))}, type);
        auto pack = [&](auto *memory) { genera::pack_weights(w.data_ptr<float>(), w.size(0), w.size(1), w.size(2), memory); };
        if (type == at::kFloat) pack(elements<float>(packed));
        if (type == at::kBFloat16) pack(elements<genera::bf16>(packed));
        if (type == at::kChar) pack(elements<int8_t>(packed));
        forget(Borrowed(weight));
        *out = give(packed);
    });
}

template <class T, class W = T>
Tensor convolved(
    const Tensor &images, const Tensor &w, int64_t outputs, int64_t kernel, ge_tensor bias, ge_tensor residual, double scale, bool wide) {
    TORCH_CHECK(images.dim() == 4, "images are [N, C, H, W], not ", images.sizes());
    const int64_t n = images.size(0), channels = images.size(1), depth = genera::padded(channels);
    const int64_t height = images.size(2), width = images.size(3);
    TORCH_CHECK(w.numel() == genera::packed_size(outputs, channels, kernel, numbers_of(Packed<W>::type)), "the weights are for another number of channels than ", channels);
    const Tensor x = pixels_last<T>(depth == channels ? images : at::constant_pad_nd(images, {0, 0, 0, 0, 0, depth - channels}));
    Tensor b, r;
    int64_t stride = 0;
    if (bias) {
        b = floats(bias);
        const int64_t rows = b.numel() / outputs;
        TORCH_CHECK(b.numel() % outputs == 0 && (rows == 1 || rows == n), "bias ", b.sizes(), " does not go with ", n, " images and ", outputs, " channels");
        stride = rows == 1 ? 0 : outputs;
    }
    if (residual) {
        r = pixels_last<T>(Borrowed(residual));
        TORCH_CHECK(r.sizes() == at::IntArrayRef({n, outputs, height, width}), "residual ", r.sizes(), " does not go with images ", x.sizes());
    }
    const bool converts = wide && Packed<T>::type != at::kFloat;
    Tensor y = at::empty({n, outputs, height, width}, x.options().dtype(wide ? at::kFloat : Packed<T>::type), at::MemoryFormat::ChannelsLast);
    const genera::Convolution<T, W> job{
        n, height, width, depth, outputs, kernel, elements<T>(x), elements<W>(w), b.defined() ? elements<float>(b) : nullptr, stride,
        r.defined() ? elements<T>(r) : nullptr, static_cast<float>(scale), converts ? nullptr : elements<T>(y),
        converts ? elements<float>(y) : nullptr};
    genera::run(job, on_threads);
    return y;
}

int packed_convolution(
    ge_tensor input, ge_tensor weight, int64_t outputs, int64_t kernel, ge_tensor bias, ge_tensor residual, double scale,
    int32_t wide, ge_tensor *out) {
    return guarded([&] {
        Borrowed x(input), w(weight);
        auto convolve = [&](auto *of) { return of(x, w, outputs, kernel, bias, residual, scale, wide); };
        switch (numbers_of(w->scalar_type())) {
        case genera::Numbers::float32: *out = give(convolve(convolved<float>)); break;
        case genera::Numbers::bfloat16: *out = give(convolve(convolved<genera::bf16>)); break;
        case genera::Numbers::int8: *out = give(convolve(convolved<genera::bf16, int8_t>)); break;
        }
    });
}

template <class T>
Tensor normalized(const Tensor &images, int64_t groups, const Tensor &w, const Tensor &b, double eps, bool activates) {
    TORCH_CHECK(images.dim() == 4, "images are [N, C, H, W], not ", images.sizes());
    const Tensor x = pixels_last<T>(images);
    const int64_t n = x.size(0), channels = x.size(1), rows = w.numel() / channels;
    TORCH_CHECK(groups > 0 && channels % groups == 0 && channels % 16 == 0, groups, " groups do not divide ", channels, " channels");
    TORCH_CHECK(w.numel() % channels == 0 && (rows == 1 || rows == n) && w.numel() == b.numel(), "weight ", w.sizes(), " and bias ", b.sizes(), " do not go with ", x.sizes());
    Tensor y = at::empty(x.sizes(), x.options(), at::MemoryFormat::ChannelsLast);
    const genera::Normalization<T> job{
        n, x.size(2) * x.size(3), channels, groups, elements<T>(x), elements<float>(w), elements<float>(b), rows == 1 ? 0 : channels,
        static_cast<float>(eps), activates, elements<T>(y)};
    genera::run(job, on_threads);
    return y;
}

int packed_group_norm(ge_tensor input, int64_t groups, ge_tensor weight, ge_tensor bias, double eps, int32_t activates, ge_tensor *out) {
    return guarded([&] {
        Borrowed x(input);
        const Tensor w = floats(weight), b = floats(bias);
        const bool narrow = x->scalar_type() == at::kBFloat16;
        TORCH_CHECK(genera::kernels_available(numbers_of(narrow ? at::kBFloat16 : at::kFloat)), "this processor does not run the kernels");
        *out = give(narrow ? normalized<genera::bf16>(x, groups, w, b, eps, activates) : normalized<float>(x, groups, w, b, eps, activates));
    });
}

const ge_api table = {
    GE_ABI, sizeof(ge_api),
    torch_version, last_error, cpu_capability, cuda_device_count, set_threads, get_threads, manual_seed, set_matmul_precision,
    synchronize,
    from_memory, map_memory, to_memory, retain, release, rank, sizes, element_count, dtype, device, requires_grad,
    set_requires_grad, all_finite,
    op_find, call, free_list,
    binary, binary_scalar, unary, matmul, linear, conv2d, group_norm, layer_norm, softmax, attention, reshape, permute,
    backward, grad_of, gradients, guard_begin, guard_end,
    adam_step, ema_update, gradient_norm, accumulate, clean_gradients,
    module_load, module_forward, module_release,
    has_packed_kernels, pack_convolution, packed_convolution, packed_group_norm,
    function, last_origin, memory, adam_l2_step,
};

}  // namespace

// The table whatever `abi_wanted` is: the caller compares `abi`, so that it can say which versions disagree.
extern "C" __attribute__((visibility("default"))) const ge_api *genera_engine_entry(uint32_t) { return &table; }
