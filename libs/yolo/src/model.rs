//! A loaded network with its classes: pixels in, boxes out.

use std::path::Path;

use candle_core::{Device, Tensor};
use image::RgbImage;

use crate::detection::{self, Detection, Options};
use crate::letterbox::{Fitted, MULTIPLE, Placement};
use crate::network::{Network, Prediction};
use crate::runner::Runner;
use crate::source::Source;
use crate::source::checkpoint::Checkpoint;
use crate::source::safetensors::SafetensorsFile;
use crate::source::seeded::Seeded;
use crate::spec::{Architecture, class_names};
use crate::{Error, Result, Spec, StepTime, Target, cpu};

/// A YOLO11 network on one device.
#[derive(Debug)]
pub struct Model {
    runner: Box<dyn Runner>,
    spec: Spec,
    device: Device,
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

    fn build(architecture: Architecture, source: &mut dyn Source, target: Target) -> Result<Self> {
        let network = Network::build(architecture, source)?;
        let parameters = network.parameters;
        let runner = runner(network, &target)?;
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
            calibration: source.calibration(),
        };
        Ok(Self {
            runner,
            spec,
            device: target.device,
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
        self.runner.engine()
    }

    /// Uses so many threads for a forward pass on the processor; all cores otherwise.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.runner.set_threads(threads);
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
        self.runner.forward(input)
    }

    /// Runs the first picture of a batch and says how long each step took. On the
    /// processor only.
    pub fn profile(&self, input: &Tensor) -> Result<Vec<StepTime>> {
        check(input)?;
        self.runner.profile(input)
    }

    /// Finds things in pictures of any size, each fitted into the input and its boxes
    /// mapped back. The answers are in the pictures' order, most confident first.
    pub fn detect(&self, pictures: &[RgbImage], options: &Options) -> Result<Vec<Vec<Detection>>> {
        detection::check(options)?;
        let side = options.input_size.next_multiple_of(MULTIPLE);
        let mut found: Vec<Vec<Detection>> = pictures.iter().map(|_| Vec::new()).collect();
        for group in groups(pictures, side) {
            let answers = self.runner.detect(&group, options)?;
            for (Fitted { index, .. }, answer) in group.iter().zip(answers) {
                found[*index] = answer;
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
    Err(Error::Input(format!(
        "its shape is {:?} and must be [B, 3, H, W], H and W multiples of {MULTIPLE}",
        input.dims()
    )))
}

/// Pictures by the shape of their inputs; empty ones are left out.
fn groups(pictures: &[RgbImage], side: u32) -> Vec<Vec<Fitted<'_>>> {
    let mut groups: Vec<Vec<Fitted>> = Vec::new();
    for (index, picture) in pictures.iter().enumerate() {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            continue;
        }
        let placement = Placement::new((width, height), side);
        let shape = |placement: Placement| (placement.width, placement.height);
        let alike = |group: &&mut Vec<Fitted>| shape(group[0].placement) == shape(placement);
        let fitted = Fitted {
            index,
            picture,
            placement,
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(fitted),
            None => groups.push(vec![fitted]),
        }
    }
    groups
}

/// What runs a network on a device.
fn runner(network: Network, target: &Target) -> Result<Box<dyn Runner>> {
    let Target { device, .. } = target;
    #[cfg(feature = "cuda")]
    if device.is_cuda() {
        let executor = crate::device::Executor::new(network, device, target.numbers)?;
        return Ok(Box::new(executor));
    }
    if !device.is_cpu() {
        let problem = format!("networks do not run on {device:?}");
        return Err(Error::Device(problem));
    }
    let mut executor = cpu::Executor::new(network, cpu::best());
    executor.set_threads(available_threads());
    Ok(Box::new(executor))
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
