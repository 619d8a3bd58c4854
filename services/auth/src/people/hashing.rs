//! Passwords: argon2id on the blocking pool, a bounded number at a time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Error, Exhausted};

/// Each hash takes 19 MiB, which stay with us, and a core for some 20 ms: two at
/// once are a hundred sign-ins a second.
const AT_ONCE: usize = 2;

/// Whoever waits longer is told to come again.
const PATIENCE: Duration = Duration::from_secs(3);

/// Hashes and verifies passwords (argon2id, 19 MiB, 2 passes, 1 lane).
#[derive(Clone, Debug)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    memories: Memories,
    /// Verified when there is no user, so that an unknown address takes as
    /// long as a wrong password.
    decoy: Arc<str>,
}

// === impl Hasher ===

impl Hasher {
    /// Makes the decoy; takes as long as one hash.
    pub fn new() -> Result<Self, Error> {
        let memories = Memories::default();
        let decoy = memories.lend(|memory| hash(&unguessable(), memory))?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            memories,
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.run(move |memory| hash(&password, memory)).await
    }

    /// Whether this is the password; never, after the same time, for `None`.
    pub async fn verify(&self, password: SecretString, phc: Option<String>) -> Result<bool, Error> {
        let exists = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.decoy.to_string());
        let matches = self
            .run(move |memory| verify(&password, &phc, memory))
            .await?;
        Ok(matches && exists)
    }

    /// The permit goes with the work: a caller who gives up does not make room
    /// for another while the core is still busy.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit =
            match tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await {
                Ok(permit) => permit.map_err(Error::internal)?,
                Err(_elapsed) => return Err(Exhausted::Hashing.into()),
            };
        let memories = self.memories.clone();
        let outcome = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            memories.lend(work)
        });
        outcome.await.map_err(Error::internal)?
    }
}

/// The working memories that no hash uses now; the next ones use them again.
///
/// Allocated anew for each hash, blocks of this size stay with the allocator, one in
/// the arena of every thread that ever hashed: a gigabyte after some thousand logins.
#[derive(Clone, Default)]
struct Memories(Arc<Mutex<Vec<Vec<Block>>>>);

// === impl Memories ===

impl Memories {
    /// Does some work with a memory, which is empty the first time.
    fn lend<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let mut memory = self.idle().pop().unwrap_or_default();
        let outcome = work(&mut memory);
        self.idle().push(memory);
        outcome
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memories {
    /// Without what is in them: it comes from passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memories").finish_non_exhaustive()
    }
}

fn hash(password: &SecretString, memory: &mut Vec<Block>) -> Result<String, Error> {
    let (algorithm, version, params) =
        (Algorithm::default(), Version::default(), Params::default());
    let salt = Salt::generate();
    let written = ParamsString::try_from(&params).map_err(unusable)?;
    let argon2 = Argon2::new(algorithm, version, params);
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: written,
        salt: Some(salt),
        hash: Some(output(&argon2, password, &salt, memory)?),
    };
    Ok(hash.to_string())
}

/// With the parameters that the hash was made with. Outputs are compared in constant
/// time.
fn verify(password: &SecretString, phc: &str, memory: &mut Vec<Block>) -> Result<bool, Error> {
    let parsed = PasswordHash::new(phc).map_err(unusable)?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else {
        return Err(Error::internal("a stored hash has no salt or no output"));
    };
    let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(unusable)?;
    let version = parsed.version.map(Version::try_from).transpose();
    let version = version.map_err(unusable)?.unwrap_or_default();
    let params = Params::try_from(&parsed).map_err(unusable)?;
    let argon2 = Argon2::new(algorithm, version, params);
    Ok(output(&argon2, password, salt, memory)? == *expected)
}

fn output(
    argon2: &Argon2<'_>,
    password: &SecretString,
    salt: &Salt,
    memory: &mut Vec<Block>,
) -> Result<Output, Error> {
    let blocks = argon2.params().block_count();
    memory.resize(blocks.max(memory.len()), Block::new());
    let length = argon2.params().output_len();
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = &mut bytes[..length.unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    let password = password.expose_secret().as_bytes();
    argon2
        .hash_password_into_with_memory(password, salt, bytes, &mut memory[..blocks])
        .map_err(unusable)?;
    Output::new(bytes).map_err(unusable)
}

fn unusable(error: impl fmt::Display) -> Error {
    Error::internal(error.to_string())
}

/// Something that nobody's password is.
fn unguessable() -> SecretString {
    rand::random::<u128>().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn assert_knows_only_the_right_one(hasher: &Hasher, phc: &str) {
        for (password, right) in [("correct-horse", true), ("wrong-horse", false)] {
            let verified = hasher.verify(password.into(), Some(phc.to_owned()));
            assert_eq!(verified.await.unwrap(), right, "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let hasher = Hasher::new().unwrap();

        let phc = hasher.hash("correct-horse".into()).await.unwrap();

        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_knows_only_the_right_one(&hasher, &phc).await;
        assert!(!hasher.verify("correct-horse".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_verified_with_those() {
        let hasher = Hasher::new().unwrap();
        let mut memory = Vec::new();
        let params = Params::new(32 * 1024, 1, 2, Some(24)).unwrap();
        let salt = Salt::generate();
        let written = ParamsString::try_from(&params).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: written,
            salt: Some(salt),
            hash: Some(output(&argon2, &"correct-horse".into(), &salt, &mut memory).unwrap()),
        }
        .to_string();

        assert_knows_only_the_right_one(&hasher, &phc).await;
    }

    /// Resident bytes of this process.
    fn resident() -> u64 {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
        pages * 4096
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn many_sign_ins_leave_no_memory_behind() {
        leaves_no_memory_behind(200).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    #[ignore = "takes minutes: `make attack-sign-ins`"]
    async fn attack_of_ten_thousand_sign_ins() {
        leaves_no_memory_behind(10_000).await;
    }

    /// Every thread that ever hashes has an arena of the allocator to leave memory in.
    #[expect(clippy::print_stdout, reason = "the figure is quoted")]
    async fn leaves_no_memory_behind(sign_ins: usize) {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash("correct-horse".into()).await.unwrap();
        let pause = || std::thread::sleep(Duration::from_millis(100));
        let mut threads = tokio::task::JoinSet::new();
        for _ in 0..48 {
            threads.spawn_blocking(pause);
        }
        threads.join_all().await;
        let idle = resident();

        for _ in 0..sign_ins / 4 {
            let sign_in = || hasher.verify("correct-horse".into(), Some(phc.clone()));
            let (a, b, c, d) = tokio::join!(sign_in(), sign_in(), sign_in(), sign_in());
            assert!([a, b, c, d].into_iter().all(|verified| verified.unwrap()));
        }

        let kept = resident().saturating_sub(idle) >> 20;
        println!("{kept} MiB more than before, after {sign_ins} sign-ins");
        assert!(kept < 50, "{kept} MiB after {sign_ins} sign-ins");
    }
}
