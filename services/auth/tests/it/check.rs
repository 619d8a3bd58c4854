//! The gateway's question: every role, every RPC, every kind of nonsense.

use chrono::Duration;
use demeter_auth::Role;
use demeter_identity::{Access, HEADER, Policy, Right};
use demeter_proto::DESCRIPTOR_SET;
use envoy_types::pb::envoy::config::core::v3::Metadata;
use envoy_types::pb::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use envoy_types::pb::envoy::service::auth::v3::CheckRequest;
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::google::protobuf::value::Kind;
use envoy_types::pb::google::protobuf::{Struct, Value};
use serde_json::json;

use crate::harness::{biscuit, denial, labs, question, question_with, served};

const READ: &str = "/demeter.stock.v1.BatchService/GetBatch";
const UPLOAD: &str = "/demeter.photo.v1.PhotoService/UploadPhotos";

/// The roles of the design, written down a second time.
fn may(role: Role, right: &str) -> bool {
    match role {
        Role::Viewer => ["stock:read", "photos:read", "analytics:read"].contains(&right),
        Role::Worker => {
            ["stock:read", "stock:write", "photos:read", "photos:write"].contains(&right)
        }
        Role::Supervisor => {
            right.starts_with("stock:")
                || right.starts_with("photos:")
                || ["analytics:read", "config:read"].contains(&right)
        }
        Role::Admin => true,
    }
}

#[tokio::test]
async fn every_role_may_call_what_its_rights_allow_and_nothing_else() {
    let policy = Policy::from_descriptor_set(DESCRIPTOR_SET).unwrap();
    for lab in labs().await {
        for role in [Role::Viewer, Role::Worker, Role::Supervisor, Role::Admin] {
            let person = if role == Role::Admin {
                lab.admin().await
            } else {
                lab.given(role).await
            };
            for (rpc, access) in policy.iter() {
                let answer = lab.check(&person, rpc).await;
                let allowed = match access {
                    Access::Public | Access::Authenticated => true,
                    Access::Permission(right) => may(role, right.as_str()),
                    Access::Internal(_) => false,
                };
                assert_eq!(
                    matches!(answer.http_response, Some(HttpResponse::OkResponse(_))),
                    allowed,
                    "{role:?} {rpc}"
                );
                assert_eq!(
                    biscuit(&answer).is_some(),
                    allowed && *access != Access::Public,
                    "{role:?} {rpc}"
                );
                // What the gateway passes on opens the service's own gate.
                let caller = served(&lab.guard, rpc, biscuit(&answer).as_deref());
                assert_eq!(caller.is_ok(), allowed, "{role:?} {rpc}");
            }
        }
    }
}

#[tokio::test]
async fn an_identity_replaces_the_access_token_and_any_forged_one() {
    for lab in labs().await {
        let person = lab.admin().await;
        let answer = lab
            .check(
                &person,
                &format!("{READ}?x=/demeter.auth.v1.SessionService/Login"),
            )
            .await;
        let Some(HttpResponse::OkResponse(response)) = &answer.http_response else {
            panic!("{answer:?}")
        };

        assert_eq!(response.headers_to_remove, ["authorization"]);
        assert_eq!(
            response.headers[0].append_action(),
            HeaderAppendAction::OverwriteIfExistsOrAdd
        );
        let caller = served(&lab.guard, READ, biscuit(&answer).as_deref());
        let caller = caller.unwrap().unwrap();
        assert_eq!(caller.subject, person.user_id);
        assert!(
            caller.session.is_some(),
            "auth knows the session by its handle"
        );
        assert_eq!(caller.request_id.as_deref(), Some("request-7"));
    }
}

#[tokio::test]
async fn an_identity_works_for_a_minute_and_for_three_during_an_upload() {
    for lab in labs().await {
        let person = lab.admin().await;
        for (rpc, seconds) in [(READ, 60), (UPLOAD, 180)] {
            let token = biscuit(&lab.check(&person, rpc).await).unwrap();
            let call = || served(&lab.guard, rpc, Some(&token));

            lab.clock.advance(Duration::seconds(seconds));
            assert!(call().is_ok(), "{rpc}");
            lab.clock.advance(Duration::seconds(1));
            assert!(call().is_err(), "{rpc}");
        }
    }
}

/// It lives three times as long as others, so it must be good for nothing else.
#[tokio::test]
async fn the_identity_of_an_upload_opens_that_upload_alone() {
    let policy = Policy::from_descriptor_set(DESCRIPTOR_SET).unwrap();
    for lab in labs().await {
        let token = biscuit(&lab.check(&lab.admin().await, UPLOAD).await).unwrap();
        for (rpc, access) in policy.iter() {
            let caller = served(&lab.guard, rpc, Some(&token));
            let open = rpc == UPLOAD || *access == Access::Public;

            assert_eq!(caller.is_ok(), open, "{rpc}");
            if let Ok(Some(caller)) = caller {
                assert_eq!(caller.rights, [Right::PhotosWrite].into());
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_contract_is_denied_to_administrators_too() {
    for lab in labs().await {
        let admin = lab.admin().await;
        let login = "/demeter.auth.v1.SessionService/Login";
        for rpc in [
            "",
            "/",
            "/health",
            "/demeter.stock.v1.BatchService/Nothing",
            "/grpc.health.v1.Health/Check",
            "/envoy.service.auth.v3.Authorization/Check",
            &format!("{login}/../../demeter.auth.v1.UserService/CreateUser"),
            &format!("/{login}"),
            &login.to_lowercase(),
        ] {
            assert_eq!(
                denial(&lab.check(&admin, rpc).await),
                (403, "PERMISSION_MISSING".to_owned()),
                "{rpc}"
            );
        }
    }
}

#[tokio::test]
async fn a_missing_permission_is_named_in_plain_text() {
    for lab in labs().await {
        let viewer = lab.given(Role::Viewer).await;

        let answer = lab
            .check(&viewer, "/demeter.auth.v1.UserService/ListUsers")
            .await;

        assert_eq!(denial(&answer), (403, "PERMISSION_MISSING".to_owned()));
        let Some(HttpResponse::DeniedResponse(response)) = answer.http_response else {
            panic!("let in")
        };
        assert_eq!(response.body, "this needs the permission users:manage");
    }
}

#[tokio::test]
async fn tokens_that_name_no_session_of_that_user_are_denied() {
    for lab in labs().await {
        let (ana, bea) = (lab.admin().await, lab.given(Role::Worker).await);
        let stranger = "0197a000-0000-7000-8000-000000000000";
        let huge = "a".repeat(100_000);
        let told = |name: &str, value: serde_json::Value| {
            let mut claims = ana.claims.clone();
            claims[name] = value;
            lab.sign(&claims)
        };
        for token in [
            lab.sign(&json!({})),
            told("sub", json!(null)),
            told("sid", json!(null)),
            told("sub", json!({"sub": ana.claims["sub"]})),
            told("sub", json!([ana.claims["sub"]])),
            told("sid", json!(true)),
            told("sub", json!("' OR 1=1 --")),
            told("sid", json!(huge)),
            told("sub", json!("auth0|1234")),
            told("iss", json!("https://elsewhere")),
            told("aud", json!("another-api")),
            told("aud", json!(["demeter-api"])),
            told("exp", json!(lab.clock.now().timestamp() - 30)),
            told("exp", json!(null)),
            told("iat", json!(lab.clock.now().timestamp() + 31)),
        ] {
            let answer = lab.ask(READ, Some(&token)).await;
            assert_eq!(denial(&answer), (401, "TOKEN_INVALID".to_owned()));
        }
        for token in [
            told("sub", json!(stranger)),
            told("sid", json!(stranger)),
            told("sub", bea.claims["sub"].clone()),
        ] {
            let answer = lab.ask(READ, Some(&token)).await;
            assert_eq!(denial(&answer), (401, "SESSION_REVOKED".to_owned()));
        }
        let token = told("role", json!("viewer"));
        let answer = lab.ask(READ, Some(&token)).await;
        assert!(biscuit(&answer).is_some(), "only the database knows roles");
    }
}

/// What anyone inside the mesh can write: the two ids, as the gateway would have
/// verified them, and headers that carry no token.
#[tokio::test]
async fn what_a_caller_says_the_gateway_verified_does_not_count() {
    for lab in labs().await {
        let admin = lab.admin().await;
        let text = |value: &serde_json::Value| Value {
            kind: Some(Kind::StringValue(value.as_str().unwrap().to_owned())),
        };
        let said = ["sub", "sid"].map(|name| (name.to_owned(), text(&admin.claims[name])));
        let payload = Value {
            kind: Some(Kind::StructValue(Struct {
                fields: said.into(),
            })),
        };
        let filter = Struct {
            fields: [("jwt_payload".to_owned(), payload)].into(),
        };
        let biscuit = biscuit(&lab.check(&admin, READ).await).unwrap();
        let token = &admin.access_token;
        for headers in [
            vec![],
            vec![("authorization", biscuit.clone())],
            vec![("authorization", format!("Bearer {biscuit}"))],
            vec![(HEADER, biscuit.clone())],
            vec![("authorization", token.clone())],
            vec![("authorization", format!("bearer {token}"))],
            vec![("authorization", format!("Basic x Bearer {token}"))],
            vec![("authorization", format!("Bearer  {token}"))],
            vec![("authorization", format!("Bearer {token},Bearer {token}"))],
        ] {
            let headers = headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            let mut question = question_with(READ, headers.collect());
            let attributes = question.attributes.as_mut().unwrap();
            attributes.metadata_context = Some(Metadata {
                filter_metadata: [("envoy.filters.http.jwt_authn".to_owned(), filter.clone())]
                    .into(),
                ..Metadata::default()
            });

            let answer = lab.ask_raw(question).await.unwrap();
            assert_eq!(denial(&answer), (401, "TOKEN_INVALID".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_question_without_attributes_is_denied() {
    for lab in labs().await {
        let empty = lab.ask_raw(CheckRequest::default()).await.unwrap();
        let anonymous = lab.ask(READ, None).await;
        let mut bare = question(READ, None);
        bare.attributes.as_mut().unwrap().request = None;

        assert_eq!(denial(&empty).0, 403);
        assert_eq!(denial(&anonymous), (401, "TOKEN_INVALID".to_owned()));
        assert_eq!(denial(&lab.ask_raw(bare).await.unwrap()).0, 403);
    }
}

#[tokio::test]
async fn the_ops_port_tells_health_and_counts() {
    for lab in labs().await {
        let person = lab.admin().await;
        lab.check(&person, READ).await;

        let metrics = lab.get("/metrics").await;

        assert!(
            metrics.contains("demeter_auth_logins_total{outcome=\"ok\"} 1"),
            "{metrics}"
        );
        assert!(metrics.contains("demeter_auth_checks_total{outcome=\"known\"} 1"));
        assert!(lab.get("/readyz").await.contains("ready"));
    }
}
