//! The gateway's question to auth, asked by whoever has a certificate.

use demeter_grpc::{Channel, Mesh};
use demeter_identity::HEADER;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Request};
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{AttributeContext, CheckRequest, CheckResponse};
use tonic::Status;

use crate::harness::{System, User};

const AUTH: usize = 0;

/// The auth service, to whoever has these certificates.
pub(crate) fn auth(system: &System, mesh: &Mesh) -> Channel {
    let url = format!("{}://{}", mesh.scheme(), system.grpc(AUTH));
    mesh.channel("auth", &url).unwrap()
}

pub(crate) async fn ask(
    system: &System,
    mesh: &Mesh,
    question: CheckRequest,
) -> Result<CheckResponse, Status> {
    let mut client = AuthorizationClient::new(auth(system, mesh));
    Ok(client.check(question).await?.into_inner())
}

/// Whether this user may call an RPC.
pub(crate) fn question(user: &User, rpc: &str) -> CheckRequest {
    let token = ("authorization".to_owned(), format!("Bearer {}", user.token));
    let http = HttpRequest {
        path: rpc.to_owned(),
        headers: [token].into(),
        ..HttpRequest::default()
    };
    let request = Request {
        http: Some(http),
        ..Request::default()
    };
    CheckRequest {
        attributes: Some(AttributeContext {
            request: Some(request),
            ..AttributeContext::default()
        }),
    }
}

/// The identity with which the gateway passes on a user's call of an RPC.
pub(crate) async fn identity(system: &System, user: &User, rpc: &str) -> String {
    let gateway = system.member("gateway");
    let answer = ask(system, &gateway, question(user, rpc)).await.unwrap();
    let Some(HttpResponse::OkResponse(response)) = answer.http_response else {
        panic!("{rpc}: {answer:?}")
    };
    let headers = response.headers.into_iter();
    let mut headers = headers.filter_map(|option| option.header);
    let header = headers.find(|header| header.key == HEADER);
    header.expect("an identity").value
}
