//! What an operator says about the gateway, in every environment alike.

use demeter_config::{Env, Faults, Reader};
use demeter_service::TokenNames;

/// The memory that the gateway may take unless it is told otherwise: 1 GiB.
const MEMORY: u64 = 1 << 30;
/// Of it, what Envoy's heap may take in percent; the rest is for what it does not
/// count, so that it refuses requests before the system ends it.
const HEAP_PERCENT: u64 = 80;

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
}

// === impl Options ===

impl Options {
    /// Reads `AUTH_JWT_ISSUER`, `AUTH_JWT_AUDIENCE`, `GATEWAY_CORS_ORIGINS` and
    /// `GATEWAY_MEMORY_BYTES`.
    pub(crate) fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let options = Self {
            tokens: TokenNames::read(&reader),
            cors_origins: origins(&reader),
            memory: reader.parse("GATEWAY_MEMORY_BYTES", MEMORY),
        };
        reader.finish(options)
    }

    /// Bytes of Envoy's heap above which it refuses requests.
    pub(super) fn heap(&self) -> u64 {
        self.memory / 100 * HEAP_PERCENT
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
    fn the_heap_leaves_a_fifth_of_the_memory_to_the_rest() {
        let env = Env::from_pairs([("GATEWAY_MEMORY_BYTES", "536870912")]);

        let heap = Options::from_env(&env).unwrap().heap();

        assert!((400_000_000..=429_496_729).contains(&heap), "{heap}");
    }
}
