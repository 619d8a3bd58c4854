//! What the stock service takes from the environment.

use std::net::{Ipv4Addr, SocketAddr};

use demeter_config::{Env, Faults, Reader};

/// Where to listen, where the data is, whom to trust.
#[derive(Clone, Debug)]
pub struct Config {
    /// gRPC.
    pub listen: SocketAddr,
    /// Metrics and health.
    pub ops_listen: SocketAddr,
    /// Tables.
    pub database: demeter_db::Config,
    /// Verifies identities; hex.
    pub identity_public_key: String,
    /// Logs and traces, for the process that runs only this service.
    pub telemetry: demeter_telemetry::Config,
}

// === impl Config ===

impl Config {
    /// Reads the environment; tells every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let any = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let data = reader.string("DATA_DIR", "./data");
        let url = reader
            .secret("DATABASE_URL")
            .unwrap_or_else(|| format!("sqlite://{data}/stock.db").into());
        let config = Self {
            listen: reader.parse("STOCK_LISTEN", any(50052)),
            ops_listen: reader.parse("STOCK_OPS_LISTEN", any(9052)),
            database: demeter_db::Config {
                url,
                max_connections: reader.parse("STOCK_DATABASE_CONNECTIONS", 10),
            },
            identity_public_key: reader.required("IDENTITY_PUBLIC_KEY"),
            telemetry: telemetry(&reader),
        };
        reader.finish(config)
    }
}

fn telemetry(reader: &Reader<'_>) -> demeter_telemetry::Config {
    let endpoint = reader.string("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");
    demeter_telemetry::Config {
        service: "stock".to_owned(),
        environment: reader.string("APP_ENV", "development"),
        log_filter: reader.string("LOG_LEVEL", "info"),
        log_file: None,
        otlp_endpoint: reader.parse("OTEL_ENABLED", false).then_some(endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_all_that_has_to_be_set() {
        let config = Config::from_env(&Env::from_pairs([("IDENTITY_PUBLIC_KEY", "00")])).unwrap();

        assert_eq!(
            (config.listen.port(), config.ops_listen.port()),
            (50052, 9052)
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = Config::from_env(&Env::from_pairs([("STOCK_LISTEN", "here")])).unwrap_err();

        assert_eq!(faults.0.len(), 2);
    }
}
