//! What an operator says about the gateway, in every environment alike.

use std::path::PathBuf;

use demeter_config::{Env, Faults, Reader};
use demeter_service::TokenNames;

/// The memory that the gateway may take unless it is told otherwise: 1 GiB.
const MEMORY: u64 = 1 << 30;
/// Of it, what Envoy's heap may take in percent; the rest is for what it does not
/// count, so that it refuses requests before the system ends it.
const HEAP_PERCENT: u64 = 80;

/// Bytes of memory for which one connection is taken. An idle one holds 16 kB
/// (measured over a thousand), so that all of them leave most of it to requests.
const MEMORY_PER_CONNECTION: u64 = 256 << 10;

/// What the gateway shows to callers who speak TLS.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// Its certificate and those between it and a root, in PEM.
    pub(crate) certificate: PathBuf,
    /// The certificate's private key, in PEM.
    pub(crate) key: PathBuf,
}

/// Settings of the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Whose access tokens it takes: what the auth service signs.
    pub(crate) tokens: TokenNames,
    /// Origins of web apps on other hosts, for example `https://app.example`.
    /// Those of localhost are always allowed.
    pub(crate) cors_origins: Vec<String>,
    /// Bytes that the process may take, as its container is limited.
    pub(crate) memory: u64,
    /// With it the gateway speaks TLS, and nothing else.
    pub(crate) tls: Option<Tls>,
    /// Services speak TLS and ask for the gateway's certificate.
    pub(crate) secured: bool,
}

// === impl Options ===

impl Options {
    /// Reads `AUTH_JWT_ISSUER`, `AUTH_JWT_AUDIENCE`, `GATEWAY_CORS_ORIGINS`,
    /// `GATEWAY_MEMORY_BYTES`, `GATEWAY_TLS_CERTIFICATE_FILE`, `GATEWAY_TLS_KEY_FILE`
    /// and `MESH_TLS`.
    pub(crate) fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let options = Self {
            tokens: TokenNames::read(&reader),
            cors_origins: origins(&reader),
            memory: reader.parse("GATEWAY_MEMORY_BYTES", MEMORY),
            tls: tls(&reader),
            secured: demeter_service::mesh_is_secured(&reader),
        };
        reader.finish(options)
    }

    /// Bytes of Envoy's heap above which it refuses requests.
    pub(super) fn heap(&self) -> u64 {
        self.memory / 100 * HEAP_PERCENT
    }

    /// Connections of callers that are taken at once.
    pub(super) fn connections(&self) -> u64 {
        self.memory / MEMORY_PER_CONNECTION
    }
}

fn tls(reader: &Reader<'_>) -> Option<Tls> {
    let (certificate, key) = ("GATEWAY_TLS_CERTIFICATE_FILE", "GATEWAY_TLS_KEY_FILE");
    let file = |name| reader.optional(name).map(PathBuf::from);
    match (file(certificate), file(key)) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader.fault(key, format!("set it together with {certificate}"));
            None
        }
        (None, Some(_)) => {
            reader.fault(certificate, format!("set it together with {key}"));
            None
        }
    }
}

fn origins(reader: &Reader<'_>) -> Vec<String> {
    let name = "GATEWAY_CORS_ORIGINS";
    let list = reader.string(name, "");
    let origins = list.split(',').map(str::trim);
    let origins: Vec<_> = origins.filter(|origin| !origin.is_empty()).collect();
    for origin in &origins {
        let host = origin.split_once("://").map_or("", |(_scheme, host)| host);
        if host.is_empty() || host.contains('/') {
            let problem = format!("{origin:?} is not an origin such as https://app.example");
            reader.fault(name, problem);
        }
    }
    origins.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_a_list_and_each_is_a_scheme_and_a_host() {
        let read =
            |list: &str| Options::from_env(&Env::from_pairs([("GATEWAY_CORS_ORIGINS", list)]));

        let origins = read("https://a.example, http://b.example:8080,").unwrap();

        assert_eq!(
            origins.cors_origins,
            ["https://a.example", "http://b.example:8080"]
        );
        for wrong in ["a.example", "https://", "https://a.example/app"] {
            let faults = read(wrong).unwrap_err().to_string();
            assert!(faults.contains("GATEWAY_CORS_ORIGINS"), "{faults}");
        }
    }

    #[test]
    fn a_certificate_comes_with_its_key() {
        let certificate = ("GATEWAY_TLS_CERTIFICATE_FILE", "tls.crt");
        let key = ("GATEWAY_TLS_KEY_FILE", "tls.key");

        let both = Options::from_env(&Env::from_pairs([certificate, key])).unwrap();
        assert!(both.tls.is_some());
        for (one, other) in [(certificate, key), (key, certificate)] {
            let faults = Options::from_env(&Env::from_pairs([one])).unwrap_err();
            assert!(faults.to_string().contains(other.0), "{faults}");
        }
    }

    #[test]
    fn the_heap_leaves_a_fifth_of_the_memory_to_the_rest() {
        let env = Env::from_pairs([("GATEWAY_MEMORY_BYTES", "536870912")]);

        let heap = Options::from_env(&env).unwrap().heap();

        assert!((400_000_000..=429_496_729).contains(&heap), "{heap}");
    }
}
