// What is done to a row alone: layer norm, and queries, keys and values on their way to attention.

// Layer norm of a row as inputs of a product.
static void KIND(norm)(const RADDNetwork *n, const float *x, const float *weight, const float *bias, float *to) {
    const size_t width = n->width, whole_width = width / 16 * 16;
    lanes sum = 0.0f;
    // Behind the width there are zeros.
    for (size_t i = 0; i < width; i += 16) sum += load(x + i);
    const float mean = KIND(total)(sum) / (float)width;
    lanes square = 0.0f;
    for (size_t i = 0; i < whole_width; i += 16) {
        const lanes d = load(x + i) - mean;
        square = MULTIPLY_ADD(d, d, square);
    }
    if (whole_width < width) {
        const whole lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        const lanes d = load(x + whole_width) - mean;
        const lanes some = lane < (int32_t)(width - whole_width) ? d : (lanes)0.0f;
        square = MULTIPLY_ADD(some, some, square);
    }
    const float scale = 1.0f / __builtin_sqrtf(KIND(total)(square) / (float)width + 1e-5f);
    for (size_t i = 0; i < width; i += 16)
        put(to + i / PER, MULTIPLY_ADD((load(x + i) - mean) * scale, load(weight + i), load(bias + i)), n->rounds, 16);
}

// Turns a head's numbers by the angles of a place, and scales them.
INLINE void KIND(turn)(const RADDRoom *room, size_t place, const float *from, float scale, float *to) {
    const size_t half = room->network->head / 2;
    const float *cosine = room->cosine + place * half, *sine = room->sine + place * half;
    size_t j = 0;
    for (; j + 16 <= half; j += 16) {
        const lanes one = load(from + j), other = load(from + half + j), c = load(cosine + j), s = load(sine + j);
        store(to + j, (one * c - other * s) * scale);
        store(to + half + j, (other * c + one * s) * scale);
    }
    for (; j < half; j++) {
        const float one = from[j], other = from[half + j];
        to[j] = (one * cosine[j] - other * sine[j]) * scale;
        to[half + j] = (other * cosine[j] + one * sine[j]) * scale;
    }
}

// A head's numbers as words.
INLINE void KIND(put_head)(const RADDNetwork *n, const float *from, float *to) {
    for (size_t i = 0; i < n->head; i += 16) {
        const size_t left = n->head - i;
        put(to + i / PER, load(from + i), n->rounds, left < 16 ? (int)left : 16);
    }
}

// Rows' products of one head, where `from` says, to queries (part 0), keys (1) or values (2).
static void KIND(place_head)(
    const RADDRoom *room, size_t block, size_t part, size_t head, const RADDRows *rows, size_t first, size_t count,
    const float *const *from) {
    const RADDNetwork *n = room->network;
    const size_t words = n->head / PER;
    float turned[RADD_HEAD_MOST + 16], cells[RADD_HEAD_MOST + 16];
    // Softmax takes powers of two.
    const float scale = 1.44269504f / __builtin_sqrtf((float)n->head);
    for (size_t i = 0; i < count; i++) {
        const size_t row = first + i, place = (size_t)rows->place[row], query = (size_t)rows->query[row];
        if (part == 0) {
            KIND(turn)(room, place, from[i], scale, turned);
            KIND(put_head)(n, turned, rows->q + row * room->query_cells + head * words);
            continue;
        }
        const RADDPairs pairs = radd_pairs(room, query, block);
        const size_t length = radd_up(room->queries[query].length, RADD_PANEL);
        if (part == 1) {
            KIND(turn)(room, place, from[i], 1.0f, turned);
            KIND(put_head)(n, turned, cells);
            float *to = pairs.keys + (head * length + place / RADD_PANEL * RADD_PANEL) * words + place % RADD_PANEL;
            for (size_t w = 0; w < words; w++) to[w * RADD_PANEL] = cells[w];
            continue;
        }
        for (size_t p = 0; p < n->head_panels; p++) {
            float *to = pairs.values + ((head * n->head_panels + p) * (length / PER) + place / PER) * RADD_PANEL;
#if IS_SHORT
            // Two neighbouring places share words.
            const int has_next = place % 2 == 0 && i + 1 < count && (size_t)rows->query[row + 1] == query
                && (size_t)rows->place[row + 1] == place + 1;
            for (int v = 0; v < 2; v++) {
                const size_t column = p * RADD_PANEL + 16 * (size_t)v;
                const __m256i one = (__m256i)_mm512_cvtneps_pbh((__m512)load(from[i] + column));
                if (has_next) {
                    const __m256i two = (__m256i)_mm512_cvtneps_pbh((__m512)load(from[i + 1] + column));
                    const __m512i low = _mm512_cvtepu16_epi32(one), high = _mm512_cvtepu16_epi32(two);
                    _mm512_storeu_si512(to + 16 * v, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
                } else {
                    uint16_t halves[16];
                    memcpy(halves, &one, sizeof halves);
                    for (int j = 0; j < 16; j++) ((uint16_t *)to)[(16 * v + j) * 2 + (int)(place % 2)] = halves[j];
                }
            }
            if (has_next && p + 1 == n->head_panels) i++;
#else
            for (int v = 0; v < 2; v++)
                put(to + 16 * v, load(from[i] + p * RADD_PANEL + 16 * (size_t)v), n->rounds, 16);
#endif
        }
    }
}
