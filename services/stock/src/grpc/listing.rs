//! Page tokens: a list's cursor, bound to the list and its filters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::database::{Page, Paging};
use crate::invalid::Invalid;

const DEFAULT_SIZE: u64 = 100;
const SEAL: usize = 8;

/// A list and its filters: a token of one does not open another.
pub struct Listing(String);

// === impl Listing ===

impl Listing {
    /// The list called `name`, with everything that narrows it.
    pub fn new(name: &str, filters: &impl std::fmt::Debug) -> Self {
        Self(format!("{name} {filters:?}"))
    }

    /// The page that a request asks for.
    pub fn paging(&self, page_size: i32, page_token: &str) -> Result<Paging, Invalid> {
        let size = u64::try_from(page_size)
            .ok()
            .filter(|size| *size > 0)
            .unwrap_or(DEFAULT_SIZE);
        if page_token.is_empty() {
            return Ok(Paging { size, after: None });
        }
        let fault = || {
            Invalid::new(
                "page_token",
                "is not a page token of this list with these filters",
            )
        };
        let token = URL_SAFE_NO_PAD
            .decode(page_token)
            .map_err(|_not_base64| fault())?;
        let (seal, cursor) = token.split_at_checked(SEAL).ok_or_else(fault)?;
        let cursor = std::str::from_utf8(cursor).map_err(|_not_text| fault())?;
        if seal != self.seal(cursor) {
            return Err(fault());
        }
        Ok(Paging {
            size,
            after: Some(cursor.to_owned()),
        })
    }

    /// The token of the page after this one; empty on the last.
    pub fn next<T>(&self, page: &Page<T>) -> String {
        page.next.as_ref().map_or_else(String::new, |cursor| {
            let token = [self.seal(cursor).as_slice(), cursor.as_bytes()].concat();
            URL_SAFE_NO_PAD.encode(token)
        })
    }

    /// Catches accidents and guesses; what a cursor opens is no secret.
    fn seal(&self, cursor: &str) -> [u8; SEAL] {
        let digest = Sha256::digest(format!("demeter.stock.v1 page\0{}\0{cursor}", self.0));
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&digest[..SEAL]);
        seal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(listing: &Listing, cursor: &str) -> String {
        listing.next(&Page::<()> {
            items: Vec::new(),
            next: Some(cursor.to_owned()),
        })
    }

    proptest! {
        #[test]
        fn a_token_opens_its_own_list_only(cursor in "\\PC{0,80}") {
            let (mine, other) = (Listing::new("batches", &1), Listing::new("batches", &2));
            let token = token(&mine, &cursor);

            prop_assert_eq!(mine.paging(0, &token).unwrap().after, Some(cursor));
            prop_assert_eq!(other.paging(0, &token).unwrap_err().field, "page_token");
        }

        #[test]
        fn anything_else_is_refused(text in ".{1,80}") {
            prop_assert!(Listing::new("batches", &1).paging(0, &text).is_err());
        }
    }
}
