//! The frame of every service.
//!
//! A service says what it is made of: [`Frame::bind`] takes its ports,
//! [`Frame::needs`] and [`Frame::worker`] what it needs and what it does beside
//! answering, [`Frame::serving`] its RPCs. What all services have in common is
//! here and only here: settings ([`Settings`]), signals, health and metrics,
//! the order in which a service ends, and the rule that *a service ends as soon
//! as any part of it ends*: half a service looks alive and is not.
#![warn(missing_docs)]

mod frame;
mod handle;
mod ops;
mod parts;
mod process;
mod readiness;
mod settings;
mod signals;

pub use frame::{Frame, Service};
pub use handle::Handle;
pub use process::{finish, process};
pub use readiness::Readiness;
pub use settings::{
    Ports, Settings, TokenNames, data_folder, database, mesh, mesh_is_secured, telemetry,
};
pub use signals::Signals;

use std::sync::Arc;

use anyhow::Context as _;
use demeter_clock::Clock;
use demeter_grpc::Gate;
use demeter_identity::Guard;

/// Lets a call in when the biscuit that it carries, signed by the owner of
/// `public_key` (hex), gives the right that the RPC's proto asks for.
pub fn gate(public_key: &str, clock: &Clock) -> anyhow::Result<Gate> {
    let clock = clock.clone();
    let guard = Guard::new(public_key, demeter_proto::DESCRIPTOR_SET, move || {
        clock.now()
    })
    .context("IDENTITY_PUBLIC_KEY")?;
    Ok(Arc::new(guard.gate()))
}
