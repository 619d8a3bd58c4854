//! What the stock service takes from the environment.

use demeter_config::{Env, Faults, Reader};
use demeter_service::{Ports, Settings};

const PORTS: Ports = Ports {
    grpc: 50052,
    ops: 9052,
};

/// Where to listen, where the data is, whom to trust.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ports, logs and traces.
    pub service: Settings,
    /// Tables.
    pub database: demeter_db::Config,
    /// Verifies identities; hex.
    pub identity_public_key: String,
}

// === impl Config ===

impl Config {
    /// Reads the environment; tells every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let config = Self {
            service: Settings::read(&reader, "stock", PORTS),
            database: demeter_service::database(&reader, "stock"),
            identity_public_key: reader.required("IDENTITY_PUBLIC_KEY"),
        };
        reader.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_all_that_has_to_be_set_beside_the_mesh() {
        let env = Env::from_pairs([("IDENTITY_PUBLIC_KEY", "00"), ("MESH_TLS", "off")]);
        let config = Config::from_env(&env).unwrap();

        assert_eq!(
            (
                config.service.listen.port(),
                config.service.ops_listen.port()
            ),
            (50052, 9052)
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = Config::from_env(&Env::from_pairs([("STOCK_LISTEN", "here")])).unwrap_err();

        // The address, the public key, and the three files of the mesh.
        assert_eq!(faults.0.len(), 5);
    }
}
