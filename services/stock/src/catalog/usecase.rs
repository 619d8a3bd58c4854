//! Adds to the catalogue.

use crate::catalog::domain::{Category, Family, Kind, Packaging, Price, Product, sku_prefix};
use crate::catalog::store::{NewPackaging, NewPrice, NewProduct};
use crate::database::{Store, Tx};
use crate::error::Error;
use crate::ids::CategoryId;

/// The catalogue of one nursery, and what may be added to it.
#[derive(Clone)]
pub struct Catalog {
    store: Store,
}

// === impl Catalog ===

impl Catalog {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// For reads.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Adds a product category.
    pub async fn create_category(&self, code: &str, name: &str) -> Result<Category, Error> {
        let tx = self.store.begin().await?;
        let category = tx.insert_category(code, name).await?;
        tx.commit().await?;
        Ok(category)
    }

    /// Adds a product family.
    pub async fn create_family(
        &self,
        of: CategoryId,
        name: &str,
        scientific_name: &str,
    ) -> Result<Family, Error> {
        let tx = self.store.begin().await?;
        if !tx.has_category(of).await? {
            return Err(Error::not_found("product category", of));
        }
        let family = tx.insert_family(of, name, scientific_name).await?;
        tx.commit().await?;
        Ok(family)
    }

    /// Adds a product; an empty SKU is made from the family's name.
    pub async fn create_product(&self, mut new: NewProduct) -> Result<Product, Error> {
        let tx = self.store.begin().await?;
        let Some(family) = tx.find_family(new.family).await? else {
            return Err(Error::not_found("product family", new.family));
        };
        if new.sku.is_empty() {
            let prefix = sku_prefix(&family.name);
            let skus = tx.list_skus(&prefix).await?;
            let used = skus
                .iter()
                .filter_map(|sku| sku.strip_prefix(&prefix)?.parse::<u32>().ok())
                .max();
            new.sku = format!("{prefix}{:03}", used.unwrap_or(0) + 1);
        }
        let product = tx.insert_product(new).await?;
        tx.commit().await?;
        Ok(product)
    }

    /// Adds a packaging, with its type, material and colour when they are new.
    pub async fn create_packaging(&self, new: NewPackaging) -> Result<Packaging, Error> {
        let tx = self.store.begin().await?;
        let packaging = tx.insert_packaging(new).await?;
        tx.commit().await?;
        Ok(packaging)
    }

    /// Adds a price.
    pub async fn create_price(&self, new: NewPrice) -> Result<Price, Error> {
        let tx = self.store.begin().await?;
        if !tx.has_category(new.category).await? {
            return Err(Error::not_found("product category", new.category));
        }
        if !tx.has_packaging(new.packaging).await? {
            return Err(Error::not_found("packaging", new.packaging));
        }
        let price = tx.insert_price(new).await?;
        tx.commit().await?;
        Ok(price)
    }
}

/// Fails when the catalogue lacks a part of a kind.
pub async fn check_kind(tx: &Tx, kind: Kind) -> Result<(), Error> {
    match tx.find_missing(kind).await? {
        None => Ok(()),
        Some((what, key)) => Err(Error::not_found(what, key)),
    }
}
