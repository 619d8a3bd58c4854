//! The service as a whole: it lives and ends as one, and knows its tables.

use demeter_clock::{Clock, Ids};
use demeter_stock::build;
use demeter_testkit::{TestDatabase, ends_with_any_of_its_parts, readiness};

use crate::harness::Stock;

#[tokio::test]
async fn the_service_ends_within_a_second_when_any_part_of_it_does() {
    let stock = Stock::start(TestDatabase::sqlite()).await;

    ends_with_any_of_its_parts(async || {
        let config = stock.config.clone();
        build(config, Clock::system(), Ids::random()).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn without_its_tables_the_service_is_not_ready_and_says_what_to_do() {
    let stock = Stock::start(TestDatabase::sqlite()).await;
    let empty = TestDatabase::sqlite();
    let mut config = stock.config.clone();
    config.database.url = empty.url().to_owned().into();

    let service = build(config, Clock::system(), Ids::random()).await.unwrap();

    let report = readiness(service).await;
    assert!(report.contains("run `demeter migrate`"), "{report}");
}
