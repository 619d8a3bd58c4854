//! The policy for new passwords. Signing in never applies it: a password that
//! was accepted once stays usable.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

/// What argon2 should have to work with, and no text so long that hashing it
/// becomes a way to keep us busy.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=72;

/// Fewer different characters are a pattern, not a password.
const DIFFERENT_CHARACTERS: usize = 5;

/// What a password must have beside names that everybody knows.
const BESIDE_NAMES: usize = 8;

/// Shorter names stand in too many words by chance.
const SHORTEST_NAME: usize = 3;

/// What else is tried first here.
const OURS: [&str; 8] = [
    "administrador",
    "administrator",
    "bienvenido",
    "contrasena",
    "contraseña",
    "invernadero",
    "qwertyuiopasdf",
    "suculentas",
];

/// What everybody tries first.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let listed = include_str!("common.txt").lines();
    listed
        .filter(|line| !line.starts_with('#'))
        .chain(OURS)
        .collect()
});

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Shorter than 12 or longer than 72 bytes.
    #[error("the password must have 12 to 72 bytes")]
    Length,
    /// Too few different characters, or no letters.
    #[error("the password must have letters, and five different characters")]
    Pattern,
    /// On the list, also with something around it.
    #[error(
        "the password is among the 10,000 that everybody tries first, or one of them with digits \
         or signs added"
    )]
    Common,
    /// Names that a stranger knows, and too little else.
    #[error(
        "the password leans on your name, your address or the nursery's: without them it must \
         have 8 characters left"
    )]
    Names,
}

/// Accepts or refuses a new password. `names` are words that belong to its owner or
/// to the nursery: whoever guesses begins with them.
pub fn check_strength(password: &str, names: &BTreeSet<String>) -> Result<(), WeakPassword> {
    if !LENGTH.contains(&password.len()) {
        return Err(WeakPassword::Length);
    }
    let password = password.to_lowercase();
    let different = password.chars().collect::<BTreeSet<_>>().len();
    if different < DIFFERENT_CHARACTERS || !password.contains(char::is_alphabetic) {
        return Err(WeakPassword::Pattern);
    }
    if is_common(&password) {
        return Err(WeakPassword::Common);
    }
    if without(&password, names).chars().count() < BESIDE_NAMES {
        return Err(WeakPassword::Names);
    }
    Ok(())
}

/// The words of a name or an address that a password must not lean on.
pub fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= SHORTEST_NAME)
        .map(str::to_lowercase)
}

/// Whether a list that begins with what is common has this early: as it stands, with
/// something around or between its letters, with digits for letters, or twice.
fn is_common(password: &str) -> bool {
    let core = password.trim_matches(|letter: char| !letter.is_alphabetic());
    let letters: String = password
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .collect();
    [password, core, &spelled_out(core), &letters]
        .into_iter()
        .any(|reading| COMMON.contains(unit(reading)))
}

/// With letters for the digits and signs that stand for them.
fn spelled_out(text: &str) -> String {
    let letter = |sign| match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// What a text says again and again; all of it, when it says it once.
fn unit(text: &str) -> &str {
    (1..=text.len() / 2)
        .filter(|length| text.len().is_multiple_of(*length) && text.is_char_boundary(*length))
        .map(|length| &text[..length])
        .find(|unit| text == unit.repeat(text.len() / unit.len()))
        .unwrap_or(text)
}

/// What is left of a password without names, the longest first.
fn without(password: &str, names: &BTreeSet<String>) -> String {
    let mut names: Vec<_> = names.iter().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
        .into_iter()
        .fold(password.to_owned(), |left, name| left.replace(name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        let names = [
            "jardinera@demeter.local",
            "Ana María",
            "Vivero Los Cardones",
        ];
        check_strength(password, &names.into_iter().flat_map(words).collect())
    }

    #[test]
    fn the_length_is_counted_in_bytes() {
        assert_eq!(check("correct-horse"), Ok(()));
        assert_eq!(check("short-one"), Err(WeakPassword::Length));
        assert_eq!(check(&"é%x9Q".repeat(15)), Err(WeakPassword::Length));
    }

    #[test]
    fn the_list_is_whole() {
        assert_eq!(COMMON.len(), 10_000 + OURS.len());
        assert!(COMMON.contains("password") && COMMON.contains("qwerty"));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "Password123!",
            "Password1234",
            "qwerty123456",
            "1234-qwerty-1234",
            "P@ssw0rd2026!",
            "passwordpassword",
            "123qwe123qwe",
            "q.w.e.r.t.y.u.i.o.p",
            "letmeinletmein1",
            "!!!Sunshine2026",
            "administrator",
            "Contraseña2026",
        ] {
            assert_eq!(check(password), Err(WeakPassword::Common), "{password}");
        }
    }

    #[test]
    fn patterns_are_refused() {
        for password in [
            "aaaaaaaaaaaa",
            "abababababab",
            "111111112345",
            "2026-11-24 12:00",
        ] {
            assert_eq!(check(password), Err(WeakPassword::Pattern), "{password}");
        }
    }

    #[test]
    fn names_are_refused_unless_there_is_more() {
        for password in [
            "demeter12345",
            "Jardinera-2026",
            "jardinera@demeter.local",
            "AnaMaría2026!",
            "vivero-cardones",
            "Vivero.Los.Cardones",
        ] {
            assert_eq!(check(password), Err(WeakPassword::Names), "{password}");
        }
        assert_eq!(check("demeter-likes-rain"), Ok(()));
        assert_eq!(check("wet sand, dry gravel"), Ok(()));
    }

    proptest! {
        #[test]
        fn no_password_panics(password in ".{0,40}", name in ".{0,20}") {
            let names = words(&name).collect();
            let outcome = check_strength(&password, &names);
            prop_assert!(outcome.is_err() || LENGTH.contains(&password.len()));
        }

        #[test]
        fn digits_and_signs_around_a_common_one_do_not_help(
            common in prop::sample::select(vec!["sunshine", "football", "princess", "superman"]),
            before in "[0-9!.#]{0,10}",
            after in "[0-9!.#]{6,20}",
        ) {
            let password = format!("{before}{common}{after}");
            prop_assert!(check(&password).is_err());
        }
    }
}
