//! The inner loops, written once against vectors of any width; `instruction_sets`
//! compiles each of them for every instruction set.

pub(super) mod decode;
pub(super) mod depthwise;
pub(super) mod softmax;
pub(super) mod tile;
pub(super) mod transform;
pub(super) mod widest;
