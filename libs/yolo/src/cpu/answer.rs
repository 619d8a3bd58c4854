//! Room for what the network answers, filled by kernels.

/// Boxes of all pictures, then maps of all pictures; not written yet.
#[derive(Debug)]
pub(super) struct Answer {
    values: Vec<f32>,
    batch: usize,
    /// Numbers of one picture.
    boxes: usize,
    maps: usize,
}

/// Where one picture's answer goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) boxes: *mut f32,
    pub(super) maps: *mut f32,
}

// SAFETY: the room is only written through `Target`, a picture's by who runs it.
unsafe impl Sync for Answer {}

// === impl Answer ===

impl Answer {
    /// For a batch, each picture's answer of so many numbers.
    pub(super) fn room((boxes, maps): (usize, usize), batch: usize) -> Self {
        Self {
            // Zeroing megabytes that are about to be written would be felt.
            values: Vec::with_capacity(batch * (boxes + maps)),
            batch,
            boxes,
            maps,
        }
    }

    pub(super) fn of(&self, picture: usize) -> Target {
        assert!(picture < self.batch, "a picture of the batch");
        let first = self.values.as_ptr().cast_mut();
        // SAFETY: both lie inside the capacity.
        unsafe {
            Target {
                boxes: first.add(picture * self.boxes),
                maps: first.add(self.batch * self.boxes + picture * self.maps),
            }
        }
    }

    /// The numbers.
    ///
    /// # Safety
    ///
    /// A program has run for every picture.
    pub(super) unsafe fn complete(mut self) -> Vec<f32> {
        // SAFETY: a program writes all boxes and all pixels of the maps.
        unsafe { self.values.set_len(self.batch * (self.boxes + self.maps)) };
        self.values
    }
}
