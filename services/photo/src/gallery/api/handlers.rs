//! `PhotoService`.

use std::sync::Arc;

use demeter_db::Listing;
use demeter_identity::Caller;
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::photo_service_server::PhotoService;
use tonic::{Request, Response, Status, Streaming};

use super::convert::stage_filter;
use super::download::{Download, download};
use crate::database::Store;
use crate::error::Error;
use crate::gallery::store::{self, Filter};
use crate::grpc::fields;
use crate::pictures::{Pictures, Variant};
use crate::ports::LocationId;
use crate::processing::api::convert;
use crate::uploads::admission::Admission;
use crate::uploads::api::{convert as uploads, incoming};
use crate::uploads::domain::PhotoId;
use crate::uploads::intake::Limits;
use crate::uploads::usecase::Uploads;

/// Takes photos in and gives them out.
pub struct PhotosApi {
    /// For reads.
    pub store: Store,
    /// For downloads.
    pub pictures: Pictures,
    /// For uploads.
    pub uploads: Arc<Uploads>,
    /// Lets uploads in, so many at once.
    pub admission: Admission,
    /// What one upload may bring.
    pub limits: Limits,
}

// === impl PhotosApi ===

impl PhotosApi {
    async fn list(&self, request: pb::ListPhotosRequest) -> Result<pb::ListPhotosResponse, Error> {
        let pb::ListPhotosRequest {
            page_size,
            page_token,
            status,
            storage_location_id,
        } = request;
        let filter = Filter {
            stage: stage_filter(status)?,
            location: storage_location_id.and_then(LocationId::new),
        };
        let paging = Listing::new("photos", &filter).paging(page_size, &page_token)?;
        let page = store::list(&self.store, filter, &paging).await?;
        let (photos, next_page_token) = page.told(convert::photo);
        Ok(pb::ListPhotosResponse {
            photos,
            next_page_token,
        })
    }

    async fn open(&self, request: pb::DownloadPhotoRequest) -> Result<Download, Error> {
        let pb::DownloadPhotoRequest { photo_id, variant } = request;
        let id = PhotoId(fields::uuid("photo_id", &photo_id)?);
        let found = store::find(&self.store, id).await?;
        let (photo, session) = found.ok_or_else(|| Error::not_found("photo", &photo_id))?;
        let is_drawn = session.status.known().count().is_some();
        let variant = Variant::from_name(&variant)
            .filter(|variant| *variant != Variant::Annotated || is_drawn)
            .ok_or_else(|| Error::not_found("variant", &variant))?;
        let pieces = self.pictures.stream(photo.session, photo.format, variant);
        let pieces = pieces.await?;
        Ok(download(variant.content_type(photo.format), pieces))
    }
}

#[tonic::async_trait]
impl PhotoService for PhotosApi {
    type DownloadPhotoStream = Download;

    async fn upload_photos(
        &self,
        request: Request<Streaming<pb::UploadPhotosRequest>>,
    ) -> Result<Response<pb::UploadPhotosResponse>, Status> {
        let caller = Caller::of(&request)?;
        // Before anything is read of it, and until it is answered.
        let _admitted = self.admission.admit(&caller.subject).map_err(Error::from)?;
        let upload = incoming::read(caller, request.into_inner(), self.limits).await?;
        let answer = self.uploads.upload(upload).await?;
        Ok(Response::new(uploads::answer(answer)))
    }

    async fn list_photos(
        &self,
        request: Request<pb::ListPhotosRequest>,
    ) -> Result<Response<pb::ListPhotosResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn get_photo(
        &self,
        request: Request<pb::GetPhotoRequest>,
    ) -> Result<Response<pb::GetPhotoResponse>, Status> {
        let pb::GetPhotoRequest { photo_id } = request.into_inner();
        let id = PhotoId(fields::uuid("photo_id", &photo_id)?);
        let found = store::find(&self.store, id).await.map_err(Error::from)?;
        let found = found.ok_or_else(|| Error::not_found("photo", &photo_id))?;
        Ok(Response::new(pb::GetPhotoResponse {
            photo: Some(convert::photo(found)),
        }))
    }

    async fn download_photo(
        &self,
        request: Request<pb::DownloadPhotoRequest>,
    ) -> Result<Response<Download>, Status> {
        Ok(Response::new(self.open(request.into_inner()).await?))
    }
}
