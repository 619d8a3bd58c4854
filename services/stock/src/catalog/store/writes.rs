//! Writes of the catalogue.

use sea_orm::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QuerySelect as _, Set};

use super::entity::{
    category, family, packaging, packaging_color, packaging_material, packaging_type, price,
    product,
};
use crate::catalog::domain::{Category, Family, Packaging, Price, Product};
use crate::database::{StoreError, Tx};
use crate::ids::{CategoryId, FamilyId, PackagingId};

/// A product to be added.
#[derive(Clone, Debug)]
pub struct NewProduct {
    /// Its family.
    pub family: FamilyId,
    /// Unique.
    pub sku: String,
    /// For people.
    pub common_name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// A packaging to be added.
#[derive(Clone, Debug)]
pub struct NewPackaging {
    /// Unique.
    pub sku: String,
    /// For people.
    pub name: String,
    /// Created when new.
    pub type_code: String,
    /// Created when new.
    pub material_code: String,
    /// Created when new.
    pub color_name: String,
}

/// A price to be added.
#[derive(Clone, Debug)]
pub struct NewPrice {
    /// Unique.
    pub sku: String,
    /// The category it is for.
    pub category: CategoryId,
    /// The packaging it is for.
    pub packaging: PackagingId,
    /// One plant, before tax, in minor units.
    pub wholesale_unit_minor_units: i64,
    /// ISO 4217.
    pub currency: String,
    /// 0 when sold singly.
    pub units_per_box: i32,
}

// === impl Tx ===

impl Tx {
    /// Adds a category.
    pub async fn insert_category(&self, code: &str, name: &str) -> Result<Category, StoreError> {
        let row = category::ActiveModel {
            code: Set(code.to_owned()),
            name: Set(name.to_owned()),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// Whether there is such a category.
    pub async fn has_category(&self, id: CategoryId) -> Result<bool, StoreError> {
        Ok(category::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Adds a family.
    pub async fn insert_family(
        &self,
        of: CategoryId,
        name: &str,
        scientific_name: &str,
    ) -> Result<Family, StoreError> {
        let row = family::ActiveModel {
            product_category_id: Set(of.0),
            name: Set(name.to_owned()),
            scientific_name: Set(scientific_name.to_owned()),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// One family.
    pub async fn find_family(&self, id: FamilyId) -> Result<Option<Family>, StoreError> {
        Ok(family::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .map(Family::from))
    }

    /// SKUs of products that start with a prefix.
    pub async fn list_skus(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let skus = product::Entity::find()
            .select_only()
            .column(product::Column::Sku)
            .filter(product::Column::Sku.starts_with(prefix))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(skus)
    }

    /// Adds a product.
    pub async fn insert_product(&self, new: NewProduct) -> Result<Product, StoreError> {
        let NewProduct {
            family,
            sku,
            common_name,
            scientific_name,
        } = new;
        let row = product::ActiveModel {
            product_family_id: Set(family.0),
            sku: Set(sku),
            common_name: Set(common_name),
            scientific_name: Set(scientific_name),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// Whether there is such a packaging.
    pub async fn has_packaging(&self, id: PackagingId) -> Result<bool, StoreError> {
        Ok(packaging::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Adds a packaging, with its type, material and colour when they are new.
    pub async fn insert_packaging(&self, new: NewPackaging) -> Result<Packaging, StoreError> {
        let NewPackaging {
            sku,
            name,
            type_code,
            material_code,
            color_name,
        } = new;
        let row = packaging::ActiveModel {
            sku: Set(sku.clone()),
            name: Set(name.clone()),
            packaging_type_id: Set(self.packaging_type(&type_code).await?),
            packaging_material_id: Set(self.packaging_material(&material_code).await?),
            packaging_color_id: Set(self.packaging_color(&color_name).await?),
            ..Default::default()
        };
        let id = PackagingId(row.insert(&self.tx).await?.packaging_id);
        Ok(Packaging {
            id,
            sku,
            name,
            type_code,
            material_code,
            color_name,
        })
    }

    /// Adds a price.
    pub async fn insert_price(&self, new: NewPrice) -> Result<Price, StoreError> {
        let NewPrice {
            sku,
            category,
            packaging,
            wholesale_unit_minor_units,
            currency,
            units_per_box,
        } = new;
        let row = price::ActiveModel {
            sku: Set(sku),
            product_category_id: Set(category.0),
            packaging_id: Set(packaging.0),
            wholesale_unit_minor_units: Set(wholesale_unit_minor_units),
            currency: Set(currency),
            units_per_box: Set(units_per_box),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    async fn packaging_type(&self, code: &str) -> Result<i32, StoreError> {
        let row = packaging_type::ActiveModel {
            code: Set(code.to_owned()),
            ..Default::default()
        };
        packaging_type::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_type::Column::Code)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_type::Entity::find()
            .filter(packaging_type::Column::Code.eq(code))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_type_id)
            .ok_or(StoreError::Corrupt("packaging type"))
    }

    async fn packaging_material(&self, code: &str) -> Result<i32, StoreError> {
        let row = packaging_material::ActiveModel {
            code: Set(code.to_owned()),
            ..Default::default()
        };
        packaging_material::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_material::Column::Code)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_material::Entity::find()
            .filter(packaging_material::Column::Code.eq(code))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_material_id)
            .ok_or(StoreError::Corrupt("packaging material"))
    }

    async fn packaging_color(&self, name: &str) -> Result<i32, StoreError> {
        let row = packaging_color::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        packaging_color::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_color::Column::Name)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_color::Entity::find()
            .filter(packaging_color::Column::Name.eq(name))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_color_id)
            .ok_or(StoreError::Corrupt("packaging colour"))
    }
}
