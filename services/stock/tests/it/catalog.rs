//! The catalogue and what grows where.

use demeter_proto::stock::v1 as pb;
use tonic::Code;

use crate::harness::{everywhere, reason};

#[tokio::test]
async fn states_and_sizes_come_with_the_tables_in_their_order() {
    for stock in everywhere().await {
        let states = stock
            .catalog()
            .list_product_states(stock.ask(pb::ListProductStatesRequest::default()))
            .await;
        let sizes = stock
            .catalog()
            .list_product_sizes(stock.ask(pb::ListProductSizesRequest::default()))
            .await;

        let states = states.unwrap().into_inner().product_states;
        let sizes = sizes.unwrap().into_inner().product_sizes;
        assert_eq!(
            (
                states.len(),
                states[0].code.as_str(),
                states[10].code.as_str()
            ),
            (11, "SEED", "DEAD")
        );
        assert_eq!(
            sizes
                .iter()
                .map(|size| size.code.as_str())
                .collect::<Vec<_>>(),
            ["XS", "S", "M", "L", "XL", "XXL", "CUSTOM"]
        );
        assert_eq!(
            (sizes[5].min_height_cm, sizes[5].max_height_cm),
            (Some(80.0), None)
        );
        stock.stop().await;
    }
}

pub(crate) fn a_packaging(sku: &str) -> pb::CreatePackagingRequest {
    pb::CreatePackagingRequest {
        sku: sku.into(),
        name: "Pot".into(),
        type_code: "RIGID".into(),
        material_code: "PLASTIC".into(),
        color_name: "BLACK".into(),
    }
}

fn a_price(sku: &str, packaging_id: i32) -> pb::CreatePriceRequest {
    pb::CreatePriceRequest {
        sku: sku.into(),
        product_category_id: 1,
        packaging_id,
        wholesale_unit_minor_units: 95_000,
        currency_code: "ARS".into(),
        units_per_box: 24,
    }
}

#[tokio::test]
async fn a_catalogue_is_built_from_categories_to_prices() {
    for stock in everywhere().await {
        let product = stock.given_a_product("Echeveria").await;
        let mut catalog = stock.catalog();
        for sku in ["R7-BLK", "R9-BLK"] {
            let request = stock.ask(a_packaging(sku));
            catalog.create_packaging(request).await.unwrap();
        }
        let request = stock.ask(a_price("CR7-1", 1));
        catalog.create_price(request).await.unwrap();

        let request = stock.ask(pb::ListProductsRequest {
            product_category_id: 1,
            ..Default::default()
        });
        let products = catalog.list_products(request).await.unwrap().into_inner();
        let request = stock.ask(pb::ListPackagingsRequest::default());
        let packagings = catalog.list_packagings(request).await.unwrap().into_inner();
        let request = stock.ask(pb::ListPricesRequest::default());
        let prices = catalog.list_prices(request).await.unwrap().into_inner();

        assert_eq!(products.products[0].product_id, product);
        assert_eq!(products.products[0].sku, "ECHEVERIA-001");
        assert_eq!(packagings.packagings.len(), 2);
        assert_eq!(packagings.packagings[1].color_name, "BLACK");
        let price = prices.prices[0].wholesale_unit_price.as_ref().unwrap();
        assert_eq!(price.minor_units, 95_000);
        stock.stop().await;
    }
}

/// Both were told the same next number, and one of them that it is taken.
#[tokio::test]
async fn products_that_are_added_at_once_get_a_sku_each() {
    for stock in everywhere().await {
        stock.given_a_product("Echeveria").await;
        let add = async |name: &str| {
            let product = pb::CreateProductRequest {
                product_family_id: 1,
                common_name: name.to_owned(),
                ..Default::default()
            };
            let added = stock.catalog().create_product(stock.ask(product)).await;
            added.unwrap().into_inner().product.unwrap().sku
        };

        let (a, b, c, d) = tokio::join!(add("A"), add("B"), add("C"), add("D"));

        let mut skus = [a, b, c, d];
        skus.sort_unstable();
        assert_eq!(
            skus,
            [2, 3, 4, 5].map(|number| format!("ECHEVERIA-00{number}"))
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_sku_is_used_once_and_a_price_needs_its_packaging() {
    for stock in everywhere().await {
        stock.given_a_product("Echeveria").await;
        let mut catalog = stock.catalog();
        let request = stock.ask(a_packaging("R7-BLK"));
        catalog.create_packaging(request).await.unwrap();
        let request = stock.ask(a_price("CR7-1", 1));
        catalog.create_price(request).await.unwrap();

        let packaging = stock
            .catalog()
            .create_packaging(stock.ask(a_packaging("R7-BLK")))
            .await;
        let price = catalog.create_price(stock.ask(a_price("CR7-1", 1))).await;
        let missing = catalog.create_price(stock.ask(a_price("CR7-2", 99))).await;

        let packaging = packaging.unwrap_err();
        assert_eq!(
            (packaging.code(), reason(&packaging)),
            (Code::AlreadyExists, "SKU_TAKEN".into())
        );
        assert_eq!(reason(&price.unwrap_err()), "SKU_TAKEN");
        assert_eq!(reason(&missing.unwrap_err()), "NOT_FOUND");
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_is_taken_is_told_by_what_it_is() {
    for stock in everywhere().await {
        stock.given_a_product("Echeveria").await;
        let category = pb::CreateProductCategoryRequest {
            code: "ECHEVERIA".into(),
            name: "x".into(),
        };
        let family = pb::CreateProductFamilyRequest {
            product_category_id: 1,
            name: "Echeveria".into(),
            scientific_name: String::new(),
        };
        let orphan = pb::CreateProductFamilyRequest {
            product_category_id: 9,
            ..family.clone()
        };
        let product = pb::CreateProductRequest {
            product_family_id: 1,
            sku: "ECHEVERIA-001".into(),
            common_name: "x".into(),
            scientific_name: String::new(),
        };

        let category = stock
            .catalog()
            .create_product_category(stock.ask(category))
            .await
            .unwrap_err();
        let family = stock
            .catalog()
            .create_product_family(stock.ask(family))
            .await
            .unwrap_err();
        let orphan = stock
            .catalog()
            .create_product_family(stock.ask(orphan))
            .await
            .unwrap_err();
        let product = stock
            .catalog()
            .create_product(stock.ask(product))
            .await
            .unwrap_err();

        assert_eq!(reason(&category), "CODE_TAKEN");
        assert_eq!(reason(&family), "NAME_TAKEN");
        assert_eq!(reason(&orphan), "NOT_FOUND");
        assert_eq!(reason(&product), "SKU_TAKEN");
        stock.stop().await;
    }
}

#[tokio::test]
async fn families_are_paged_by_name() {
    for stock in everywhere().await {
        for name in ["Cotyledon", "Aloe", "Bromelia"] {
            stock.given_a_product(name).await;
        }
        let mut names = Vec::new();
        let mut request = pb::ListProductFamiliesRequest {
            page_size: 1,
            ..Default::default()
        };
        loop {
            let page = stock
                .catalog()
                .list_product_families(stock.ask(request.clone()))
                .await
                .unwrap()
                .into_inner();
            names.extend(page.product_families.into_iter().map(|family| family.name));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }

        assert_eq!(names, ["Aloe", "Bromelia", "Cotyledon"]);
        stock.stop().await;
    }
}
