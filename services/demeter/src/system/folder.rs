//! The folder that a command works on: keys, passwords, databases and photos, for
//! its owner only.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Where a system on this machine keeps what has to stay.
#[derive(clap::Args, Clone)]
pub(crate) struct DataFolder {
    /// The folder for everything that has to stay.
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}

/// Makes a data folder that nobody else may enter, or takes one that is there.
///
/// One that others may enter is refused and not mended: whoever was in it may have
/// its keys.
pub(super) fn open(data: &Path) -> anyhow::Result<()> {
    let unusable = || {
        format!(
            "the data folder {} is not writable: choose another with --data",
            data.display()
        )
    };
    let mut making = DirBuilder::new();
    making.recursive(true).mode(0o700);
    making.create(data).with_context(unusable)?;
    let private = [data.to_owned(), data.join("secrets")];
    let secrets = entries(&data.join("secrets")).with_context(unusable)?;
    let databases = entries(data).with_context(unusable)?;
    let databases = databases.into_iter().filter(|path| is_database(path));
    for path in private.into_iter().chain(secrets).chain(databases) {
        check_private(data, &path)?;
    }
    Ok(())
}

/// What a folder holds; nothing when it is not there.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}

/// `auth.db`, and `auth.db-wal` beside it.
fn is_database(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().contains(".db")
}

fn check_private(data: &Path, path: &Path) -> anyhow::Result<()> {
    let Ok(found) = path.metadata() else {
        // Not there, or gone by now.
        return Ok(());
    };
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        bail!(
            "others on this machine may read {} (mode {mode:04o}), and with it keys, passwords or \
             stock: type `chmod -R go= {}`, and start again; if others use this machine, make \
             new keys as well (remove {})",
            path.display(),
            data.display(),
            data.join("secrets").display(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_folder_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");

        open(&data).unwrap();

        for made in [&data, data.parent().unwrap()] {
            assert_eq!(made.metadata().unwrap().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn whatever_others_may_read_is_named_with_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        open(&data).unwrap();
        fs::create_dir(data.join("secrets")).unwrap();
        fs::write(data.join("secrets/jwt.pem"), "").unwrap();
        fs::write(data.join("auth.db"), "").unwrap();
        let tight = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        let all = ["", "secrets", "secrets/jwt.pem", "auth.db"].map(|name| data.join(name));
        for path in &all {
            tight(path, if path.is_dir() { 0o700 } else { 0o600 });
        }
        open(&data).unwrap();

        for path in &all {
            for more in [0o040, 0o004, 0o020] {
                let mode = path.metadata().unwrap().mode() & 0o777;
                tight(path, mode | more);
                let refused = open(&data).unwrap_err().to_string();
                tight(path, mode);

                assert!(refused.contains("chmod -R go="), "{refused}");
                let named = path.to_string_lossy();
                assert!(refused.contains(named.trim_end_matches('/')), "{refused}");
            }
        }
    }
}
