//! Requests through the real Envoy to stand-ins of the services.

use demeter_proto::auth::v1::session_service_client::SessionServiceClient;
use demeter_proto::auth::v1::{GetMeRequest, LoginRequest};
use demeter_proto::stock::v1::batch_service_client::BatchServiceClient;
use demeter_proto::stock::v1::{GetBatchRequest, ListBatchesRequest};
use prost::Message as _;
use reqwest::Method;
use serde_json::{Value, json};
use tonic::{Code, Request};

use super::lab::{LATER, Lab, refusal, signed_in};
use super::standins::{IDENTITY, LARGEST, token};
use super::{call, json_of};

const BATCH: &str = "0190a8f0-0000-7000-8000-000000000001";
#[tokio::test]
async fn health_is_good_while_the_services_answer() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let response = call(&lab.gateway, Method::GET, "/health", &[]).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(
        json_of(response).await,
        json!({"status": "healthy", "service": "demeter"})
    );
}

#[tokio::test]
async fn the_identity_of_the_auth_service_replaces_what_the_client_says() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let token = signed_in();
    let headers = [
        ("authorization", token.as_str()),
        ("x-demeter-identity", "forged"),
        ("x-demeter-more", "forged"),
        ("x-correlation-id", "my-correlation"),
        ("x-request-id", "my-request"),
    ];
    let response = call(&lab.gateway, Method::GET, "/api/v1/stock/batches", &headers).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["x-request-id"], "my-request");
    let seen = lab
        .standins
        .last("/demeter.stock.v1.BatchService/ListBatches");
    assert_eq!(
        seen.get_all("x-demeter-identity")
            .iter()
            .collect::<Vec<_>>(),
        [IDENTITY]
    );
    assert!(seen.get("authorization").is_none() && seen.get("x-demeter-more").is_none());
    assert_eq!(
        (&seen["x-correlation-id"], &seen["x-request-id"]),
        (
            &"my-correlation".parse().unwrap(),
            &"my-request".parse().unwrap()
        )
    );
    assert!(
        seen.contains_key("grpc-timeout"),
        "the route's deadline goes upstream"
    );
}

#[tokio::test]
async fn a_forged_identity_does_not_pass_a_public_rpc_either() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let body = json!({"email": "anna@example", "password": "secret"}).to_string();
    let response = lab
        .post(
            "/api/v1/auth/login",
            &[("x-demeter-identity", "forged")],
            body,
        )
        .await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(
        json_of(response).await["access_token"],
        json!("anna@example")
    );
    assert!(
        lab.standins
            .last("/demeter.auth.v1.SessionService/Login")
            .get("x-demeter-identity")
            .is_none()
    );
}

#[tokio::test]
async fn bad_tokens_are_refused_before_any_service_is_called() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let good = signed_in();
    let tokens = [
        String::new(),
        "Bearer nonsense".to_owned(),
        token("another-api", LATER),
        token("demeter-api", 1),
        format!("{}AAAA", &good[..good.len() - 4]),
    ];
    for token in tokens {
        let response = call(
            &lab.gateway,
            Method::GET,
            "/api/v1/stock/batches",
            &[("authorization", &token)],
        )
        .await;
        assert_eq!(
            refusal(response).await,
            (401, "BAD_TOKEN".to_owned()),
            "{token}"
        );
    }
}

#[tokio::test]
async fn refusals_of_the_auth_service_keep_their_reason() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let forbidden = lab.get("/api/v1/auth/users").await;
    assert_eq!(
        refusal(forbidden).await,
        (403, "PERMISSION_MISSING".to_owned())
    );
    let revoked = json_of(lab.get("/api/v1/models").await).await;
    assert_eq!(
        (&revoked["code"], &revoked["message"]),
        (&json!(16), &json!("not for you"))
    );
    assert_eq!(revoked["details"][0]["reason"], json!("SESSION_REVOKED"));
}

#[tokio::test]
async fn refusals_of_services_reach_json_callers_with_details() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let missing = lab.get(&format!("/api/v1/stock/batches/{BATCH}")).await;
    assert_eq!(refusal(missing).await, (404, "NO_SUCH_BATCH".to_owned()));
    let invalid = lab.get("/api/v1/stock/batches/not-a-uuid").await;
    assert_eq!(invalid.status().as_u16(), 400);
    let body = json_of(invalid).await;
    let details = body["details"].as_array().unwrap();
    assert!(
        details
            .iter()
            .any(|detail| detail["reason"] == json!("INVALID_FIELD")),
        "{body}"
    );
    let field = |detail: &Value| detail["field_violations"][0]["field"].clone();
    assert!(
        details
            .iter()
            .any(|detail| field(detail) == json!("batch_id")),
        "{body}"
    );
}

#[tokio::test]
async fn uploads_are_accepted_and_too_large_ones_are_413() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let token = signed_in();
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "image/jpeg"),
    ];
    let accepted = lab
        .post(
            "/api/v1/photos/upload?storage_location_id=3",
            &headers,
            vec![1; 9_000_000],
        )
        .await;
    assert_eq!(accepted.status().as_u16(), 202);
    assert_eq!(
        json_of(accepted).await["photos"][0]["filename"],
        json!("9000000")
    );
    let large = lab
        .post("/api/v1/photos/upload", &headers, vec![1; LARGEST + 1])
        .await;
    assert_eq!(refusal(large).await, (413, "FILE_TOO_LARGE".to_owned()));
    let busy = lab.get("/api/v1/photos/gallery").await;
    assert_eq!(busy.status().as_u16(), 429, "other exhaustion stays 429");
}

#[tokio::test]
async fn other_bodies_end_at_four_mebibytes_and_those_of_anyone_at_sixteen_kibibytes() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let token = signed_in();
    let headers = [("authorization", token.as_str())];
    let large = (413, "BODY_TOO_LARGE".to_owned());
    let notes = format!("{{\"notes\": \"{}\"}}", "a".repeat(5_000_000));
    let response = lab.post("/api/v1/stock/batches", &headers, notes).await;
    assert_eq!(refusal(response).await, large);
    let password = format!("{{\"password\": \"{}\"}}", "a".repeat(17_000));
    let response = lab.post("/api/v1/auth/login", &[], password).await;
    assert_eq!(refusal(response).await, large);
}

#[tokio::test]
async fn downloads_are_the_picture_itself() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let response = lab
        .get(&format!("/api/v1/photos/{BATCH}/content/thumbnail"))
        .await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["content-type"], "image/webp");
    assert_eq!(response.bytes().await.unwrap().len(), 1_500_000);
}

#[tokio::test]
async fn sign_ins_of_one_address_are_limited() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let body = json!({"email": "anna@example", "password": "wrong"}).to_string();
    for _ in 0..30 {
        assert_eq!(
            lab.post("/api/v1/auth/login", &[], body.clone())
                .await
                .status()
                .as_u16(),
            200
        );
    }
    // The bucket fills by one every two seconds; a slow machine may see some.
    let mut limited = None;
    for _ in 0..30 {
        let response = lab.post("/api/v1/auth/login", &[], body.clone()).await;
        if response.status().as_u16() == 429 {
            limited = Some(response);
            break;
        }
    }
    let limited = limited.expect("no sign-in was refused");
    assert!(limited.headers().contains_key("retry-after"));
    assert_eq!(refusal(limited).await, (429, "RATE_LIMITED".to_owned()));
}

#[tokio::test]
async fn auth_is_told_where_a_sign_in_comes_from_and_nobody_else_can_say_it() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let body = json!({"email": "anna@example", "password": "wrong"}).to_string();
    let claims = [
        ("x-demeter-address", "192.0.2.1"),
        ("x-forwarded-for", "192.0.2.2"),
    ];

    lab.post("/api/v1/auth/login", &claims, body).await;

    let told = lab.standins.last("/demeter.auth.v1.SessionService/Login");
    let told: Vec<_> = told.get_all("x-demeter-address").iter().collect();
    assert_eq!(told, ["127.0.0.1"]);
}

#[tokio::test]
async fn native_grpc_callers_get_plain_messages_and_details() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let channel = tonic::transport::Endpoint::from_shared(lab.url(""))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut sessions = SessionServiceClient::new(channel.clone());
    let anonymous = sessions.get_me(GetMeRequest {}).await.unwrap_err();
    assert_eq!(
        (anonymous.code(), anonymous.message()),
        (Code::Unauthenticated, "Jwt is missing")
    );
    let login = LoginRequest {
        email: "anna".to_owned(),
        password: "secret".to_owned(),
    };
    assert_eq!(
        sessions
            .login(login)
            .await
            .unwrap()
            .into_inner()
            .access_token,
        "anna"
    );

    let mut batches = BatchServiceClient::new(channel);
    let mut request = Request::new(GetBatchRequest {
        batch_id: BATCH.to_owned(),
    });
    request
        .metadata_mut()
        .insert("authorization", signed_in().parse().unwrap());
    let missing = batches.get_batch(request).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(
        demeter_grpc::status::reason(&missing).as_deref(),
        Some("NO_SUCH_BATCH")
    );
}

#[tokio::test]
async fn grpc_web_reaches_the_same_rpcs() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let message = ListBatchesRequest::default().encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    let token = signed_in();
    let headers = [
        ("content-type", "application/grpc-web+proto"),
        ("x-grpc-web", "1"),
        ("origin", "http://localhost:5173"),
        ("authorization", token.as_str()),
    ];
    let response = lab
        .post(
            "/demeter.stock.v1.BatchService/ListBatches",
            &headers,
            frame,
        )
        .await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "http://localhost:5173"
    );
    assert_eq!(
        response.headers()["content-type"],
        "application/grpc-web+proto"
    );
    let body = response.bytes().await.unwrap();
    assert!(
        String::from_utf8_lossy(&body).contains("grpc-status:0"),
        "{body:?}"
    );
}

#[tokio::test]
async fn reflection_needs_a_token_and_shows_every_service() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let token = signed_in();
    let web = ("content-type", "application/grpc-web+proto");
    // list_services = "*", framed.
    let frame: &[u8] = &[0, 0, 0, 0, 3, 0x3a, 1, b'*'];
    let anonymous = lab.post(path, &[web], frame).await;
    assert_eq!(anonymous.headers()["grpc-status"], "16");
    let answer = lab
        .post(path, &[web, ("authorization", token.as_str())], frame)
        .await;
    let listed = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
    assert!(listed.contains("demeter.photo.v1.PhotoService"), "{listed}");
    let passed_on = lab.standins.last(path);
    assert_eq!(passed_on["x-demeter-identity"], IDENTITY);
    assert!(!passed_on.contains_key("authorization"));
}

#[tokio::test]
async fn the_keys_of_access_tokens_are_public() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let response = call(&lab.gateway, Method::GET, "/.well-known/jwks.json", &[]).await;
    assert_eq!(json_of(response).await["keys"][0]["crv"], json!("Ed25519"));
}
