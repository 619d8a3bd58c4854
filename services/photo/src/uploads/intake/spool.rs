//! Files on their way to the object store.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::IntakeError;
use crate::pictures::FileRefusal;

/// A file in a temporary file that has no name: it goes with this value, also
/// when the process is killed.
#[derive(Debug)]
pub struct SpooledFile {
    file: File,
    size: u64,
    sha256: String,
}

/// Writes a file piece by piece, hashing it.
pub(super) struct Spool {
    file: tokio::fs::File,
    hash: Sha256,
    size: u64,
    limit: u64,
}

/// Spools a whole stream as one file.
pub(super) async fn spool<S, E>(body: S, limit: u64) -> Result<SpooledFile, IntakeError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: std::error::Error,
{
    let mut body = std::pin::pin!(body);
    let mut spool = Spool::open(limit)?;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| IntakeError::Body(error.to_string()))?;
        if !spool.fits(&piece) {
            return Err(FileRefusal::FileTooLarge { limit }.into());
        }
        spool.write(&piece).await?;
    }
    Ok(spool.finish().await?)
}

// === impl Spool ===

impl Spool {
    pub(super) fn open(limit: u64) -> std::io::Result<Self> {
        Ok(Self {
            file: tokio::fs::File::from_std(tempfile::tempfile()?),
            hash: Sha256::new(),
            size: 0,
            limit,
        })
    }

    pub(super) fn fits(&self, piece: &Bytes) -> bool {
        self.size.saturating_add(length(piece)) <= self.limit
    }

    pub(super) async fn write(&mut self, piece: &Bytes) -> std::io::Result<()> {
        self.hash.update(piece);
        self.size = self.size.saturating_add(length(piece));
        self.file.write_all(piece).await
    }

    pub(super) async fn finish(mut self) -> std::io::Result<SpooledFile> {
        self.file.flush().await?;
        Ok(SpooledFile {
            file: self.file.into_std().await,
            size: self.size,
            sha256: hex(&self.hash.finalize()),
        })
    }
}

// === impl SpooledFile ===

impl SpooledFile {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Reads it into memory. Blocks.
    pub fn read(&mut self) -> std::io::Result<Bytes> {
        let mut content = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut content)?;
        Ok(content.into())
    }
}

fn length(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}
