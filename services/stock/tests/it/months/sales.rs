//! The nursery's own list of sales, beside what its beds say.

use demeter_proto::stock::v1 as pb;
use tonic::Code;

use super::*;
use crate::harness::{everywhere, reason};

async fn compare(stock: &Stock, csv: &str) -> Result<pb::CompareSalesResponse, Status> {
    let request = pb::CompareSalesRequest {
        year: YEAR,
        month: OCTOBER,
        csv: csv.to_owned(),
        warehouse_id: 0,
    };
    let told = stock.months().compare_sales(ask(stock, request)).await?;
    Ok(told.into_inner())
}

/// A bed with 200 potted plants of class ECHEVERIA, of which 60 were sold.
async fn given_potted_plants_that_were_sold(stock: &Stock) {
    let bed = given_beds(stock, 1).await[0];
    let packaging = pb::CreatePackagingRequest {
        sku: "MAC-R8-TERRA".into(),
        name: "Maceta R8 terracota".into(),
        type_code: "RIGID".into(),
        material_code: "PLASTIC".into(),
        color_name: "Terracota".into(),
    };
    let packaging = stock.catalog().create_packaging(stock.ask(packaging)).await;
    let packaging = packaging.unwrap().into_inner().packaging.unwrap();
    let potted = pb::CreateBatchRequest {
        packaging_id: Some(packaging.packaging_id),
        effective_time: Some(at(OPENING - 1)),
        ..stock.a_batch(bed, 200)
    };
    stock
        .batches()
        .create_batch(stock.ask(potted))
        .await
        .unwrap();
    photo(stock, bed, 200, OPENING).await;
    photo(stock, bed, 140, CLOSING).await;
    open(stock).await;
}

#[tokio::test]
async fn a_list_within_five_percent_agrees_and_what_it_does_not_know_is_told() {
    for stock in everywhere().await {
        given_potted_plants_that_were_sold(&stock).await;
        let good = "cantidad;clase;maceta;color\n58;echeveria;rigid;terracota\n";
        let high = "quantity,sku\n90,MAC-R8-TERRA\n5,XX-UNKNOWN-1\n";

        let agrees = compare(&stock, good).await.unwrap();
        let differs = compare(&stock, high).await.unwrap();
        approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();
        let approved = compare(&stock, good).await.unwrap();
        let nothing = compare(&stock, "sku,quantity\n").await.unwrap();

        assert_eq!(agrees, approved);
        let line = &agrees.comparisons[0];
        assert_eq!(
            (line.lines.as_slice(), line.actual, line.calculated),
            ([2].as_slice(), 58, 60)
        );
        assert_eq!(
            (line.verdict(), agrees.verdict()),
            (pb::SalesVerdict::Agrees, pb::SalesVerdict::Agrees)
        );
        let verdicts: Vec<_> = differs
            .comparisons
            .iter()
            .map(pb::SalesComparison::verdict)
            .collect();
        assert_eq!(
            verdicts,
            [pb::SalesVerdict::LessCalculated, pb::SalesVerdict::Unknown]
        );
        assert_eq!(differs.unknown_skus, ["XX-UNKNOWN-1"]);
        assert_eq!((differs.actual, differs.calculated), (95, 60));
        assert_eq!(
            nothing.comparisons[0].verdict(),
            pb::SalesVerdict::NotListed
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_refused_by_its_line() {
    for stock in everywhere().await {
        open(&stock).await;

        let refused = compare(&stock, "sku,quantity\nMAC,many\n")
            .await
            .unwrap_err();
        let long = compare(&stock, &"sku,quantity\n".repeat(10_100))
            .await
            .unwrap_err();

        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::InvalidArgument, "INVALID_FIELD".into())
        );
        assert!(
            refused.message().contains("line 2"),
            "{}",
            refused.message()
        );
        assert!(long.message().contains("10000 lines"), "{}", long.message());
        stock.stop().await;
    }
}
