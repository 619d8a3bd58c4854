//! Puts and gets objects, in S3 or a local directory. Every put is atomic: a
//! reader sees the whole object or none.

mod error;

pub use error::{ObjectError, OpenError};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions, RetryConfig,
};
use secrecy::{ExposeSecret as _, SecretString};

/// A request to S3 that takes longer has failed; it is tried again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const RETRIES: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the objects are.
#[derive(Clone, Debug)]
pub enum Config {
    /// Files below a directory, which is made when it is not there.
    Local {
        /// The directory.
        dir: PathBuf,
    },
    /// A bucket of S3, or of a server that speaks its protocol.
    S3(S3Config),
}

/// A bucket and how to reach it.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// For example `http://minio:9000`; `None` is AWS itself. With an endpoint
    /// the bucket is the first part of the path.
    pub endpoint: Option<String>,
    /// Its name; it must exist.
    pub bucket: String,
    /// For example `us-east-1`.
    pub region: String,
    /// Key id and secret; `None` takes the identity of the machine.
    pub credentials: Option<(String, SecretString)>,
}

/// The objects of one bucket or directory. Clones share it.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The local store refuses attributes.
    keeps_content_type: bool,
}

/// The bytes of an object, piece by piece.
pub type Pieces = BoxStream<'static, Result<Bytes, ObjectError>>;

// === impl Objects ===

impl Objects {
    /// Opens the store. A directory is created; a bucket is not contacted yet.
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        match config {
            Config::Local { dir } => Self::local(dir),
            Config::S3(s3) => Self::s3(s3),
        }
    }

    fn local(dir: &PathBuf) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir).map_err(|source| OpenError::Directory {
            dir: dir.clone(),
            source,
        })?;
        // Folders that become empty go with their last object.
        // Synced, because a row that points to an object is synced too.
        let store = LocalFileSystem::new_with_prefix(dir)
            .map_err(OpenError::Settings)?
            .with_automatic_cleanup(true)
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            keeps_content_type: false,
        })
    }

    fn s3(config: &S3Config) -> Result<Self, OpenError> {
        let S3Config {
            endpoint,
            bucket,
            region,
            credentials,
        } = config;
        let plain_http = endpoint
            .as_deref()
            .is_some_and(|endpoint| endpoint.starts_with("http://"));
        let options = ClientOptions::new()
            .with_timeout(REQUEST_TIMEOUT)
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_allow_http(plain_http);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(region)
            .with_client_options(options)
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: RETRY_TIMEOUT,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_virtual_hosted_style_request(false);
        }
        if let Some((id, secret)) = credentials {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret.expose_secret());
        }
        Ok(Self {
            store: Arc::new(builder.build().map_err(OpenError::Settings)?),
            keeps_content_type: true,
        })
    }

    /// Stores an object, over the one that has the key.
    pub async fn put(
        &self,
        key: &str,
        content: Bytes,
        content_type: &str,
    ) -> Result<(), ObjectError> {
        let mut options = PutOptions::default();
        if self.keeps_content_type {
            options.attributes =
                Attributes::from_iter([(Attribute::ContentType, content_type.to_owned())]);
        }
        let path = path(key)?;
        self.store.put_opts(&path, content.into(), options).await?;
        Ok(())
    }

    /// Reads a whole object.
    pub async fn get(&self, key: &str) -> Result<Bytes, ObjectError> {
        let found = self.store.get(&path(key)?).await?;
        Ok(found.bytes().await?)
    }

    /// Reads an object piece by piece: its size in bytes, and the pieces.
    pub async fn stream(&self, key: &str) -> Result<(u64, Pieces), ObjectError> {
        let found = self.store.get(&path(key)?).await?;
        let size = found.meta.size;
        let pieces = found
            .into_stream()
            .map(|piece| piece.map_err(ObjectError::from));
        Ok((size, pieces.boxed()))
    }

    /// Removes an object; that there is none is fine.
    pub async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match self.store.delete(&path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there is an object with this key.
    pub async fn exists(&self, key: &str) -> Result<bool, ObjectError> {
        match self.store.head(&path(key)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the store answers, for readiness.
    pub async fn healthy(&self) -> Result<(), ObjectError> {
        self.exists("healthcheck").await.map(|_exists| ())
    }
}

/// Keys are `/`-separated names without `..` or control characters.
fn path(key: &str) -> Result<Path, ObjectError> {
    Path::parse(key).map_err(|source| ObjectError::Key {
        key: key.to_owned(),
        source,
    })
}
