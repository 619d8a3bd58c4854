//! The service as a whole: it lives and ends as one.

use demeter_clock::Ids;
use demeter_photo::build_beside;
use demeter_testkit::ends_with_any_of_its_parts;

use crate::support::{Photo, with_a_worker};

#[tokio::test]
async fn the_service_ends_within_a_second_when_any_part_of_it_does() {
    let photo = Photo::sqlite().await;
    let mut config = photo.config.clone();
    with_a_worker(&mut config);

    ends_with_any_of_its_parts(async || {
        let (config, clock) = (config.clone(), photo.clock.clone());
        let built = build_beside(config, clock, Ids::random(), photo.neighbours()).await;
        built.unwrap()
    })
    .await;
}
