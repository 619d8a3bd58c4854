//! Decode, call, encode.

use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::session_service_server::SessionService;
use tonic::{Request, Response, Status};

use crate::error::{Error, Rejected};
use crate::people::api::actor;
use crate::people::store as people;
use crate::sessions::api::{Api, convert};
use crate::sessions::attempt::Address;
use crate::sessions::usecase::Sessions;

/// Where a call comes from. The gateway writes it, and removes it from what comes
/// from outside; a call that does not come through it comes from nowhere.
const ADDRESS: &str = "x-demeter-address";

fn address<T>(request: &Request<T>) -> Option<Address> {
    let value = request.metadata().get(ADDRESS)?;
    Address::parse(value.to_str().ok()?)
}

#[tonic::async_trait]
impl SessionService for Api {
    async fn login(
        &self,
        request: Request<pb::LoginRequest>,
    ) -> Result<Response<pb::LoginResponse>, Status> {
        let address = address(&request);
        let pb::LoginRequest { email, password } = request.into_inner();
        let outcome = self.sessions.log_in(&email, password.into(), address).await;
        self.metrics.count_login(outcome.as_ref().err());
        let (tokens, user) = outcome?;
        Ok(Response::new(convert::logged_in(&tokens, user)))
    }

    async fn refresh(
        &self,
        request: Request<pb::RefreshRequest>,
    ) -> Result<Response<pb::RefreshResponse>, Status> {
        let pb::RefreshRequest { refresh_token } = request.into_inner();
        let outcome = self.sessions.refresh(refresh_token.into()).await;
        self.metrics.count_refresh(outcome.as_ref().err());
        Ok(Response::new(convert::refreshed(&outcome?)))
    }

    async fn logout(
        &self,
        request: Request<pb::LogoutRequest>,
    ) -> Result<Response<pb::LogoutResponse>, Status> {
        let actor = actor(&request)?;
        self.sessions.log_out(actor).await?;
        Ok(Response::new(pb::LogoutResponse {}))
    }

    async fn get_me(
        &self,
        request: Request<pb::GetMeRequest>,
    ) -> Result<Response<pb::GetMeResponse>, Status> {
        let actor = actor(&request)?;
        let Sessions { store, clock, .. } = &*self.sessions;
        let found = people::acting(store.connection(), actor, clock.now()).await;
        let user = found.map_err(Error::from)?;
        let user = user.ok_or(Error::from(Rejected::Session))?;
        let permissions = user.role.rights().iter().map(ToString::to_string).collect();
        Ok(Response::new(pb::GetMeResponse {
            user: Some(user.into()),
            permissions,
        }))
    }
}
