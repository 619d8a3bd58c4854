//! The network on candle tensors: what runs on a GPU, and what the processor's kernels
//! are tested against.
//!
//! On a GPU nothing waits: a pass queues its kernels one after another, and the first to
//! wait is who fetches the answer.

mod detect;
mod fused;
mod launch;
mod operations;
mod product;

use candle_core::{DType, Device, Tensor};

use crate::detection::{Detection, Options};
use crate::letterbox::Fitted;
use crate::network::graph::{Graph, MapId, Operation, Slice, Step};
use crate::network::{Answers, Network, STRIDES};
use crate::runner::Runner;
use crate::{Numbers, Prediction, Result};

/// A network whose weights are on a device.
#[derive(Debug)]
pub(crate) struct Executor {
    graph: Graph,
    weights: Vec<Weights>,
    /// Maps that are needed no more after each step.
    done: Vec<Vec<MapId>>,
    answers: Answers,
    device: Device,
    /// What is computed in. Boxes and scores are single precision in the end.
    dtype: DType,
    kernels: Kernels,
}

/// Whose kernels are used where both have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernels {
    /// Candle's: what ours are tested against.
    Candle,
    /// Ours, which need a GPU; in tests they are emulated.
    Own,
}

/// A layer's numbers on the device.
#[derive(Debug)]
enum Weights {
    None,
    Layer { weight: Tensor, bias: Tensor },
}

/// The maps of one forward pass: for each, the channels written so far.
struct Maps(Vec<Vec<Part>>);

/// Some channels of a map, `[B, channels, H, W]`.
struct Part {
    start: usize,
    tensor: Tensor,
}

// === impl Executor ===

impl Executor {
    pub(crate) fn new(network: Network, device: &Device, numbers: Numbers) -> Result<Self> {
        let dtype = dtype(numbers);
        let Network {
            mut graph, answers, ..
        } = network;
        let mut weights = Vec::with_capacity(graph.steps.len());
        for step in &mut graph.steps {
            weights.push(upload(&mut step.operation, device, dtype)?);
        }
        let mut kept: Vec<MapId> = answers.levels.map(|level| level.map).into();
        kept.extend(answers.prototypes.map(|prototypes| prototypes.map));
        Ok(Self {
            done: done(&graph, &kept),
            graph,
            weights,
            answers,
            device: device.clone(),
            dtype,
            kernels: if device.is_cuda() {
                Kernels::Own
            } else {
                Kernels::Candle
            },
        })
    }

    /// Runs a batch of numbers 0 to 1 that is on the device.
    fn pass(&self, input: Tensor) -> Result<Prediction> {
        #[cfg(feature = "cuda")]
        let _shapes = fused::keep_shapes(&self.device);
        let mut maps = Maps::of(&self.graph);
        if let Some(map) = self.graph.input {
            let all = Slice {
                map,
                start: 0,
                channels: 3,
            };
            maps.write(all, input)?;
        }
        let steps = self.graph.steps.iter().zip(&self.weights).zip(&self.done);
        for ((step, weights), done) in steps {
            let Step {
                operation,
                from,
                to,
            } = step;
            let output = operations::run(
                (operation, weights),
                &maps.read(*from)?,
                &maps,
                self.kernels,
            )?;
            maps.write(*to, output)?;
            for map in done {
                maps.0[map.0].clear();
            }
        }
        self.answer(&maps)
    }

    /// The input on the device, 0 to 1. Bytes travel as bytes.
    fn take(&self, input: &Tensor) -> Result<Tensor> {
        let there = input.to_device(&self.device)?;
        let values = there.to_dtype(self.dtype)?;
        if input.dtype() == DType::U8 {
            return Ok((values / 255.0)?);
        }
        Ok(values)
    }

    fn answer(&self, maps: &Maps) -> Result<Prediction> {
        let mut rows = Vec::new();
        for (level, stride) in self.answers.levels.into_iter().zip(STRIDES) {
            let level = maps.read(level)?.contiguous()?;
            rows.push(match self.kernels {
                Kernels::Own => fused::decode(&level, self.answers.classes, stride)?,
                Kernels::Candle => operations::decode(&level, self.answers.classes, stride)?,
            });
        }
        let prototypes = match self.answers.prototypes {
            Some(prototypes) => Some(maps.read(prototypes)?.to_dtype(DType::F32)?),
            None => None,
        };
        Ok(Prediction {
            boxes: Tensor::cat(&rows, 2)?,
            prototypes,
        })
    }
}

// === impl Runner ===

impl Runner for Executor {
    fn engine(&self) -> &'static str {
        if self.device.is_cuda() {
            return "cuda";
        }
        "candle"
    }

    fn forward(&self, input: &Tensor) -> Result<Prediction> {
        self.pass(self.take(input)?)
    }

    fn detect(&self, pictures: &[Fitted], options: &Options) -> Result<Vec<Vec<Detection>>> {
        self.find(pictures, options)
    }
}

// === impl Maps ===

impl Maps {
    fn of(graph: &Graph) -> Self {
        Self(graph.maps.iter().map(|_| Vec::new()).collect())
    }

    fn read(&self, slice: Slice) -> Result<Tensor> {
        let mut found = Vec::new();
        for part in &self.0[slice.map.0] {
            found.extend(part.within(slice)?);
        }
        Ok(match &found[..] {
            [whole] => whole.clone(),
            parts => Tensor::cat(parts, 1)?,
        })
    }

    /// Replaces what was known of these channels.
    fn write(&mut self, slice: Slice, tensor: Tensor) -> Result<()> {
        let known = std::mem::take(&mut self.0[slice.map.0]);
        let parts = &mut self.0[slice.map.0];
        for part in known {
            let end = part.end()?;
            for (start, end) in [
                (part.start, end.min(slice.start)),
                (part.start.max(end_of(slice)), end),
            ] {
                if start < end {
                    let tensor = part.tensor.narrow(1, start - part.start, end - start)?;
                    parts.push(Part { start, tensor });
                }
            }
        }
        let start = slice.start;
        parts.push(Part { start, tensor });
        parts.sort_by_key(|part| part.start);
        Ok(())
    }
}

// === impl Part ===

impl Part {
    fn end(&self) -> Result<usize> {
        Ok(self.start + self.tensor.dim(1)?)
    }

    /// What this part has of a slice.
    fn within(&self, slice: Slice) -> Result<Option<Tensor>> {
        let start = self.start.max(slice.start);
        let end = self.end()?.min(end_of(slice));
        if start >= end {
            return Ok(None);
        }
        Ok(Some(self.tensor.narrow(
            1,
            start - self.start,
            end - start,
        )?))
    }
}

/// The channel after a slice's last.
fn end_of(slice: Slice) -> usize {
    slice.start + slice.channels
}

fn dtype(numbers: Numbers) -> DType {
    match numbers {
        Numbers::Half => DType::F16,
        Numbers::Brain => DType::BF16,
        Numbers::Single => DType::F32,
    }
}

/// Moves a step's weights to the device, in the given precision.
fn upload(operation: &mut Operation, device: &Device, dtype: DType) -> Result<Weights> {
    let (weight, shape, bias) = match operation {
        Operation::Convolve { layer, .. } => {
            let shape = layer.geometry.weight_shape();
            (std::mem::take(&mut layer.weight), shape, &layer.bias)
        }
        Operation::Spread(spread) => {
            let shape = [spread.channels, spread.channels, 2, 2];
            (std::mem::take(&mut spread.weight), shape, &spread.bias)
        }
        Operation::Double | Operation::Widest | Operation::Attend(_) => return Ok(Weights::None),
    };
    let bias = Tensor::from_slice(bias, (1, bias.len(), 1, 1), device)?.to_dtype(dtype)?;
    let mut weight = Tensor::from_vec(weight, &shape[..], device)?.to_dtype(dtype)?;
    if matches!(operation, Operation::Spread(_)) {
        // As the left side of a matrix product.
        weight = weight.flatten_from(1)?.t()?.contiguous()?;
    }
    Ok(Weights::Layer { weight, bias })
}

/// The maps that are needed no more after each step.
fn done(graph: &Graph, kept: &[MapId]) -> Vec<Vec<MapId>> {
    let mut done = vec![Vec::new(); graph.steps.len()];
    for (map, life) in graph.lives(kept).into_iter().enumerate() {
        // Steps are counted from 1, and what is kept outlives them.
        if let Some(done) = life.last.checked_sub(1).and_then(|step| done.get_mut(step)) {
            done.push(MapId(map));
        }
    }
    done
}

#[cfg(test)]
mod tests;
