//! Makes what mutual TLS inside the mesh needs: an authority, and a certificate
//! for each member with the member's name in it.
//!
//! A nursery with an authority of its own needs none of it: any that signs
//! certificates with these names does.
#![warn(missing_docs)]

mod files;

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use files::{private, public};

/// Who speaks inside the mesh.
pub const MEMBERS: [&str; 5] = ["gateway", "auth", "stock", "photo", "inference"];

/// The names of files in the folder of an authority and of a member; the latter as
/// Kubernetes and cert-manager have them in a secret.
const AUTHORITY_CERTIFICATE: &str = "ca.crt";
const AUTHORITY_KEY: &str = "ca.key";
const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";

/// The authority's own certificate: longer than anyone runs a version of this.
const AUTHORITY_LIFE: Duration = Duration::from_hours(24 * 365 * 20);
/// Certificates count from a little before now: clocks differ.
const EARLIER: Duration = Duration::from_hours(1);

/// Signs certificates of members; whoever holds it can be anyone in the mesh.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// PEM.
    certificate: String,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// The authority's key is none.
    #[error("{AUTHORITY_KEY} holds no private key: {0}")]
    Key(#[from] rustls_pki_types::pem::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// Writes a certificate for each member into `folder`: `ca.crt` and `ca.key` of the
/// authority, made when they are not there yet, and for each member a folder of its
/// name with `tls.crt`, `tls.key` and `ca.crt`, new ones every time, good for `life`.
///
/// Who uses the files may read them at any time: each is moved into its place.
pub fn write(folder: &Path, now: SystemTime, life: Duration) -> Result<(), Error> {
    let authority = Authority::keep(folder, now)?;
    for name in MEMBERS {
        let member = folder.join(name);
        let (certificate, key) = authority.issue(name, now, life)?;
        public(&member.join(AUTHORITY_CERTIFICATE), &authority.certificate)?;
        private(&member.join(KEY), &key)?;
        public(&member.join(CERTIFICATE), &certificate)?;
    }
    Ok(())
}

// === impl Authority ===

impl Authority {
    /// Makes one.
    pub fn generate(now: SystemTime) -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let parameters = authority(now);
        let certificate = parameters.self_signed(&key)?;
        Ok(Self {
            certificate: pem("CERTIFICATE", certificate.der()),
            issuer: Issuer::new(parameters, key),
        })
    }

    /// The one whose files are in this folder; makes them when they are not there.
    fn keep(folder: &Path, now: SystemTime) -> Result<Self, Error> {
        let (certificate, key) = (
            folder.join(AUTHORITY_CERTIFICATE),
            folder.join(AUTHORITY_KEY),
        );
        if certificate.exists() && key.exists() {
            let key = PrivateKeyDer::from_pem_slice(files::read(&key)?.as_bytes())?;
            return Ok(Self {
                // What is asked of it when it signs does not change with time.
                issuer: Issuer::new(authority(now), KeyPair::try_from(&key)?),
                certificate: files::read(&certificate)?,
            });
        }
        let made = Self::generate(now)?;
        private(
            &key,
            &pem("PRIVATE KEY", made.issuer.key().serialized_der()),
        )?;
        public(&certificate, &made.certificate)?;
        Ok(made)
    }

    /// Its certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate that says `name`, good for `life`, and its key; both PEM.
    pub fn issue(
        &self,
        name: &str,
        now: SystemTime,
        life: Duration,
    ) -> Result<(String, String), Error> {
        let key = KeyPair::generate()?;
        let certificate = member(name, now, life)?.signed_by(&key, &self.issuer)?;
        Ok((
            pem("CERTIFICATE", certificate.der()),
            pem("PRIVATE KEY", key.serialized_der()),
        ))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

fn authority(now: SystemTime) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.not_before = (now - EARLIER).into();
    parameters.not_after = (now + AUTHORITY_LIFE).into();
    parameters.distinguished_name = named("Demeter mesh");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

/// Members know each other by the first name; the others are for tools that compare
/// it with the address they dial.
fn member(name: &str, now: SystemTime, life: Duration) -> Result<CertificateParams, rcgen::Error> {
    let names = [
        name.to_owned(),
        format!("{name}.demeter.svc"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    let mut parameters = CertificateParams::new(names)?;
    parameters.not_before = (now - EARLIER).into();
    parameters.not_after = (now + life).into();
    parameters.distinguished_name = named(name);
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    Ok(parameters)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: String = text
        .as_bytes()
        .chunks(64)
        .flat_map(|line| line.iter().copied().chain([b'\n']))
        .map(char::from)
        .collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * 20_000
    }

    #[test]
    fn every_member_has_files_and_only_its_owner_gets_at_them() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), now(), DAY).unwrap();

        for member in MEMBERS {
            let files = fs::read_dir(folder.path().join(member)).unwrap();
            let names: BTreeSet<_> = files
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            assert_eq!(
                names,
                ["ca.crt", "tls.crt", "tls.key"].map(str::to_owned).into()
            );
        }
        let photo = fs::metadata(folder.path().join("photo")).unwrap();
        assert_eq!(photo.permissions().mode() & 0o777, 0o700);
        for key in ["ca.key", "photo/tls.key"] {
            let mode = fs::metadata(folder.path().join(key)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600, "{key}");
        }
    }

    #[test]
    fn the_authority_stays_and_certificates_are_new_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        let files = [
            "ca.crt",
            "ca.key",
            "stock/ca.crt",
            "stock/tls.crt",
            "stock/tls.key",
        ];
        write(folder.path(), now(), DAY).unwrap();
        let before = files.map(read);

        write(folder.path(), now(), DAY).unwrap();

        let after = files.map(read);
        assert_eq!(before[..3], after[..3]);
        assert_ne!(before[3], after[3]);
        assert_ne!(before[4], after[4]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();

        let refused = write(file.path(), now(), DAY).unwrap_err().to_string();

        assert!(refused.contains(file.path().to_str().unwrap()), "{refused}");
    }
}
