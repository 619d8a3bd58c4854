// What the kernels share.
//
// A block's x is a plane, one channel of one picture, unless a kernel says otherwise; its
// y, its z and its threads are the plane's cells. Neighbouring threads touch neighbouring
// numbers.

#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

typedef unsigned int uint;

__device__ __forceinline__ float widen(float value) { return value; }
__device__ __forceinline__ float widen(__half value) { return __half2float(value); }
__device__ __forceinline__ float widen(__nv_bfloat16 value) { return __bfloat162float(value); }

__device__ __forceinline__ void store(float *to, float value) { *to = value; }
__device__ __forceinline__ void store(__half *to, float value) { *to = __float2half(value); }
__device__ __forceinline__ void store(__nv_bfloat16 *to, float value) { *to = __float2bfloat16(value); }

__device__ __forceinline__ uint this_cell() {
    return (blockIdx.z * gridDim.y + blockIdx.y) * blockDim.x + threadIdx.x;
}
