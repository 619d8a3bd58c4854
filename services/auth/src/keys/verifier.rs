//! Verifies access tokens. There is one way to write a token of ours; whatever
//! differs is refused, also where a lenient reader would understand it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// More than a token of ours takes, however long its address is.
const MAX_BYTES: usize = 4 * 1024;

/// Verifies what one [`Signer`](super::Signer) signed.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    key: VerifyingKey,
    kid: String,
}

/// All that the header of a token of ours holds. Another member could change what
/// the token means: `crit`, a key of its own (`jwk`, `jku`, `x5c`), an encoding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

// === impl Verifier ===

impl Verifier {
    pub(super) fn new(key: VerifyingKey, kid: String) -> Self {
        Self { key, kid }
    }

    /// What a token says; `None` unless its header is ours and its signature is
    /// right. Whether it is for us, and works now, is for its reader to say.
    pub(crate) fn read<C: DeserializeOwned>(&self, token: &str) -> Option<C> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: Header = json(header)?;
        if header.alg != "EdDSA" || header.typ != "JWT" || header.kid != self.kid {
            return None;
        }
        let signature = Signature::from_slice(&decoded(signature)?).ok()?;
        self.key
            .verify_strict(message.as_bytes(), &signature)
            .ok()?;
        json(claims)
    }
}

/// An object: a list of the members' values would be read as well.
fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    let text = decoded(part)?;
    text.starts_with(b"{")
        .then(|| serde_json::from_slice(&text).ok())?
}

/// Base64url as it is written: no padding, no foreign letters, and no bits in the
/// last letter that belong to no byte.
fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::{Value, json};

    use super::*;

    const CLAIMS: &str = r#"{"sub":"ana"}"#;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    /// Whether a token with this header, signed with our key, is taken.
    fn takes(header: &Value) -> bool {
        read(&signed(&URL_SAFE_NO_PAD.encode(header.to_string()))).is_some()
    }

    fn signed(header: &str) -> String {
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(CLAIMS));
        let signature = key().sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn read(token: &str) -> Option<Value> {
        Verifier::new(key().verifying_key(), "ours".to_owned()).read(token)
    }

    fn good() -> String {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours"});
        signed(&URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    #[test]
    fn a_header_that_is_not_ours_is_refused() {
        assert!(takes(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours"})));
        for header in [
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours", "crit": ["exp"]}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours", "crit": []}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours", "b64": false}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours", "jku": "https://x"}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "ours", "jwk": {"kty": "OKP"}}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "theirs"}),
            json!({"alg": "EdDSA", "typ": "JWT"}),
            json!({"alg": "EdDSA", "typ": "refresh+jwt", "kid": "ours"}),
            json!({"alg": "EdDSA", "kid": "ours"}),
            json!({"alg": "none", "typ": "JWT", "kid": "ours"}),
            json!({"alg": "HS256", "typ": "JWT", "kid": "ours"}),
            json!(["EdDSA", "JWT", "ours"]),
        ] {
            assert!(!takes(&header), "{header}");
        }
        let twice = r#"{"alg":"none","alg":"EdDSA","typ":"JWT","kid":"ours"}"#;
        assert!(read(&signed(&URL_SAFE_NO_PAD.encode(twice))).is_none());
    }

    #[test]
    fn base64_that_nobody_of_ours_writes_is_refused() {
        let good = good();
        assert!(read(&good).is_some());
        // 64 bytes leave four bits of the last letter unused: A and B say the same.
        let (rest, last) = good.split_at(good.len() - 1);
        let position = |letter: char| ALPHABET.find(letter).unwrap();
        let next = ALPHABET.as_bytes()[position(last.chars().next().unwrap()) + 1] as char;
        let middle = good.replacen('.', "=.", 1);
        for token in [
            format!("{rest}{next}"),
            format!("{good}="),
            format!("{good}=="),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good}."),
            format!("{good}.{last}"),
            middle,
            good.replacen('.', "..", 1),
            "..".to_owned(),
            String::new(),
            format!("{good}{}", "A".repeat(MAX_BYTES)),
        ] {
            assert!(read(&token).is_none(), "{token}");
        }
    }

    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    #[test]
    fn what_somebody_else_signed_or_changed_is_refused() {
        let good = good();
        let (message, _signature) = good.rsplit_once('.').unwrap();
        let stranger = SigningKey::from_bytes(&[8; 32]).sign(message.as_bytes());
        let (header, _rest) = good.split_once('.').unwrap();
        let signature = good.rsplit('.').next().unwrap();
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"bea"}"#);

        for token in [
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(stranger.to_bytes())),
            format!("{message}."),
            format!("{header}.{other}.{signature}"),
        ] {
            assert!(read(&token).is_none(), "{token}");
        }
    }
}
