//! `MonthService`.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::month_service_server::MonthService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use super::convert::month;
use crate::error::Error;
use crate::grpc::fields::above_zero;
use crate::grpc::listing::{listed, paging};
use crate::ids::WarehouseId;
use crate::months::domain::sales::parse;
use crate::months::store::months;
use crate::months::usecase::{Approve, Close, Open, Reopen};
use crate::places::store::warehouses;

#[async_trait]
impl MonthService for Api {
    async fn open_month(
        &self,
        request: Request<pb::OpenMonthRequest>,
    ) -> Result<Response<pb::OpenMonthResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Open::try_from(request.into_inner())?;
        let outcome = self.months.open(&caller.subject, &command).await;
        let opened = self.operations.count("open_month", outcome)?;
        Ok(Response::new(pb::OpenMonthResponse {
            month: Some(opened.into()),
        }))
    }

    async fn list_months(
        &self,
        request: Request<pb::ListMonthsRequest>,
    ) -> Result<Response<pb::ListMonthsResponse>, Status> {
        let pb::ListMonthsRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let paging = paging("months", &(), page_size, &page_token)?;
        let page = months::list(self.months.connection(), &paging).await;
        let (months, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListMonthsResponse {
            months,
            next_page_token,
        }))
    }

    async fn get_month(
        &self,
        request: Request<pb::GetMonthRequest>,
    ) -> Result<Response<pb::GetMonthResponse>, Status> {
        let pb::GetMonthRequest {
            year,
            month: number,
        } = request.into_inner();
        let found = self.months.find(month(year, number)?).await?;
        Ok(Response::new(pb::GetMonthResponse {
            month: Some(found.into()),
        }))
    }

    async fn list_bed_proposals(
        &self,
        request: Request<pb::ListBedProposalsRequest>,
    ) -> Result<Response<pb::ListBedProposalsResponse>, Status> {
        let pb::ListBedProposalsRequest {
            year,
            month: number,
            page_size,
            page_token,
            warehouse_id,
            status: wanted,
        } = request.into_inner();
        let month = month(year, number)?;
        let warehouse = self.warehouse(warehouse_id).await?;
        let filter = (month, warehouse, wanted);
        let paging = paging("bed proposals", &filter, page_size, &page_token)?;
        let page = self.months.proposals(month, warehouse, &paging).await?;
        let is_wanted = |told: &pb::BedProposal| wanted == 0 || told.status == wanted;
        let told = page.items.into_iter().map(pb::BedProposal::from);
        Ok(Response::new(pb::ListBedProposalsResponse {
            beds: told.filter(is_wanted).collect(),
            next_page_token: page.next_token,
        }))
    }

    async fn approve_beds(
        &self,
        request: Request<pb::ApproveBedsRequest>,
    ) -> Result<Response<pb::ApproveBedsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Approve::try_from(request.into_inner())?;
        let outcome = self.months.approve(&caller.subject, &command).await;
        let act = self.operations.count("approve_beds", outcome)?;
        Ok(Response::new(act.into()))
    }

    async fn reopen_beds(
        &self,
        request: Request<pb::ReopenBedsRequest>,
    ) -> Result<Response<pb::ReopenBedsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Reopen::try_from(request.into_inner())?;
        let outcome = self.months.reopen(&caller.subject, &command).await;
        let act = self.operations.count("reopen_beds", outcome)?;
        Ok(Response::new(act.into()))
    }

    async fn close_month(
        &self,
        request: Request<pb::CloseMonthRequest>,
    ) -> Result<Response<pb::CloseMonthResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Close::try_from(request.into_inner())?;
        let outcome = self.months.close(&caller.subject, &command).await;
        let closed = self.operations.count("close_month", outcome)?;
        Ok(Response::new(pb::CloseMonthResponse {
            month: Some(closed.into()),
        }))
    }

    async fn get_reconciliation(
        &self,
        request: Request<pb::GetReconciliationRequest>,
    ) -> Result<Response<pb::GetReconciliationResponse>, Status> {
        let pb::GetReconciliationRequest {
            year,
            month: number,
            warehouse_id,
        } = request.into_inner();
        let warehouse = self.warehouse(warehouse_id).await?;
        let told = self
            .months
            .reconcile(month(year, number)?, warehouse)
            .await?;
        Ok(Response::new(told.into()))
    }

    async fn compare_sales(
        &self,
        request: Request<pb::CompareSalesRequest>,
    ) -> Result<Response<pb::CompareSalesResponse>, Status> {
        let pb::CompareSalesRequest {
            year,
            month: number,
            csv,
            warehouse_id,
        } = request.into_inner();
        let warehouse = self.warehouse(warehouse_id).await?;
        let (month, listed) = (month(year, number)?, parse(&csv)?);
        let told = self.months.compare(month, warehouse, &listed).await?;
        Ok(Response::new(told.into()))
    }
}

// === impl Api ===

impl Api {
    /// A filter by warehouse; NOT_FOUND without it.
    async fn warehouse(&self, id: i32) -> Result<Option<WarehouseId>, Error> {
        let Some(id) = above_zero(id, WarehouseId) else {
            return Ok(None);
        };
        let exists = warehouses::exists(self.months.connection(), id).await;
        Error::unless(exists, "warehouse", id)?;
        Ok(Some(id))
    }
}
