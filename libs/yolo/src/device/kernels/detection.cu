// What comes before and after the network: pictures are fitted into its input, double
// boxes are suppressed, and masks are drawn.

#include "common.cuh"

// How a picture lies in the pixels of all pictures, and in the network's input: see
// `Placed` in detect.rs.
struct Placed {
    uint start, width, height;
    uint inner_width, inner_height, left, top;
};

// The grey around a picture, as in training.
#define GREY 114.0f

// The two pixels that a place lies between, and how much of the second it has.
struct Between {
    uint first, second;
    float share;
};

// The nearest place between `length` pixels.
__device__ __forceinline__ Between between(float place, uint length) {
    place = fminf(fmaxf(place, 0.0f), (float)(length - 1));
    const uint first = (uint)place;
    return {first, min(first + 1, length - 1), place - (float)first};
}

__device__ __forceinline__ float blend(Between place, float first, float second) {
    return first * (1.0f - place.share) + second * place.share;
}

// Fits pictures, RGB after RGB in `pixels`, into an input [B, 3, H, W] of 0 to 1. What
// is resized is weighed by the distance to the four nearest pixels and becomes a whole
// number of 0 to 255 first, as on the processor.
template <typename T>
__device__ void fit(uint height, uint width, const unsigned char *pixels, const uint *placed, T *output) {
    const uint cell = this_cell();
    if (cell >= height * width) return;
    const uint picture = blockIdx.x / 3, channel = blockIdx.x % 3;
    const Placed at = ((const Placed *)placed)[picture];
    const uint row = cell / width - at.top, column = cell % width - at.left;
    float value = GREY;
    // What lies before the picture has wrapped around.
    if (row < at.inner_height && column < at.inner_width) {
        const float down = (float)at.height / (float)at.inner_height;
        const float across = (float)at.width / (float)at.inner_width;
        const Between y = between(((float)row + 0.5f) * down - 0.5f, at.height);
        const Between x = between(((float)column + 0.5f) * across - 0.5f, at.width);
        const unsigned char *from = pixels + (size_t)at.start * 3 + channel;
        const unsigned char *upper = from + (size_t)y.first * at.width * 3;
        const unsigned char *lower = from + (size_t)y.second * at.width * 3;
        const float above = blend(x, (float)upper[x.first * 3], (float)upper[x.second * 3]);
        const float below = blend(x, (float)lower[x.first * 3], (float)lower[x.second * 3]);
        value = rintf(blend(y, above, below));
    }
    store(output + (size_t)blockIdx.x * height * width + cell, value / 255.0f);
}

#define ENTRIES(T, NAME) \
    extern "C" __global__ void fit_##NAME(uint height, uint width, const unsigned char *pixels, \
                                          const uint *placed, T *output) { \
        fit<T>(height, width, pixels, placed, output); \
    }

ENTRIES(float, f32)
ENTRIES(__half, f16)
ENTRIES(__nv_bfloat16, bf16)

// The best class of every anchor: of boxes [B, channels, anchors] to [B, 2, anchors], its
// confidence and its number. The confidence is -1 where it is too low. A plane is a
// picture.
extern "C" __global__ void choose(uint channels, uint classes, uint anchors, float least, const float *boxes,
                                  float *output) {
    const uint anchor = this_cell();
    if (anchor >= anchors) return;
    const float *scores = boxes + ((size_t)blockIdx.x * channels + 4) * anchors + anchor;
    float confidence = 0.0f;
    uint best = 0;
    for (uint candidate = 0; candidate < classes; ++candidate) {
        const float score = scores[(size_t)candidate * anchors];
        if (score > confidence) {
            confidence = score;
            best = candidate;
        }
    }
    float *to = output + (size_t)blockIdx.x * 2 * anchors + anchor;
    to[0] = confidence >= least ? confidence : -1.0f;
    to[anchors] = (float)best;
}

// Anchors by falling confidence, equals by their number: to [B, anchors], of which so many
// places are written as there are candidates, at most `most`. They are counted from 1; 0
// ends them. A plane is a picture.
//
// Every candidate counts who comes before it. That is more work than sorting, spread over
// more threads than there would be for it.
extern "C" __global__ void rank(uint anchors, uint most, const float *chosen, uint *output) {
    const uint anchor = this_cell();
    if (anchor >= anchors) return;
    const float *confidences = chosen + (size_t)blockIdx.x * 2 * anchors;
    const float mine = confidences[anchor];
    if (mine < 0.0f) return;
    uint before = 0;
    for (uint other = 0; other < anchors; ++other) {
        const float theirs = confidences[other];
        before += theirs > mine || (theirs == mine && other < anchor);
    }
    if (before < most) output[(size_t)blockIdx.x * anchors + before] = anchor + 1;
}

struct Corners {
    float left, top, right, bottom;
};

// Left, top, right and bottom of an anchor's box, given by its centre, width and height.
__device__ __forceinline__ Corners corners(const float *boxes, uint anchors, uint anchor) {
    const float x = boxes[anchor], y = boxes[anchors + anchor];
    const float right = boxes[(size_t)2 * anchors + anchor] / 2.0f;
    const float down = boxes[(size_t)3 * anchors + anchor] / 2.0f;
    return {x - right, y - down, x + right, y + down};
}

__device__ __forceinline__ float area(Corners box) { return (box.right - box.left) * (box.bottom - box.top); }

// Intersection over union.
__device__ __forceinline__ float overlap(Corners a, Corners b) {
    const float width = fminf(a.right, b.right) - fmaxf(a.left, b.left);
    const float height = fminf(a.bottom, b.bottom) - fmaxf(a.top, b.top);
    if (width <= 0.0f || height <= 0.0f) return 0.0f;
    const float shared = width * height;
    return shared / (area(a) + area(b) - shared);
}

// Keeps at most `most` of the ranked boxes of each picture, of two alike of one class the
// better: to [B, most, 3 + channels - classes]. A row holds the corners, the confidence,
// the class, the anchor counted from 1, and the mask coefficients; 0 ends the rows. One
// block for each picture.
extern "C" __global__ void suppress(uint channels, uint classes, uint anchors, uint most, float threshold,
                                    const float *boxes, const float *chosen, const uint *ranked, float *output) {
    // A bit for each candidate that is like a better one.
    extern __shared__ uint gone[];
    boxes += (size_t)blockIdx.x * channels * anchors;
    chosen += (size_t)blockIdx.x * 2 * anchors;
    ranked += (size_t)blockIdx.x * anchors;
    const uint width = 3 + channels - classes;
    output += (size_t)blockIdx.x * most * width;
    for (uint word = threadIdx.x; word < (anchors + 31) / 32; word += blockDim.x) gone[word] = 0;
    __syncthreads();
    uint kept = 0;
    for (uint place = 0; place < anchors && kept < most && ranked[place] > 0; ++place) {
        // Bits up to this place change no more; those that do are of later ones.
        if (((volatile uint *)gone)[place / 32] >> (place % 32) & 1) continue;
        const uint anchor = ranked[place] - 1;
        const Corners box = corners(boxes, anchors, anchor);
        const float best = chosen[anchors + anchor];
        for (uint later = place + 1 + threadIdx.x; later < anchors; later += blockDim.x) {
            if (ranked[later] == 0) break;
            const uint other = ranked[later] - 1;
            if (chosen[anchors + other] != best) continue;
            if (overlap(box, corners(boxes, anchors, other)) > threshold) {
                atomicOr(gone + later / 32, 1u << (later % 32));
            }
        }
        float *row = output + (size_t)kept * width;
        if (threadIdx.x == 0) {
            row[0] = box.left;
            row[1] = box.top;
            row[2] = box.right;
            row[3] = box.bottom;
            row[4] = chosen[anchor];
            row[5] = best;
            row[6] = (float)(anchor + 1);
        }
        for (uint extra = threadIdx.x; extra < width - 7; extra += blockDim.x) {
            row[7 + extra] = boxes[(size_t)(4 + classes + extra) * anchors + anchor];
        }
        ++kept;
        __syncthreads();
    }
}

// A box whose mask is drawn, in pixels of its picture: see `Outline` in detect.rs.
struct Outline {
    uint left, top, width, height, start;
};

// Masks of one picture's boxes, one after another: 1 where the prototypes [depth, H, W],
// weighed by a box's coefficients, are above zero. Input pixels are picture pixels by
// `across` and `down`, moved by `left` and `top`; prototypes are four times as large. A
// plane is a box, its cells are those of the largest.
extern "C" __global__ void outline(uint height, uint width, uint depth, float across, float down, float left,
                                   float top, const float *prototypes, const float *rows, const uint *outlines,
                                   unsigned char *output) {
    const Outline mask = ((const Outline *)outlines)[blockIdx.x];
    const uint cell = this_cell();
    if (cell >= mask.width * mask.height) return;
    const float column = (float)(mask.left + cell % mask.width) + 0.5f;
    const float row = (float)(mask.top + cell / mask.width) + 0.5f;
    const Between x = between((column * across + left) / 4.0f - 0.5f, width);
    const Between y = between((row * down + top) / 4.0f - 0.5f, height);
    const float *coefficients = rows + (size_t)blockIdx.x * (7 + depth) + 7;
    const float *upper = prototypes + (size_t)y.first * width, *lower = prototypes + (size_t)y.second * width;
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (uint nth = 0; nth < depth; ++nth) {
        const size_t plane = (size_t)nth * height * width;
        const float weight = coefficients[nth];
        sums[0] += weight * upper[plane + x.first];
        sums[1] += weight * upper[plane + x.second];
        sums[2] += weight * lower[plane + x.first];
        sums[3] += weight * lower[plane + x.second];
    }
    const float value = blend(y, blend(x, sums[0], sums[1]), blend(x, sums[2], sums[3]));
    output[mask.start + cell] = value > 0.0f;
}
