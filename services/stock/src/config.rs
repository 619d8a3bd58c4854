//! What the stock service takes from the environment.

use chrono::TimeDelta;
use chrono_tz::Tz;
use demeter_config::{Env, Faults, Reader};
use demeter_service::{Ports, Settings};

use crate::ledger::domain::closed::ClosedMonths;
use crate::months::usecase::Calendar;

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
    /// How the nursery ends its months.
    pub(crate) calendar: Calendar,
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
            oldest_entry: days(&reader, "STOCK_OLDEST_ENTRY_DAYS", 45, 3650),
            calendar: Calendar {
                zone: zone(&reader),
                // Less than a month, so that no count both opens and closes one.
                closing_within: days(&reader, "STOCK_CLOSING_COUNT_DAYS", 7, 27),
                closed_months: reader.parse("STOCK_CLOSED_MONTHS", ClosedMonths::Refuse),
            },
        };
        reader.finish(config)
    }
}

/// A number of days, at least one.
fn days(reader: &Reader<'_>, name: &str, default: u16, most: u16) -> TimeDelta {
    let days = reader.parse(name, default);
    if !(1..=most).contains(&days) {
        reader.fault(name, format!("must be 1 to {most} days"));
    }
    TimeDelta::days(days.into())
}

/// The clocks that the nursery lives by.
fn zone(reader: &Reader<'_>) -> Tz {
    const NAME: &str = "NURSERY_TIME_ZONE";
    let Some(name) = reader.optional(NAME) else {
        return Tz::UTC;
    };
    name.parse().unwrap_or_else(|_unknown| {
        let problem =
            "must be a name of the IANA time zones, such as America/Argentina/Buenos_Aires";
        reader.fault(NAME, problem);
        Tz::UTC
    })
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
        let env = [
            ("STOCK_LISTEN", "here"),
            ("STOCK_OLDEST_ENTRY_DAYS", "0"),
            ("STOCK_CLOSING_COUNT_DAYS", "28"),
            ("NURSERY_TIME_ZONE", "Buenos Aires"),
            ("STOCK_CLOSED_MONTHS", "forget"),
        ];
        let faults = Config::from_env(&Env::from_pairs(env)).unwrap_err();

        // Beside these the public key, and the three files of the mesh.
        assert_eq!(faults.0.len(), 9);
    }
}
