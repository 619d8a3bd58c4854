//! What the stock service takes from the environment.

use chrono::TimeDelta;
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
    /// How long ago a movement or a count by hand may have been when it is entered.
    pub oldest_entry: TimeDelta,
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
            oldest_entry: TimeDelta::days(days(&reader, "STOCK_OLDEST_ENTRY_DAYS", 45).into()),
        };
        reader.finish(config)
    }
}

/// A number of days from 1 to ten years.
fn days(reader: &Reader<'_>, name: &str, default: u16) -> u16 {
    let days = reader.parse(name, default);
    if !(1..=3650).contains(&days) {
        reader.fault(name, "must be 1 to 3650 days");
    }
    days
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
        let env = [("STOCK_LISTEN", "here"), ("STOCK_OLDEST_ENTRY_DAYS", "0")];
        let faults = Config::from_env(&Env::from_pairs(env)).unwrap_err();

        // The address, the age of entries, the public key, and the three files of the mesh.
        assert_eq!(faults.0.len(), 6);
    }
}
