//! What every step of a program is, to the team that runs it.

use std::fmt::Debug;

use super::plane::Memory;

/// What computes one step, in units of work that may run in any order and at the same
/// time.
pub(super) trait Kernel: Debug + Send + Sync {
    fn units(&self) -> usize;

    /// Numbers that a unit needs for itself.
    fn scratch(&self) -> usize {
        0
    }

    /// Runs one unit.
    ///
    /// # Safety
    ///
    /// The memory is as long as planned, `scratch` as asked for and used by nobody else.
    /// While the step runs, nothing else touches the planes it writes or reads.
    unsafe fn run(&self, unit: usize, memory: &Memory, scratch: *mut f32);
}
