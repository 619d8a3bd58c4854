// All kernels, compiled as one.

#include "network.cu"

#undef ENTRIES

#include "detection.cu"
