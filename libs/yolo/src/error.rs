//! What can go wrong between a weight file and its boxes.

use std::path::PathBuf;

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are neither safetensors nor a checkpoint, or are damaged.
    #[error("not a readable weight file: {0}")]
    Container(String),
    /// The checkpoint asks for something that a weight file has no need of.
    #[error("checkpoint refused: {0}")]
    Refused(String),
    /// What the network was given, or told to do with it, is not what it takes.
    #[error("input refused: {0}")]
    Input(String),
    /// The tensors do not form a YOLO11 detect or segment network.
    #[error("not a YOLO11 detect or segment network: {0}")]
    Architecture(String),
    /// One tensor is missing, has another shape, or another element type.
    #[error("tensor {name}: {problem}")]
    Tensor {
        /// Its name in the file.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The device that was asked for is unknown, not built in or not there.
    #[error("no such device: {0}")]
    Device(String),
    /// The network's own arithmetic failed, for example for lack of memory.
    #[error("the network could not be run")]
    Compute(#[from] candle_core::Error),
}

// === impl Error ===

impl Error {
    pub(crate) fn tensor(name: &str, problem: impl Into<String>) -> Self {
        Self::Tensor {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }
}
