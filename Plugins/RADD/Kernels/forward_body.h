// A forward pass, for one instruction set.
//
// Many rows go through a block in chunks, each by one thread from attention to the next block's queries, keys and values, so
// that there is one barrier a block. Few rows are worked on by all threads together, a step at a time.

#include "lanes.h"
#include "products.h"
#include "rows.h"
#include "attention.h"

// Takes the next of `count` items; the count if there is none.
INLINE size_t KIND(item)(RADDRoom *room, size_t count) {
    const size_t item = atomic_fetch_add(&room->next, 1);
    return item < count ? item : count;
}

// Takes the next rows: fewer as the end comes near, so that threads end together. False if there are none.
INLINE int KIND(chunk)(RADDRoom *room, size_t rows, size_t *first, size_t *count) {
    size_t at = atomic_load(&room->next);
    for (;;) {
        if (at >= rows) return 0;
        size_t some = (rows - at + 2 * (size_t)room->workers - 1) / (2 * (size_t)room->workers);
        some = radd_up(some, RADD_TILE);
        if (room->workers == 1 || some > RADD_CHUNK) some = RADD_CHUNK;
        if (some > rows - at) some = rows - at;
        if (atomic_compare_exchange_weak(&room->next, &at, at + some)) {
            *first = at;
            *count = some;
            return 1;
        }
    }
}

// The first asked row that is `row` of all or behind it.
INLINE size_t KIND(asked_from)(const RADDRoom *room, size_t row) {
    size_t low = 0, high = room->asked.count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if ((size_t)room->asked_row[middle] < row) low = middle + 1;
        else high = middle;
    }
    return low;
}

INLINE int32_t KIND(token)(const RADDRoom *room, size_t row) {
    return room->queries[room->all.query[row]].tokens[room->all.place[row]];
}

// Rows' embeddings.
INLINE void KIND(embed)(const RADDRoom *room, size_t first, size_t count) {
    const RADDNetwork *n = room->network;
    for (size_t r = first; r < first + count; r++) {
        const int32_t token = KIND(token)(room, r);
        float *x = room->all.x + r * n->row;
        memcpy(x, n->embedding + (size_t)token * n->width, n->width * sizeof(float));
        memset(x + n->width, 0, (n->row - n->width) * sizeof(float));
    }
}

// The residual stream of asked rows, on its way into the last block.
INLINE void KIND(gather)(const RADDRoom *room, size_t first, size_t last) {
    const size_t row = room->network->row;
    for (size_t i = first; i < last; i++)
        memcpy(room->asked.x + i * row, room->all.x + (size_t)room->asked_row[i] * row, row * sizeof(float));
}

// One head's queries, keys or values of up to RADD_CHUNK rows. Row i is row `known[i]` of `a`, or the mask's if that is -1; null
// if row i is row i.
static void KIND(head_products)(
    const RADDRoom *room, RADDScratch *s, size_t block, size_t part, size_t head, const RADDRows *rows, size_t first,
    size_t count, const float *a, size_t a_rows, const int32_t *known) {
    const RADDNetwork *n = room->network;
    const RADDMatrix *by = &n->block[block].qkv;
    const size_t step = n->head_panels * RADD_PANEL, panel = (part * n->heads + head) * n->head_panels;
    for (size_t p = 0; p < n->head_panels; p++)
        KIND(product)(a_rows, by->depth, a, n->cells, KIND(panel)(by, panel + p), s->raw + p * RADD_PANEL, step, 0);
    for (size_t i = 0; i < count; i++)
        s->from[i] = !known ? s->raw + i * step
            : known[i] < 0  ? n->mask_qkv + panel * RADD_PANEL
                            : s->raw + (size_t)known[i] * step;
    KIND(place_head)(room, block, part, head, rows, first, count, s->from);
}

// Queries, keys and values of a chunk for a block. Queries are wanted of all rows, but of asked ones alone in the last block.
static void KIND(project)(const RADDRoom *room, RADDScratch *s, size_t block, size_t first, size_t count) {
    const RADDNetwork *n = room->network;
    const RADDBlock *b = n->block + block;
    const int is_last = block + 1 == n->blocks;
    int32_t known[RADD_CHUNK];
    size_t a_rows = 0;
    if (block == 0) KIND(embed)(room, first, count);
    for (size_t r = 0; r < count; r++) {
        const size_t row = first + r;
        // All masks are the same before they have looked around.
        const int is_mask = block == 0 && !is_last && (size_t)KIND(token)(room, row) + 1 == n->classes;
        known[r] = is_mask ? -1 : (int32_t)a_rows;
        if (!is_mask) KIND(norm)(n, room->all.x + row * n->row, b->norm1, b->bias1, s->a + a_rows++ * n->cells);
    }
    for (size_t part = is_last ? 1 : 0; part < 3; part++)
        for (size_t head = 0; head < n->heads; head++)
            KIND(head_products)(room, s, block, part, head, &room->all, first, count, s->a, a_rows, known);
    if (!is_last) return;
    const size_t begin = KIND(asked_from)(room, first), end = KIND(asked_from)(room, first + count);
    KIND(gather)(room, begin, end);
    for (size_t i = begin; i < end; i++)
        memcpy(s->gathered + (i - begin) * n->cells, s->a + ((size_t)room->asked_row[i] - first) * n->cells,
               n->cells * sizeof(float));
    for (size_t head = 0; head < n->heads && begin < end; head++)
        KIND(head_products)(room, s, block, 0, head, &room->asked, begin, end - begin, s->gathered, end - begin, 0);
}

// A block of many rows, and the next one's queries, keys and values.
static void KIND(many)(RADDRoom *room, RADDScratch *s, size_t block, const RADDRows *rows) {
    const RADDNetwork *n = room->network;
    const RADDBlock *b = n->block + block;
    size_t first, count;
    while (KIND(chunk)(room, rows->count, &first, &count)) {
        float *x = rows->x + first * n->row;
        KIND(attend)(room, block, 0, n->heads, rows, first, count, s->scores, s->o, n->cells);
        KIND(fall)(n, &b->out, 0, b->out.panels, count, s->o, n->cells, x);
        for (size_t r = 0; r < count; r++) KIND(norm)(n, x + r * n->row, b->norm2, b->bias2, s->a + r * n->cells);
        KIND(perceptron)(n, b, count, s->a, room, s, x);
        if (block + 1 < n->blocks) KIND(project)(room, s, block + 1, first, count);
    }
    radd_wait(room);
}

// Queries, keys and values of few rows.
static void KIND(project_few)(RADDRoom *room, RADDScratch *s, size_t block) {
    const RADDNetwork *n = room->network;
    const RADDBlock *b = n->block + block;
    const size_t rows = room->all.count, heads = 3 * n->heads;
    const int is_last = block + 1 == n->blocks;
    for (size_t r; (r = KIND(item)(room, rows)) < rows;) {
        if (block == 0) KIND(embed)(room, r, 1);
        KIND(norm)(n, room->all.x + r * n->row, b->norm1, b->bias1, room->a + r * n->cells);
        const size_t i = KIND(asked_from)(room, r);
        if (!is_last || i == room->asked.count || (size_t)room->asked_row[i] != r) continue;
        KIND(gather)(room, i, i + 1);
        memcpy(room->gathered + i * n->cells, room->a + r * n->cells, n->cells * sizeof(float));
    }
    radd_wait(room);
    for (size_t i; (i = KIND(item)(room, heads)) < heads;) {
        const int is_asked = is_last && i < n->heads;
        const RADDRows *set = is_asked ? &room->asked : &room->all;
        const float *a = is_asked ? room->gathered : room->a;
        for (size_t first = 0; first < set->count; first += RADD_CHUNK) {
            const size_t left = set->count - first, some = left < RADD_CHUNK ? left : RADD_CHUNK;
            KIND(head_products)(room, s, block, i / n->heads, i % n->heads, set, first, some, a + first * n->cells, some, 0);
        }
    }
    radd_wait(room);
}

// Adds from * by to the residual stream of few rows, a panel at a time.
static void KIND(fall_few)(
    RADDRoom *room, const RADDMatrix *by, const RADDRows *rows, const float *from, size_t from_row) {
    const RADDNetwork *n = room->network;
    for (size_t p; (p = KIND(item)(room, by->panels)) < by->panels;)
        for (size_t first = 0; first < rows->count; first += RADD_CHUNK) {
            const size_t left = rows->count - first;
            KIND(fall)(n, by, p, p + 1, left < RADD_CHUNK ? left : RADD_CHUNK, from + first * from_row, from_row,
                       rows->x + first * n->row);
        }
    radd_wait(room);
}

// A block of few rows.
static void KIND(few)(RADDRoom *room, RADDScratch *s, size_t block, const RADDRows *rows) {
    const RADDNetwork *n = room->network;
    const RADDBlock *b = n->block + block;
    const size_t tiles = (rows->count + TILE_ROWS - 1) / TILE_ROWS, items = tiles * n->heads;
    for (size_t i; (i = KIND(item)(room, items)) < items;) {
        const size_t head = i / tiles, tile = i % tiles;
        const size_t first = rows->count * tile / tiles, last = rows->count * (tile + 1) / tiles;
        KIND(attend)(room, block, head, head + 1, rows, first, last - first, s->scores, room->o + first * n->cells, n->cells);
    }
    radd_wait(room);
    KIND(fall_few)(room, &b->out, rows, room->o, n->cells);
    for (size_t r; (r = KIND(item)(room, rows->count)) < rows->count;)
        KIND(norm)(n, rows->x + r * n->row, b->norm2, b->bias2, room->a + r * n->cells);
    radd_wait(room);
    for (size_t p; (p = KIND(item)(room, b->up.panels)) < b->up.panels;)
        for (size_t first = 0; first < rows->count; first += RADD_CHUNK) {
            const size_t left = rows->count - first;
            KIND(rise)(n, &b->up, p, p + 1, left < RADD_CHUNK ? left : RADD_CHUNK, room->a + first * n->cells,
                       room->inside + first * room->inside_cells + p * RADD_PANEL / PER, room->inside_cells);
        }
    radd_wait(room);
    KIND(fall_few)(room, &b->down, rows, room->inside, room->inside_cells);
    if (block + 1 < n->blocks) KIND(project_few)(room, s, block + 1);
}

// Logits of the asked rows, some rows at a time.
static void KIND(read_out)(RADDRoom *room, RADDBody body, void *context) {
    const RADDNetwork *n = room->network;
    const RADDMatrix *by = &n->head_matrix;
    const size_t asked = room->asked.count, step = by->panels * RADD_PANEL;
    for (size_t r; (r = KIND(item)(room, asked)) < asked;)
        KIND(norm)(n, room->asked.x + r * n->row, n->norm, n->norm_bias, room->a + r * n->cells);
    radd_wait(room);
    for (size_t first = 0; first < asked; first += room->logit_rows) {
        const size_t left = asked - first, rows = left < room->logit_rows ? left : room->logit_rows;
        for (size_t p; (p = KIND(item)(room, by->panels)) < by->panels;) {
            float *to = room->logits + p * RADD_PANEL;
            KIND(product)(rows, by->depth, room->a + first * n->cells, n->cells, KIND(panel)(by, p), to, step, 0);
            for (int v = 0; v < 2; v++) {
                const lanes bias = load(by->bias + p * RADD_PANEL + 16 * (size_t)v);
                for (size_t r = 0; r < rows; r++) store(to + r * step + 16 * v, load(to + r * step + 16 * v) + bias);
            }
        }
        radd_wait(room);
        for (size_t r; (r = KIND(item)(room, rows)) < rows;) {
            const size_t query = (size_t)room->asked.query[first + r];
            body(context, query, first + r - room->asked_first[query], room->logits + r * step);
        }
        radd_wait(room);
    }
}

static void KIND(work)(RADDRoom *room, int worker, RADDBody body, void *context) {
    const RADDNetwork *n = room->network;
    RADDScratch *s = room->scratch + worker;
    if (room->all.count >= radd_many(room)) {
        size_t first, count;
        while (KIND(chunk)(room, room->all.count, &first, &count)) KIND(project)(room, s, 0, first, count);
        radd_wait(room);
    } else {
        KIND(project_few)(room, s, 0);
    }
    for (size_t block = 0; block < n->blocks; block++) {
        const RADDRows *rows = block + 1 < n->blocks ? &room->all : &room->asked;
        if (rows->count >= radd_many(room)) KIND(many)(room, s, block, rows);
        else KIND(few)(room, s, block, rows);
    }
    KIND(read_out)(room, body, context);
}

static void KIND(mask_queries)(const RADDNetwork *n, const float *x, float *cells, float *to) {
    const RADDBlock *b = n->block;
    KIND(norm)(n, x, b->norm1, b->bias1, cells);
    for (size_t p = 0; p < b->qkv.panels; p++)
        KIND(product)(1, b->qkv.depth, cells, n->cells, KIND(panel)(&b->qkv, p), to + p * RADD_PANEL, RADD_PANEL, 0);
}

#undef lanes
#undef whole
#undef INLINE
#undef load
#undef store
#undef put
#undef PER
#undef MULTIPLY_ADD
#undef MULTIPLY_WORDS
