#include "CPNG.h"

static uint32_t step(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    return crc;
}

uint32_t cpng_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    uint32_t table[256];
    for (uint32_t value = 0; value < 256; value++) table[value] = step(value);
    crc = ~crc;
    for (size_t index = 0; index < count; index++) crc = table[(crc ^ bytes[index]) & 0xFF] ^ (crc >> 8);
    return ~crc;
}
