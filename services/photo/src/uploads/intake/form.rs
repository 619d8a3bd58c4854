//! `multipart/form-data`, parsed as it streams.

use bytes::Bytes;
use demeter_proto::is_hidden;
use futures::{Stream, StreamExt as _};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::spool::Spool;
use super::{Fields, IncomingFile, Intake, IntakeError, Limits, SpooledFile};
use crate::pictures::FileRefusal;

/// Bytes of a text field; they are ids and times.
const MAX_FIELD_BYTES: usize = 1_024;
/// Fields that nobody asked for are skipped, but not for ever.
const MAX_PARTS: usize = 100;
/// Room for the form's own lines.
const FORM_BYTES: u64 = 1 << 20;
/// Longer names are cut.
const MAX_FILENAME: usize = 255;

pub(super) async fn read<S, E>(
    body: S,
    content_type: &str,
    limits: Limits,
) -> Result<Intake, IntakeError>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    // A stream that failed must not be polled again.
    let mut form = Multipart::with_constraints(body.fuse(), boundary, constraints(limits));
    let mut intake = Intake::default();
    let mut parts = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(IntakeError::Body("it has too many parts".to_owned()));
        }
        part(field, limits, &mut intake).await?;
    }
    if intake.files.is_empty() {
        return Err(FileRefusal::EmptyBody.into());
    }
    Ok(intake)
}

/// One file more than is taken, so that the last one can be named in the answer.
fn constraints(limits: Limits) -> Constraints {
    let files = u64::try_from(limits.max_files).unwrap_or(u64::MAX);
    let whole = limits
        .max_file_bytes
        .saturating_mul(files.saturating_add(1))
        .saturating_add(FORM_BYTES);
    Constraints::new().size_limit(SizeLimit::new().whole_stream(whole))
}

async fn part(
    mut field: Field<'static>,
    limits: Limits,
    intake: &mut Intake,
) -> Result<(), IntakeError> {
    let Fields {
        storage_location_id,
        taken_at,
        request_id,
    } = &mut intake.fields;
    match field.name() {
        Some("file") => {
            if intake.files.len() >= limits.max_files {
                let limit = limits.max_files;
                return Err(FileRefusal::TooManyFiles { limit }.into());
            }
            let filename = filename(&field);
            let content = file(&mut field, limits.max_file_bytes).await?;
            intake.files.push(IncomingFile { filename, content });
        }
        Some("storage_location_id") => *storage_location_id = text(&mut field).await?,
        Some("taken_at") => *taken_at = text(&mut field).await?,
        Some("request_id") => *request_id = text(&mut field).await?,
        // Forms carry fields of their own; the next one skips what is left.
        _ => {}
    }
    Ok(())
}

/// A file that is too large is read to its end, because the next one may be fine.
async fn file(
    field: &mut Field<'static>,
    limit: u64,
) -> Result<Result<SpooledFile, FileRefusal>, IntakeError> {
    let mut spool = Spool::open(limit)?;
    let mut fits = true;
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        fits = fits && spool.fits(&piece);
        if fits {
            spool.write(&piece).await?;
        }
    }
    if !fits {
        return Ok(Err(FileRefusal::FileTooLarge { limit }));
    }
    Ok(Ok(spool.finish().await?))
}

async fn text(field: &mut Field<'static>) -> Result<Option<String>, IntakeError> {
    let mut content = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if content.len() + piece.len() > MAX_FIELD_BYTES {
            return Err(IntakeError::Body("a text field is too long".to_owned()));
        }
        content.extend_from_slice(&piece);
    }
    let text = String::from_utf8(content)
        .map_err(|_bytes| IntakeError::Body("a text field is not UTF-8".to_owned()))?;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Without folders, which some clients send, and without what hides.
fn filename(field: &Field<'static>) -> String {
    let name = field.file_name().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars()
        .filter(|letter| !is_hidden(*letter))
        .take(MAX_FILENAME)
        .collect()
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn broken(error: multer::Error) -> IntakeError {
    IntakeError::Body(format!("it is not a multipart form: {error}"))
}
