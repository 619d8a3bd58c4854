//! What grows where, over gRPC.

use demeter_proto::stock::v1 as pb;
use pb::configuration_service_server::ConfigurationService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::error::Error;
use crate::ids::LocationId;

#[async_trait]
impl ConfigurationService for Api {
    async fn get_location_configuration(
        &self,
        request: Request<pb::GetLocationConfigurationRequest>,
    ) -> Result<Response<pb::GetLocationConfigurationResponse>, Status> {
        let id = LocationId(request.into_inner().storage_location_id);
        let configuration = self.beds.store().find_configuration(id).await?;
        if configuration.is_none() && self.beds.store().find_location(id).await?.is_none() {
            return Err(Error::not_found("storage location", id).into());
        }
        let configuration = configuration.map(Into::into);
        Ok(Response::new(pb::GetLocationConfigurationResponse {
            configuration,
        }))
    }

    async fn set_location_configuration(
        &self,
        request: Request<pb::SetLocationConfigurationRequest>,
    ) -> Result<Response<pb::SetLocationConfigurationResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.beds.configure_location(&command).await;
        let configuration = self
            .operations
            .count("set_location_configuration", outcome)?;
        let configuration = Some(configuration.into());
        Ok(Response::new(pb::SetLocationConfigurationResponse {
            configuration,
        }))
    }
}
