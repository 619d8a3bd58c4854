//! What is grown, how it is packed and what it costs.

use crate::ids::{CategoryId, FamilyId, PackagingId, ProductId, SizeId, StateId};

/// What a batch's plants are. Two batches of one kind in one bin are one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The species or variety.
    pub product: ProductId,
    /// How far they are.
    pub state: StateId,
    /// How big they are, when stated.
    pub size: Option<SizeId>,
    /// What they are packed in, when packed.
    pub packaging: Option<PackagingId>,
}

/// A kind of product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Key.
    pub id: CategoryId,
    /// Upper-case, unique.
    pub code: String,
    /// For people.
    pub name: String,
}

/// A genus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Key.
    pub id: FamilyId,
    /// Its category.
    pub category: CategoryId,
    /// Unique in the category.
    pub name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// A species or variety.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Key.
    pub id: ProductId,
    /// Its family.
    pub family: FamilyId,
    /// Upper-case, unique.
    pub sku: String,
    /// For people.
    pub common_name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// How far a plant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductState {
    /// Key.
    pub id: StateId,
    /// Upper-case, unique.
    pub code: String,
    /// For people.
    pub name: String,
    /// May be sold.
    pub is_sellable: bool,
    /// Growing order, unique.
    pub sort_order: i32,
}

/// How big a plant is.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductSize {
    /// Key.
    pub id: SizeId,
    /// Upper-case, unique.
    pub code: String,
    /// For people.
    pub name: String,
    /// Centimetres; `None` when open.
    pub min_height_cm: Option<f64>,
    /// Centimetres; `None` when open.
    pub max_height_cm: Option<f64>,
    /// From small to large, unique.
    pub sort_order: i32,
}

/// A pot or tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packaging {
    /// Key.
    pub id: PackagingId,
    /// Upper-case, unique.
    pub sku: String,
    /// For people.
    pub name: String,
    /// How it is made.
    pub make: Make,
}

/// How a pot or tray is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Make {
    /// For example `RIGID`.
    pub type_code: String,
    /// For example `PLASTIC`.
    pub material_code: String,
    /// For example `TERRACOTTA`.
    pub color_name: String,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// In the currency's smallest unit: 950.00 ARS is 95000.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// The products that one price is for: those of a category in a packaging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The category.
    pub category: CategoryId,
    /// The packaging.
    pub packaging: PackagingId,
}

/// What the products of a range cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Key.
    pub id: i32,
    /// Unique.
    pub sku: String,
    /// What it is for.
    pub range: Range,
    /// One plant, before tax.
    pub wholesale_unit: Money,
    /// 0 when sold singly.
    pub units_per_box: i32,
}

// === impl Kind ===

impl Kind {
    /// The kind with these keys: of its product, state, size and packaging.
    pub fn from_keys(product: i32, state: i32, size: Option<i32>, packaging: Option<i32>) -> Self {
        Self {
            product: ProductId(product),
            state: StateId(state),
            size: size.map(SizeId),
            packaging: packaging.map(PackagingId),
        }
    }

    /// The keys of its product, state, size and packaging.
    pub fn keys(self) -> (i32, i32, Option<i32>, Option<i32>) {
        let Self {
            product,
            state,
            size,
            packaging,
        } = self;
        let (size, packaging) = (size.map(|size| size.0), packaging.map(|pot| pot.0));
        (product.0, state.0, size, packaging)
    }
}

/// The start of a product's generated SKU: the family in capitals, without
/// what is no letter or digit, at most 15 of them.
pub fn sku_prefix(family: &str) -> String {
    let letters: String = family
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .take(15)
        .collect();
    if letters.len() < 2 {
        "PLANT-".to_owned()
    } else {
        letters + "-"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_sku_starts_with_the_family() {
        assert_eq!(sku_prefix("Echeveria"), "ECHEVERIA-");
        assert_eq!(sku_prefix("Graptopetalum x Sedum"), "GRAPTOPETALUMXS-");
        assert_eq!(sku_prefix("ñ"), "PLANT-");
    }
}
