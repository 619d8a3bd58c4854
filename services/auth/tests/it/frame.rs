//! The service as a whole: it lives and ends as one, and knows its tables.

use demeter_auth::{Config, build};
use demeter_clock::{Clock, Ids};
use demeter_testkit::{TestDatabase, ends_with_any_of_its_parts, readiness};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Code;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::harness::{Lab, biscuit, carrying};

#[tokio::test]
async fn the_service_ends_within_a_second_when_any_part_of_it_does() {
    let lab = Lab::start(TestDatabase::sqlite()).await;

    ends_with_any_of_its_parts(async || {
        let config = lab.config.clone();
        build(config, Clock::system(), Ids::random()).await.unwrap()
    })
    .await;
}

/// Whether a service with these settings shows its contract to a known caller.
async fn shows_its_contract(lab: &Lab, config: &Config) -> Result<usize, Code> {
    let service = build(config.clone(), lab.clock.clone(), Ids::random()).await;
    let service = service.unwrap();
    let channel = demeter_grpc::channel(&format!("http://{}", service.grpc_addr())).unwrap();
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    TaskTracker::new().spawn(service.serve(stop));
    let ask = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..ServerReflectionRequest::default()
    };
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let biscuit = biscuit(&lab.check(&lab.admin().await, path).await).unwrap();
    let mut client = ServerReflectionClient::new(channel);
    let anonymous = client
        .server_reflection_info(tokio_stream::once(ask.clone()))
        .await;
    assert_eq!(anonymous.unwrap_err().code(), Code::Unauthenticated);
    let request = carrying(&biscuit, tokio_stream::once(ask));
    let answers = client.server_reflection_info(request).await;
    let mut answers = answers.map_err(|status| status.code())?.into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    Ok(list.service.len())
}

#[tokio::test]
async fn the_contract_is_shown_to_known_callers_and_not_in_production() {
    let lab = Lab::start(TestDatabase::sqlite()).await;
    let mut config = lab.config.clone();

    assert!(shows_its_contract(&lab, &config).await.unwrap() > 4);
    config.service.reflection = false;
    assert_eq!(
        shows_its_contract(&lab, &config).await,
        Err(Code::Unimplemented)
    );
}

#[tokio::test]
async fn without_its_tables_the_service_is_not_ready_and_says_what_to_do() {
    let lab = Lab::start(TestDatabase::sqlite()).await;
    let empty = TestDatabase::sqlite();
    let mut config = lab.config.clone();
    config.database.url = empty.url().to_owned().into();

    let service = build(config, Clock::system(), Ids::random()).await.unwrap();

    let report = readiness(service).await;
    assert!(report.contains("run `demeter migrate`"), "{report}");
}
