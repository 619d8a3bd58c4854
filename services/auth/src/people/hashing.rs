//! Passwords: argon2id on the blocking pool, a bounded number at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Error, Exhausted};

/// Each hash takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 4;

/// Whoever waits longer is told to come again.
const PATIENCE: Duration = Duration::from_secs(3);

/// Hashes and verifies passwords (argon2id, 19 MiB, 2 passes, 1 lane).
#[derive(Clone, Debug)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    /// Verified when there is no user, so that an unknown address takes as
    /// long as a wrong password.
    decoy: Arc<str>,
}

// === impl Hasher ===

impl Hasher {
    /// Makes the decoy; takes as long as one hash.
    pub fn new() -> Result<Self, Error> {
        let decoy = hash(&unguessable())?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.run(move || hash(&password)).await
    }

    /// Whether this is the password; never, after the same time, for `None`.
    pub async fn verify(&self, password: SecretString, phc: Option<String>) -> Result<bool, Error> {
        let exists = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.decoy.to_string());
        let matches = self.run(move || verify(&password, &phc)).await?;
        Ok(matches && exists)
    }

    /// The permit goes with the work: a caller who gives up does not make room
    /// for another while the core is still busy.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit =
            match tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await {
                Ok(permit) => permit.map_err(Error::internal)?,
                Err(_elapsed) => return Err(Exhausted::Hashing.into()),
            };
        let outcome = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        outcome.await.map_err(Error::internal)?
    }
}

fn hash(password: &SecretString) -> Result<String, Error> {
    let hash = Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify(password: &SecretString, phc: &str) -> Result<bool, Error> {
    let parsed = PasswordHash::new(phc).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::default()
        .verify_password(password.expose_secret().as_bytes(), &parsed)
        .is_ok())
}

/// Something that nobody's password is.
fn unguessable() -> SecretString {
    rand::random::<u128>().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let hasher = Hasher::new().unwrap();

        let phc = hasher.hash("correct-horse".into()).await.unwrap();

        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(
            hasher
                .verify("correct-horse".into(), Some(phc.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("wrong-horse".into(), Some(phc))
                .await
                .unwrap()
        );
        assert!(!hasher.verify("correct-horse".into(), None).await.unwrap());
    }
}
