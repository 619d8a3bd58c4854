//! A place hierarchy as it is brought in from outside, and how its places are
//! called: codes and QR codes follow from the names that people gave.

use sha2::{Digest as _, Sha256};

use super::outline::Outline;

/// A hierarchy whose every outline lies inside its parent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// Level 1.
    pub warehouses: Vec<Place>,
    /// Level 2.
    pub areas: Vec<Place>,
    /// Level 3.
    pub locations: Vec<Place>,
}

/// One place of a hierarchy.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Unique, for example `N01-N-C01`.
    pub code: String,
    /// Code of the place around it; empty for a warehouse.
    pub parent: String,
    /// For people.
    pub name: String,
    /// Where it is.
    pub outline: Outline,
}

/// `Nave 1` becomes `N01`, its `Cantero Norte` `N01-N`, and that one's `Claro 1`
/// `N01-N-C01`. Other names become capitals: `Túnel A` is `T_NEL_A`.
pub fn code(parent: &str, name: &str) -> String {
    let own = numbered(name)
        .or_else(|| side(name).map(str::to_owned))
        .unwrap_or_else(|| slug(name));
    if parent.is_empty() {
        own
    } else {
        format!("{parent}-{own}")
    }
}

/// The letter of the first word and the number of the last.
fn numbered(name: &str) -> Option<String> {
    let (words, number) = name.rsplit_once(' ')?;
    let number: u32 = number.parse().ok()?;
    let letter = words.chars().next().filter(char::is_ascii_alphabetic)?;
    Some(format!("{}{number:02}", letter.to_ascii_uppercase()))
}

/// `N`, `S`, `E`, `W` or `C` for a bed that is named after where it lies.
pub fn side(name: &str) -> Option<&'static str> {
    let last = name.rsplit(' ').next()?.to_lowercase();
    Some(match last.as_str() {
        "norte" => "N",
        "sur" => "S",
        "este" => "E",
        "oeste" => "W",
        "centro" => "C",
        _ => return None,
    })
}

fn slug(name: &str) -> String {
    let mut slug: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    while slug.len() < 2 {
        slug.push('_');
    }
    slug
}

/// What a location's QR code says: its code, or a digest of one that does not
/// have 8 to 20 characters.
pub fn qr_code(code: &str) -> String {
    if (8..=20).contains(&code.len()) {
        return code.to_owned();
    }
    let digest = Sha256::digest(code.as_bytes());
    let number = digest
        .iter()
        .take(5)
        .fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{}-{number:010X}", &code[..code.len().min(9)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_names() {
        assert_eq!(code("", "Nave 1"), "N01");
        assert_eq!(code("N01", "Cantero Norte"), "N01-N");
        assert_eq!(code("N01-N", "Claro 12"), "N01-N-C12");
        assert_eq!(code("", "Túnel A"), "T_NEL_A");
    }

    #[test]
    fn a_qr_code_has_8_to_20_characters() {
        for code in ["A", "N01-N-C01", "A_RATHER_LONG_NAME-N-C01-AND-MORE", ""] {
            let qr = qr_code(code);
            assert!((8..=20).contains(&qr.len()), "{qr}");
        }
    }
}
