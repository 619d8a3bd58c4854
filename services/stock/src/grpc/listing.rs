//! Lists as requests ask for them and answers tell them.

use demeter_db::Listing;

use crate::database::{Page, Paging, StoreError};
use crate::error::Error;

/// The page that a request asks for, of the list called `list` with everything
/// that narrows it.
pub fn paging(
    list: &str,
    filters: &impl std::fmt::Debug,
    page_size: i32,
    page_token: &str,
) -> Result<Paging, Error> {
    Ok(Listing::new(list, filters).paging(page_size, page_token)?)
}

/// A page in the proto's words, and the token of the next page.
pub fn listed<T, P: From<T>>(page: Result<Page<T>, StoreError>) -> Result<(Vec<P>, String), Error> {
    Ok(page?.told(P::from))
}
