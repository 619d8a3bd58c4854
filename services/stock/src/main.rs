//! The `stock` process.

use std::process::ExitCode;

use demeter_clock::{Clock, Ids};
use demeter_stock::{Config, build};

fn main() -> ExitCode {
    demeter_service::process(|env| {
        let config = Config::from_env(env)?;
        let settings = config.service.clone();
        Ok((settings, build(config, Clock::system(), Ids::random())))
    })
}
