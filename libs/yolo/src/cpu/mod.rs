//! The network on the processor: kernels of our own, compiled into a program for each
//! size of picture.
//!
//! A program is a list of steps on one piece of memory, the arena, in which maps that
//! are never needed together share places (`plan`). Each step is a kernel whose work is
//! cut into units; a team of threads takes units until none is left, then goes on to the
//! next step together (`team`). Steady state allocates the answer, and nothing per layer.
//!
//! Inner loops are written once against vectors of any width (`loops`, `simd`) and compiled for
//! AVX-512, AVX2 and anything else; the best is chosen when the network is loaded
//! (`instruction_sets`). Nearly all time is spent in one of them: the register tile (`loops::tile`).
//!
//! This crate's `unsafe` is here, and where `device` launches kernels on a GPU: kernels
//! work on pointers because neither bounds checks nor disjoint mutable slices can be had
//! at their speed. Nothing outside can
//! reach them but through [`Executor`], whose plan decides every address.
#![expect(
    unsafe_code,
    reason = "vector instructions and one arena for all threads"
)]
#![warn(clippy::undocumented_unsafe_blocks)]
#![expect(
    clippy::inline_always,
    reason = "kernels are compiled once per instruction set"
)]

mod answer;
mod attention;
mod convolution;
mod decode;
mod detect;
mod instruction_sets;
mod kernel;
mod loops;
mod numbers;
mod plan;
mod plane;
mod pool;
mod program;
mod simd;
mod team;

use std::sync::{Arc, Mutex, PoisonError};

use answer::Answer;
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Storage, Tensor, bail};
use convolution::Packed;
use detect::Answered;
#[cfg(test)]
pub(crate) use instruction_sets::available;
pub(crate) use instruction_sets::{Kernels, best};
use numbers::Numbers;
use program::{Input, Program, StepWeights, Target, Values, Workspace};

use crate::detection::{Detection, Options};
use crate::letterbox::Fitted;
use crate::network::graph::{Graph, Operation};
use crate::network::{Answers, COEFFICIENTS, Network};
use crate::runner::{Runner, StepTime};
use crate::{Error, Prediction, Result};

/// Sizes of pictures whose programs are kept: a photo has one or two.
const PROGRAMS: usize = 8;

/// A network ready to run on the processor.
#[derive(Debug)]
pub(crate) struct Executor {
    graph: Graph,
    weights: Vec<StepWeights>,
    /// What is decoded; none for a graph that is a part of a network.
    answers: Option<Answers>,
    kernels: &'static Kernels,
    threads: usize,
    /// Most recently used last.
    programs: Mutex<Vec<(Size, Arc<Program>)>>,
    /// One pass at a time: two would only take each other's cores and cache.
    workspace: Mutex<Option<Workspace>>,
    /// Room for the answer of one picture, kept from one to the next: as new memory it
    /// would be cold.
    room: Mutex<Numbers>,
}

/// Height and width of the pictures that a program is for.
type Size = (usize, usize);

// === impl Executor ===

impl Executor {
    pub(crate) fn new(network: Network, kernels: &'static Kernels) -> Self {
        Self::of_graph(network.graph, Some(network.answers), kernels)
    }

    /// Packs the weights of a graph, and drops them as they were.
    fn of_graph(mut graph: Graph, answers: Option<Answers>, kernels: &'static Kernels) -> Self {
        let steps = graph.steps.iter_mut();
        let weights = steps.map(|step| match &mut step.operation {
            Operation::Convolve { layer, .. } => {
                let packed = Packed::new(layer, kernels);
                layer.weight = Vec::new();
                StepWeights::Convolution(packed)
            }
            Operation::Spread(spread) => {
                let corners = convolution::corners(spread);
                spread.weight = Vec::new();
                let packed = corners.iter().map(|corner| Packed::new(corner, kernels));
                StepWeights::Spread(packed.collect())
            }
            Operation::Double | Operation::Widest | Operation::Attend(_) => StepWeights::None,
        });
        let weights = weights.collect();
        Self {
            graph,
            weights,
            answers,
            kernels,
            threads: 1,
            programs: Mutex::default(),
            workspace: Mutex::default(),
            room: Mutex::default(),
        }
    }

    /// The maps that a graph asks for, pixel by pixel.
    #[cfg(test)]
    fn maps(&self, input: &Tensor) -> Result<Vec<f32>> {
        Ok(input.apply_op1_no_bwd(&Forward(self))?.to_vec1()?)
    }

    /// The pictures, if they have as many channels as the graph takes in.
    fn pictures<'a>(
        &self,
        storage: &'a CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<Pictures<'a>> {
        let (_, channels, _, _) = layout.shape().dims4()?;
        let taken = self
            .graph
            .input
            .map(|input| self.graph.shape(input).channels);
        if taken != Some(channels) {
            bail!("pictures of {channels} channels where {taken:?} are taken in");
        }
        Pictures::of(storage, layout)
    }

    /// The program for one size of picture.
    fn program(&self, height: usize, width: usize) -> Arc<Program> {
        let size = (height, width);
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = programs.iter().position(|(known, _)| *known == size) {
            let found = programs.remove(index);
            let program = Arc::clone(&found.1);
            programs.push(found);
            return program;
        }
        let target = Target {
            kernels: self.kernels,
            height,
            width,
            threads: self.threads,
        };
        let answers = self.answers.as_ref();
        let program = Program::compile(&self.graph, &self.weights, answers, target);
        let program = Arc::new(program);
        if programs.len() == PROGRAMS {
            programs.remove(0);
        }
        programs.push((size, Arc::clone(&program)));
        program
    }

    /// Lends what is kept from pass to pass.
    fn on_workspace(&self, pass: impl FnOnce(&mut Workspace)) -> candle_core::Result<()> {
        let mut kept = self
            .workspace
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let workspace = match &mut *kept {
            Some(workspace) => workspace,
            none => none.insert(Workspace::new(self.threads).map_err(candle_core::Error::wrap)?),
        };
        pass(workspace);
        Ok(())
    }

    /// Runs pictures one after another, and shows the answer of each while it is warm.
    fn each(&self, pictures: &Pictures, mut read: impl FnMut(usize, Answered)) -> Result<()> {
        let program = self.program(pictures.height, pictures.width);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.reserve(program.boxes + program.maps);
        for index in 0..pictures.batch {
            let (boxes, maps) = room.as_mut_slice().split_at_mut(program.boxes);
            let answer = answer::Target {
                boxes: boxes.as_mut_ptr(),
                maps: maps.as_mut_ptr(),
            };
            let picture = (pictures.picture(index), answer);
            self.on_workspace(|workspace| {
                // SAFETY: `Pictures` checked the input, `available` the kernels, and the
                // room is as large as the answer.
                unsafe { program.run(workspace, &[picture], |_| ()) };
            })?;
            let maps = &maps[..program.maps];
            read(index, Answered { boxes, maps });
        }
        Ok(())
    }

    /// All pictures, each by all threads together: a picture per thread would spare them
    /// waiting for each other, but their arenas would push one another out of the cache.
    fn run(&self, pictures: &Pictures) -> candle_core::Result<Vec<f32>> {
        let program = self.program(pictures.height, pictures.width);
        let answers = Answer::room((program.boxes, program.maps), pictures.batch);
        let all = (0..pictures.batch).map(|index| (pictures.picture(index), answers.of(index)));
        let all: Vec<_> = all.collect();
        self.on_workspace(|workspace| {
            // SAFETY: `Pictures` checked the input, and `available` the kernels.
            unsafe { program.run(workspace, &all, |_| ()) };
        })?;
        // SAFETY: every picture was run.
        Ok(unsafe { answers.complete() })
    }
}

/// The whole network as one operation on a tensor: boxes of all pictures, then maps of
/// all pictures, in one row.
struct Forward<'a>(&'a Executor);

impl CustomOp1 for Forward<'_> {
    fn name(&self) -> &'static str {
        "network"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let answer = self.0.run(&self.0.pictures(storage, layout)?)?;
        let shape = Shape::from(answer.len());
        Ok((CpuStorage::F32(answer), shape))
    }
}

// === impl Runner ===

impl Runner for Executor {
    fn engine(&self) -> &'static str {
        self.kernels.name
    }

    fn forward(&self, input: &Tensor) -> Result<Prediction> {
        let (batch, _, height, width) = input.dims4()?;
        let answer = input.apply_op1_no_bwd(&Forward(self))?;
        let program = self.program(height, width);
        let rows = self.answers.as_ref().map_or(1, Answers::rows);
        let of_boxes = batch * program.boxes;
        // Cells come one after another in memory; the answer's shape has them last.
        let boxes = answer.narrow(0, 0, of_boxes)?;
        let boxes = boxes.reshape((batch, program.boxes / rows, rows))?;
        let boxes = boxes.transpose(1, 2)?;
        let mut prototypes = None;
        if program.maps > 0 {
            let (height, width) = (height / 4, width / 4);
            let pixels = answer.narrow(0, of_boxes, batch * program.maps)?;
            let pixels = pixels.reshape((batch, height, width, COEFFICIENTS))?;
            prototypes = Some(pixels.permute((0, 3, 1, 2))?);
        }
        Ok(Prediction { boxes, prototypes })
    }

    fn detect(&self, pictures: &[Fitted], options: &Options) -> Result<Vec<Vec<Detection>>> {
        self.find(pictures, options)
    }

    fn profile(&self, input: &Tensor) -> Result<Vec<StepTime>> {
        let mut times = Vec::new();
        let (storage, layout) = input.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else {
            return Err(Error::Input("it is not in memory".to_owned()));
        };
        let pictures = self.pictures(storage, layout)?;
        let program = self.program(pictures.height, pictures.width);
        let answers = Answer::room((program.boxes, program.maps), 1);
        self.on_workspace(|workspace| {
            // SAFETY: `Pictures` checked the input, and `available` the kernels.
            unsafe {
                program.profile(workspace, (pictures.picture(0), answers.of(0)), &mut times);
            }
        })?;
        Ok(times)
    }

    fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
        self.programs = Mutex::default();
        self.workspace = Mutex::default();
    }
}

/// A batch of pictures in memory, in any order of dimensions.
struct Pictures<'a> {
    values: Values<'a>,
    first: usize,
    batch: usize,
    height: usize,
    width: usize,
    /// From one picture, channel, row and column to the next.
    steps: [usize; 4],
}

// === impl Pictures ===

impl<'a> Pictures<'a> {
    fn of(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<Self> {
        let (batch, channels, height, width) = layout.shape().dims4()?;
        let &[of_picture, of_channel, of_row, of_column] = layout.stride() else {
            bail!("a batch of pictures has four dimensions");
        };
        let steps = [of_picture, of_channel, of_row, of_column];
        let (values, length) = match storage {
            CpuStorage::U8(bytes) => (Values::Bytes(bytes), bytes.len()),
            CpuStorage::F32(numbers) => (Values::Single(numbers), numbers.len()),
            _ => bail!("pictures are bytes or single-precision numbers"),
        };
        let sides = [batch, channels, height, width];
        let last = sides
            .iter()
            .zip(steps)
            .map(|(side, step)| side.saturating_sub(1) * step);
        if layout.start_offset() + last.sum::<usize>() >= length {
            bail!("the pictures reach beyond their memory");
        }
        Ok(Self {
            values,
            first: layout.start_offset(),
            batch,
            height,
            width,
            steps,
        })
    }

    /// Pictures one after another, row by row, three bytes to a pixel.
    fn of_bytes(bytes: &'a [u8], (height, width): (usize, usize)) -> Self {
        let length = 3 * height * width;
        Self {
            values: Values::Bytes(bytes),
            first: 0,
            batch: bytes.len() / length,
            height,
            width,
            steps: [length, 1, 3 * width, 3],
        }
    }

    /// Where a picture begins, and how to walk through it.
    fn picture(&self, index: usize) -> Input<'a> {
        let [of_picture, of_channel, of_row, of_column] = self.steps;
        Input {
            values: self.values.from(self.first + index * of_picture),
            steps: [of_channel, of_row, of_column],
        }
    }
}

#[cfg(test)]
mod tests;
