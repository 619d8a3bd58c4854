//! One system per data folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::folder;

/// Held while a system runs on a data folder. The operating system lets go of
/// it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

// === impl Lock ===

impl Lock {
    /// Takes the folder, creating it when it is not there.
    pub(crate) fn take(data: &Path) -> anyhow::Result<Self> {
        let unusable = || {
            format!(
                "the data folder {} is not writable: choose another with --data",
                data.display()
            )
        };
        folder::open(data)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data.join("lock"))
            .with_context(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another demeter runs on {}: stop it, or choose another folder with --data",
                    data.display()
                )
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(unusable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_system_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = Lock::take(&data).unwrap();

        let refused = Lock::take(&data).unwrap_err().to_string();
        drop(first);

        assert!(refused.contains("another demeter"), "{refused}");
        Lock::take(&data).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();

        let refused = Lock::take(&file.path().join("data"))
            .unwrap_err()
            .to_string();

        assert!(refused.contains("not writable"), "{refused}");
    }
}
