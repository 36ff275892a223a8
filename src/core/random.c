#include "core/random.h"

#include <math.h>

static void philox_round(uint32_t counter[4], const uint32_t key[2])
{
    uint64_t a = (uint64_t)0xD2511F53u * counter[0];
    uint64_t b = (uint64_t)0xCD9E8D57u * counter[2];
    uint32_t c1 = counter[1];
    uint32_t c3 = counter[3];
    counter[0] = (uint32_t)(b >> 32) ^ c1 ^ key[0];
    counter[1] = (uint32_t)b;
    counter[2] = (uint32_t)(a >> 32) ^ c3 ^ key[1];
    counter[3] = (uint32_t)a;
}

void rfim__philox(uint64_t seed, uint64_t stream, uint64_t position, uint32_t out[4])
{
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    out[0] = (uint32_t)position;
    out[1] = (uint32_t)(position >> 32);
    out[2] = (uint32_t)stream;
    out[3] = (uint32_t)(stream >> 32);
    for (int round = 0; round < 10; round++) {
        philox_round(out, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

rfim__random rfim__random_start(uint64_t seed, uint64_t stream)
{
    rfim__random random = {.seed = seed, .stream = stream};
    return random;
}

uint32_t rfim__random_next(rfim__random *random)
{
    if (random->left == 0) {
        rfim__philox(random->seed, random->stream, random->position++, random->block);
        random->left = 4;
    }
    return random->block[4 - random->left--];
}

double rfim__random_uniform(rfim__random *random)
{
    uint64_t high = rfim__random_next(random) >> 5;
    uint64_t low = rfim__random_next(random) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

double rfim__random_normal(rfim__random *random)
{
    double radius = sqrt(-2.0 * log(1.0 - rfim__random_uniform(random)));
    return radius * cos(6.283185307179586 * rfim__random_uniform(random));
}

uint32_t rfim__random_below(rfim__random *random, uint32_t count)
{
    /* Numbers below 2^32 mod count would make the first classes likelier: draw again. */
    uint32_t reject = (uint32_t)(-count) % count;
    uint32_t number = 0;
    do {
        number = rfim__random_next(random);
    } while (number < reject);
    return number % count;
}

void rfim__random_shuffle(rfim__random *random, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = rfim__random_below(random, (uint32_t)i);
        uint32_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}
