//! Threads that go through the same steps together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Looks at the barrier before the processor is offered to others: about ten
/// microseconds, longer than nearly every wait for a thread that is running.
const SPINS: u32 = 2_000;

/// Where threads wait for each other. Waiting spins, because steps take microseconds
/// and waking a sleeping thread takes as long.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    waiting: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
}

/// Breaks the barrier when its thread panics, so that the others do not wait for ever.
struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Release);
        }
    }
}

// === impl Barrier ===

impl Barrier {
    fn new(threads: usize) -> Self {
        Self {
            threads,
            waiting: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        }
    }

    /// Returns once every thread has called it as often.
    fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::Acquire);
        if self.waiting.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.store(0, Ordering::Release);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut spins = 0;
        while self.round.load(Ordering::Acquire) == round {
            assert!(
                !self.broken.load(Ordering::Acquire),
                "another thread of the team panicked"
            );
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

/// Calls `work(thread, step, unit)` for all units of each step, on so many threads; a
/// step begins when the one before is complete. `after(step)` runs on the first thread
/// once the step is complete.
///
/// A panic of `work` panics here.
pub(super) fn run<W, A>(threads: usize, units: &[usize], work: W, mut after: A)
where
    W: Fn(usize, usize, usize) + Sync,
    A: FnMut(usize),
{
    let barrier = Barrier::new(threads);
    let next: Vec<AtomicUsize> = units.iter().map(|_| AtomicUsize::new(0)).collect();
    let go = |thread: usize, after: &mut dyn FnMut(usize)| {
        let guard = Guard(&barrier);
        for (step, (count, next)) in units.iter().zip(&next).enumerate() {
            loop {
                // Whoever is free takes the next unit: a thread that was held up takes fewer.
                let unit = next.fetch_add(1, Ordering::Relaxed);
                if unit >= *count {
                    break;
                }
                work(thread, step, unit);
            }
            barrier.wait();
            after(step);
        }
        drop(guard);
    };
    std::thread::scope(|scope| {
        let go = &go;
        for thread in 1..threads {
            scope.spawn(move || go(thread, &mut |_| ()));
        }
        go(0, &mut after);
    });
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::run;

    #[test]
    fn every_unit_runs_once_and_steps_do_not_overlap() {
        let units = [7, 1, 0, 64];
        let done: Vec<AtomicUsize> = units.iter().map(|_| AtomicUsize::new(0)).collect();
        let mut finished = Vec::new();

        run(
            3,
            &units,
            |_, step, _| {
                for before in 0..step {
                    assert_eq!(done[before].load(Ordering::Relaxed), units[before]);
                }
                done[step].fetch_add(1, Ordering::Relaxed);
            },
            |step| finished.push(step),
        );

        let counts: Vec<usize> = done
            .iter()
            .map(|done| done.load(Ordering::Relaxed))
            .collect();
        assert_eq!(counts, units);
        assert_eq!(finished, [0, 1, 2, 3]);
    }

    #[test]
    fn a_panic_ends_the_whole_team() {
        let fall = |_, step, unit| assert!((step, unit) != (1, 2), "on purpose");

        let fallen = catch_unwind(AssertUnwindSafe(|| run(2, &[4, 4, 4], fall, |_| ())));

        assert!(fallen.is_err());
    }
}
