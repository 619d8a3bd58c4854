//! `ConfigurationService`.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::configuration_service_server::ConfigurationService;
use tonic::{Request, Response, Status, async_trait};

use crate::beds::api::Api;
use crate::beds::api::convert::{color, told};
use crate::beds::domain::configuration::Configuration;
use crate::beds::domain::freshness::{Ages, Freshness};
use crate::beds::store::configured::ConfiguredFilter;
use crate::beds::store::{configurations, configured, operations};
use crate::beds::usecase::Apply;
use crate::error::Error;
use crate::grpc::fields::{key, rfc3339};
use crate::grpc::listing::{listed, paging};
use crate::ids::{LocationId, OperationId};
use crate::places::domain::place::Location;
use crate::places::store::{areas, locations, warehouses};

#[async_trait]
impl ConfigurationService for Api {
    async fn get_location_configuration(
        &self,
        request: Request<pb::GetLocationConfigurationRequest>,
    ) -> Result<Response<pb::GetLocationConfigurationResponse>, Status> {
        let pb::GetLocationConfigurationRequest {
            storage_location_id,
            as_of,
        } = request.into_inner();
        let id = LocationId(storage_location_id);
        let as_of = rfc3339("as_of", &as_of)?;
        self.check_location(id).await?;
        let connection = self.beds.connection();
        let found = match as_of {
            None => configurations::find(connection, id).await,
            Some(at) => configurations::active_at(connection, id, at).await,
        };
        let configuration = found.map_err(Error::from)?;
        Ok(Response::new(pb::GetLocationConfigurationResponse {
            configuration: configuration.map(|one| self.told(one)),
        }))
    }

    async fn set_location_configuration(
        &self,
        request: Request<pb::SetLocationConfigurationRequest>,
    ) -> Result<Response<pb::SetLocationConfigurationResponse>, Status> {
        let command = request.into_inner().try_into()?;
        let outcome = self.beds.configure_location(&command).await;
        let configuration = self
            .operations
            .count("set_location_configuration", outcome)?;
        Ok(Response::new(pb::SetLocationConfigurationResponse {
            configuration: Some(self.told(configuration)),
        }))
    }

    async fn update_location_configuration(
        &self,
        request: Request<pb::UpdateLocationConfigurationRequest>,
    ) -> Result<Response<pb::UpdateLocationConfigurationResponse>, Status> {
        let command = request.into_inner().try_into()?;
        let outcome = self.beds.edit_configuration(&command).await;
        let configuration = self
            .operations
            .count("update_location_configuration", outcome)?;
        Ok(Response::new(pb::UpdateLocationConfigurationResponse {
            configuration: Some(self.told(configuration)),
        }))
    }

    async fn deactivate_location_configuration(
        &self,
        request: Request<pb::DeactivateLocationConfigurationRequest>,
    ) -> Result<Response<pb::DeactivateLocationConfigurationResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.beds.deactivate_configuration(&command).await;
        let configuration = self
            .operations
            .count("deactivate_location_configuration", outcome)?;
        Ok(Response::new(pb::DeactivateLocationConfigurationResponse {
            configuration: Some(self.told(configuration)),
        }))
    }

    async fn list_location_configurations(
        &self,
        request: Request<pb::ListLocationConfigurationsRequest>,
    ) -> Result<Response<pb::ListLocationConfigurationsResponse>, Status> {
        let pb::ListLocationConfigurationsRequest {
            storage_location_id,
            page_size,
            page_token,
        } = request.into_inner();
        let id = LocationId(storage_location_id);
        let paging = paging("configurations", &id, page_size, &page_token)?;
        self.check_location(id).await?;
        let page = configurations::list(self.beds.connection(), id, &paging).await;
        let (configurations, next_page_token) =
            page.map_err(Error::from)?.told(|one| self.told(one));
        Ok(Response::new(pb::ListLocationConfigurationsResponse {
            configurations,
            next_page_token,
        }))
    }

    async fn list_configured_locations(
        &self,
        request: Request<pb::ListConfiguredLocationsRequest>,
    ) -> Result<Response<pb::ListConfiguredLocationsResponse>, Status> {
        let request = request.into_inner();
        let filter = ConfiguredFilter::from(&request);
        let (size, token) = (request.page_size, &request.page_token);
        let paging = paging("configured locations", &filter, size, token)?;
        self.check_filter(filter).await?;
        let ages = Ages::at(self.beds.now());
        let page = configured::list(self.beds.connection(), filter, ages, &paging).await;
        let (locations, next_page_token) = page
            .map_err(Error::from)?
            .told(|(place, configuration)| self.configured(place, configuration));
        Ok(Response::new(pb::ListConfiguredLocationsResponse {
            locations,
            next_page_token,
        }))
    }

    async fn apply_location_configuration(
        &self,
        request: Request<pb::ApplyLocationConfigurationRequest>,
    ) -> Result<Response<pb::ApplyLocationConfigurationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Apply::try_from(request.into_inner())?;
        let outcome = self.beds.apply(&caller.subject, &command).await;
        let outcome = self
            .operations
            .count("apply_location_configuration", outcome)?;
        Ok(Response::new(outcome.into()))
    }

    async fn undo_configuration_operation(
        &self,
        request: Request<pb::UndoConfigurationOperationRequest>,
    ) -> Result<Response<pb::UndoConfigurationOperationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = key("operation_id", &request.into_inner().operation_id)?;
        let outcome = self.beds.undo(&caller.subject, OperationId(id)).await;
        let outcome = self
            .operations
            .count("undo_configuration_operation", outcome)?;
        Ok(Response::new(outcome.into()))
    }

    async fn list_configuration_operations(
        &self,
        request: Request<pb::ListConfigurationOperationsRequest>,
    ) -> Result<Response<pb::ListConfigurationOperationsResponse>, Status> {
        let pb::ListConfigurationOperationsRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let paging = paging("operations", &(), page_size, &page_token)?;
        let page = operations::list(self.beds.connection(), &paging).await;
        let (operations, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListConfigurationOperationsResponse {
            operations,
            next_page_token,
        }))
    }
}

// === impl Api ===

impl Api {
    fn told(&self, configuration: Configuration) -> pb::LocationConfiguration {
        told(configuration, self.beds.now())
    }

    fn configured(
        &self,
        place: Location,
        configuration: Option<Configuration>,
    ) -> pb::ConfiguredLocation {
        let changed = configuration.as_ref().map(|one| one.updated_at);
        pb::ConfiguredLocation {
            storage_location_id: place.id.0,
            code: place.code,
            name: place.name,
            color: color(Freshness::of(changed, self.beds.now())).into(),
            configuration: configuration.map(|one| self.told(one)),
        }
    }

    /// NOT_FOUND without such a location.
    async fn check_location(&self, id: LocationId) -> Result<(), Error> {
        let exists = locations::exists(self.beds.connection(), id).await;
        Error::unless(exists, "storage location", id)
    }

    /// NOT_FOUND unless there is all that a filter names.
    async fn check_filter(&self, filter: ConfiguredFilter) -> Result<(), Error> {
        let connection = self.beds.connection();
        if let Some(id) = filter.warehouse {
            Error::unless(warehouses::exists(connection, id).await, "warehouse", id)?;
        }
        if let Some(id) = filter.area {
            Error::unless(areas::exists(connection, id).await, "storage area", id)?;
        }
        Ok(())
    }
}
