//! The policy for new passwords. Signing in never applies it: a password that
//! was accepted once stays usable.

use crate::people::domain::Email;

/// What argon2 should have to work with, and no text so long that hashing it
/// becomes a way to keep us busy.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=72;

/// Fewer different characters are a pattern, not a password.
const DIFFERENT_CHARACTERS: usize = 5;

/// Long enough for the rule, and still the first that anybody tries.
const OBVIOUS: [&str; 8] = [
    "password1234",
    "passwordpassword",
    "123456789012",
    "1234567890123",
    "qwertyuiop12",
    "qwertyuiopasdf",
    "administrator",
    "letmeinletmein",
];

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Shorter than 12 or longer than 72 bytes.
    #[error("the password must have 12 to 72 bytes")]
    Length,
    /// A repeated pattern, a well-known one, or the address itself.
    #[error("the password is too easy to guess")]
    Obvious,
}

/// Accepts or refuses a new password of this person.
pub fn check_strength(password: &str, email: &Email) -> Result<(), WeakPassword> {
    if !LENGTH.contains(&password.len()) {
        return Err(WeakPassword::Length);
    }
    let lower = password.to_lowercase();
    let different = lower
        .chars()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let local = email.local_part();
    let is_address = lower == email.as_str() || (local.len() >= 6 && lower.contains(local));
    if different < DIFFERENT_CHARACTERS || is_address || OBVIOUS.contains(&lower.as_str()) {
        return Err(WeakPassword::Obvious);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_strength(password, &"jardinera@demeter.local".parse().unwrap())
    }

    #[test]
    fn the_length_is_counted_in_bytes() {
        assert_eq!(check("correct-horse"), Ok(()));
        assert_eq!(check("short-one"), Err(WeakPassword::Length));
        assert_eq!(check(&"é%x9Q".repeat(15)), Err(WeakPassword::Length));
    }

    #[test]
    fn what_anybody_would_try_is_refused() {
        for password in [
            "aaaaaaaaaaaa",
            "Password1234",
            "abababababab",
            "jardinera@demeter.local",
            "Jardinera-2026",
        ] {
            assert_eq!(check(password), Err(WeakPassword::Obvious), "{password}");
        }
    }
}
