//! Adds to the catalogue.

use demeter_db::write;

use crate::catalog::domain::{
    Category, Family, Kind, Make, Money, Packaging, Price, Product, Range, sku_prefix,
};
use crate::catalog::store::{categories, families, kinds, packagings, prices, products};
use crate::database::{Connection, Store, StoreError, Tx};
use crate::error::Error;
use crate::ids::{CategoryId, FamilyId};

/// The catalogue of one nursery, and what may be added to it.
#[derive(Clone)]
pub struct Catalog {
    store: Store,
}

/// A product category to be added.
#[derive(Clone, Debug)]
pub struct CreateCategory {
    /// Upper-case, unique.
    pub code: String,
    /// For people.
    pub name: String,
}

/// A product family to be added.
#[derive(Clone, Debug)]
pub struct CreateFamily {
    /// Its category.
    pub category: CategoryId,
    /// Unique in the category.
    pub name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// A product to be added.
#[derive(Clone, Debug)]
pub struct CreateProduct {
    /// Its family.
    pub family: FamilyId,
    /// Unique; made from the family's name when `None`.
    pub sku: Option<String>,
    /// For people.
    pub common_name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// A packaging to be added.
#[derive(Clone, Debug)]
pub struct CreatePackaging {
    /// Unique.
    pub sku: String,
    /// For people.
    pub name: String,
    /// Its type, material and colour are added when they are new.
    pub make: Make,
}

/// A price to be added.
#[derive(Clone, Debug)]
pub struct CreatePrice {
    /// Unique.
    pub sku: String,
    /// What it is for.
    pub range: Range,
    /// One plant, before tax; above 0.
    pub wholesale_unit: Money,
    /// 0 when sold singly.
    pub units_per_box: i32,
}

// === impl Catalog ===

impl Catalog {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// For reads.
    pub const fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// Adds a product category.
    pub async fn create_category(&self, command: &CreateCategory) -> Result<Category, Error> {
        let CreateCategory { code, name } = command;
        Ok(categories::insert(self.store.connection(), code, name).await?)
    }

    /// Adds a product family.
    pub async fn create_family(&self, command: &CreateFamily) -> Result<Family, Error> {
        let CreateFamily {
            category,
            name,
            scientific_name,
        } = command;
        write(self.store.connection(), |tx| async move {
            let tx = &*tx;
            Error::unless(
                categories::exists(tx, *category).await,
                "product category",
                category,
            )?;
            Ok(families::insert(tx, *category, name, scientific_name).await?)
        })
        .await
    }

    /// Adds a product; without a SKU it gets the next one of its family.
    pub async fn create_product(&self, command: &CreateProduct) -> Result<Product, Error> {
        write(self.store.connection(), |tx| async move {
            let tx = &*tx;
            let CreateProduct {
                family,
                sku,
                common_name,
                scientific_name,
            } = command.clone();
            let family = Error::found(families::find(tx, family).await, "product family", family)?;
            let given = sku.is_some();
            let sku = match sku {
                Some(sku) => sku,
                None => next_sku(tx, &family).await?,
            };
            let added = products::insert(tx, family.id, sku, common_name, scientific_name).await;
            match added {
                // Another product has got the number meanwhile: this one gets the next.
                Err(taken @ StoreError::Taken { .. }) if !given => Err(Error::Unavailable(taken)),
                outcome => Ok(outcome?),
            }
        })
        .await
    }

    /// Adds a packaging, with its type, material and colour when they are new.
    pub async fn create_packaging(&self, command: &CreatePackaging) -> Result<Packaging, Error> {
        write(self.store.connection(), |tx| async move {
            let tx = &*tx;
            let CreatePackaging { sku, name, make } = command.clone();
            Ok(packagings::insert(tx, sku, name, make).await?)
        })
        .await
    }

    /// Adds a price.
    pub async fn create_price(&self, command: &CreatePrice) -> Result<Price, Error> {
        write(self.store.connection(), |tx| async move {
            let tx = &*tx;
            let CreatePrice {
                sku,
                range,
                wholesale_unit,
                units_per_box,
            } = command.clone();
            Error::unless(
                categories::exists(tx, range.category).await,
                "product category",
                range.category,
            )?;
            Error::unless(
                packagings::exists(tx, range.packaging).await,
                "packaging",
                range.packaging,
            )?;
            Ok(prices::insert(tx, sku, range, wholesale_unit, units_per_box).await?)
        })
        .await
    }
}

async fn next_sku(tx: &Tx, family: &Family) -> Result<String, Error> {
    let prefix = sku_prefix(&family.name);
    let number = products::next_number(tx, &prefix).await?;
    Ok(format!("{prefix}{number:03}"))
}

/// The first part of a kind that the catalogue lacks: what it is called, and its key.
pub async fn missing(tx: &Tx, kind: Kind) -> Result<Option<(&'static str, i32)>, Error> {
    Ok(kinds::find_missing(tx, kind).await?)
}

/// Fails when the catalogue lacks a part of a kind.
pub async fn check_kind(tx: &Tx, kind: Kind) -> Result<(), Error> {
    match missing(tx, kind).await? {
        None => Ok(()),
        Some((what, key)) => Err(Error::not_found(what, key)),
    }
}
