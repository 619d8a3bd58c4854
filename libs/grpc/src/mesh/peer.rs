//! The other end of a call's connection.

use http::Extensions;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::server::ParsedCertificate;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

/// Who is at the other end, as far as the connection says it.
#[derive(Clone, Debug)]
pub enum Peer {
    /// The connection is in the clear, as this process was told to take them.
    Anyone,
    /// It is none that we know, or no certificate was shown.
    Nobody,
    /// It showed this certificate of the mesh's authority.
    Certified(CertificateDer<'static>),
}

// === impl Peer ===

impl Peer {
    /// The caller of the request with these extensions.
    pub fn of(extensions: &Extensions) -> Self {
        let Some(secured) = extensions.get::<TlsConnectInfo<TcpConnectInfo>>() else {
            let in_the_clear = extensions.get::<TcpConnectInfo>();
            return in_the_clear.map_or(Self::Nobody, |_address| Self::Anyone);
        };
        let shown = secured.peer_certs();
        let first = shown.as_deref().and_then(|chain| chain.first());
        first.map_or(Self::Nobody, |certificate| {
            Self::Certified(certificate.clone())
        })
    }

    /// Whether it may act as the member of the mesh with this name. In the clear
    /// anyone may.
    pub fn passes_for(&self, name: &str) -> bool {
        match self {
            Self::Anyone => true,
            Self::Nobody => false,
            Self::Certified(certificate) => says(certificate, name),
        }
    }
}

/// Whether one of a certificate's DNS names is this one.
fn says(certificate: &CertificateDer<'_>, name: &str) -> bool {
    let (Ok(certificate), Ok(name)) = (
        ParsedCertificate::try_from(certificate),
        ServerName::try_from(name),
    ) else {
        return false;
    };
    matches!(name, ServerName::DnsName(_)) && verify_server_name(&certificate, &name).is_ok()
}
