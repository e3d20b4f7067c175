// Kernels of the family of texts: a transformer's forward pass on the processor, and draws from rows of logits.
#ifndef CRADD_H
#define CRADD_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// What weights and the inputs of products are.
enum { RADD_FLOAT32, RADD_BFLOAT16 };

/// The sizes of a network.
typedef struct {
    int32_t width, heads, blocks;
    /// Columns of the output, the mask's among them.
    int32_t classes;
    /// Whether a token sees only those before it.
    int32_t is_causal;
} RADDShape;

/// A packed network. It does not change once its parameters are set, and any number of rooms may use it at once.
typedef struct RADDNetwork RADDNetwork;

/// Room for the numbers of a forward pass, kept from pass to pass.
typedef struct RADDRoom RADDRoom;

/// Parameters of one block, in the order of `radd_set`: norm1 weight and bias, attn_qkv, attn_out, norm2 weight and bias,
/// mlp.0 weight and bias, mlp.2 weight and bias.
enum { RADD_BLOCK_PARAMETERS = 10 };

/// A network without parameters; null if memory ran out. Of the best instruction sets that the processor has, `spared` are
/// not used; for tests.
RADDNetwork *_Nullable radd_create(const RADDShape *shape, int precision, int spared);
void radd_free(RADDNetwork *network);

/// Sets parameter `index`, of as many floats as the network's shape says. 0 is the embedding; then come those of the blocks;
/// then norm_final weight and bias, the head's weight and bias. -1 if memory ran out.
int radd_set(RADDNetwork *network, size_t index, const float *values);

/// Works out what needs all parameters: call it once, after the last of them. -1 if memory ran out.
int radd_finish(RADDNetwork *network);

/// The name of the instruction set that the network runs on.
const char *radd_target(const RADDNetwork *network);

/// What is asked about one sequence. Tokens are below the number of classes.
typedef struct {
    const int32_t *tokens;
    size_t length;
    /// The places that are worked out, ascending; null for all.
    const int32_t *_Nullable active;
    size_t active_count;
    /// The places whose logits are wanted, ascending and active.
    const int32_t *_Nullable rows;
    size_t row_count;
    /// Keys and values of all places in every block, `radd_cache_size` bytes; null if they are not kept.
    void *_Nullable cache;
} RADDQuery;

/// Bytes of keys and values that a sequence of `length` tokens needs; 0 for one that is too long.
size_t radd_cache_size(const RADDNetwork *network, size_t length);

RADDRoom *_Nullable radd_room_create(const RADDNetwork *network);
void radd_room_free(RADDRoom *room);

/// Called once for each wanted row, on any of the workers' threads.
typedef void (*RADDBody)(void *_Nullable context, size_t query, size_t row, const float *logits);

/// Gets a room ready for some queries, whose memory must stay until the work is done. -1 if memory ran out.
int radd_prepare(RADDRoom *room, const RADDQuery *queries, size_t count, int workers);

/// One worker's share; every number below `workers` must be called, each on a thread of its own.
void radd_work(RADDRoom *room, int worker, RADDBody body, void *_Nullable context);

/// A row's greatest logit and where it first stands; the index is -1 where none is greater than minus infinity.
int32_t radd_argmax(const float *logits, size_t count, float *greatest);

/// The sum of exp((logit - greatest) * scale), in double precision.
double radd_sum(const float *logits, size_t count, float greatest, double scale);

/// The first index whose sum of exp((logit - greatest) * scale) exceeds `share` of the total; -1 if the total is no positive
/// number.
int32_t radd_draw(const float *logits, size_t count, float greatest, double scale, double share);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
#endif
