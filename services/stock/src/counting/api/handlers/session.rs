//! `CountSessionService`.

use demeter_identity::{Caller, Right};
use demeter_proto::stock::v1 as pb;
use pb::count_session_service_server::CountSessionService;
use tonic::{Request, Response, Status, async_trait};

use crate::counting::api::Api;
use crate::counting::api::convert::session::{bed, session_id, status};
use crate::counting::domain::session::{CountSession, CountedBed, SessionStatus};
use crate::counting::store::{entries, sessions};
use crate::counting::usecase::{EnterCount, OpenSession, PostSession, WithdrawCount};
use crate::error::Error;
use crate::grpc::listing::{listed, paging};

/// Who may post a session, and so sees what is expected in a blind one.
const POSTS: Right = Right::StockDelete;

#[async_trait]
impl CountSessionService for Api {
    async fn open_count_session(
        &self,
        request: Request<pb::OpenCountSessionRequest>,
    ) -> Result<Response<pb::OpenCountSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = OpenSession::try_from(request.into_inner())?;
        let outcome = self.counting.open_session(&caller.subject, &command).await;
        let session = self.operations.count("open_count_session", outcome)?;
        Ok(Response::new(pb::OpenCountSessionResponse {
            count_session: Some(session.into()),
        }))
    }

    async fn list_count_sessions(
        &self,
        request: Request<pb::ListCountSessionsRequest>,
    ) -> Result<Response<pb::ListCountSessionsResponse>, Status> {
        let request = request.into_inner();
        let only = status(request.status);
        let (size, token) = (request.page_size, &request.page_token);
        let paging = paging("count sessions", &only, size, token)?;
        let page = sessions::list(self.counting.connection(), only, &paging).await;
        let (count_sessions, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListCountSessionsResponse {
            count_sessions,
            next_page_token,
        }))
    }

    async fn get_count_session(
        &self,
        request: Request<pb::GetCountSessionRequest>,
    ) -> Result<Response<pb::GetCountSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = session_id(&request.into_inner().count_session_id)?;
        let (session, beds) = self.counting.session(id).await?;
        let beds = told(&session, beds, &caller);
        Ok(Response::new(pb::GetCountSessionResponse {
            count_session: Some(session.into()),
            beds,
        }))
    }

    async fn enter_count(
        &self,
        request: Request<pb::EnterCountRequest>,
    ) -> Result<Response<pb::EnterCountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = EnterCount::try_from(request.into_inner())?;
        let outcome = self.counting.enter_count(&caller.subject, &command).await;
        let entry = self.operations.count("enter_count", outcome)?;
        Ok(Response::new(pb::EnterCountResponse {
            entry: Some(entry.into()),
        }))
    }

    async fn withdraw_count(
        &self,
        request: Request<pb::WithdrawCountRequest>,
    ) -> Result<Response<pb::WithdrawCountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = WithdrawCount::try_from(request.into_inner())?;
        let outcome = self.counting.withdraw_count(&caller.subject, command).await;
        let entry = self.operations.count("withdraw_count", outcome)?;
        Ok(Response::new(pb::WithdrawCountResponse {
            entry: Some(entry.into()),
        }))
    }

    async fn list_count_entries(
        &self,
        request: Request<pb::ListCountEntriesRequest>,
    ) -> Result<Response<pb::ListCountEntriesResponse>, Status> {
        let pb::ListCountEntriesRequest {
            count_session_id,
            page_size,
            page_token,
        } = request.into_inner();
        let id = session_id(&count_session_id)?;
        let paging = paging("count entries", &id, page_size, &page_token)?;
        let connection = self.counting.connection();
        Error::found(sessions::find(connection, id).await, "count session", id)?;
        let page = entries::list(connection, id, &paging).await;
        let (entries, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListCountEntriesResponse {
            entries,
            next_page_token,
        }))
    }

    async fn post_count_session(
        &self,
        request: Request<pb::PostCountSessionRequest>,
    ) -> Result<Response<pb::PostCountSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = PostSession::try_from(request.into_inner())?;
        let outcome = self.counting.post_session(&caller.subject, &command).await;
        let (session, beds) = self.operations.count("post_count_session", outcome)?;
        let beds = told(&session, beds, &caller);
        Ok(Response::new(pb::PostCountSessionResponse {
            count_session: Some(session.into()),
            beds,
        }))
    }

    async fn cancel_count_session(
        &self,
        request: Request<pb::CancelCountSessionRequest>,
    ) -> Result<Response<pb::CancelCountSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = session_id(&request.into_inner().count_session_id)?;
        let outcome = self.counting.cancel_session(&caller.subject, id).await;
        let session = self.operations.count("cancel_count_session", outcome)?;
        Ok(Response::new(pb::CancelCountSessionResponse {
            count_session: Some(session.into()),
        }))
    }
}

/// The beds as the caller may see them.
fn told(session: &CountSession, beds: Vec<CountedBed>, caller: &Caller) -> Vec<pb::CountedBed> {
    let hidden = session.blind && session.status == SessionStatus::Open && !caller.may(POSTS);
    beds.into_iter().map(|one| bed(one, !hidden)).collect()
}
