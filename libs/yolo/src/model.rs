//! A loaded network with its classes: pixels in, boxes out.

use std::ops::Deref;
use std::path::Path;

use candle_core::{Device, Layout, Storage, Tensor};
use image::RgbImage;
use rayon::prelude::*;

use crate::detection::{self, Detection, Options, Rows};
use crate::letterbox::{MULTIPLE, Placement, index};
use crate::mask::Prototypes;
use crate::network::{Network, Prediction};
use crate::source::Source;
use crate::source::checkpoint::Checkpoint;
use crate::source::safetensors::SafetensorsFile;
use crate::source::seeded::Seeded;
use crate::spec::{Architecture, class_names};
use crate::{Error, Result, Spec, StepTime, Target, cpu, device};

/// A YOLO11 network on one device.
#[derive(Debug)]
pub struct Model {
    runner: Runner,
    spec: Spec,
    device: Device,
}

/// What runs the network.
#[derive(Debug)]
enum Runner {
    /// Kernels of our own on the processor.
    Kernels(cpu::Executor),
    /// Candle's operations on a device.
    Tensors(device::Executor),
}

// === impl Model ===

impl Model {
    /// Loads safetensors or an Ultralytics `.pt` checkpoint, told apart by content.
    pub fn load(path: impl AsRef<Path>, target: impl Into<Target>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes, target)
    }

    /// As [`Model::load`], from bytes. The bytes may be hostile: they are never executed,
    /// and memory stays within a small multiple of their number.
    pub fn from_bytes(bytes: &[u8], target: impl Into<Target>) -> Result<Self> {
        let target = target.into();
        if bytes.starts_with(b"PK\x03\x04") {
            return Self::from_source(&mut Checkpoint::parse(bytes)?, target);
        }
        Self::from_source(&mut SafetensorsFile::parse(bytes)?, target)
    }

    /// A network with random weights, the same for the same seed: for tests and benchmarks.
    pub fn seeded(
        architecture: Architecture,
        seed: u64,
        target: impl Into<Target>,
    ) -> Result<Self> {
        Self::build(architecture, &mut Seeded::new(seed), target.into())
    }

    fn from_source(source: &mut dyn Source, target: Target) -> Result<Self> {
        Self::build(Architecture::infer(source)?, source, target)
    }

    fn build(
        architecture: Architecture,
        source: &mut dyn Source,
        Target { device, numbers }: Target,
    ) -> Result<Self> {
        let network = Network::build(architecture, source)?;
        let parameters = network.parameters;
        let runner = if device.is_cpu() {
            let mut kernels = cpu::Executor::new(network, cpu::best());
            kernels.set_threads(available_threads());
            Runner::Kernels(kernels)
        } else {
            Runner::Tensors(device::Executor::new(network, &device, numbers.dtype())?)
        };
        let Architecture {
            scale,
            task,
            classes,
        } = architecture;
        let spec = Spec {
            task,
            scale,
            classes: class_names(source.classes(), classes),
            parameters,
            version: source.version(),
            precision: source.precision(),
        };
        Ok(Self {
            runner,
            spec,
            device,
        })
    }

    /// What was loaded.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Where it runs.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What computes: the instruction set on the processor, or the kind of device.
    pub fn engine(&self) -> &'static str {
        match &self.runner {
            Runner::Kernels(kernels) => kernels.name(),
            Runner::Tensors(_) if self.device.is_cuda() => "cuda",
            Runner::Tensors(_) => "device",
        }
    }

    /// Uses so many threads for a forward pass on the processor; all cores otherwise.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        if let Runner::Kernels(kernels) = &mut self.runner {
            kernels.set_threads(threads);
        }
        self
    }

    /// Names the classes of a file that names none. Missing names stay `class N`,
    /// surplus ones are dropped.
    #[must_use]
    pub fn with_classes(mut self, names: Vec<String>) -> Self {
        self.spec.classes = class_names(Some(names), self.spec.classes.len());
        self
    }

    /// Runs a batch `[B, 3, H, W]`, RGB: bytes, or single-precision values 0 to 1. H and W
    /// must be multiples of 32. Any order in memory will do; on the processor, pixels
    /// after one another (a permuted `[B, H, W, 3]`) are read fastest.
    pub fn forward(&self, input: &Tensor) -> Result<Prediction> {
        check(input)?;
        match &self.runner {
            Runner::Kernels(kernels) => kernels.forward(input),
            Runner::Tensors(tensors) => tensors.forward(input),
        }
    }

    /// Runs the first picture of a batch and says how long each step took. On the
    /// processor only.
    pub fn profile(&self, input: &Tensor) -> Result<Vec<StepTime>> {
        check(input)?;
        match &self.runner {
            Runner::Kernels(kernels) => kernels.profile(input),
            Runner::Tensors(_) => {
                let problem = "a profile of a device that runs on its own time";
                Err(Error::Refused(problem.to_owned()))
            }
        }
    }

    /// Finds things in pictures of any size, each fitted into the input and its boxes
    /// mapped back. The answers are in the pictures' order, most confident first.
    pub fn detect(&self, pictures: &[RgbImage], options: &Options) -> Result<Vec<Vec<Detection>>> {
        detection::check(options)?;
        let side = options.input_size.next_multiple_of(MULTIPLE);
        let mut found: Vec<Vec<Detection>> = pictures.iter().map(|_| Vec::new()).collect();
        for group in groups(pictures, side) {
            let answers = self.detect_alike(pictures, &group, options)?;
            for (Fitted { index, .. }, answer) in group.iter().zip(answers) {
                found[*index] = answer;
            }
        }
        Ok(found)
    }

    /// Pictures whose inputs have the same shape, in one batch.
    fn detect_alike(
        &self,
        pictures: &[RgbImage],
        group: &[Fitted],
        options: &Options,
    ) -> Result<Vec<Vec<Detection>>> {
        let placement = group[0].placement;
        let length = placement.length();
        let mut input = vec![0u8; group.len() * length];
        input.par_chunks_exact_mut(length).zip(group).try_for_each(
            |(input, Fitted { index, placement })| placement.pixels(&pictures[*index], input),
        )?;
        let [height, width] = [placement.height, placement.width].map(index);
        let input = Tensor::from_vec(input, (group.len(), height, width, 3), &self.device)?;
        let Prediction { boxes, prototypes } = self.forward(&input.permute((0, 3, 1, 2))?)?;
        let boxes = on_host(&boxes.transpose(1, 2)?)?;
        let prototypes = prototypes.map(|all| on_host(&all.permute((0, 2, 3, 1))?));
        let prototypes = prototypes.transpose()?;
        let look = |(nth, Fitted { index, placement }): (usize, &Fitted)| {
            let size = pictures[*index].dimensions();
            let prototypes = prototypes.as_ref().map(|all| all.get(nth)).transpose()?;
            self.read(
                &boxes.get(nth)?,
                prototypes.as_ref(),
                (*placement, size),
                options,
            )
        };
        group.par_iter().enumerate().map(look).collect()
    }

    /// Reads what was found in one picture out of `[anchors, numbers]` and, of segment
    /// networks, `[H / 4, W / 4, 32]`, both on the host.
    fn read(
        &self,
        boxes: &Tensor,
        prototypes: Option<&Tensor>,
        (placement, size): (Placement, (u32, u32)),
        options: &Options,
    ) -> Result<Vec<Detection>> {
        let width = boxes.dim(1)?;
        let guard = boxes.storage_and_layout();
        let rows = Rows::new(values(&guard)?, width, self.spec.classes.len());
        let survivors = rows.survivors(options);
        let mut found: Vec<Detection> = survivors
            .iter()
            .map(|candidate| candidate.placed(placement, size))
            .collect();
        if let Some(prototypes) = prototypes {
            let (height, width, _) = prototypes.dims3()?;
            let guard = prototypes.storage_and_layout();
            let prototypes = Prototypes::new(values(&guard)?, (height, width));
            for (found, candidate) in found.iter_mut().zip(&survivors) {
                let coefficients = rows.coefficients(candidate);
                found.mask = Some(prototypes.mask(found, coefficients, placement));
            }
        }
        Ok(found)
    }
}

/// Refuses a batch that the network was not made for.
fn check(input: &Tensor) -> Result<()> {
    let (batch, channels, height, width) = input.dims4()?;
    let step = usize::try_from(MULTIPLE).unwrap_or(32);
    let fits = |side: usize| side > 0 && side.is_multiple_of(step);
    if batch > 0 && channels == 3 && fits(height) && fits(width) {
        return Ok(());
    }
    let problem = format!("an input of shape {:?}", input.dims());
    Err(Error::Refused(problem))
}

/// A picture and how it lies in the network's input.
struct Fitted {
    index: usize,
    placement: Placement,
}

/// Pictures by the shape of their inputs; empty ones are left out.
fn groups(pictures: &[RgbImage], side: u32) -> Vec<Vec<Fitted>> {
    let mut groups: Vec<Vec<Fitted>> = Vec::new();
    for (index, picture) in pictures.iter().enumerate() {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            continue;
        }
        let placement = Placement::new((width, height), side);
        let shape = |placement: Placement| (placement.width, placement.height);
        let alike = |group: &&mut Vec<Fitted>| shape(group[0].placement) == shape(placement);
        let fitted = Fitted { index, placement };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(fitted),
            None => groups.push(vec![fitted]),
        }
    }
    groups
}

/// The tensor in this computer's memory, in the order of its dimensions, which a GPU
/// puts it in before it travels.
fn on_host(tensor: &Tensor) -> Result<Tensor> {
    Ok(tensor.contiguous()?.to_device(&Device::Cpu)?)
}

/// The numbers of a tensor from [`on_host`].
fn values<'a>((storage, layout): &'a (impl Deref<Target = Storage>, &Layout)) -> Result<&'a [f32]> {
    let (Storage::Cpu(storage), Some((start, end))) = (&**storage, layout.contiguous_offsets())
    else {
        return Err(Error::Refused("numbers that are not in memory".to_owned()));
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
