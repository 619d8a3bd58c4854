//! Where feature maps lie in memory.
//!
//! Channels of a pixel are neighbours, then pixels of a row, then rows: the layout in
//! which a convolution reads and writes whole vectors without rearranging anything.
//! Around every map lies a border of zeros, so that no kernel asks whether a
//! neighbour exists.

/// Memory that a plane lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// Reused from map to map.
    Arena,
    /// The maps that are asked for, without borders.
    Asked,
}

/// Some channels of a map. Positions and steps are in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plane {
    pub(super) space: Space,
    /// The first of the channels, of the upper left pixel.
    pub(super) origin: usize,
    /// From one row to the next.
    pub(super) row: usize,
    /// From one pixel to the next.
    pub(super) pixel: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
}

/// Pixels left of, and rows above, every map.
pub(super) const BORDER: usize = 1;
/// Winograd works on squares of so many pixels, whose last may reach over the edge.
pub(super) const SQUARE: usize = 4;

/// The memory that the kernels of one picture work on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) arena: *mut f32,
    /// Rows of decoded boxes.
    pub(super) boxes: *mut f32,
    pub(super) maps: *mut f32,
    /// The upper left pixel of the input.
    pub(super) input: Pixels,
    /// From one channel, row and column of the input to the next.
    pub(super) input_steps: [usize; 3],
}

/// The first number of the input.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pixels {
    /// 0 to 1.
    Single(*const f32),
    /// 0 to 255.
    Bytes(*const u8),
}

// SAFETY: the kernels of a step write to disjoint places, and steps do not overlap in
// time: see `Program`.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

// === impl Memory ===

impl Memory {
    pub(super) fn base(&self, space: Space) -> *mut f32 {
        match space {
            Space::Arena => self.arena,
            Space::Asked => self.maps,
        }
    }

    /// Where a pixel's first channel is.
    ///
    /// # Safety
    ///
    /// The memory is the one that the plane was planned for.
    #[inline]
    pub(super) unsafe fn at(&self, plane: &Plane, y: usize, x: usize) -> *mut f32 {
        // SAFETY: the caller vouches for the plane; `plan` keeps it inside.
        unsafe {
            self.base(plane.space)
                .add(plane.origin + y * plane.row + x * plane.pixel)
        }
    }
}

// === impl Plane ===

impl Plane {
    pub(super) fn part(self, start: usize, channels: usize) -> Self {
        Self {
            origin: self.origin + start,
            channels,
            ..self
        }
    }

    /// Whether the pixels' channels follow one another without a gap.
    pub(super) fn is_dense(&self) -> bool {
        self.pixel == self.channels
    }

    /// Height and width, with borders.
    pub(super) fn bordered(height: usize, width: usize) -> (usize, usize) {
        let side = |length: usize| length.next_multiple_of(SQUARE) + 2 * BORDER;
        (side(height), side(width))
    }

    /// Zeroes what lies around the map, for these channels.
    ///
    /// # Safety
    ///
    /// The memory is the one that the plane was planned for, and nothing else uses the
    /// border meanwhile.
    pub(super) unsafe fn clear_border(&self, memory: &Memory) {
        let (rows, columns) = Self::bordered(self.height, self.width);
        let clear = |y: usize, x: usize, count: usize| {
            // SAFETY: the rows and columns of the border belong to the map.
            unsafe {
                let corner = memory.at(self, 0, 0).sub(BORDER * (self.row + self.pixel));
                let mut pixel = corner.add(y * self.row + x * self.pixel);
                for _ in 0..count {
                    pixel.write_bytes(0, self.channels);
                    pixel = pixel.add(self.pixel);
                }
            }
        };
        for y in 0..rows {
            if (BORDER..BORDER + self.height).contains(&y) {
                clear(y, 0, BORDER);
                let end = BORDER + self.width;
                clear(y, end, columns - end);
            } else {
                clear(y, 0, columns);
            }
        }
    }
}
