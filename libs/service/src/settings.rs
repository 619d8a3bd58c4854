//! Settings that several services have: each is read here and only here, so
//! that it means the same in all of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use demeter_config::Reader;
use demeter_grpc::{Credentials, Files, Mesh};

/// Where traces go unless it is said otherwise: a collector on this machine.
const COLLECTOR: &str = "http://127.0.0.1:4317";
/// The value of `APP_ENV` with which what is for development is refused.
const PRODUCTION: &str = "production";

/// What the frame of a service is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name, for example `stock`.
    pub name: &'static str,
    /// Where gRPC is served.
    pub listen: SocketAddr,
    /// Where metrics and health are served.
    pub ops_listen: SocketAddr,
    /// Whether known callers are shown the contract by reflection.
    pub reflection: bool,
    /// How services speak to each other.
    pub mesh: Mesh,
    /// Logs and traces, for a process of its own.
    pub telemetry: demeter_telemetry::Config,
}

/// The ports that a service takes unless it is told others.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// gRPC.
    pub grpc: u16,
    /// Metrics and health.
    pub ops: u16,
}

/// What access tokens say about whose and for whom they are. The auth service
/// signs it and the gateway asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNames {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
}

// === impl Settings ===

impl Settings {
    /// Reads `NAME_LISTEN`, `NAME_OPS_LISTEN`, `GRPC_REFLECTION`, the [mesh](mesh()) and
    /// the [telemetry](telemetry()). Reflection is off in production unless it is turned
    /// on.
    pub fn read(reader: &Reader<'_>, name: &'static str, ports: Ports) -> Self {
        let everywhere = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let prefix = name.to_uppercase();
        let telemetry = telemetry(reader, name);
        Self {
            name,
            listen: reader.parse(&format!("{prefix}_LISTEN"), everywhere(ports.grpc)),
            ops_listen: reader.parse(&format!("{prefix}_OPS_LISTEN"), everywhere(ports.ops)),
            reflection: reader.parse("GRPC_REFLECTION", telemetry.environment != PRODUCTION),
            mesh: mesh(reader, name),
            telemetry,
        }
    }

    /// Reads `NAME_URL` of another service: its usual port on this machine unless
    /// it is said otherwise.
    pub fn neighbour(&self, reader: &Reader<'_>, name: &str, port: u16) -> String {
        let usual = format!("{}://127.0.0.1:{port}", self.mesh.scheme());
        reader.string(&format!("{name}_URL"), &usual)
    }
}

// === impl TokenNames ===

impl TokenNames {
    /// Reads `AUTH_JWT_ISSUER` and `AUTH_JWT_AUDIENCE`.
    pub fn read(reader: &Reader<'_>) -> Self {
        Self {
            issuer: reader.string("AUTH_JWT_ISSUER", "https://auth.demeter.local"),
            audience: reader.string("AUTH_JWT_AUDIENCE", "demeter-api"),
        }
    }
}

/// Reads `TLS_CERT`, `TLS_KEY` and `TLS_CA`, paths of PEM files, or those that begin
/// with the service's name, where several services share an environment. Without
/// them a service does not start, unless `MESH_TLS=off` says that it shall speak in
/// the clear.
pub fn mesh(reader: &Reader<'_>, name: &str) -> Mesh {
    if mesh_is_secured(reader) {
        secured(reader, name)
    } else {
        Mesh::Clear
    }
}

/// Reads `MESH_TLS`: `on`, unless it is `off`, which production does not take.
pub fn mesh_is_secured(reader: &Reader<'_>) -> bool {
    let said = reader.string("MESH_TLS", "on");
    if !["on", "off"].contains(&said.as_str()) {
        reader.fault("MESH_TLS", format!("{said:?} is neither on nor off"));
    }
    if said == "off" && environment(reader) == PRODUCTION {
        reader.fault(
            "MESH_TLS",
            "is off with APP_ENV=production: `demeter certificates` makes what it needs".to_owned(),
        );
    }
    said != "off"
}

fn secured(reader: &Reader<'_>, name: &str) -> Mesh {
    let path = |file: &str| {
        let own = reader.optional(&format!("{}_{file}", name.to_uppercase()));
        let path = own.or_else(|| reader.optional(file));
        if path.is_none() {
            reader.fault(
                file,
                "is not set; `demeter certificates` makes it, and MESH_TLS=off does without it, for development",
            );
        }
        path.map(PathBuf::from)
    };
    let (Some(certificate), Some(key), Some(authority)) =
        (path("TLS_CERT"), path("TLS_KEY"), path("TLS_CA"))
    else {
        return Mesh::Clear;
    };
    let files = Files {
        certificate,
        key,
        authority,
    };
    Credentials::read(files).map_or_else(
        |error| {
            reader.fault("TLS_CERT, TLS_KEY, TLS_CA", error.to_string());
            Mesh::Clear
        },
        Mesh::Secured,
    )
}

fn environment(reader: &Reader<'_>) -> String {
    reader.string("APP_ENV", "development")
}

/// Reads `OTEL_ENABLED`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `APP_ENV` and
/// `LOG_LEVEL`. Without `OTEL_ENABLED` no trace is sent, whatever the endpoint;
/// with it alone they go to this machine's collector.
pub fn telemetry(reader: &Reader<'_>, service: &str) -> demeter_telemetry::Config {
    let on = reader.parse("OTEL_ENABLED", false);
    let endpoint = reader.string("OTEL_EXPORTER_OTLP_ENDPOINT", COLLECTOR);
    demeter_telemetry::Config {
        service: service.to_owned(),
        environment: environment(reader),
        log_filter: reader.string("LOG_LEVEL", "info"),
        log_file: None,
        otlp_endpoint: on.then_some(endpoint),
    }
}

/// Reads `NAME_DATABASE_URL`, else `DATABASE_URL`, which all share, else an SQLite file in
/// the [data folder](data_folder); and `NAME_DATABASE_CONNECTIONS`.
pub fn database(reader: &Reader<'_>, name: &str) -> demeter_db::Config {
    let prefix = name.to_uppercase();
    let own = reader.secret(&format!("{prefix}_DATABASE_URL"));
    let url = own.or_else(|| reader.secret("DATABASE_URL"));
    let url = url.unwrap_or_else(|| {
        let file = data_folder(reader).join(format!("{name}.db"));
        format!("sqlite://{}", file.display()).into()
    });
    demeter_db::Config {
        url,
        max_connections: reader.parse(&format!("{prefix}_DATABASE_CONNECTIONS"), 10),
    }
}

/// Reads `DATA_DIR`: the absolute path of what has to stay on this machine.
pub fn data_folder(reader: &Reader<'_>) -> PathBuf {
    let folder = reader.string("DATA_DIR", "./data");
    std::path::absolute(&folder).unwrap_or_else(|error| {
        reader.fault("DATA_DIR", format!("{folder:?} is not a path: {error}"));
        PathBuf::from(folder)
    })
}

#[cfg(test)]
mod tests {
    use demeter_config::Env;
    use secrecy::ExposeSecret as _;

    use super::*;

    const PORTS: Ports = Ports { grpc: 1, ops: 2 };

    fn read(name: &'static str, pairs: &[(&str, &str)]) -> Settings {
        let env = Env::from_pairs(pairs.iter().copied()).with_default("MESH_TLS", "off");
        let reader = Reader::new(&env);
        let settings = Settings::read(&reader, name, PORTS);
        reader.finish(settings).unwrap()
    }

    #[test]
    fn traces_are_sent_when_they_are_enabled_and_only_then() {
        let endpoint = |pairs: &[_]| read("stock", pairs).telemetry.otlp_endpoint;
        let elsewhere = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317");
        let on = ("OTEL_ENABLED", "true");

        assert_eq!(endpoint(&[]), None);
        assert_eq!(endpoint(&[elsewhere]), None);
        assert_eq!(endpoint(&[on]).as_deref(), Some(COLLECTOR));
        assert_eq!(endpoint(&[on, elsewhere]).as_deref(), Some(elsewhere.1));
    }

    #[test]
    fn the_contract_is_not_shown_in_production_unless_it_is_asked_for() {
        let production = ("APP_ENV", "production");
        // What else production asks for is not looked at.
        let reflection = |pairs: &[(&str, &str)]| {
            let env = Env::from_pairs(pairs.iter().copied());
            Settings::read(&Reader::new(&env), "stock", PORTS).reflection
        };

        assert!(reflection(&[]));
        assert!(!reflection(&[production]));
        assert!(reflection(&[production, ("GRPC_REFLECTION", "true")]));
        assert!(!reflection(&[("GRPC_REFLECTION", "false")]));
    }

    #[test]
    fn every_service_has_its_own_name_and_ports() {
        let pairs = [("STOCK_LISTEN", "127.0.0.1:7"), ("AUTH_LISTEN", "[::1]:8")];
        let (auth, stock) = (read("auth", &pairs), read("stock", &pairs));

        assert_eq!(auth.listen.to_string(), "[::1]:8");
        assert_eq!(stock.listen.to_string(), "127.0.0.1:7");
        assert_eq!(stock.ops_listen.to_string(), "0.0.0.0:2");
        assert_eq!(auth.telemetry.service, "auth");
        assert_eq!(stock.telemetry.service, "stock");
    }

    #[test]
    fn a_services_own_database_comes_before_the_one_that_all_share() {
        let shared = ("DATABASE_URL", "postgres://all@db/nursery");
        let own = ("STOCK_DATABASE_URL", "postgres://stock@db/nursery");
        let env = Env::from_pairs([shared, own]);
        let reader = Reader::new(&env);

        let url = |name| database(&reader, name).url.expose_secret().to_owned();

        assert_eq!((url("auth"), url("stock")), (shared.1.into(), own.1.into()));
    }

    #[test]
    fn without_a_server_each_service_has_a_file_at_an_absolute_path() {
        let env = Env::from_pairs([("DATA_DIR", "somewhere")]);
        let reader = Reader::new(&env);

        let url = database(&reader, "photo").url;

        let path = url.expose_secret().strip_prefix("sqlite://").unwrap();
        assert!(std::path::Path::new(path).is_absolute(), "{path}");
        assert!(path.ends_with("somewhere/photo.db"), "{path}");
    }

    fn faults_of_mesh(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let env = Env::from_pairs(pairs.iter().copied());
        let reader = Reader::new(&env);
        let mesh = mesh(&reader, "stock");
        let faults = reader.finish(mesh).map(|_mesh| ()).err();
        let faults = faults.into_iter().flat_map(|faults| faults.0);
        faults
            .map(|fault| (fault.variable, fault.problem))
            .collect()
    }

    #[test]
    fn without_certificates_nothing_starts_unless_it_is_asked_for() {
        let faults = faults_of_mesh(&[]);

        let variables: Vec<_> = faults
            .iter()
            .map(|(variable, _)| variable.as_str())
            .collect();
        assert_eq!(variables, ["TLS_CERT", "TLS_KEY", "TLS_CA"]);
        assert!(faults[0].1.contains("MESH_TLS=off"), "{}", faults[0].1);
        assert_eq!(faults_of_mesh(&[("MESH_TLS", "off")]), []);
        assert_eq!(faults_of_mesh(&[("MESH_TLS", "no")])[0].0, "MESH_TLS");
    }

    #[test]
    fn production_does_not_speak_in_the_clear() {
        let faults = faults_of_mesh(&[("MESH_TLS", "off"), ("APP_ENV", "production")]);

        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].0, "MESH_TLS");
    }

    #[test]
    fn every_service_has_files_of_its_own_where_they_share_an_environment() {
        let folder = tempfile::tempdir().unwrap();
        let (now, day) = (std::time::UNIX_EPOCH, std::time::Duration::from_hours(24));
        demeter_certificates::write(folder.path(), now, day).unwrap();
        let path = |file: &str| folder.path().join(file).to_string_lossy().into_owned();
        let own = [
            ("STOCK_TLS_CERT", path("stock/tls.crt")),
            ("STOCK_TLS_KEY", path("stock/tls.key")),
            ("TLS_CA", path("ca.crt")),
        ];
        let mut pairs: Vec<_> = own
            .iter()
            .map(|(name, path)| (*name, path.as_str()))
            .collect();
        assert_eq!(faults_of_mesh(&pairs), []);

        let anothers = path("photo/tls.key");
        pairs[1].1 = &anothers;

        let faults = faults_of_mesh(&pairs);
        assert!(faults[0].1.contains("do not belong together"), "{faults:?}");
    }
}
