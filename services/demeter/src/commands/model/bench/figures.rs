//! What a benchmark reports: times in order, memory of this process.

use std::fs;

/// Milliseconds of every run, at least one, in the order they were taken.
pub(super) struct Times(pub(super) Vec<f64>);

/// Bytes in physical memory, where the system tells.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) resident: Option<u64>,
    /// The most there ever was.
    pub(super) peak: Option<u64>,
}

// === impl Times ===

impl Times {
    pub(super) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        if sorted.len().is_multiple_of(2) {
            return f64::midpoint(sorted[middle - 1], sorted[middle]);
        }
        sorted[middle]
    }

    /// The smallest time that 95 % of all runs kept to.
    pub(super) fn p95(&self) -> f64 {
        let sorted = self.sorted();
        sorted[(sorted.len() * 95).div_ceil(100) - 1]
    }

    pub(super) fn min(&self) -> f64 {
        self.sorted()[0]
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

// === impl Memory ===

impl Memory {
    pub(super) fn now() -> Self {
        fs::read_to_string("/proc/self/status")
            .map_or_else(|_| Self::default(), |text| Self::parse(&text))
    }

    fn parse(status: &str) -> Self {
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kibibytes << 10)
        };
        Self {
            resident: field("VmRSS:"),
            peak: field("VmHWM:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Memory, Times};

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn times_are_summed_up_whatever_their_order() {
        let few = Times(vec![4.0, 1.0, 2.0, 3.0]);
        let many = Times((1..=100).rev().map(f64::from).collect());

        assert_eq!([few.median(), few.p95(), few.min()], [2.5, 4.0, 1.0]);
        assert_eq!([many.median(), many.p95(), many.min()], [50.5, 95.0, 1.0]);
        assert_eq!(Times(vec![7.0]).p95(), 7.0);
    }

    #[test]
    fn memory_is_read_from_the_status_page() {
        let status = "Name:\tdemeter\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n";

        let Memory { resident, peak } = Memory::parse(status);

        assert_eq!(resident, Some(1024 << 10));
        assert_eq!(peak, Some(2048 << 10));
        assert_eq!(Memory::parse("Name:\tdemeter\n").peak, None);
    }
}
