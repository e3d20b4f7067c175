// Memory of a forward pass, and what is known before it begins.
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t radd_cache_size(const RADDNetwork *n, size_t length) {
    if (length > (size_t)1 << 28) return 0;
    const size_t words = radd_key_words(n, length) + radd_value_words(n, length);
    return words > SIZE_MAX / 8 / n->blocks ? 0 : words * n->blocks * sizeof(float);
}

RADDRoom *radd_room_create(const RADDNetwork *network) {
    RADDRoom *room = calloc(1, sizeof *room);
    if (!room) return 0;
    room->network = network;
    pthread_mutex_init(&room->mutex, 0);
    pthread_cond_init(&room->turned_over, 0);
    return room;
}

static void free_scratch(RADDRoom *room) {
    for (int w = 0; w < room->scratch_count; w++) {
        RADDScratch *s = room->scratch + w;
        void *all[] = {s->a, s->o, s->gathered, s->inside, s->sums, s->raw, s->scores, (void *)s->from};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    free(room->scratch);
    room->scratch = 0;
    room->scratch_count = 0;
}

void radd_room_free(RADDRoom *room) {
    free_scratch(room);
    for (size_t i = 0; i < sizeof room->block / sizeof *room->block; i++) free(room->block[i].memory);
    pthread_mutex_destroy(&room->mutex);
    pthread_cond_destroy(&room->turned_over);
    free(room);
}

// Memory of at least so many words that keeps its content only if it need not grow; null if there is none.
static void *grown(RADDRoom *room, int slot, size_t words) {
    if (words > SIZE_MAX / 8) return 0;
    const size_t size = words * sizeof(float) + 64;
    if (room->block[slot].size < size) {
        free(room->block[slot].memory);
        room->block[slot].memory = radd_memory(size);
        room->block[slot].size = room->block[slot].memory ? size : 0;
    }
    return room->block[slot].memory;
}

static int make_scratch(RADDRoom *room, int workers, size_t longest) {
    const RADDNetwork *n = room->network;
    const size_t scores = radd_stride(radd_up(longest, RADD_PANEL));
    if (workers <= room->scratch_count && scores <= room->score_cells) return 0;
    free_scratch(room);
    room->scratch = calloc((size_t)workers, sizeof *room->scratch);
    if (!room->scratch) return -1;
    room->scratch_count = workers;
    if (scores > room->score_cells) room->score_cells = scores;
    for (int w = 0; w < workers; w++) {
        RADDScratch *s = room->scratch + w;
        const size_t cells = RADD_CHUNK * n->cells * sizeof(float);
        s->a = radd_memory(cells);
        s->o = radd_memory(cells);
        s->gathered = radd_memory(cells);
        s->inside = radd_memory(RADD_CHUNK * room->slice_cells * sizeof(float));
        s->sums = radd_memory(RADD_CHUNK * n->row * sizeof(float));
        s->raw = radd_memory(RADD_CHUNK * n->head_panels * RADD_PANEL * sizeof(float));
        s->scores = radd_memory(RADD_TILE * room->score_cells * sizeof(float));
        s->from = radd_memory(RADD_CHUNK * sizeof *s->from);
        if (s->a && s->o && s->gathered && s->inside && s->sums && s->raw && s->scores && s->from) continue;
        free_scratch(room);
        return -1;
    }
    return 0;
}

// Cosines and sines of the angles p 10000^(-2 j / head), each number rounded to float32 where the reference rounds.
static int turn(RADDRoom *room, size_t places) {
    const size_t half = room->network->head / 2;
    if (places > room->turned) {
        places = radd_up(places, 256);
        room->turned = 0;
        room->cosine = grown(room, 0, places * half);
        room->sine = grown(room, 1, places * half);
        if (!room->cosine || !room->sine) return -1;
        for (size_t j = 0; j < half; j++) {
            const float power = (float)(2 * j) / (float)room->network->head;
            const float frequency = 1.0f / (float)pow(10000, (double)power);
            for (size_t p = 0; p < places; p++) {
                const double angle = (double)((float)p * frequency);
                room->cosine[p * half + j] = (float)cos(angle);
                room->sine[p * half + j] = (float)sin(angle);
            }
        }
        room->turned = places;
    }
    return 0;
}

static int make_rows(RADDRoom *room, RADDRows *rows, int slot) {
    rows->x = grown(room, slot, rows->count * room->network->row);
    rows->q = grown(room, slot + 1, rows->count * room->query_cells);
    rows->query = grown(room, slot + 2, rows->count);
    rows->place = grown(room, slot + 3, rows->count);
    return rows->x && rows->q && rows->query && rows->place ? 0 : -1;
}

static void list_rows(RADDRoom *room) {
    size_t row = 0, asked = 0;
    for (size_t q = 0; q < room->query_count; q++) {
        const RADDQuery *query = room->queries + q;
        room->asked_first[q] = asked;
        size_t next = 0;
        for (size_t i = 0; i < query->active_count; i++, row++) {
            const int32_t place = query->active ? query->active[i] : (int32_t)i;
            room->all.query[row] = (int32_t)q;
            room->all.place[row] = place;
            if (next == query->row_count || query->rows[next] != place) continue;
            next++;
            room->asked.query[asked] = (int32_t)q;
            room->asked.place[asked] = place;
            room->asked_row[asked++] = (int32_t)row;
        }
    }
    room->asked_first[room->query_count] = asked;
}

static int make_pairs(RADDRoom *room) {
    const RADDNetwork *n = room->network;
    size_t words = 0;
    for (size_t q = 0; q < room->query_count; q++) {
        const RADDQuery *query = room->queries + q;
        room->pairs_at[q] = words;
        if (!query->cache) words += radd_key_words(n, query->length) + radd_value_words(n, query->length);
    }
    room->pairs[0] = grown(room, 13, words);
    room->pairs[1] = grown(room, 14, words);
    if (!room->pairs[0] || !room->pairs[1]) return -1;
    // The word of values that holds the last place may hold one more, which is multiplied by 0.
    for (size_t q = 0; n->per > 1 && q < room->query_count; q++) {
        const RADDQuery *query = room->queries + q;
        if (query->length % 2 == 0 || query->active) continue;
        const size_t places = radd_up(query->length, RADD_PANEL) / 2;
        for (size_t b = 0; b < (query->cache ? n->blocks : 2); b++) {
            float *values = radd_pairs(room, q, b).values;
            for (size_t p = 0; p < n->heads * n->head_panels; p++)
                memset(values + (p * places + query->length / 2) * RADD_PANEL, 0, RADD_PANEL * sizeof(float));
        }
    }
    return 0;
}

static int make_shared(RADDRoom *room) {
    const RADDNetwork *n = room->network;
    const size_t logit_row = n->head_matrix.panels * RADD_PANEL, budget = (size_t)8 << 20;
    room->logit_rows = budget / logit_row / RADD_TILE * RADD_TILE;
    if (room->logit_rows < 4 * RADD_TILE) room->logit_rows = 4 * RADD_TILE;
    if (room->logit_rows > room->asked.count) room->logit_rows = room->asked.count;
    room->logits = grown(room, 15, room->logit_rows * logit_row);
    size_t rows = room->all.count < radd_many(room) ? room->all.count : radd_many(room);
    room->a = grown(room, 16, (rows > room->asked.count ? rows : room->asked.count) * n->cells);
    room->o = grown(room, 17, rows * n->cells);
    room->gathered = grown(room, 18, rows * n->cells);
    room->inside = grown(room, 19, rows * room->inside_cells);
    return room->logits && room->a && room->o && room->gathered && room->inside ? 0 : -1;
}

int radd_prepare(RADDRoom *room, const RADDQuery *queries, size_t count, int workers) {
    const RADDNetwork *n = room->network;
    room->queries = queries;
    room->query_count = count;
    room->workers = workers;
    room->all.count = room->asked.count = room->longest = 0;
    for (size_t q = 0; q < count; q++) {
        room->all.count += queries[q].active_count;
        room->asked.count += queries[q].row_count;
        if (queries[q].length > room->longest) room->longest = queries[q].length;
    }
    const size_t slice = n->inside < RADD_SLICE ? n->inside : RADD_SLICE;
    room->query_cells = radd_stride(n->heads * (n->head / n->per) + 16);
    room->slice_cells = radd_stride(radd_up(slice, RADD_PANEL) / n->per);
    room->inside_cells = radd_stride(radd_up(n->inside, RADD_PANEL) / n->per);
    atomic_store(&room->next, 0);
    if (make_rows(room, &room->all, 2) || make_rows(room, &room->asked, 6)) return -1;
    room->asked_row = grown(room, 10, room->asked.count);
    room->asked_first = grown(room, 11, 2 * (count + 1));
    room->pairs_at = grown(room, 12, 2 * (count + 1));
    if (!room->asked_row || !room->asked_first || !room->pairs_at) return -1;
    list_rows(room);
    const int is_short_of_memory = turn(room, room->longest) || make_pairs(room) || make_shared(room)
        || make_scratch(room, workers, room->longest);
    return is_short_of_memory ? -1 : 0;
}

// Phases are short, so that waiting begins by looking; where threads have to share processors it goes on by sleeping.
void radd_wait(RADDRoom *room) {
    if (room->workers == 1) {
        atomic_store(&room->next, 0);
        return;
    }
    const int turn = atomic_load(&room->turn);
    if (atomic_fetch_add(&room->arrived, 1) == room->workers - 1) {
        atomic_store(&room->arrived, 0);
        atomic_store(&room->next, 0);
        pthread_mutex_lock(&room->mutex);
        atomic_store(&room->turn, turn + 1);
        pthread_cond_broadcast(&room->turned_over);
        pthread_mutex_unlock(&room->mutex);
        return;
    }
    for (int spins = 0; spins < 20000; spins++) {
        if (atomic_load_explicit(&room->turn, memory_order_acquire) != turn) return;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    pthread_mutex_lock(&room->mutex);
    while (atomic_load(&room->turn) == turn) pthread_cond_wait(&room->turned_over, &room->mutex);
    pthread_mutex_unlock(&room->mutex);
}
