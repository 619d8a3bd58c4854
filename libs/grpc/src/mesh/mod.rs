//! Who speaks to whom inside the mesh, and that nobody else does.
//!
//! Over TLS both ends show a certificate of the same authority. A caller goes on
//! only when the other end's certificate names the service that it wants, wherever
//! it found it; a service sees by [`Peer`] who calls.

mod credentials;
mod peer;
#[cfg(test)]
mod tests;

pub use credentials::{BadCredentials, Credentials, Files};
pub use peer::Peer;

use crate::channel::{BadUrl, Channel, Pace};

/// How the processes of the mesh speak to each other.
#[derive(Clone, Debug)]
pub enum Mesh {
    /// In the clear: anyone who reaches a port may be anyone. For development.
    Clear,
    /// Over TLS, with these certificates.
    Secured(Credentials),
}

// === impl Mesh ===

impl Mesh {
    /// A channel to a service by its name, at an URL of the mesh's own
    /// [scheme](Self::scheme), within a runtime.
    pub fn channel(&self, service: &str, url: &str) -> Result<Channel, BadUrl> {
        Channel::open(self, service, url, Pace::default())
    }

    /// How URLs of services begin.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Clear => "http",
            Self::Secured(_) => "https",
        }
    }
}
