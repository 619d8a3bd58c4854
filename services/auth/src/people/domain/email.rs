//! The address that a person signs in with.

/// An address in lower case, at most 255 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address of at most 255 bytes")]
pub struct NotAnEmail;

// === impl Email ===

impl Email {
    /// The address as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim().to_lowercase();
        let Some((local, host)) = text.split_once('@') else {
            return Err(NotAnEmail);
        };
        let forbidden =
            |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
        let plain = !local.contains(forbidden) && !host.contains(forbidden);
        if local.is_empty() || host.is_empty() || text.len() > 255 || !plain {
            return Err(NotAnEmail);
        }
        Ok(Self(text))
    }
}

/// Addresses are personal: logs do not show them.
impl std::fmt::Debug for Email {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_accepted_reads_the_same_again(text in ".{0,40}@.{0,40}") {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
                prop_assert!(email.as_str().len() <= 255);
            }
        }
    }

    #[test]
    fn upper_and_lower_case_are_the_same_address() {
        let email: Email = " Ana@Demeter.LOCAL ".parse().unwrap();

        assert_eq!(email.as_str(), "ana@demeter.local");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@x.org", "a".repeat(255));
        for text in [
            "",
            "@",
            "ana",
            "ana@",
            "@demeter.local",
            "a b@c",
            "a@b@c",
            "a@b c",
            "a\u{0}@b",
            &long,
        ] {
            let parsed: Result<Email, _> = text.parse();
            assert!(parsed.is_err(), "{text:?}");
        }
    }
}
