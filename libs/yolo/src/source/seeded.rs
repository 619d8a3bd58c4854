//! Random weights from a seed, for tests and benchmarks.

use super::Source;
use crate::Result;

/// Answers every name with values drawn from one sequence.
pub(crate) struct Seeded {
    state: u64,
}

// === impl Seeded ===

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// splitmix64, mapped to -1..1.
    fn next(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let top = u16::try_from(mixed >> 48).unwrap_or_default();
        f32::from(top) / 32768.0 - 1.0
    }
}

impl Source for Seeded {
    fn shape(&self, _name: &str) -> Option<Vec<usize>> {
        None
    }

    fn read(&mut self, _name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let count: usize = shape.iter().product();
        let fan_in: usize = shape.iter().skip(1).product();
        let fan_in = f32::from(u16::try_from(fan_in).unwrap_or(u16::MAX));
        // Keeps the variance of the activations near one from layer to layer.
        let gain = (3.0 / fan_in.max(1.0)).sqrt();
        Ok((0..count).map(|_| self.next() * gain).collect())
    }

    fn classes(&self) -> Option<Vec<String>> {
        None
    }
}
