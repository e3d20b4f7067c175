// The engine's C interface: what engine.cpp offers over LibTorch and the Swift side calls.
//
// Rules of change: `abi` and `size` never move; functions are appended, never reordered; GE_ABI grows when the meaning of
// anything already here changes. Every function that can fail returns 0 on success; the reason is then in `last_error`,
// which belongs to the calling thread and lasts until its next failing call.
#ifndef GENERA_ENGINE_H
#define GENERA_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GE_ABI 2

typedef struct ge_tensor_s *ge_tensor;
typedef struct ge_op_s *ge_op;
typedef struct ge_guard_s *ge_guard;
typedef struct ge_module_s *ge_module;

#if defined(__clang__) && defined(__has_feature)
#if __has_feature(nullability)
#define GE_NONNULL _Nonnull
#pragma clang diagnostic ignored "-Wnullability-completeness"
#endif
#endif
#ifndef GE_NONNULL
#define GE_NONNULL
#endif

/// What a `ge_arg` holds.
enum {
    GE_DEFAULT = 0,           // leave the argument at the default of the operator's schema
    GE_NONE = 1,              // no value (for optional arguments)
    GE_TENSOR = 2,            // u.t
    GE_INT = 3,               // u.i; also element types, layouts and memory formats
    GE_DOUBLE = 4,            // u.d
    GE_BOOL = 5,              // u.i
    GE_INTS = 6,              // u.is, n
    GE_DOUBLES = 7,           // u.ds, n
    GE_TENSORS = 8,           // u.ts, n
    GE_OPTIONAL_TENSORS = 9,  // u.ts, n; a null entry stands for none
    GE_STRING = 10,           // u.s
    GE_DEVICE = 11,           // u.i: type * 256 + index, index 255 for "current"
};

typedef struct {
    int32_t tag;
    int32_t n;
    union {
        ge_tensor t;
        int64_t i;
        double d;
        const int64_t *is;
        const double *ds;
        const ge_tensor *ts;
        const char *s;
    } u;
} ge_arg;

/// Scopes that `guard_begin` opens on the calling thread.
enum { GE_NO_GRAD = 0, GE_INFERENCE = 1, GE_AUTOCAST = 2, GE_WITH_GRAD = 3 };

/// Elementwise operators of `binary` and `binary_scalar`.
enum { GE_ADD = 0, GE_SUB = 1, GE_MUL = 2, GE_DIV = 3 };

/// Elementwise operators of `unary`.
enum { GE_NEG = 0, GE_SILU = 1, GE_GELU = 2, GE_EXP = 3, GE_LOG = 4, GE_SQRT = 5, GE_SIGMOID = 6, GE_TANH = 7 };

/// Derivatives of a `function`: of each output in `given` (borrowed; null where none came), for each input whose derivative is
/// `wanted` into `results` (with a reference each; null for none). Other than 0 is a failure, whose error, if any, is handed over in
/// `error` and released by the function's `release`. Called on any thread, several at once.
typedef int (*ge_backward)(
    void *context, const ge_tensor *given, int32_t outputs, const int32_t *wanted, ge_tensor *results, int32_t inputs,
    void **error);

typedef struct ge_api {
    uint32_t abi;
    uint32_t size;

    // The library itself
    const char *GE_NONNULL (*torch_version)(void);
    const char *GE_NONNULL (*last_error)(void);
    const char *GE_NONNULL (*cpu_capability)(void);
    int32_t (*cuda_device_count)(void);
    void (*set_threads)(int32_t count);
    int32_t (*get_threads)(void);
    int (*manual_seed)(uint64_t seed);
    int (*set_matmul_precision)(int32_t bf16);
    int (*synchronize)(int32_t device);

    // Tensors
    int (*from_memory)(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank, int32_t device, ge_tensor *out);
    int (*map_memory)(
        void *data, int32_t dtype, const int64_t *sizes, int32_t rank, void (*release)(void *), void *context, ge_tensor *out);
    int (*to_memory)(ge_tensor t, int32_t dtype, void *out, int64_t element_count);
    void (*retain)(ge_tensor t);
    void (*release)(ge_tensor t);
    int32_t (*rank)(ge_tensor t);
    void (*sizes)(ge_tensor t, int64_t *out);
    int64_t (*element_count)(ge_tensor t);
    int32_t (*dtype)(ge_tensor t);
    int32_t (*device)(ge_tensor t);
    int32_t (*requires_grad)(ge_tensor t);
    int (*set_requires_grad)(ge_tensor t, int32_t on);
    int (*all_finite)(ge_tensor t, int32_t *out);

    // Operators by name
    int (*op_find)(const char *name, const char *overload, ge_op *out);
    int (*call)(ge_op op, const ge_arg *args, int32_t n, ge_arg *results, int32_t capacity, int32_t *count);
    void (*free_list)(const ge_tensor *list);

    // Operators that are called most
    int (*binary)(int32_t kind, ge_tensor a, ge_tensor b, ge_tensor *out);
    int (*binary_scalar)(int32_t kind, ge_tensor a, double b, ge_tensor *out);
    int (*unary)(int32_t kind, ge_tensor a, ge_tensor *out);
    int (*matmul)(ge_tensor a, ge_tensor b, ge_tensor *out);
    int (*linear)(ge_tensor x, ge_tensor weight, ge_tensor bias, ge_tensor *out);
    int (*conv2d)(
        ge_tensor x, ge_tensor weight, ge_tensor bias, int64_t stride, int64_t padding, int64_t groups, ge_tensor *out);
    int (*group_norm)(ge_tensor x, int64_t groups, ge_tensor weight, ge_tensor bias, double eps, ge_tensor *out);
    int (*layer_norm)(ge_tensor x, int64_t width, ge_tensor weight, ge_tensor bias, double eps, ge_tensor *out);
    int (*softmax)(ge_tensor x, int64_t axis, ge_tensor *out);
    int (*attention)(ge_tensor q, ge_tensor k, ge_tensor v, ge_tensor *out);
    int (*reshape)(ge_tensor x, const int64_t *sizes, int32_t rank, ge_tensor *out);
    int (*permute)(ge_tensor x, const int64_t *axes, int32_t rank, ge_tensor *out);

    // Derivatives and scopes
    int (*backward)(ge_tensor loss);
    int (*grad_of)(ge_tensor t, ge_tensor *out);
    int (*gradients)(
        ge_tensor loss, const ge_tensor *inputs, int32_t n, int32_t create_graph, ge_tensor *out);
    ge_guard (*guard_begin)(int32_t kind, int32_t device, int32_t dtype);
    void (*guard_end)(ge_guard guard);

    // Optimiser steps over whole parameter lists, in place
    int (*adam_step)(
        const ge_tensor *parameters, const ge_tensor *gradients, const ge_tensor *first, const ge_tensor *second, int32_t n,
        double lr, double beta1, double beta2, double eps, double weight_decay, int64_t step);
    int (*ema_update)(const ge_tensor *averages, const ge_tensor *parameters, int32_t n, double decay);
    int (*gradient_norm)(const ge_tensor *gradients, int32_t n, double *out);
    int (*accumulate)(const ge_tensor *sums, const ge_tensor *terms, int32_t n, double scale);
    int (*clean_gradients)(const ge_tensor *gradients, int32_t n, double limit);

    // TorchScript modules, which are programs: whoever loads one runs its author's code
    int (*module_load)(const char *path, int32_t device, ge_module *out);
    int (*module_forward)(ge_module module, ge_tensor x, ge_tensor *out);
    void (*module_release)(ge_module module);

    // Inference in float32 or bfloat16 with channels last, by kernels of our own; without derivatives
    int32_t (*has_packed_kernels)(int32_t dtype);
    int (*pack_convolution)(ge_tensor weight, int32_t dtype, ge_tensor *out);
    int (*packed_convolution)(
        ge_tensor x, ge_tensor weight, int64_t outputs, int64_t kernel, ge_tensor bias, ge_tensor residual, double scale,
        int32_t wide, ge_tensor *out);
    int (*packed_group_norm)(
        ge_tensor x, int64_t groups, ge_tensor weight, ge_tensor bias, double eps, int32_t activates, ge_tensor *out);

    // A function of the caller's, whose outputs are worked out already and whose derivatives `backward` gives when they are asked
    // for. `out` holds the outputs, now functions of the inputs. The context is `release`d exactly once: with the graph, or at once
    // if nothing records.
    int (*function)(
        const char *title, const ge_tensor *inputs, int32_t n, const ge_tensor *outputs, int32_t m, ge_backward backward,
        void (*release)(void *), void *context, ge_tensor *out);
    /// The error that a callback left, if the thread's last failing call failed by one, else null. Lasts until the next failing call.
    void *(*last_origin)(void);
    /// The elements of a tensor that lie in row-major order in the processor's memory.
    int (*memory)(ge_tensor t, void **out);
    /// As `adam_step`, with the decay added to the gradients (L2).
    int (*adam_l2_step)(
        const ge_tensor *parameters, const ge_tensor *gradients, const ge_tensor *first, const ge_tensor *second, int32_t n,
        double lr, double beta1, double beta2, double eps, double weight_decay, int64_t step);
} ge_api;

/// What an engine library exports. Null if it does not speak `abi_wanted`.
typedef const ge_api *(*ge_entry)(uint32_t abi_wanted);

#ifdef __cplusplus
}
#endif
#endif
