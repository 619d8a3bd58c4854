//! What `UploadPhotos` takes and answers.

pub(crate) mod convert;
pub(crate) mod incoming;
