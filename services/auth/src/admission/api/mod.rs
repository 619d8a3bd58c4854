//! The gateway's questions, and the services'.

mod authorization;
mod service_tokens;

pub(crate) use authorization::AUTHORIZATION_SERVICE;
