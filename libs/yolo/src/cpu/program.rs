//! A graph compiled for one size of picture.

use std::time::Instant;

use rayon::ThreadPoolBuildError;

use super::answer;
use super::attention::Attention;
use super::convolution::Packed;
use super::decode::Decode;
use super::instruction_sets::Kernels;
use super::kernel::Kernel;
use super::numbers::Numbers;
use super::plan::Plan;
use super::plane::{Memory, Pixels, Plane};
use super::pool::{Double, Take, Widest};
use super::team::Team;
use crate::network::graph::{Graph, Heads, MapId, Operation, Slice, Step};
use crate::network::{Answers, STRIDES};
use crate::runner::StepTime;

/// The weights of a step, packed.
#[derive(Clone, Debug)]
pub(super) enum StepWeights {
    None,
    Convolution(Packed),
    /// One for each corner of the 2×2 that a pixel becomes.
    Spread(Vec<Packed>),
}

/// Kernels in order, and the memory they need.
#[derive(Debug)]
pub(super) struct Program {
    stages: Vec<Stage>,
    units: Vec<usize>,
    arena: usize,
    scratch: usize,
    /// Numbers of a picture's boxes.
    pub(super) boxes: usize,
    /// Numbers of the maps that are asked for.
    pub(super) maps: usize,
}

/// A kernel, and what has to be zero around what it writes.
#[derive(Debug)]
struct Stage {
    label: Label,
    kernel: Box<dyn Kernel>,
    borders: Vec<Plane>,
}

/// What a step is, for profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    name: String,
    kind: &'static str,
    operations: u64,
}

/// Threads, and the memory of one picture in work: kept from one to the next.
#[derive(Debug)]
pub(super) struct Workspace {
    team: Team,
    arena: Numbers,
    /// One for each thread.
    scratch: Vec<Numbers>,
}

/// One picture: its first number, and the steps from one channel, row and column to the
/// next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) values: Values<'a>,
    pub(super) steps: [usize; 3],
}

/// Pixels.
#[derive(Clone, Copy, Debug)]
pub(super) enum Values<'a> {
    /// 0 to 1.
    Single(&'a [f32]),
    /// 0 to 255.
    Bytes(&'a [u8]),
}

/// What a program is compiled for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) kernels: &'static Kernels,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) threads: usize,
}

// === impl Values ===

impl Values<'_> {
    /// The same without what comes before `first`.
    pub(super) fn from(self, first: usize) -> Self {
        match self {
            Self::Single(values) => Self::Single(&values[first..]),
            Self::Bytes(values) => Self::Bytes(&values[first..]),
        }
    }

    fn as_pixels(self) -> Pixels {
        match self {
            Self::Single(values) => Pixels::Single(values.as_ptr()),
            Self::Bytes(values) => Pixels::Bytes(values.as_ptr()),
        }
    }
}

// === impl Workspace ===

impl Workspace {
    pub(super) fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        Ok(Self {
            team: Team::new(threads)?,
            arena: Numbers::default(),
            scratch: vec![Numbers::default(); threads],
        })
    }

    fn reserve(&mut self, arena: usize, scratch: usize) {
        self.arena.reserve(arena);
        for of_thread in &mut self.scratch {
            of_thread.reserve(scratch);
        }
    }
}

// === impl Program ===

impl Program {
    /// Compiles a graph. With `answers`, its head is decoded.
    pub(super) fn compile(
        graph: &Graph,
        weights: &[StepWeights],
        answers: Option<&Answers>,
        target: Target,
    ) -> Self {
        let Target { height, width, .. } = target;
        let mut kept: Vec<MapId> = Vec::new();
        let mut boxes = 0;
        if let Some(answers) = answers {
            kept.extend(answers.levels.map(|level| level.map));
            let cells = answers.levels.map(|level| {
                let halvings = graph.shape(level.map).halvings;
                (height >> halvings) * (width >> halvings)
            });
            boxes = answers.rows() * cells.iter().sum::<usize>();
        }
        let plan = Plan::of(graph, &kept, (height, width));
        let mut compiler = Compiler {
            graph,
            plan: &plan,
            target,
            stages: Vec::new(),
        };
        compiler.take_input();
        for (index, (step, weights)) in graph.steps.iter().zip(weights).enumerate() {
            compiler.step(index + 1, step, weights);
        }
        if let Some(answers) = answers {
            compiler.decode(answers);
        }
        let stages = compiler.stages;
        let scratch = stages.iter().map(|stage| stage.kernel.scratch()).max();
        Self {
            units: stages.iter().map(|stage| stage.kernel.units()).collect(),
            stages,
            arena: plan.arena,
            scratch: scratch.unwrap_or(0),
            boxes,
            maps: plan.maps,
        }
    }

    /// Runs the program on pictures, one after another; `after` is told when a stage is
    /// complete.
    ///
    /// # Safety
    ///
    /// Each input covers a picture, each answer has room for boxes and maps, the processor
    /// has the kernels' instruction set, and nobody else uses the workspace.
    pub(super) unsafe fn run(
        &self,
        workspace: &mut Workspace,
        pictures: &[(Input, answer::Target)],
        after: impl FnMut(usize),
    ) {
        workspace.reserve(self.arena, self.scratch);
        let memories: Vec<Memory> = pictures
            .iter()
            .map(|(input, answer)| Memory {
                arena: workspace.arena.as_mut_ptr(),
                boxes: answer.boxes,
                maps: answer.maps,
                input: input.values.as_pixels(),
                input_steps: input.steps,
            })
            .collect();
        let scratch: Vec<Scratch> = workspace
            .scratch
            .iter_mut()
            .map(|scratch| Scratch(scratch.as_mut_ptr()))
            .collect();
        let count = self.stages.len();
        let work = |thread: usize, index: usize, unit: usize| {
            let memory = &memories[index / count];
            let Stage {
                kernel, borders, ..
            } = &self.stages[index % count];
            // SAFETY: memory and scratch have the planned lengths; each thread has its own
            // scratch; units write to disjoint places, and the team keeps steps apart.
            unsafe {
                if unit == 0 {
                    for plane in borders {
                        plane.clear_border(memory);
                    }
                }
                kernel.run(unit, memory, scratch[thread].0);
            }
        };
        let units = self.units.repeat(pictures.len());
        workspace.team.run(&units, work, after);
    }

    /// Runs the program on a picture and says how long each step took.
    ///
    /// # Safety
    ///
    /// As for [`Self::run`].
    pub(super) unsafe fn profile(
        &self,
        workspace: &mut Workspace,
        picture: (Input, answer::Target),
        times: &mut Vec<StepTime>,
    ) {
        #[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
        let clock = Instant::now;
        let mut last = clock();
        let after = |index: usize| {
            let now = clock();
            let Label {
                name,
                kind,
                operations,
            } = self.stages[index].label.clone();
            times.push(StepTime {
                name,
                kind,
                operations,
                time: now - last,
            });
            last = now;
        };
        // SAFETY: handed on.
        unsafe { self.run(workspace, &[picture], after) };
    }
}

/// A pointer that is used by one thread at a time.
#[derive(Clone, Copy)]
struct Scratch(*mut f32);

// SAFETY: each thread uses its own.
unsafe impl Send for Scratch {}
// SAFETY: as above.
unsafe impl Sync for Scratch {}

/// Turns steps into stages.
struct Compiler<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    target: Target,
    stages: Vec<Stage>,
}

// === impl Compiler ===

impl Compiler<'_> {
    fn plane(&self, slice: Slice) -> Plane {
        self.plan.planes[slice.map.0].part(slice.start, slice.channels)
    }

    fn push(&mut self, label: Label, kernel: Box<dyn Kernel>) {
        let borders = Vec::new();
        self.stages.push(Stage {
            label,
            kernel,
            borders,
        });
    }

    fn take_input(&mut self) {
        let Some(input) = self.graph.input else {
            return;
        };
        let to = self.plan.planes[input.0];
        self.push(label("input", "copy", 0), Box::new(Take { to }));
        self.clear(0, 0);
    }

    /// Lets the stages from `first` on begin with clean borders for what step `index` writes.
    fn clear(&mut self, index: usize, first: usize) {
        let maps = self.plan.borders[index].iter();
        let planes = maps.map(|map| self.plan.planes[map.0]);
        self.stages[first].borders = planes.collect();
    }

    fn step(&mut self, index: usize, step: &Step, weights: &StepWeights) {
        let first = self.stages.len();
        let (from, to) = (self.plane(step.from), self.plane(step.to));
        let Target {
            kernels, threads, ..
        } = self.target;
        match (&step.operation, weights) {
            (Operation::Convolve { layer, add }, StepWeights::Convolution(packed)) => {
                let add = add.map(|add| self.plane(add));
                let filter: usize = layer.geometry.weight_shape()[1..].iter().product();
                let label = label(&layer.name, packed.kind(), work(filter, to));
                self.push(label, packed.kernel(from, to, add, threads));
            }
            (Operation::Spread(spread), StepWeights::Spread(corners)) => {
                for (corner, packed) in corners.iter().enumerate() {
                    let to = every_other(to, corner);
                    let label = label(&spread.name, packed.kind(), work(spread.channels, to));
                    self.push(label, packed.kernel(from, to, None, threads));
                }
            }
            (Operation::Double, _) => {
                self.push(label("double", "copy", 0), Box::new(Double { from, to }));
            }
            (Operation::Widest, _) => {
                let kernel = Widest { kernels, from, to };
                self.push(label("widest", "pool", 0), Box::new(kernel));
            }
            (Operation::Attend(heads), _) => {
                let kernel = Attention::new(kernels, *heads, from, to, threads);
                let label = label("attention", "attention", mixing(*heads, to));
                self.push(label, Box::new(kernel));
            }
            (Operation::Convolve { .. } | Operation::Spread(_), _) => {
                unreachable!("weights are packed for the step they belong to")
            }
        }
        self.clear(index, first);
    }

    fn decode(&mut self, answers: &Answers) {
        let mut first = 0;
        for (level, stride) in answers.levels.into_iter().zip(STRIDES) {
            let from = self.plane(level);
            let kernel = Decode {
                kernels: self.target.kernels,
                from,
                first,
                rows: answers.rows(),
                classes: answers.classes,
                #[expect(clippy::cast_precision_loss, reason = "8, 16 or 32")]
                stride: stride as f32,
            };
            self.push(label("boxes", "decode", 0), Box::new(kernel));
            first += from.height * from.width;
        }
    }
}

fn label(name: &str, kind: &'static str, operations: u64) -> Label {
    Label {
        name: name.to_owned(),
        kind,
        operations,
    }
}

/// Multiplications and additions of filters of this length.
fn work(filter: usize, to: Plane) -> u64 {
    let numbers = 2 * filter * to.channels * to.height * to.width;
    u64::try_from(numbers).unwrap_or(u64::MAX)
}

fn mixing(heads: Heads, to: Plane) -> u64 {
    let positions = to.height * to.width;
    let of_pair = 2 * heads.count * (heads.keys + heads.values);
    u64::try_from(of_pair * positions * positions).unwrap_or(u64::MAX)
}

/// One of the four pixels of every 2×2.
fn every_other(plane: Plane, corner: usize) -> Plane {
    let (down, across) = (corner / 2, corner % 2);
    Plane {
        origin: plane.origin + down * plane.row + across * plane.pixel,
        row: 2 * plane.row,
        pixel: 2 * plane.pixel,
        height: plane.height / 2,
        width: plane.width / 2,
        ..plane
    }
}
