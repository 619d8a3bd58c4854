//! What grows where.

use demeter_proto::stock::v1 as pb;

use crate::harness::{Bed, everywhere, reason};

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
            .get_location_configuration(stock.ask(ask))
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
            let bed = Bed {
                location,
                product,
                state: 3,
            };
            // The second time, nothing changes.
            stock.configure(bed).await;
            stock.configure(bed).await;
            let active = stock
                .configurations()
                .get_location_configuration(stock.ask(ask))
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
