//! Envoy's external authorization: the gateway asks before every call.
//!
//! A denial's body is plain text; the gateway makes the JSON from the reason
//! in the dynamic metadata.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use demeter_identity::HEADER;
use envoy_types::pb::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use envoy_types::pb::envoy::config::core::v3::{HeaderValue, HeaderValueOption};
use envoy_types::pb::envoy::service::auth::v3::attribute_context::HttpRequest;
use envoy_types::pb::envoy::service::auth::v3::authorization_server::Authorization;
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{
    CheckRequest, CheckResponse, DeniedHttpResponse, OkHttpResponse,
};
use envoy_types::pb::envoy::r#type::v3::HttpStatus;
use envoy_types::pb::google::protobuf::value::Kind;
use envoy_types::pb::google::protobuf::{Struct, Value};
use envoy_types::pb::google::rpc;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{Request, Response, Status};

use crate::admission::api::Api;
use crate::admission::api::status::Told;
use crate::admission::usecase::{Admission, Demand, Denial};

/// The paths that the gateway calls without an identity.
pub(crate) const AUTHORIZATION_SERVICE: &str = "/envoy.service.auth.v3.Authorization/";

/// Longer ids are not the gateway's own.
const MAX_REQUEST_ID: usize = 128;

#[tonic::async_trait]
impl Authorization for Api {
    async fn check(
        &self,
        request: Request<CheckRequest>,
    ) -> Result<Response<CheckResponse>, Status> {
        let request = request.into_inner();
        let (demand, is_grpc) = read(&request);
        let admission = self.admissions.admit(&demand).await?;
        let answer = match &admission {
            Admission::Public => admitted(None),
            Admission::Known(biscuit) => admitted(Some(biscuit)),
            Admission::Denied(denial) => denied(denial, is_grpc),
        };
        self.metrics.count_check(&admission);
        Ok(Response::new(answer))
    }
}

// === reading ===

/// What is asked, and whether the caller spoke gRPC from the start. What the
/// gateway says that it verified does not count.
fn read(request: &CheckRequest) -> (Demand, bool) {
    let none = HttpRequest::default();
    let attributes = request.attributes.as_ref();
    let http = attributes
        .and_then(|attributes| attributes.request.as_ref())
        .and_then(|request| request.http.as_ref())
        .unwrap_or(&none);
    let demand = Demand {
        rpc: http.path.split('?').next().unwrap_or_default().to_owned(),
        token: bearer(http),
        request_id: request_id(http),
    };
    (demand, !http.headers.contains_key("x-envoy-original-path"))
}

fn bearer(http: &HttpRequest) -> Option<SecretString> {
    let value = http.headers.get("authorization")?;
    value.strip_prefix("Bearer ").map(SecretString::from)
}

fn request_id(http: &HttpRequest) -> Option<String> {
    let id = http.headers.get("x-request-id").unwrap_or(&http.id);
    let usable = !id.is_empty()
        && id.len() <= MAX_REQUEST_ID
        && id.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then(|| id.clone())
}

// === answering ===

fn admitted(biscuit: Option<&SecretString>) -> CheckResponse {
    let headers = biscuit
        .map(|biscuit| header(HEADER, biscuit.expose_secret().to_owned()))
        .into_iter()
        .collect();
    let response = OkHttpResponse {
        headers,
        // The token's work is done; no service has a use for it.
        headers_to_remove: vec!["authorization".to_owned()],
        ..OkHttpResponse::default()
    };
    CheckResponse {
        status: Some(rpc::Status::default()),
        dynamic_metadata: None,
        http_response: Some(HttpResponse::OkResponse(response)),
    }
}

fn denied(denial: &Denial, is_grpc: bool) -> CheckResponse {
    let Told {
        http,
        status,
        reason,
    } = Told::from(denial);
    let mut headers = vec![header(
        "content-type",
        "text/plain; charset=utf-8".to_owned(),
    )];
    if is_grpc {
        headers.push(header(
            "grpc-status-details-bin",
            STANDARD_NO_PAD.encode(status.details()),
        ));
    }
    let response = DeniedHttpResponse {
        status: Some(HttpStatus { code: http }),
        headers,
        body: status.message().to_owned(),
    };
    let mut metadata = vec![("reason".to_owned(), text(reason))];
    if let Denial::PermissionMissing(right) = denial {
        metadata.push(("permission".to_owned(), text(right.as_str())));
    }
    CheckResponse {
        status: Some(rpc::Status {
            code: status.code().into(),
            message: reason.to_owned(),
            details: Vec::new(),
        }),
        dynamic_metadata: Some(Struct {
            fields: metadata.into_iter().collect(),
        }),
        http_response: Some(HttpResponse::DeniedResponse(response)),
    }
}

fn text(value: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(value.to_owned())),
    }
}

/// Replaces whatever the client sent under this name.
fn header(key: &str, value: String) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(HeaderValue {
            key: key.to_owned(),
            value,
            ..HeaderValue::default()
        }),
        append_action: HeaderAppendAction::OverwriteIfExistsOrAdd.into(),
        ..HeaderValueOption::default()
    }
}
