//! `ServiceTokenService`.

use demeter_grpc::Peer;
use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::service_token_service_server::ServiceTokenService;
use secrecy::ExposeSecret as _;
use tonic::{Request, Response, Status};

use crate::admission::api::Api;
use crate::admission::api::status::not_this_service;
use crate::grpc::timestamp;

#[tonic::async_trait]
impl ServiceTokenService for Api {
    async fn issue_service_token(
        &self,
        request: Request<pb::IssueServiceTokenRequest>,
    ) -> Result<Response<pb::IssueServiceTokenResponse>, Status> {
        let caller = Peer::of(request.extensions());
        let pb::IssueServiceTokenRequest {
            client_id,
            client_secret,
        } = request.into_inner();
        if !caller.passes_for(&client_id) {
            return Err(not_this_service(&client_id));
        }
        let token = self
            .admissions
            .issue_service_token(&client_id, &client_secret.into())?;
        Ok(Response::new(pb::IssueServiceTokenResponse {
            biscuit: token.biscuit.expose_secret().to_owned(),
            expire_time: Some(timestamp(token.expires_at)),
        }))
    }
}
