//! What someone tries who reaches the services' ports, with a certificate of the mesh.

use biscuit_auth::UnverifiedBiscuit;
use biscuit_auth::builder::BlockBuilder;
use demeter_grpc::{Channel, Mesh};
use demeter_identity::{CallerKind, HEADER, Issuer};
use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::user_service_client::UserServiceClient;
use tokio::time::Instant;
use tonic::{Code, Request};

use super::Row;
use super::account::person;
use crate::check::{ask, auth, identity, question};
use crate::harness::{System, USERS_PASSWORD, User};
use crate::matrix::{all, grant};
use crate::raw::call;

const MB: u64 = 1_000_000;
const LIST_BATCHES: &str = "/demeter.stock.v1.BatchService/ListBatches";
const LIST_USERS: &str = "/demeter.auth.v1.UserService/ListUsers";
const UPDATE_USER: &str = "/demeter.auth.v1.UserService/UpdateUser";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/// Hostile calls, one after another; each took a service with it.
const CALLS: usize = 20;

/// A service's port, to the photo service or whoever has its certificate.
fn port(system: &System, service: usize, name: &str) -> Channel {
    let url = format!("https://{}", system.grpc(service));
    system.member("photo").channel(name, &url).unwrap()
}

fn append(identity: &str, block: BlockBuilder) -> String {
    let token = UnverifiedBiscuit::from_base64(identity).unwrap();
    token.append(block).unwrap().to_base64().unwrap()
}

/// A hundred and twenty facts, joined four ways: 207 million combinations.
fn join() -> BlockBuilder {
    let facts: Vec<_> = (0..120).map(|n| format!("n({n});")).collect();
    let rule = "r($a, $b, $c, $d) <- n($a), n($b), n($c), n($d);";
    BlockBuilder::new().code(facts.concat() + rule).unwrap()
}

fn expired(system: &System) -> String {
    let key = system.secret("identity.key");
    let issuer = Issuer::from_private_key(&key.into()).unwrap();
    issuer.issue(&grant(all(), CallerKind::User, -60)).unwrap()
}

pub(super) async fn hostile_blocks(system: &System, admin: &User) -> Row {
    let row = Row::new(
        2,
        "a join without end, appended to an identity",
        "one of 2.8 kB, expired or not: the service ate all memory",
    );
    let stock = port(system, 1, "stock");
    let good = identity(system, admin, LIST_BATCHES).await;
    let hostile = [append(&good, join()), append(&expired(system), join())];
    let (before, began) = (system.memory(), Instant::now());
    let mut refused = 0;
    for token in hostile.iter().cycle().take(CALLS) {
        let code = call(&stock, LIST_BATCHES, Some((HEADER, token))).await;
        refused += usize::from(code == Code::Unauthenticated);
    }
    let each = began.elapsed() / u32::try_from(CALLS).unwrap();
    let grown = system.memory().saturating_sub(before) / MB;
    let well = call(&stock, LIST_BATCHES, Some((HEADER, &good))).await == Code::Ok;
    row.now(
        format!(
            "{refused} of {CALLS} refused, each in {} ms; {grown} MB more, goes on: {well}",
            each.as_millis()
        ),
        refused == CALLS && well && grown < 50 && each.as_millis() < 200,
    )
}

pub(super) async fn check_without_certificate(system: &System, admin: &User) -> Row {
    let row = Row::new(
        3,
        "auth's Check, asked by another than the gateway",
        "gave anyone an administrator's identity",
    );
    let mut codes = Vec::new();
    for service in ["photo", "stock", "inference", "auth"] {
        let asked = question(admin, LIST_USERS);
        let answer = ask(system, &system.member(service), asked).await;
        codes.push(answer.map_or_else(|status| status.code(), |_| Code::Ok));
    }
    let clear = ask(system, &Mesh::Clear, question(admin, LIST_USERS)).await;
    let clear = clear.map_or_else(|status| status.code(), |_| Code::Ok);
    let held = codes.iter().all(|code| *code == Code::PermissionDenied);
    row.now(
        format!("other services {codes:?}, without a certificate {clear:?}"),
        held && clear == Code::Unavailable,
    )
}

async fn promote(auth: &Channel, identity: &str, user: String) -> Code {
    let mut request = Request::new(pb::UpdateUserRequest {
        user_id: user,
        role: Some(pb::Role::Admin.into()),
        active: None,
    });
    let identity = identity.parse().unwrap();
    request.metadata_mut().insert(HEADER, identity);
    let outcome = UserServiceClient::new(auth.clone())
        .update_user(request)
        .await;
    outcome.map_or_else(|status| status.code(), |_| Code::Ok)
}

pub(super) async fn kept_identity(system: &System, admin: &User) -> Row {
    let row = Row::new(
        8,
        "an identity kept beyond demotion and sign-out",
        "worked for 61 s: a demoted administrator promoted himself",
    );
    let auth = auth(system, &system.member("photo"));
    let (email, key) = person(admin, "ROLE_ADMIN").await;
    let mallory = User::sign_in(&system.url(), &email, USERS_PASSWORD).await;
    let to_change = identity(system, &mallory, UPDATE_USER).await;
    let to_list = identity(system, &mallory, LIST_USERS).await;

    let path = format!("/api/v1/auth/users/{key}");
    let worker = serde_json::json!({ "role": "ROLE_WORKER" });
    let (demoted, _) = admin.patch(&path, &worker).await;
    let promotes = promote(&auth, &to_change, key).await;
    let lists = call(&auth, LIST_USERS, Some((HEADER, &to_list))).await;
    let none = serde_json::json!({});
    let (left, _) = mallory.post("/api/v1/auth/logout", &none).await;
    let lists_later = call(&auth, LIST_USERS, Some((HEADER, &to_list))).await;

    let codes = [promotes, lists, lists_later];
    let expected = [
        Code::PermissionDenied,
        Code::PermissionDenied,
        Code::Unauthenticated,
    ];
    row.now(
        format!("demoted {:?}, signed out {:?}", &codes[..2], codes[2]),
        demoted.is_success() && left.is_success() && codes == expected,
    )
}

pub(super) async fn reflection(system: &System, admin: &User) -> Row {
    let row = Row::new(
        18,
        "the contract, asked of a service by reflection",
        "told to anyone inside",
    );
    let known = identity(system, admin, LIST_BATCHES).await;
    let mut strangers = Vec::new();
    for (service, name) in ["auth", "stock", "photo", "inference"].iter().enumerate() {
        strangers.push(call(&port(system, service, name), REFLECTION, None).await);
    }
    let stock = port(system, 1, "stock");
    let known = call(&stock, REFLECTION, Some((HEADER, &known))).await;
    let refused = [Code::Unauthenticated, Code::Unimplemented];
    let held = strangers.iter().all(|code| refused.contains(code));
    row.now(
        format!("nobody {strangers:?}, an administrator {known:?}"),
        held && (system.is_together() || known == Code::Unimplemented),
    )
}
