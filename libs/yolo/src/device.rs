//! The network on candle tensors: what runs on a GPU, and what the processor's kernels
//! are tested against.

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::{sigmoid, softmax, softmax_last_dim};

use crate::network::graph::{Geometry, Graph, Heads, MapId, Operation, Slice, Spread, Step};
use crate::network::{Answers, BINS, Network, SIDES, STRIDES};
use crate::{Prediction, Result};

/// A network whose weights are on a device.
#[derive(Debug)]
pub(crate) struct Executor {
    graph: Graph,
    weights: Vec<Weights>,
    /// Maps that are needed no more after each step.
    done: Vec<Vec<MapId>>,
    answers: Answers,
    classes: usize,
    device: Device,
    /// What is computed in. Boxes and scores are single precision in the end.
    dtype: DType,
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
    pub(crate) fn new(network: Network, device: &Device, dtype: DType) -> Result<Self> {
        let Network {
            mut graph,
            answers,
            classes,
            ..
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
            classes,
            device: device.clone(),
            dtype,
        })
    }

    /// Runs a batch `[B, 3, H, W]`; see [`crate::Model::forward`].
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Prediction> {
        let mut maps = Maps::of(&self.graph);
        if let Some(map) = self.graph.input {
            let all = Slice {
                map,
                start: 0,
                channels: 3,
            };
            maps.write(all, self.take(input)?)?;
        }
        let steps = self.graph.steps.iter().zip(&self.weights).zip(&self.done);
        for ((step, weights), done) in steps {
            let Step {
                operation,
                from,
                to,
            } = step;
            let output = run(operation, weights, &maps.read(*from)?, &maps)?;
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
            // Single precision: sixteen bits cannot tell neighbouring pixels apart at 2048.
            let level = maps.read(level)?.to_dtype(DType::F32)?;
            rows.push(decode(&level, self.classes, stride)?);
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
                (part.start.max(slice.end()), end),
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
        let end = self.end()?.min(slice.end());
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

/// Moves a step's weights to the device, in the given precision.
fn upload(operation: &mut Operation, device: &Device, dtype: DType) -> Result<Weights> {
    let (weight, shape, bias) = match operation {
        Operation::Convolve { layer, .. } => {
            let shape = layer.geometry.weight_shape();
            (&mut layer.weight, shape, &layer.bias)
        }
        Operation::Spread(spread) => {
            let shape = [spread.channels, spread.channels, 2, 2];
            (&mut spread.weight, shape, &spread.bias)
        }
        Operation::Double | Operation::Widest | Operation::Attend(_) => return Ok(Weights::None),
    };
    let values = std::mem::take(weight);
    Ok(Weights::Layer {
        weight: Tensor::from_vec(values, &shape[..], device)?.to_dtype(dtype)?,
        bias: Tensor::from_slice(bias, (1, bias.len(), 1, 1), device)?.to_dtype(dtype)?,
    })
}

fn done(graph: &Graph, kept: &[MapId]) -> Vec<Vec<MapId>> {
    let mut last = vec![0; graph.maps.len()];
    for (
        index,
        Step {
            operation,
            from,
            to,
        },
    ) in graph.steps.iter().enumerate()
    {
        last[from.map.0] = index;
        last[to.map.0] = index;
        if let Operation::Convolve { add: Some(add), .. } = operation {
            last[add.map.0] = index;
        }
    }
    let mut done = vec![Vec::new(); graph.steps.len()];
    for (map, step) in last.into_iter().enumerate() {
        if !kept.contains(&MapId(map)) {
            done[step].push(MapId(map));
        }
    }
    done
}

fn run(operation: &Operation, weights: &Weights, input: &Tensor, maps: &Maps) -> Result<Tensor> {
    match (operation, weights) {
        (Operation::Convolve { layer, add }, Weights::Layer { weight, bias }) => {
            let mut output = convolve(layer.geometry, weight, bias, input)?;
            if layer.activate {
                output = output.silu()?;
            }
            Ok(match add {
                Some(add) => (output + maps.read(*add)?)?,
                None => output,
            })
        }
        (Operation::Spread(spread), Weights::Layer { weight, bias }) => {
            self::spread(spread, weight, bias, input)
        }
        (Operation::Double, _) => {
            let (_, _, height, width) = input.dims4()?;
            Ok(input
                .contiguous()?
                .upsample_nearest2d(2 * height, 2 * width)?)
        }
        (Operation::Widest, _) => widest(input),
        (Operation::Attend(heads), _) => attend(*heads, input),
        (Operation::Convolve { .. } | Operation::Spread(_), Weights::None) => {
            unreachable!("weights are uploaded for the step they belong to")
        }
    }
}

fn convolve(geometry: Geometry, weight: &Tensor, bias: &Tensor, input: &Tensor) -> Result<Tensor> {
    let groups = if geometry.depthwise {
        geometry.inputs
    } else {
        1
    };
    let input = input.contiguous()?;
    let output = input.conv2d(weight, geometry.padding(), geometry.stride, 1, groups)?;
    Ok(output.broadcast_add(bias)?)
}

/// The transposed convolution as one matrix product: every pixel becomes four.
fn spread(spread: &Spread, weight: &Tensor, bias: &Tensor, input: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = input.dims4()?;
    let weight = weight.reshape((spread.channels, 4 * channels))?.t()?;
    let weight = weight
        .contiguous()?
        .broadcast_as((batch, 4 * channels, channels))?;
    let pixels = input
        .contiguous()?
        .reshape((batch, channels, height * width))?;
    let quads = weight
        .matmul(&pixels)?
        .reshape(&[batch, channels, 2, 2, height, width][..])?;
    let pixels = quads.permute([0, 1, 4, 2, 5, 3])?.contiguous()?;
    let pixels = pixels.reshape((batch, channels, 2 * height, 2 * width))?;
    Ok(pixels.broadcast_add(bias)?)
}

/// The largest of the 5×5 neighbours.
///
/// The border is repeated outward, which changes no maximum: what is repeated
/// lies in the window already.
fn widest(input: &Tensor) -> Result<Tensor> {
    let padded = input.pad_with_same(2, 2, 2)?.pad_with_same(3, 2, 2)?;
    Ok(padded.contiguous()?.max_pool2d_with_stride(5, 1)?)
}

fn attend(heads: Heads, packed: &Tensor) -> Result<Tensor> {
    let Heads {
        count,
        keys,
        values,
    } = heads;
    let (batch, _, height, width) = packed.dims4()?;
    let role = |start: usize, channels: usize| -> Result<Tensor> {
        let part = packed.narrow(1, start, count * channels)?.contiguous()?;
        Ok(part.reshape((batch, count, channels, height * width))?)
    };
    let query = role(0, keys)?.transpose(2, 3)?.contiguous()?;
    let key = role(count * keys, keys)?;
    let value = role(2 * count * keys, values)?;
    let weights = (query.matmul(&key)? * f64::from(heads.scale()))?;
    let weights = softmax_last_dim(&weights)?;
    let mixed = value.matmul(&weights.transpose(2, 3)?.contiguous()?)?;
    Ok(mixed.reshape((batch, count * values, height, width))?)
}

/// One level's answers `[B, 64 + classes (+ 32), H, W]` to `[B, 4 + classes (+ 32), H * W]`.
fn decode(level: &Tensor, classes: usize, stride: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = level.dims4()?;
    let device = level.device();
    let cells = height * width;
    let level = level.contiguous()?.reshape((batch, channels, cells))?;
    let sides = level.narrow(1, 0, SIDES)?.contiguous()?;
    let spread = softmax(&sides.reshape((batch, 4, BINS, cells))?, 2)?;
    let bins = Tensor::arange(0f32, 16f32, device)?.reshape((1, 1, BINS, 1))?;
    // The mean of each distribution, in cells.
    let sides = spread.broadcast_mul(&bins)?.sum(2)?;
    let centres = centres(height, width, device)?;
    let before = centres.broadcast_sub(&sides.narrow(1, 0, 2)?)?;
    let after = centres.broadcast_add(&sides.narrow(1, 2, 2)?)?;
    let centre = ((&before + &after)? * 0.5)?;
    let extent = (after - before)?;
    #[expect(clippy::cast_precision_loss, reason = "8, 16 or 32")]
    let boxes = (Tensor::cat(&[centre, extent], 1)? * stride as f64)?;
    let scores = sigmoid(&level.narrow(1, SIDES, classes)?)?;
    let rest = channels - SIDES - classes;
    if rest == 0 {
        return Ok(Tensor::cat(&[boxes, scores], 1)?);
    }
    let coefficients = level.narrow(1, SIDES + classes, rest)?;
    Ok(Tensor::cat(&[boxes, scores, coefficients], 1)?)
}

/// The centres of all cells, in cells: `[1, 2, cells]`, x then y.
#[expect(
    clippy::cast_precision_loss,
    reason = "a map has fewer than 2^24 cells"
)]
fn centres(height: usize, width: usize, device: &Device) -> Result<Tensor> {
    let cells = 0..height * width;
    let across = cells.clone().map(|cell| (cell % width) as f32 + 0.5);
    let down = cells.map(|cell| (cell / width) as f32 + 0.5);
    let values: Vec<f32> = across.chain(down).collect();
    Ok(Tensor::from_vec(values, (1, 2, height * width), device)?)
}
