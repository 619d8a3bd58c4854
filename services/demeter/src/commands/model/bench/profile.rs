//! Where the time of a forward pass goes, layer by layer.

use std::collections::BTreeMap;

use candle_core::Tensor;
use demeter_yolo::{Model, StepTime};

use crate::terminal;

/// Time and operations of some steps.
#[derive(Clone, Copy, Default)]
struct Sum {
    ms: f64,
    operations: u64,
}

// === impl Sum ===

impl Sum {
    fn add(&mut self, step: &StepTime) {
        self.ms += milliseconds(step);
        self.operations += step.operations;
    }

    /// Billions of operations of the plain formula in a second: a convolution that needs
    /// fewer of them may be above what the processor can do.
    fn billions(self) -> String {
        if self.operations == 0 {
            return "-".to_owned();
        }
        #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
        let rate = self.operations as f64 / self.ms / 1e6;
        format!("{rate:.1}")
    }
}

/// Prints the median time of every step over some runs, then the sums of each kind.
pub(super) fn print(model: &Model, input: &Tensor, runs: u32) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for _ in 0..runs {
        all.push(model.profile(input)?);
    }
    let steps = medians(&all);
    let total: f64 = steps.iter().map(milliseconds).sum();
    let mut kinds: BTreeMap<&str, Sum> = BTreeMap::new();
    terminal::print(&line("layer", "kind", "ms", "GFLOP/s", "share"));
    for step in &steps {
        let mut sum = Sum::default();
        sum.add(step);
        kinds.entry(step.kind).or_default().add(step);
        show(&step.name, step.kind, sum, total);
    }
    for (kind, sum) in kinds {
        show("all", kind, sum, total);
    }
    terminal::print(&line("all", "", &format!("{total:.3}"), "", ""));
    Ok(())
}

/// Every step with its median time.
fn medians(runs: &[Vec<StepTime>]) -> Vec<StepTime> {
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let median = |(index, step): (usize, &StepTime)| {
        let mut times: Vec<_> = runs.iter().map(|run| run[index].time).collect();
        times.sort_unstable();
        StepTime {
            time: times[times.len() / 2],
            ..step.clone()
        }
    };
    first.iter().enumerate().map(median).collect()
}

fn show(name: &str, kind: &str, sum: Sum, total: f64) {
    let share = format!("{:.1} %", 100.0 * sum.ms / total);
    let ms = format!("{:.3}", sum.ms);
    terminal::print(&line(name, kind, &ms, &sum.billions(), &share));
}

fn line(name: &str, kind: &str, ms: &str, rate: &str, share: &str) -> String {
    let line = format!("{name:<26} {kind:<10} {ms:>8} {rate:>8} {share:>8}");
    line.trim_end().to_owned()
}

fn milliseconds(step: &StepTime) -> f64 {
    step.time.as_secs_f64() * 1e3
}
