//! `DensityService`.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::density_service_server::DensityService;
use tonic::{Request, Response, Status, async_trait};

use crate::counting::api::Api;
use crate::counting::store::densities::DensityFilter;
use crate::counting::store::{densities, samples};
use crate::counting::usecase::{Calibrate, StateDensity, StateNewDensity};
use crate::error::Error;
use crate::grpc::listing::{listed, paging};
use crate::ids::DensityId;

#[async_trait]
impl DensityService for Api {
    async fn list_density_parameters(
        &self,
        request: Request<pb::ListDensityParametersRequest>,
    ) -> Result<Response<pb::ListDensityParametersResponse>, Status> {
        let request = request.into_inner();
        let filter = DensityFilter::from(&request);
        let (size, token) = (request.page_size, &request.page_token);
        let paging = paging("densities", &filter, size, token)?;
        let page = densities::list(self.counting.connection(), filter, &paging).await;
        let (density_parameters, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListDensityParametersResponse {
            density_parameters,
            next_page_token,
        }))
    }

    async fn create_density_parameters(
        &self,
        request: Request<pb::CreateDensityParametersRequest>,
    ) -> Result<Response<pb::CreateDensityParametersResponse>, Status> {
        let command = StateNewDensity::try_from(request.into_inner())?;
        let outcome = self.counting.state_new_density(&command).await;
        let density = self
            .operations
            .count("create_density_parameters", outcome)?;
        Ok(Response::new(pb::CreateDensityParametersResponse {
            density_parameters: Some(density.into()),
        }))
    }

    async fn update_density_parameters(
        &self,
        request: Request<pb::UpdateDensityParametersRequest>,
    ) -> Result<Response<pb::UpdateDensityParametersResponse>, Status> {
        let command = StateDensity::try_from(request.into_inner())?;
        let outcome = self.counting.state_density(&command).await;
        let density = self
            .operations
            .count("update_density_parameters", outcome)?;
        Ok(Response::new(pb::UpdateDensityParametersResponse {
            density_parameters: Some(density.into()),
        }))
    }

    async fn calibrate_density_parameters(
        &self,
        request: Request<pb::CalibrateDensityParametersRequest>,
    ) -> Result<Response<pb::CalibrateDensityParametersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Calibrate::try_from(request.into_inner())?;
        let outcome = self.counting.calibrate(&caller.subject, &command).await;
        let calibration = self
            .operations
            .count("calibrate_density_parameters", outcome)?;
        Ok(Response::new(pb::CalibrateDensityParametersResponse {
            calibration: Some(calibration.into()),
        }))
    }

    async fn list_density_calibrations(
        &self,
        request: Request<pb::ListDensityCalibrationsRequest>,
    ) -> Result<Response<pb::ListDensityCalibrationsResponse>, Status> {
        let pb::ListDensityCalibrationsRequest {
            density_parameters_id,
            page_size,
            page_token,
        } = request.into_inner();
        let id = DensityId(density_parameters_id);
        let paging = paging("calibrations", &id, page_size, &page_token)?;
        let connection = self.counting.connection();
        Error::unless(densities::exists(connection, id).await, "density", id)?;
        let page = samples::list(connection, id, &paging).await;
        let (calibrations, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListDensityCalibrationsResponse {
            calibrations,
            next_page_token,
        }))
    }
}
