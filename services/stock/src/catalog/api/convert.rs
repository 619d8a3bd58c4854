//! `catalog.proto`.

use demeter_proto::stock::v1 as pb;
use demeter_proto::r#type::v1 as money;

use crate::catalog::domain::{
    Category, Family, Make, Money, Packaging, Price, Product, ProductSize, ProductState, Range,
};
use crate::catalog::usecase::{
    CreateCategory, CreateFamily, CreatePackaging, CreatePrice, CreateProduct,
};
use crate::ids::{CategoryId, FamilyId, PackagingId};

impl From<Category> for pb::ProductCategory {
    fn from(category: Category) -> Self {
        let Category { id, code, name } = category;
        Self {
            product_category_id: id.0,
            code,
            name,
        }
    }
}

impl From<Family> for pb::ProductFamily {
    fn from(family: Family) -> Self {
        let Family {
            id,
            category,
            name,
            scientific_name,
        } = family;
        Self {
            product_family_id: id.0,
            product_category_id: category.0,
            name,
            scientific_name,
        }
    }
}

impl From<Product> for pb::Product {
    fn from(product: Product) -> Self {
        let Product {
            id,
            family,
            sku,
            common_name,
            scientific_name,
        } = product;
        Self {
            product_id: id.0,
            product_family_id: family.0,
            sku,
            common_name,
            scientific_name,
        }
    }
}

impl From<ProductState> for pb::ProductState {
    fn from(state: ProductState) -> Self {
        let ProductState {
            id,
            code,
            name,
            is_sellable,
            sort_order: _,
        } = state;
        Self {
            product_state_id: id.0,
            code,
            name,
            is_sellable,
        }
    }
}

impl From<ProductSize> for pb::ProductSize {
    fn from(size: ProductSize) -> Self {
        let ProductSize {
            id,
            code,
            name,
            min_height_cm,
            max_height_cm,
            sort_order: _,
        } = size;
        Self {
            product_size_id: id.0,
            code,
            name,
            min_height_cm,
            max_height_cm,
        }
    }
}

impl From<Packaging> for pb::Packaging {
    fn from(packaging: Packaging) -> Self {
        let Packaging {
            id,
            sku,
            name,
            make:
                Make {
                    type_code,
                    material_code,
                    color_name,
                },
        } = packaging;
        Self {
            packaging_id: id.0,
            sku,
            name,
            type_code,
            material_code,
            color_name,
        }
    }
}

impl From<Price> for pb::Price {
    fn from(price: Price) -> Self {
        let Price {
            id,
            sku,
            range: Range {
                category,
                packaging,
            },
            wholesale_unit: Money { minor, currency },
            units_per_box,
        } = price;
        Self {
            price_id: id,
            sku,
            product_category_id: category.0,
            packaging_id: packaging.0,
            wholesale_unit_price: Some(money::Money {
                currency_code: currency,
                minor_units: minor,
            }),
            units_per_box,
        }
    }
}

impl From<pb::CreateProductCategoryRequest> for CreateCategory {
    fn from(request: pb::CreateProductCategoryRequest) -> Self {
        let pb::CreateProductCategoryRequest { code, name } = request;
        Self { code, name }
    }
}

impl From<pb::CreateProductFamilyRequest> for CreateFamily {
    fn from(request: pb::CreateProductFamilyRequest) -> Self {
        let pb::CreateProductFamilyRequest {
            product_category_id,
            name,
            scientific_name,
        } = request;
        Self {
            category: CategoryId(product_category_id),
            name,
            scientific_name,
        }
    }
}

impl From<pb::CreateProductRequest> for CreateProduct {
    fn from(request: pb::CreateProductRequest) -> Self {
        let pb::CreateProductRequest {
            product_family_id,
            sku,
            common_name,
            scientific_name,
        } = request;
        Self {
            family: FamilyId(product_family_id),
            sku: (!sku.is_empty()).then_some(sku),
            common_name,
            scientific_name,
        }
    }
}

impl From<pb::CreatePackagingRequest> for CreatePackaging {
    fn from(request: pb::CreatePackagingRequest) -> Self {
        let pb::CreatePackagingRequest {
            sku,
            name,
            type_code,
            material_code,
            color_name,
        } = request;
        let make = Make {
            type_code,
            material_code,
            color_name,
        };
        Self { sku, name, make }
    }
}

impl From<pb::CreatePriceRequest> for CreatePrice {
    fn from(request: pb::CreatePriceRequest) -> Self {
        let pb::CreatePriceRequest {
            sku,
            product_category_id,
            packaging_id,
            wholesale_unit_minor_units,
            currency_code,
            units_per_box,
        } = request;
        Self {
            sku,
            range: Range {
                category: CategoryId(product_category_id),
                packaging: PackagingId(packaging_id),
            },
            wholesale_unit: Money {
                minor: wholesale_unit_minor_units,
                currency: currency_code,
            },
            units_per_box,
        }
    }
}
