//! What grows where, over gRPC.

use demeter_proto::stock::v1 as pb;
use pb::configuration_service_server::ConfigurationService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::beds::store::configurations;
use crate::error::Error;
use crate::ids::LocationId;
use crate::places::store::locations;

#[async_trait]
impl ConfigurationService for Api {
    async fn get_location_configuration(
        &self,
        request: Request<pb::GetLocationConfigurationRequest>,
    ) -> Result<Response<pb::GetLocationConfigurationResponse>, Status> {
        let id = LocationId(request.into_inner().storage_location_id);
        let connection = self.beds.connection();
        let exists = locations::exists(connection, id).await;
        Error::unless(exists, "storage location", id)?;
        let configuration = configurations::find(connection, id).await;
        let configuration = configuration.map_err(Error::from)?.map(Into::into);
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
