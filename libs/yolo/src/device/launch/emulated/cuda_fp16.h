// What the kernels use of CUDA, on the processor.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline

struct Index {
    unsigned int x, y, z;
};

inline thread_local Index gridDim, blockIdx, blockDim, threadIdx;

void __syncthreads();

inline unsigned int min(unsigned int a, unsigned int b) { return a < b ? a : b; }
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }

inline unsigned int atomicOr(unsigned int *to, unsigned int bits) {
    return __atomic_fetch_or(to, bits, __ATOMIC_RELAXED);
}

struct __half {
    _Float16 value;
};

inline float __half2float(__half half) { return (float)half.value; }
inline __half __float2half(float value) { return {(_Float16)value}; }
