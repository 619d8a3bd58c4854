//! Where a network runs: how a person names it, and what comes of the name.

use std::str::FromStr;

use candle_core::Device;
use candle_core::utils::cuda_is_available;

use crate::{Error, Result};

/// A device, and what is computed in there.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where.
    pub device: Device,
    /// In what, on a GPU. The processor computes in single precision.
    pub numbers: Numbers,
}

/// What a GPU computes in. Boxes and scores are single precision in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// IEEE half precision: moves boxes by less than a pixel at double the speed.
    #[default]
    Half,
    /// bfloat16: as fast, with the range of single precision and fewer digits.
    Brain,
    /// Single precision, to compare with.
    Single,
}

/// A device as a person names it: `auto`, `cpu`, `cuda` or `cuda:1`, the latter two
/// also with `/f16`, `/bf16` or `/f32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU where there is one and CUDA is built in, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA GPU.
    Cuda {
        /// Its number.
        ordinal: usize,
        /// What it computes in.
        numbers: Numbers,
    },
}

// === impl Target ===

impl From<&Device> for Target {
    fn from(device: &Device) -> Self {
        Self {
            device: device.clone(),
            numbers: Numbers::default(),
        }
    }
}

impl From<Device> for Target {
    fn from(device: Device) -> Self {
        Self::from(&device)
    }
}

// === impl DeviceChoice ===

impl DeviceChoice {
    /// The device, ready for a model; an error that says why it cannot be had.
    pub fn open(self) -> Result<Target> {
        match self {
            Self::Cpu => Ok(Device::Cpu.into()),
            Self::Auto => match cuda(0) {
                Ok(device) => Ok(device.into()),
                Err(_no_gpu) => Ok(Device::Cpu.into()),
            },
            Self::Cuda { ordinal, numbers } => Ok(Target {
                device: cuda(ordinal)?,
                numbers,
            }),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            let allowed = "auto, cpu, cuda, cuda:N, or one of these two with /f16, /bf16 or /f32";
            Error::Device(format!("{text:?} is none of {allowed}"))
        };
        match text {
            "auto" => return Ok(Self::Auto),
            "cpu" => return Ok(Self::Cpu),
            _ => (),
        }
        let (place, numbers) = match text.split_once('/') {
            None => (text, Numbers::default()),
            Some((place, "f16")) => (place, Numbers::Half),
            Some((place, "bf16")) => (place, Numbers::Brain),
            Some((place, "f32")) => (place, Numbers::Single),
            Some(_) => return Err(unknown()),
        };
        let ordinal = match place.strip_prefix("cuda") {
            Some("") => 0,
            Some(rest) => match rest.strip_prefix(':').map(str::parse) {
                Some(Ok(ordinal)) => ordinal,
                _ => return Err(unknown()),
            },
            None => return Err(unknown()),
        };
        Ok(Self::Cuda { ordinal, numbers })
    }
}

/// A GPU with one stream of work for all threads: what one uploads another may use.
fn cuda(ordinal: usize) -> Result<Device> {
    if !cuda_is_available() {
        let problem = "CUDA is not built in: build with --features cuda";
        return Err(Error::Device(problem.to_owned()));
    }
    Device::new_cuda_with_stream(ordinal).map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().next().unwrap_or_default();
        Error::Device(format!("cuda:{ordinal} is not there: {reason}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{DeviceChoice, Numbers};

    #[test]
    fn devices_are_named_by_kind_number_and_numbers() {
        let cuda = |ordinal, numbers| DeviceChoice::Cuda { ordinal, numbers };
        for (text, choice) in [
            ("auto", DeviceChoice::Auto),
            ("cpu", DeviceChoice::Cpu),
            ("cuda", cuda(0, Numbers::Half)),
            ("cuda:3", cuda(3, Numbers::Half)),
            ("cuda/f32", cuda(0, Numbers::Single)),
            ("cuda:1/bf16", cuda(1, Numbers::Brain)),
        ] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap(), choice);
        }
        for text in ["", "gpu", "cuda:", "cuda:x", "cuda1", "cuda/f8", "cpu/f16"] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_that_is_not_built_in_is_refused_and_not_missed() {
        let refused = "cuda".parse::<DeviceChoice>().unwrap().open().unwrap_err();

        assert!(refused.to_string().contains("--features cuda"), "{refused}");
        assert!(DeviceChoice::Auto.open().unwrap().device.is_cpu());
    }
}
