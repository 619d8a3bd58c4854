//! Pictures as a stream of messages small enough for every hop.

use std::pin::Pin;

use bytes::Bytes;
use demeter_objects::Pieces;
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tonic::Status;

use crate::error::Error;

/// Bytes of one message at most.
const CHUNK: usize = 256 << 10;

/// What the RPC answers with.
pub(super) type Download =
    Pin<Box<dyn Stream<Item = Result<pb::DownloadPhotoResponse, Status>> + Send>>;

/// The content type comes first, alone, so that also an empty object has one.
pub(super) fn download(content_type: &str, pieces: Pieces) -> Download {
    let first = message(content_type.to_owned(), Bytes::new());
    let rest = pieces
        .map_err(|error| Status::from(Error::from(error)))
        .map_ok(|piece| stream::iter(chunks(piece).map(Ok)))
        .try_flatten()
        .map_ok(|chunk| message(String::new(), chunk));
    Box::pin(stream::iter([Ok(first)]).chain(rest))
}

fn chunks(mut piece: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let length = piece.len().min(CHUNK);
        (length > 0).then(|| piece.split_to(length))
    })
}

fn message(content_type: String, data: Bytes) -> pb::DownloadPhotoResponse {
    pb::DownloadPhotoResponse {
        file: Some(HttpBody {
            content_type,
            data,
            extensions: Vec::new(),
        }),
    }
}
