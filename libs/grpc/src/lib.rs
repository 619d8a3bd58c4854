//! What every gRPC server and channel of Demeter shares.
//!
//! [`Server`] brings health, reflection, correlation ids, trace context, one
//! log event per call, metrics, deadlines, panic safety and shutdown; a
//! [`Gate`] decides who gets in. [`channel()`] and [`outgoing`] are the other end. [`Mesh`] says
//! how both speak to each other, [`Peer`] who is there.

mod call;
mod channel;
mod client;
mod mesh;
mod metrics;
mod server;
pub mod status;
mod time;

pub use call::{CORRELATION_HEADER, correlation_id};
pub use channel::{BadUrl, Channel, Pace, channel};
pub use client::{IDENTITY_HEADER, outgoing};
pub use mesh::{BadCredentials, Credentials, Files, Mesh, Peer};
pub use server::Server;
pub use time::timestamp;

use std::sync::Arc;

/// Lets a call in, or says why not. It may add to the request's extensions.
pub type Gate = Arc<dyn Fn(&mut http::request::Parts) -> Result<(), tonic::Status> + Send + Sync>;
