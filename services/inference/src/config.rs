//! The settings of this service.

use std::path::PathBuf;

use demeter_config::{Env, Faults, Reader};
use demeter_pictures::MOST_BYTES;
use demeter_service::{Ports, Settings};
use demeter_yolo::DeviceChoice;

use crate::domain::{OutOfRange, Parameters};
use crate::engine::Limits;

const PORTS: Ports = Ports {
    grpc: 50054,
    ops: 9054,
};

/// Everything the service reads from the environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ports, logs and traces.
    pub service: Settings,
    /// The issuer's public key, in hexadecimal.
    pub identity_public_key: String,
    /// The weight file; `None` is the built-in one.
    pub weights: Option<PathBuf>,
    /// Where the model runs.
    pub device: DeviceChoice,
    /// How the model runs.
    pub limits: Limits,
    /// How a photo is searched where a caller does not say.
    pub parameters: Parameters,
}

// === impl Config ===

impl Config {
    /// Reads the environment, and reports every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let config = Self {
            service: Settings::read(&reader, "inference", PORTS),
            identity_public_key: reader.required("IDENTITY_PUBLIC_KEY"),
            weights: reader.optional("INFERENCE_WEIGHTS").map(PathBuf::from),
            device: reader.parse("INFERENCE_DEVICE", DeviceChoice::Auto),
            limits: limits(&reader),
            parameters: parameters(&reader),
        };
        reader.finish(config)
    }
}

fn limits(reader: &Reader) -> Limits {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = Limits {
        threads: reader.parse("INFERENCE_THREADS", cores),
        queue: reader.parse("INFERENCE_QUEUE", 16),
        memory_mib: reader.parse("INFERENCE_MEMORY_MIB", 1024),
    };
    if u64::from(limits.memory_mib) << 20 < MOST_BYTES {
        reader.fault("INFERENCE_MEMORY_MIB", "must hold one photo: at least 512");
    }
    for (name, value) in [
        ("INFERENCE_THREADS", limits.threads),
        ("INFERENCE_QUEUE", limits.queue),
    ] {
        if !(1..=1024).contains(&value) {
            reader.fault(name, "must be 1 to 1024");
        }
    }
    limits
}

fn parameters(reader: &Reader) -> Parameters {
    let usual = Parameters::default();
    let checked = |name: &str, outcome: Result<Parameters, OutOfRange>| {
        let Err(OutOfRange {
            parameter: _,
            allowed,
        }) = &outcome
        else {
            return outcome.unwrap_or(usual);
        };
        reader.fault(name, format!("must be {allowed}"));
        usual
    };
    let name = "INFERENCE_TILE_SIZE";
    let chosen = checked(
        name,
        usual.with_tile_size(reader.parse(name, usual.tile_size())),
    );
    let name = "INFERENCE_TILE_OVERLAP";
    let overlap = reader.parse(name, usual.tile_overlap());
    let chosen = checked(name, chosen.with_tile_overlap(overlap));
    let name = "INFERENCE_MIN_CONFIDENCE";
    let confidence = reader.parse(name, usual.min_confidence());
    let chosen = checked(name, chosen.with_min_confidence(confidence));
    let name = "INFERENCE_MERGE_THRESHOLD";
    let threshold = reader.parse(name, usual.merge_threshold());
    let chosen = checked(name, chosen.with_merge_threshold(threshold));
    chosen.with_search(reader.parse("INFERENCE_SEARCH", usual.search()))
}

#[cfg(test)]
mod tests {
    use demeter_config::Env;

    use super::Config;

    #[test]
    fn the_defaults_need_only_the_public_key_beside_the_mesh() {
        let env = Env::from_pairs([("IDENTITY_PUBLIC_KEY", "ab"), ("MESH_TLS", "off")]);
        let config = Config::from_env(&env).unwrap();

        assert_eq!(config.service.listen.port(), 50054);
        assert_eq!(config.service.ops_listen.port(), 9054);
        assert_eq!(config.parameters.tile_size(), 640);
        assert!(config.limits.threads >= 1);
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let env = Env::from_pairs([
            ("INFERENCE_DEVICE", "gpu"),
            ("INFERENCE_THREADS", "0"),
            ("INFERENCE_TILE_SIZE", "7"),
            ("INFERENCE_TILE_OVERLAP", "two"),
            ("INFERENCE_MERGE_THRESHOLD", "2"),
            ("INFERENCE_SEARCH", "deep"),
        ]);

        let faults = Config::from_env(&env).unwrap_err().to_string();

        for name in [
            "IDENTITY_PUBLIC_KEY",
            "DEVICE",
            "THREADS",
            "TILE_SIZE",
            "TILE_OVERLAP",
            "MERGE_THRESHOLD",
            "SEARCH",
        ] {
            assert!(faults.contains(name), "{name} in {faults}");
        }
    }
}
