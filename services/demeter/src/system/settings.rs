//! Settings of an embedded system.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use demeter_config::{Env, Reader};
use secrecy::SecretString;

use super::secrets::Secrets;
use super::{ADMIN_EMAIL, Ports, folder};

/// What the four services are told.
pub(crate) struct Settings {
    env: Env,
    secrets: Secrets,
    data: PathBuf,
}

// === impl Settings ===

impl Settings {
    /// The environment's settings, with everything that an embedded system does
    /// not need to be told filled in.
    pub(crate) fn open(data: &Path, ports: &Ports) -> anyhow::Result<Self> {
        Self::beside(Env::from_process(), data, ports)
    }

    /// As [`Self::open`], with another environment than the process's.
    pub(super) fn beside(env: Env, data: &Path, ports: &Ports) -> anyhow::Result<Self> {
        let secrets = Secrets::open(&absolute(data)?)?;
        let data = absolute(data)?;
        let mut env = env
            .with("DATA_DIR", data.to_string_lossy())
            .with("MESH_TLS", "on");
        for (index, name) in ["AUTH", "STOCK", "PHOTO", "INFERENCE"]
            .into_iter()
            .enumerate()
        {
            let member = secrets.mesh.join(name.to_lowercase());
            let file = |file: &str| member.join(file).to_string_lossy().into_owned();
            env = env
                .with(&format!("{name}_TLS_CERT"), file("tls.crt"))
                .with(&format!("{name}_TLS_KEY"), file("tls.key"))
                .with(&format!("{name}_TLS_CA"), file("ca.crt"))
                .with(
                    &format!("{name}_LISTEN"),
                    format!("127.0.0.1:{}", ports.grpc[index]),
                )
                .with(
                    &format!("{name}_OPS_LISTEN"),
                    format!("127.0.0.1:{}", ports.ops[index]),
                )
                .with(
                    &format!("{name}_URL"),
                    format!("https://127.0.0.1:{}", ports.grpc[index]),
                );
        }
        let public_key = std::fs::read_to_string(&secrets.identity_public_key)?;
        let env = env
            .with_default("IDENTITY_PUBLIC_KEY", public_key.trim())
            .with_default(
                "IDENTITY_PRIVATE_KEY_FILE",
                secrets.identity_private_key.to_string_lossy(),
            )
            .with_default(
                "AUTH_JWT_PRIVATE_KEY_FILE",
                secrets.jwt_private_key.to_string_lossy(),
            )
            .with_default(
                "PHOTO_CLIENT_SECRET_FILE",
                secrets.photo_client_secret.to_string_lossy(),
            )
            .with_default(
                "AUTH_SERVICE_CLIENT_PHOTO_SECRET_FILE",
                secrets.photo_client_secret.to_string_lossy(),
            );
        Ok(Self { env, secrets, data })
    }

    /// What the services are told.
    pub(super) fn env(&self) -> &Env {
        &self.env
    }

    /// Where logs go, and traces if they are on.
    pub(crate) fn telemetry(&self) -> anyhow::Result<demeter_telemetry::Config> {
        let reader = Reader::new(&self.env);
        let folder = self.log_folder();
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot write {}", folder.display()))?;
        let config = demeter_telemetry::Config {
            log_file: Some(folder.join("demeter.jsonl")),
            ..demeter_service::telemetry(&reader, "demeter")
        };
        Ok(reader.finish(config)?)
    }

    /// The folder of files that every run makes anew: the gateway's settings.
    pub(crate) fn run_folder(&self) -> PathBuf {
        self.data.join("run")
    }

    /// The secrets, which may have to be renewed.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The folder of log files.
    pub(crate) fn log_folder(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// Where that password is kept.
    pub(crate) fn admin_password_file(&self) -> &Path {
        self.secrets.admin_password_file()
    }

    /// An access token of that administrator, for what a start does by itself.
    pub(super) async fn admin_token(&self) -> anyhow::Result<SecretString> {
        let config = demeter_auth::Config::from_env(&self.env)?;
        demeter_auth::sign_in(&config, ADMIN_EMAIL).await
    }

    /// The password of the administrator that `demeter up` creates.
    pub(crate) fn admin_password(&self) -> anyhow::Result<SecretString> {
        self.secrets.admin_password()
    }

    /// Creates or updates every service's tables.
    pub(crate) async fn migrate(&self) -> anyhow::Result<()> {
        migrate(&self.env).await
    }

    /// Creates an administrator; fails when the address is taken.
    pub(crate) async fn create_admin(
        &self,
        email: &str,
        password: &SecretString,
    ) -> anyhow::Result<()> {
        let config = demeter_auth::Config::from_env(&self.env)?;
        demeter_auth::create_admin(&config, email, password).await?;
        Ok(())
    }

    /// Creates the administrator of an embedded system, unless it is there; true when
    /// it was not.
    pub(crate) async fn ensure_admin(&self, password: &SecretString) -> anyhow::Result<bool> {
        let config = demeter_auth::Config::from_env(&self.env)?;
        match demeter_auth::create_admin(&config, ADMIN_EMAIL, password).await {
            Ok(_) => Ok(true),
            Err(demeter_auth::Error::EmailTaken) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Creates or updates every service's tables in the databases that the environment
/// names, or in files of this folder. It takes no keys, and makes none.
pub(crate) async fn migrate_alone(data: &Path) -> anyhow::Result<()> {
    let data = absolute(data)?;
    folder::open(&data)?;
    migrate(&Env::from_process().with("DATA_DIR", data.to_string_lossy())).await
}

async fn migrate(env: &Env) -> anyhow::Result<()> {
    let reader = Reader::new(env);
    let databases = ["auth", "stock", "photo"];
    let databases = databases.map(|name| demeter_service::database(&reader, name));
    let [auth, stock, photo] = reader.finish(databases)?;
    demeter_auth::migrate(&auth).await.context("auth")?;
    demeter_stock::migrate(&stock).await.context("stock")?;
    demeter_photo::migrate(&photo).await.context("photo")
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is not a usable path", path.display()))
}
