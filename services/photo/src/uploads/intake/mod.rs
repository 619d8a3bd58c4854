//! Reads an upload's body as it streams in: raw image bytes or a multipart
//! form. Files go to temporary files, so memory does not grow with them.

mod form;
mod spool;

pub use spool::SpooledFile;
pub(crate) use spool::hex;

use bytes::Bytes;
use futures::Stream;

use crate::error::Error;
use crate::pictures::FileRefusal;

/// What one upload may bring.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one file.
    pub max_file_bytes: u64,
    /// Files of one form.
    pub max_files: usize,
}

/// An upload that has arrived.
#[derive(Debug, Default)]
pub struct Intake {
    /// In the order sent.
    pub files: Vec<IncomingFile>,
    /// The form's fields; empty for raw bytes.
    pub fields: Fields,
}

/// One file, or why it was not even kept.
#[derive(Debug)]
pub struct IncomingFile {
    /// As the client named it; may be empty.
    pub filename: String,
    /// Its bytes.
    pub content: Result<SpooledFile, FileRefusal>,
}

/// Text fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// `storage_location_id`.
    pub storage_location_id: Option<String>,
    /// `taken_at`.
    pub taken_at: Option<String>,
    /// `request_id`.
    pub request_id: Option<String>,
}

/// Why a body could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The whole upload is refused.
    #[error(transparent)]
    File(#[from] FileRefusal),
    /// It is not what its content type says, or it broke off.
    #[error("{0}")]
    Body(String),
    /// It could not be kept.
    #[error("cannot write a temporary file")]
    Disk(#[from] std::io::Error),
}

impl From<IntakeError> for Error {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::File(refusal) => Self::File(refusal),
            IntakeError::Body(problem) => Self::Body(problem),
            IntakeError::Disk(_) => Self::Unavailable(error.into()),
        }
    }
}

/// Reads a body. `content_type` decides what it is.
pub async fn read<S, E>(body: S, content_type: &str, limits: Limits) -> Result<Intake, IntakeError>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    if is_form(content_type) {
        return form::read(body, content_type, limits).await;
    }
    let file = spool::spool(body, limits.max_file_bytes).await?;
    Ok(Intake {
        files: vec![IncomingFile {
            filename: String::new(),
            content: Ok(file),
        }],
        fields: Fields::default(),
    })
}

fn is_form(content_type: &str) -> bool {
    content_type
        .trim_start()
        .get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}
