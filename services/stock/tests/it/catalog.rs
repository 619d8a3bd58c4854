//! The catalogue and what grows where.

use demeter_proto::stock::v1 as pb;
use tonic::Code;

use crate::harness::{Bed, everywhere, reason};

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

#[tokio::test]
async fn a_catalogue_is_built_from_categories_to_prices() {
    for stock in everywhere().await {
        let product = stock.given_a_product("Echeveria").await;
        let packaging = pb::CreatePackagingRequest {
            sku: "R7-BLK".into(),
            name: "Pot 7".into(),
            type_code: "RIGID".into(),
            material_code: "PLASTIC".into(),
            color_name: "BLACK".into(),
        };
        let created = stock
            .catalog()
            .create_packaging(stock.ask(packaging.clone()))
            .await
            .unwrap()
            .into_inner();
        let packaging_id = created.packaging.unwrap().packaging_id;
        let second = pb::CreatePackagingRequest {
            sku: "R9-BLK".into(),
            ..packaging.clone()
        };
        stock
            .catalog()
            .create_packaging(stock.ask(second))
            .await
            .unwrap();
        let price = pb::CreatePriceRequest {
            sku: "CR7-1".into(),
            product_category_id: 1,
            packaging_id,
            wholesale_unit_minor_units: 95_000,
            currency_code: "ARS".into(),
            units_per_box: 24,
        };
        stock
            .catalog()
            .create_price(stock.ask(price.clone()))
            .await
            .unwrap();

        let mut catalog = stock.catalog();
        let request = pb::ListProductsRequest {
            product_category_id: 1,
            ..Default::default()
        };
        let products = catalog.list_products(stock.ask(request));
        let products = products.await.unwrap().into_inner().products;
        assert_eq!(
            (products[0].product_id, products[0].sku.as_str()),
            (product, "ECHEVERIA-001")
        );
        let packagings = catalog.list_packagings(stock.ask(pb::ListPackagingsRequest::default()));
        let packagings = packagings.await.unwrap().into_inner().packagings;
        assert_eq!(
            (packagings.len(), packagings[1].color_name.as_str()),
            (2, "BLACK")
        );
        let prices = catalog.list_prices(stock.ask(pb::ListPricesRequest::default()));
        let prices = prices.await.unwrap().into_inner().prices;
        assert_eq!(
            prices[0].wholesale_unit_price.as_ref().unwrap().minor_units,
            95_000
        );

        let twice = stock
            .catalog()
            .create_packaging(stock.ask(packaging))
            .await
            .unwrap_err();
        assert_eq!(
            (twice.code(), reason(&twice)),
            (Code::AlreadyExists, "SKU_TAKEN".into())
        );
        let twice = stock
            .catalog()
            .create_price(stock.ask(price.clone()))
            .await
            .unwrap_err();
        assert_eq!(reason(&twice), "SKU_TAKEN");
        let missing = pb::CreatePriceRequest {
            sku: "X9".into(),
            packaging_id: 99,
            ..price
        };
        assert_eq!(
            reason(
                &stock
                    .catalog()
                    .create_price(stock.ask(missing))
                    .await
                    .unwrap_err()
            ),
            "NOT_FOUND"
        );
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

#[tokio::test]
async fn one_configuration_is_active_and_the_old_ones_are_history() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let ask = pb::GetLocationConfigurationRequest {
            storage_location_id: location,
        };
        let nowhere = pb::GetLocationConfigurationRequest {
            storage_location_id: 99,
        };
        let none = stock
            .configurations()
            .get_location_configuration(stock.ask(ask.clone()))
            .await
            .unwrap();
        assert!(none.into_inner().configuration.is_none());
        let refused = stock
            .configurations()
            .get_location_configuration(stock.ask(nowhere))
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "NOT_FOUND");

        for name in ["Aloe", "Bromelia"] {
            let product = stock.given_a_product(name).await;
            stock
                .configure(Bed {
                    location,
                    product,
                    state: 3,
                })
                .await;
            stock
                .configure(Bed {
                    location,
                    product,
                    state: 3,
                })
                .await;
            let active = stock
                .configurations()
                .get_location_configuration(stock.ask(ask.clone()))
                .await
                .unwrap();
            assert_eq!(
                active.into_inner().configuration.unwrap().product_id,
                product
            );
        }

        let connection = stock.connection().await;
        let rows = crate::harness::number(
            &connection,
            "SELECT COUNT(*) AS n FROM storage_location_config",
        )
        .await;
        assert_eq!(rows, 2);
        connection.close().await.unwrap();
        stock.stop().await;
    }
}
