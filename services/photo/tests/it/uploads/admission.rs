//! As many uploads as there is room for.

use std::time::Duration;

use demeter_photo::uploads::admission::UploadLimits;
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use demeter_testkit::TestDatabase;
use futures::{StreamExt as _, stream};
use tokio_util::task::TaskTracker;
use tonic::{Code, Status};

use crate::pictures::images::jpeg;
use crate::support::{Photo, reason};

const ONE: UploadLimits = UploadLimits {
    in_all: 1,
    per_user: 1,
};

/// The first piece of an upload, after which nothing comes.
fn begun() -> pb::UploadPhotosRequest {
    let bytes = jpeg(64, 48, 1);
    pb::UploadPhotosRequest {
        file: Some(HttpBody {
            data: bytes[..100].to_vec().into(),
            ..HttpBody::default()
        }),
        ..pb::UploadPhotosRequest::default()
    }
}

/// Uploads until it ends in this way; what is under way takes a moment to come or go.
async fn until<T>(photo: &Photo, wanted: impl Fn(Result<(), Status>) -> Option<T>) -> T {
    for _ in 0..200 {
        let outcome = photo
            .upload(&jpeg(64, 48, 2), pb::UploadPhotosRequest::default())
            .await;
        if let Some(found) = wanted(outcome.map(|_| ())) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no upload ended that way");
}

#[tokio::test]
async fn an_upload_above_the_limit_is_refused_at_once_and_taken_when_there_is_room() {
    let photo = Photo::start(TestDatabase::sqlite(), |config| config.uploads = ONE).await;
    let request = || photo.by_worker(stream::iter([begun()]).chain(stream::pending()));
    // Of two that come at once either may be the first: this one comes until it is in.
    let requests: Vec<_> = (0..200).map(|_| request()).collect();
    let mut photos = photo.photos();
    let under_way = async move {
        for request in requests {
            let refused = photos.upload_photos(request).await.unwrap_err();
            assert_eq!(refused.code(), Code::ResourceExhausted);
        }
    };
    let under_way = TaskTracker::new().spawn(under_way);

    let refused = until(&photo, Result::err).await;

    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(reason(&refused), "TOO_MANY_UPLOADS");
    assert_eq!(refused.metadata().get("retry-after").unwrap(), "5");
    assert!(!under_way.is_finished(), "the first one goes on");
    under_way.abort();
    until(&photo, Result::ok).await;
}
