//! The same tests on a local directory and, when `S3_ENDPOINT` is set, on S3.

#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

use bytes::Bytes;
use demeter_objects::{Config, ObjectError, Objects, S3Config};
use demeter_testkit::{Lack, skip};
use futures::TryStreamExt as _;
use secrecy::SecretString;
use tempfile::TempDir;

struct Store {
    objects: Objects,
    /// Keys start with it, because a bucket is shared by tests.
    prefix: String,
    _folder: Option<TempDir>,
}

impl Store {
    fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("not/there/yet");
        Self {
            objects: Objects::open(&Config::Local { dir }).unwrap(),
            prefix: "test".to_owned(),
            _folder: Some(folder),
        }
    }

    fn s3(test: &str) -> Option<Self> {
        let Some(endpoint) = variable("S3_ENDPOINT") else {
            no_s3();
            return None;
        };
        let config = s3_config(endpoint, &variable("AWS_SECRET_ACCESS_KEY").unwrap());
        Some(Self {
            objects: Objects::open(&config).unwrap(),
            prefix: format!("objects-test/{}/{test}", std::process::id()),
            _folder: None,
        })
    }

    fn all(test: &str) -> Vec<Self> {
        [Some(Self::local()), Self::s3(test)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

fn no_s3() {
    skip(Lack::NotPrepared, "S3, because S3_ENDPOINT is not set");
}

fn s3_config(endpoint: String, secret: &str) -> Config {
    Config::S3(S3Config {
        endpoint: Some(endpoint),
        bucket: variable("S3_BUCKET").unwrap_or_else(|| "demeter-photos-original".to_owned()),
        region: "us-east-1".to_owned(),
        credentials: Some((
            variable("AWS_ACCESS_KEY_ID").unwrap(),
            SecretString::from(secret),
        )),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests take their servers from the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::test]
async fn an_object_reads_back_whole_and_in_pieces() {
    for store in Store::all("reads_back") {
        let key = store.key("a/original.jpg");
        let content = Bytes::from(vec![7_u8; 300_000]);

        store
            .objects
            .put(&key, content.clone(), "image/jpeg")
            .await
            .unwrap();

        assert_eq!(store.objects.get(&key).await.unwrap(), content);
        let (size, pieces) = store.objects.stream(&key).await.unwrap();
        let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
        assert_eq!((size, pieces.concat().len()), (300_000, 300_000));
        assert!(store.objects.exists(&key).await.unwrap());
    }
}

#[tokio::test]
async fn a_second_put_replaces_the_first() {
    for store in Store::all("replaces") {
        let key = store.key("b");
        for content in ["one", "two"] {
            store
                .objects
                .put(&key, Bytes::from(content), "text/plain")
                .await
                .unwrap();
        }

        assert_eq!(store.objects.get(&key).await.unwrap(), "two");
    }
}

#[tokio::test]
async fn a_missing_object_is_not_found_and_deleting_it_is_fine() {
    for store in Store::all("missing") {
        let key = store.key("missing");

        let missing = store.objects.get(&key).await.unwrap_err();

        assert!(matches!(missing, ObjectError::NotFound { .. }), "{missing}");
        assert!(!store.objects.exists(&key).await.unwrap());
        store.objects.delete(&key).await.unwrap();
        store.objects.healthy().await.unwrap();
    }
}

#[tokio::test]
async fn a_deleted_object_is_gone() {
    for store in Store::all("deleted") {
        let key = store.key("c");
        store
            .objects
            .put(&key, Bytes::from("x"), "text/plain")
            .await
            .unwrap();

        store.objects.delete(&key).await.unwrap();

        assert!(!store.objects.exists(&key).await.unwrap());
    }
}

#[tokio::test]
async fn a_key_cannot_leave_the_directory() {
    let store = Store::local();

    let refused = store.objects.get("../../etc/passwd").await.unwrap_err();

    assert!(matches!(refused, ObjectError::Key { .. }), "{refused}");
}

#[tokio::test]
async fn a_wrong_secret_is_an_error_and_not_a_missing_object() {
    let Some(endpoint) = variable("S3_ENDPOINT") else {
        no_s3();
        return;
    };
    let objects = Objects::open(&s3_config(endpoint, "wrong")).unwrap();

    let refused = objects.exists("objects-test/any").await;

    assert!(refused.is_err());
}
