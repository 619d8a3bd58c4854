//! Files that others read while they are replaced.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::Error;

/// For everyone to read.
pub(crate) fn public(path: &Path, content: &str) -> Result<(), Error> {
    replace(path, content, 0o644)
}

/// For its owner only.
pub(crate) fn private(path: &Path, content: &str) -> Result<(), Error> {
    replace(path, content, 0o600)
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| failed(path, source))
}

/// Writes beside and moves into place, so that nobody reads half a file.
fn replace(path: &Path, content: &str, mode: u32) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let write = || {
        if let Some(folder) = path.parent() {
            // What lies in it is its owner's, whoever may read a file.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        // One that was left behind may have another mode.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(mode)
            .open(&beside)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        source,
    }
}
