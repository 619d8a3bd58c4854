//! The folder that a command works on.

use std::path::PathBuf;

/// Where a system on this machine keeps what has to stay.
#[derive(clap::Args, Clone)]
pub(crate) struct DataFolder {
    /// The folder for everything that has to stay.
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}
