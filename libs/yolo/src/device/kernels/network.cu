// What a network does on a GPU besides matrix products. Each kernel does in one pass over
// memory what takes candle several launches, and computes in single precision whatever
// the tensors hold.

#include "common.cuh"

__device__ __forceinline__ float sigmoid(float value) { return 1.0f / (1.0f + expf(-value)); }

// output = activation(values + bias), plus `add` where something is to be added.
template <typename T>
__device__ void finish(uint channels, uint cells, uint activate, uint adds, const T *values, const T *bias,
                       const T *add, T *output) {
    const uint cell = this_cell();
    if (cell >= cells) return;
    const size_t at = (size_t)blockIdx.x * cells + cell;
    float value = widen(values[at]) + widen(bias[blockIdx.x % channels]);
    if (activate) value *= sigmoid(value);
    if (adds) value += widen(add[at]);
    store(output + at, value);
}

// The input of a convolution as the right side of a matrix product: every plane becomes
// kernel * kernel planes of the output's size, each shifted by one tap.
template <typename T>
__device__ void unfold(uint height, uint width, uint out_width, uint cells, uint kernel, uint stride,
                       const T *input, T *output) {
    const uint cell = this_cell();
    if (cell >= cells) return;
    const T *plane = input + (size_t)blockIdx.x * height * width;
    T *to = output + (size_t)blockIdx.x * kernel * kernel * cells + cell;
    const int top = (int)(cell / out_width * stride) - (int)(kernel / 2);
    const int left = (int)(cell % out_width * stride) - (int)(kernel / 2);
    for (int y = top; y < top + (int)kernel; ++y) {
        for (int x = left; x < left + (int)kernel; ++x) {
            const bool inside = y >= 0 && y < (int)height && x >= 0 && x < (int)width;
            store(to, inside ? widen(plane[(size_t)y * width + x]) : 0.0f);
            to += cells;
        }
    }
}

// A 3×3 convolution of every channel by itself, with its bias and activation.
template <typename T>
__device__ void depthwise(uint channels, uint height, uint width, uint activate, const T *input,
                          const T *weight, const T *bias, T *output) {
    const uint cell = this_cell();
    if (cell >= height * width) return;
    const uint channel = blockIdx.x % channels;
    const size_t start = (size_t)blockIdx.x * height * width;
    const int row = cell / width, column = cell % width;
    float value = widen(bias[channel]);
    for (int tap = 0; tap < 9; ++tap) {
        const int y = row + tap / 3 - 1, x = column + tap % 3 - 1;
        if (y < 0 || y >= (int)height || x < 0 || x >= (int)width) continue;
        value += widen(weight[channel * 9 + tap]) * widen(input[start + (size_t)y * width + x]);
    }
    if (activate) value *= sigmoid(value);
    store(output + start + cell, value);
}

// The largest of the 5×5 neighbours.
template <typename T>
__device__ void widest(uint height, uint width, const T *input, T *output) {
    const uint cell = this_cell();
    if (cell >= height * width) return;
    const size_t start = (size_t)blockIdx.x * height * width;
    const int row = cell / width, column = cell % width;
    float largest = widen(input[start + cell]);
    for (int y = max(row - 2, 0); y <= min(row + 2, (int)height - 1); ++y) {
        for (int x = max(column - 2, 0); x <= min(column + 2, (int)width - 1); ++x) {
            largest = fmaxf(largest, widen(input[start + (size_t)y * width + x]));
        }
    }
    store(output + start + cell, largest);
}

// One level's answers [B, 64 + classes (+ 32), cells] to [B, 4 + classes (+ 32), cells] in
// single precision: sixteen bits cannot tell neighbouring pixels apart at 2048. A block's
// x is a picture and in it either the box, as the first, or one of the other channels.
template <typename T>
__device__ void decode(uint channels, uint classes, uint width, uint cells, uint stride, const T *level,
                       float *output) {
    const uint cell = this_cell();
    if (cell >= cells) return;
    const uint parts = channels - 64 + 1;
    const uint picture = blockIdx.x / parts, part = blockIdx.x % parts;
    const T *from = level + (size_t)picture * channels * cells + cell;
    float *to = output + (size_t)picture * (channels - 60) * cells + cell;
    if (part > 0) {
        const float value = widen(from[(size_t)(63 + part) * cells]);
        to[(size_t)(3 + part) * cells] = part <= classes ? sigmoid(value) : value;
        return;
    }
    float sides[4];
    for (int side = 0; side < 4; ++side) {
        const T *bins = from + (size_t)side * 16 * cells;
        float largest = widen(bins[0]);
        for (int bin = 1; bin < 16; ++bin) largest = fmaxf(largest, widen(bins[(size_t)bin * cells]));
        float whole = 0.0f, mean = 0.0f;
        for (int bin = 0; bin < 16; ++bin) {
            const float share = expf(widen(bins[(size_t)bin * cells]) - largest);
            whole += share;
            mean += share * (float)bin;
        }
        sides[side] = mean / whole;
    }
    const float x = (float)(cell % width) + 0.5f, y = (float)(cell / width) + 0.5f;
    const float scale = (float)stride;
    to[0] = (x + (sides[2] - sides[0]) * 0.5f) * scale;
    to[cells] = (y + (sides[3] - sides[1]) * 0.5f) * scale;
    to[(size_t)2 * cells] = (sides[0] + sides[2]) * scale;
    to[(size_t)3 * cells] = (sides[1] + sides[3]) * scale;
}

#define ENTRIES(T, NAME) \
    extern "C" __global__ void finish_##NAME(uint channels, uint cells, uint activate, uint adds, \
                                             const T *values, const T *bias, const T *add, T *output) { \
        finish<T>(channels, cells, activate, adds, values, bias, add, output); \
    } \
    extern "C" __global__ void unfold_##NAME(uint height, uint width, uint out_width, uint cells, uint kernel, \
                                             uint stride, const T *input, T *output) { \
        unfold<T>(height, width, out_width, cells, kernel, stride, input, output); \
    } \
    extern "C" __global__ void depthwise_##NAME(uint channels, uint height, uint width, uint activate, \
                                                const T *input, const T *weight, const T *bias, T *output) { \
        depthwise<T>(channels, height, width, activate, input, weight, bias, output); \
    } \
    extern "C" __global__ void widest_##NAME(uint height, uint width, const T *input, T *output) { \
        widest<T>(height, width, input, output); \
    } \
    extern "C" __global__ void decode_##NAME(uint channels, uint classes, uint width, uint cells, uint stride, \
                                             const T *level, float *output) { \
        decode<T>(channels, classes, width, cells, stride, level, output); \
    }

ENTRIES(float, f32)
ENTRIES(__half, f16)
ENTRIES(__nv_bfloat16, bf16)
