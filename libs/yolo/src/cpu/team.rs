//! Threads that go through the same steps together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Looks at a step before the processor is offered to others: about ten microseconds,
/// longer than nearly every wait for a thread that is running.
const SPINS: u32 = 2_000;

/// The thread that calls, and helpers that sleep between calls: starting a thread can take
/// as long as a tenth of a network.
#[derive(Debug)]
pub(super) struct Team {
    /// None for a thread that works alone.
    helpers: Option<ThreadPool>,
}

/// How far the units of one step are.
#[derive(Debug, Default)]
struct Progress {
    taken: AtomicUsize,
    done: AtomicUsize,
}

/// Tells the others when its thread panics, so that they do not wait for ever.
struct Guard<'a>(&'a AtomicBool);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Release);
        }
    }
}

// === impl Team ===

impl Team {
    /// So many threads, the calling one among them.
    pub(super) fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let builder = ThreadPoolBuilder::new().num_threads(threads.saturating_sub(1));
        let builder = builder.thread_name(|index| format!("network-{}", index + 1));
        let helpers = (threads > 1).then(|| builder.build()).transpose()?;
        Ok(Self { helpers })
    }

    /// Calls `work(thread, step, unit)` for all units of each step; a step begins when the
    /// one before is complete. `after(step)` runs on the calling thread once the step is
    /// complete.
    ///
    /// A panic of `work` panics here.
    pub(super) fn run<W, A>(&self, units: &[usize], work: W, mut after: A)
    where
        W: Fn(usize, usize, usize) + Sync,
        A: FnMut(usize),
    {
        let progress: Vec<Progress> = units.iter().map(|_| Progress::default()).collect();
        let broken = AtomicBool::new(false);
        let go = |thread: usize, after: &mut dyn FnMut(usize)| {
            let guard = Guard(&broken);
            for (step, (count, progress)) in units.iter().zip(&progress).enumerate() {
                progress.work(*count, |unit| work(thread, step, unit));
                progress.wait(*count, &broken);
                after(step);
            }
            drop(guard);
        };
        let Some(helpers) = &self.helpers else {
            return go(0, &mut after);
        };
        helpers.in_place_scope(|scope| {
            let go = &go;
            scope.spawn_broadcast(move |_, helper| go(helper.index() + 1, &mut |_| ()));
            go(0, &mut after);
        });
    }
}

// === impl Progress ===

impl Progress {
    /// Takes units until none is left. Whoever is free takes the next one: a thread that
    /// was held up takes fewer, and one that comes late none.
    fn work(&self, count: usize, work: impl Fn(usize)) {
        let mut done = 0;
        loop {
            let unit = self.taken.fetch_add(1, Ordering::Relaxed);
            if unit >= count {
                break;
            }
            work(unit);
            done += 1;
        }
        if done > 0 {
            self.done.fetch_add(done, Ordering::Release);
        }
    }

    /// Returns once all units are done. It spins, because steps take microseconds and
    /// waking a sleeping thread takes longer.
    fn wait(&self, count: usize, broken: &AtomicBool) {
        let mut spins = 0;
        while self.done.load(Ordering::Acquire) < count {
            assert!(
                !broken.load(Ordering::Acquire),
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Team;

    #[test]
    fn every_unit_runs_once_and_steps_do_not_overlap() {
        let units = [7, 1, 0, 64];
        let done: Vec<AtomicUsize> = units.iter().map(|_| AtomicUsize::new(0)).collect();
        let mut finished = Vec::new();

        Team::new(3).unwrap().run(
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
    fn a_thread_that_is_held_up_or_late_holds_nobody_up_and_misses_nothing() {
        // More threads than cores, so that some begin when others have ended.
        let team = Team::new(5).unwrap();
        for round in 0..300 {
            let units = [3, 1, 8, 2, 5];
            let sums: Vec<AtomicUsize> = units.iter().map(|_| AtomicUsize::new(0)).collect();

            team.run(
                &units,
                |thread, step, unit| {
                    if (thread + step + unit + round) % 7 == 0 {
                        std::thread::yield_now();
                    }
                    // What a step reads is what the one before has written in full.
                    let before = step.checked_sub(1).map(|step| &sums[step]);
                    let before = before.map_or(0, |sum| sum.load(Ordering::Relaxed));
                    sums[step].fetch_add(before + unit, Ordering::Relaxed);
                },
                |_| (),
            );

            let mut expected = Vec::new();
            for (step, count) in units.into_iter().enumerate() {
                let before = step.checked_sub(1).map_or(0, |step| expected[step]);
                expected.push(count * before + (0..count).sum::<usize>());
            }
            let sums: Vec<usize> = sums.into_iter().map(AtomicUsize::into_inner).collect();
            assert_eq!(sums, expected);
        }
    }

    #[test]
    fn a_panic_ends_the_whole_team() {
        let fall = |_, step, unit| assert!((step, unit) != (1, 2), "on purpose");

        let fallen = catch_unwind(AssertUnwindSafe(|| {
            Team::new(2).unwrap().run(&[4, 4, 4], fall, |_| ());
        }));

        assert!(fallen.is_err());
    }
}
