//! The service as a whole: it lives and ends as one.

use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_identity::Issuer;
use demeter_inference::{Config, build};
use demeter_testkit::ends_with_any_of_its_parts;

#[tokio::test]
async fn the_service_ends_within_a_second_when_any_part_of_it_does() {
    let (_private, public) = Issuer::generate();
    let env = Env::from_pairs([
        ("INFERENCE_LISTEN", "127.0.0.1:0"),
        ("INFERENCE_OPS_LISTEN", "127.0.0.1:0"),
        ("INFERENCE_THREADS", "1"),
        ("MESH_TLS", "off"),
        ("IDENTITY_PUBLIC_KEY", &public),
    ]);
    let config = Config::from_env(&env).unwrap();

    ends_with_any_of_its_parts(async || {
        let config = config.clone();
        build(config, Clock::system(), Ids::random()).await.unwrap()
    })
    .await;
}
