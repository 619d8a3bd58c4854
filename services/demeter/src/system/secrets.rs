//! The secrets of an embedded system: made at the first start, kept in the data
//! folder for its owner only.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demeter_clock::Clock;
use rand::TryRng as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::folder;

/// Certificates are made anew at every start, and once a day while a system runs.
const CERTIFICATE_LIFE: Duration = Duration::from_hours(24 * 30);
/// 144 bits: far more than can be guessed, short enough to copy.
const PASSWORD_BYTES: usize = 18;

/// The files that hold the secrets.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    pub(crate) identity_private_key: PathBuf,
    pub(crate) identity_public_key: PathBuf,
    pub(crate) jwt_private_key: PathBuf,
    pub(crate) photo_client_secret: PathBuf,
    /// The authority of the mesh, and a folder of certificates for each member.
    pub(crate) mesh: PathBuf,
    admin_password: PathBuf,
}

// === impl Secrets ===

impl Secrets {
    /// Opens the folder's secrets, making those that are not there yet.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let keys = data.join("secrets");
        folder::open(data)?;
        folder::open(&keys)?;
        let secrets = Self {
            identity_private_key: keys.join("identity.key"),
            identity_public_key: keys.join("identity.pub"),
            jwt_private_key: keys.join("jwt.pem"),
            photo_client_secret: keys.join("photo-client"),
            mesh: keys.join("mesh"),
            admin_password: keys.join("admin-password"),
        };
        if !secrets.identity_public_key.exists() {
            let (private, public) = demeter_identity::Issuer::generate();
            // The private half first: the public one says that the pair is whole.
            replace(&secrets.identity_private_key, private.expose_secret())?;
            replace(&secrets.identity_public_key, &public)?;
        }
        keep(&secrets.jwt_private_key, || {
            Ok(demeter_auth::generate_jwt_key()?)
        })?;
        keep(&secrets.photo_client_secret, || Ok(random_password()))?;
        secrets.renew_certificates()?;
        Ok(secrets)
    }

    /// Where the administrator's password is kept.
    pub(crate) fn admin_password_file(&self) -> &Path {
        &self.admin_password
    }

    /// New certificates of the same authority; who uses the last ones goes on.
    pub(crate) fn renew_certificates(&self) -> anyhow::Result<()> {
        let now = Clock::system().now().into();
        Ok(demeter_certificates::write(
            &self.mesh,
            now,
            CERTIFICATE_LIFE,
        )?)
    }

    /// The administrator's password, made at the first call.
    pub(crate) fn admin_password(&self) -> anyhow::Result<SecretString> {
        keep(&self.admin_password, || Ok(random_password()))?;
        let text = fs::read_to_string(&self.admin_password)
            .with_context(|| format!("cannot read {}", self.admin_password.display()))?;
        Ok(SecretString::from(text.trim()))
    }
}

/// A password that nobody guesses.
pub(crate) fn random_password() -> SecretString {
    let mut bytes = [0; PASSWORD_BYTES];
    #[expect(
        clippy::expect_used,
        reason = "a machine without randomness must not make passwords"
    )]
    rand::rngs::SysRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system gives randomness");
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

fn keep(path: &Path, make: impl FnOnce() -> anyhow::Result<SecretString>) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    replace(path, make()?.expose_secret())
}

/// Writes beside and moves into place, so that a half-written key is never read.
fn replace(path: &Path, content: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let written = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())
                .and_then(|()| file.sync_all())
        })
        .and_then(|()| fs::rename(&beside, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}
