//! What is sold, as a whole: a catalogue has some hundred rows.

use std::collections::HashMap;

use demeter_db::Listing;
use sea_orm::ConnectionTrait;

use crate::catalog::domain::Family;
use crate::catalog::store::products::{self, ProductFilter};
use crate::catalog::store::{categories, families, packagings, prices};
use crate::database::{Paging, StoreError};
use crate::ids::{CategoryId, FamilyId, ProductId};
use crate::months::domain::sales::Catalogue;

/// Classes, pots and prices.
pub async fn read(connection: &impl ConnectionTrait) -> Result<Catalogue, StoreError> {
    let all = all()?;
    Ok(Catalogue {
        categories: categories::list(connection, &all).await?.items,
        packagings: packagings::list(connection, &all).await?.items,
        prices: prices::list(connection, &all).await?.items,
    })
}

/// The class of each product.
pub async fn classes(
    connection: &impl ConnectionTrait,
) -> Result<HashMap<ProductId, CategoryId>, StoreError> {
    let all = all()?;
    let families: Vec<Family> = families::list(connection, None, &all).await?.items;
    let families: HashMap<FamilyId, CategoryId> = families
        .into_iter()
        .map(|family| (family.id, family.category))
        .collect();
    let products = products::list(connection, ProductFilter::default(), &all).await?;
    let classes = products.items.into_iter().filter_map(|product| {
        let category = families.get(&product.family)?;
        Some((product.id, *category))
    });
    Ok(classes.collect())
}

/// One page that has everything.
fn all() -> Result<Paging, StoreError> {
    Listing::new("everything", &()).paging(i32::MAX, "")
}
