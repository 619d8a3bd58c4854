//! A loaded network with its classes: pixels in, boxes out.

use std::path::Path;

use candle_core::{Device, Tensor};
use image::RgbImage;
use rayon::prelude::*;

use crate::detection::{self, Detection, Options, Rows};
use crate::letterbox::{MULTIPLE, Placement};
use crate::mask::Prototypes;
use crate::network::{Network, Prediction};
use crate::source::Source;
use crate::source::checkpoint::Checkpoint;
use crate::source::safetensors::SafetensorsFile;
use crate::source::seeded::Seeded;
use crate::spec::{Architecture, class_names};
use crate::{Error, Result, Spec};

/// A YOLO11 network on one device.
#[derive(Debug)]
pub struct Model {
    network: Network,
    spec: Spec,
    device: Device,
}

// === impl Model ===

impl Model {
    /// Loads safetensors or an Ultralytics `.pt` checkpoint, told apart by content.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes, device)
    }

    /// As [`Model::load`], from bytes. The bytes may be hostile: they are never executed,
    /// and memory stays within a small multiple of their number.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Self::from_source(&mut Checkpoint::parse(bytes)?, device);
        }
        Self::from_source(&mut SafetensorsFile::parse(bytes)?, device)
    }

    /// A network with random weights, the same for the same seed: for tests and benchmarks.
    pub fn seeded(architecture: Architecture, seed: u64, device: &Device) -> Result<Self> {
        Self::build(architecture, &mut Seeded::new(seed), device)
    }

    fn from_source(source: &mut dyn Source, device: &Device) -> Result<Self> {
        Self::build(Architecture::infer(source)?, source, device)
    }

    fn build(architecture: Architecture, source: &mut dyn Source, device: &Device) -> Result<Self> {
        let (network, parameters) = Network::build(architecture, source, device)?;
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
        let device = device.clone();
        Ok(Self {
            network,
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

    /// Names the classes of a file that names none. Missing names stay `class N`,
    /// surplus ones are dropped.
    #[must_use]
    pub fn with_classes(mut self, names: Vec<String>) -> Self {
        self.spec.classes = class_names(Some(names), self.spec.classes.len());
        self
    }

    /// Runs a batch `[B, 3, H, W]` of single-precision values 0 to 1, RGB. H and W must
    /// be multiples of 32.
    pub fn forward(&self, input: &Tensor) -> Result<Prediction> {
        let (_, channels, height, width) = input.dims4()?;
        let step = usize::try_from(MULTIPLE).unwrap_or(32);
        let fits = |side: usize| side > 0 && side.is_multiple_of(step);
        if channels != 3 || !fits(height) || !fits(width) {
            let problem = format!("an input of shape {:?}", input.dims());
            return Err(Error::Refused(problem));
        }
        self.network.forward(input)
    }

    /// Finds things in pictures of any size, each fitted into the input and its boxes
    /// mapped back. The answers are in the pictures' order, most confident first.
    pub fn detect(&self, pictures: &[RgbImage], options: &Options) -> Result<Vec<Vec<Detection>>> {
        detection::check(options)?;
        let look = |picture| self.detect_one(picture, options);
        if self.device.is_cpu() {
            // A picture per thread: its many small steps need not wait for each other,
            // as they would if each were shared out over all threads.
            return pictures.par_iter().map(look).collect();
        }
        pictures.iter().map(look).collect()
    }

    fn detect_one(&self, picture: &RgbImage, options: &Options) -> Result<Vec<Detection>> {
        let side = options.input_size.next_multiple_of(MULTIPLE);
        let dimensions = picture.dimensions();
        if dimensions.0 == 0 || dimensions.1 == 0 {
            return Ok(Vec::new());
        }
        let placement = Placement::new(dimensions, side);
        let shape = [1, 3, placement.height, placement.width].map(crate::letterbox::index);
        let planes = placement.planes(picture);
        let input = Tensor::from_vec(planes, &shape[..], &self.device)?;
        let Prediction { boxes, prototypes } = self.forward(&input)?;
        let rows = Rows::of(&boxes.squeeze(0)?, self.spec.classes.len())?;
        let prototypes = prototypes.map(|all| Prototypes::of(&all.squeeze(0)?));
        let prototypes = prototypes.transpose()?;
        let survivors = rows.survivors(options);
        let placed = survivors.iter().map(|candidate| {
            let mut found = candidate.placed(placement, dimensions);
            found.mask = prototypes.as_ref().map(|prototypes| {
                prototypes.mask(&found, &rows.coefficients(candidate), placement)
            });
            found
        });
        Ok(placed.collect())
    }
}
