//! An upload as it comes over gRPC: the first message has the fields, every
//! message a piece of the body.

use std::time::Duration;

use bytes::Bytes;
use demeter_identity::Caller;
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tonic::{Status, Streaming};

use crate::error::Error;
use crate::grpc::fields;
use crate::pictures::FileRefusal;
use crate::ports::LocationId;
use crate::uploads::intake::{self, Fields, Intake, Limits};
use crate::uploads::usecase::Upload;

/// How long a sender may be silent in the middle of a body.
const SILENCE: Duration = Duration::from_secs(20);

/// Reads an upload to its end.
pub(crate) async fn read(
    caller: Caller,
    mut messages: Streaming<pb::UploadPhotosRequest>,
    limits: Limits,
) -> Result<Upload, Error> {
    let first = messages.message().await.map_err(|status| broken(&status))?;
    let pb::UploadPhotosRequest {
        file,
        storage_location_id,
        taken_at,
        request_id,
    } = first.ok_or(FileRefusal::EmptyBody)?;
    let HttpBody {
        content_type,
        data,
        extensions: _,
    } = file.unwrap_or_default();
    let rest = messages.map_ok(|message| message.file.unwrap_or_default().data);
    let body = stream::once(async move { Ok::<Bytes, Status>(data) }).chain(rest);
    let body = steady(body);
    let Intake {
        files,
        fields: form,
    } = intake::read(body, &content_type, limits).await?;
    let Fields {
        storage_location_id: form_location,
        taken_at: form_taken_at,
        request_id: form_request_id,
    } = form;
    let taken_at = taken_at
        .map(|time| fields::time("taken_at", time))
        .transpose()?;
    Ok(Upload {
        user: caller.subject,
        files,
        location: location(storage_location_id, form_location.as_deref())?,
        taken_at: match form_taken_at {
            Some(text) => Some(fields::parsed("taken_at", &text)?),
            None => taken_at,
        },
        request: form_request_id
            .or(request_id)
            .map(|id| fields::uuid("request_id", &id))
            .transpose()?,
    })
}

/// Ends a body of which nothing comes any more: it would keep others out.
fn steady<S>(body: S) -> impl Stream<Item = Result<Bytes, Status>> + Send
where
    S: Stream<Item = Result<Bytes, Status>> + Send,
{
    stream::unfold(Box::pin(body), |mut body| async move {
        let piece = match tokio::time::timeout(SILENCE, body.next()).await {
            Ok(piece) => piece?,
            Err(_elapsed) => Err(Status::deadline_exceeded("nothing came for 20 seconds")),
        };
        Some((piece, body))
    })
}

/// The form's word counts before the query's.
fn location(query: Option<i32>, form: Option<&str>) -> Result<Option<LocationId>, Error> {
    let stated = form.map(|text| fields::parsed("storage_location_id", text));
    let Some(number) = stated.transpose()?.or(query) else {
        return Ok(None);
    };
    let location = LocationId::new(number).ok_or_else(|| Error::Invalid {
        field: "storage_location_id",
        problem: "must be above zero; leave it out to have it found".to_owned(),
    });
    location.map(Some)
}

fn broken(status: &Status) -> Error {
    Error::Body(status.message().to_owned())
}
