//! Memory for vectors: aligned to a cache line, allocated once.

/// One cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// Numbers in a cache line.
pub(super) const LINE: usize = 16;

/// Numbers, zero at first, that begin on a cache line.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers(Vec<Line>);

// === impl Numbers ===

impl Numbers {
    pub(super) fn zeroed(length: usize) -> Self {
        Self(vec![Line::default(); length.div_ceil(LINE)])
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() * LINE
    }

    /// Makes room for at least `length` numbers. What was there is lost.
    pub(super) fn reserve(&mut self, length: usize) {
        if self.len() < length {
            // Freed first, so that both are never there together.
            *self = Self::default();
            *self = Self::zeroed(length);
        }
    }

    pub(super) fn as_ptr(&self) -> *const f32 {
        self.0.as_ptr().cast()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        let length = self.len();
        // SAFETY: a line is sixteen numbers without padding, and all are initialised.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), length) }
    }
}
