//! Every type of movement, of a batch or of plants of a kind in a bed.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Ajuste, Muerte, Plantar, Sembrar, Ventas};
use tonic::{Code, Status};

use super::late_facts::at;
use crate::harness::{Bed, Stock, everywhere, noon, reason};

/// A state whose plants are sold.
pub(crate) const ADULT: i32 = 5;

pub(crate) async fn enter(
    stock: &Stock,
    request: &pb::CreateMovementRequest,
) -> Result<pb::CreateMovementResponse, Status> {
    let request = stock.ask(request.clone());
    Ok(stock
        .movements()
        .create_movement(request)
        .await?
        .into_inner())
}

pub(crate) fn of_batch(
    stock: &Stock,
    batch: &str,
    (movement_type, quantity): (pb::MovementType, i32),
) -> pb::CreateMovementRequest {
    pb::CreateMovementRequest {
        request_id: stock.id(),
        batch_id: batch.to_owned(),
        movement_type: movement_type.into(),
        quantity,
        reason_description: "because".into(),
        ..Default::default()
    }
}

pub(crate) fn of_bed(
    stock: &Stock,
    bed: Bed,
    (movement_type, quantity): (pb::MovementType, i32),
) -> pb::CreateMovementRequest {
    pb::CreateMovementRequest {
        batch_id: String::new(),
        bed: Some(kind_in(bed)),
        ..of_batch(stock, "", (movement_type, quantity))
    }
}

pub(crate) fn kind_in(bed: Bed) -> pb::BedKind {
    pb::BedKind {
        storage_location_id: bed.location,
        product_id: bed.product,
        product_state_id: Some(bed.state),
        ..Default::default()
    }
}

/// Batches of a bed, the first planted two days before the second.
async fn two_batches(stock: &Stock, bed: Bed, plants: [i32; 2]) -> [String; 2] {
    let young = stock.given_a_batch(bed, plants[1]).await.batch_id;
    let old = pb::CreateBatchRequest {
        planting_date: Some("2026-10-29".into()),
        ..stock.a_batch(bed, plants[0])
    };
    let old = stock.batches().create_batch(stock.ask(old)).await.unwrap();
    [old.into_inner().batch.unwrap().batch_id, young]
}

#[tokio::test]
async fn plants_that_go_from_a_bed_are_those_that_were_planted_longest_ago() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let [old, young] = two_batches(&stock, bed, [10, 20]).await;

        let request = of_bed(&stock, bed, (Muerte, 14));
        let died = enter(&stock, &request).await.unwrap();

        let first = died.movement.clone().unwrap();
        assert_eq!((first.batch_id, first.quantity), (old, -10));
        assert_eq!(died.batch.as_ref().unwrap().quantity_empty_containers, 10);
        let [second] = died.others.as_slice() else {
            panic!("{:?}", died.others);
        };
        let (movement, batch) = (
            second.movement.clone().unwrap(),
            second.batch.clone().unwrap(),
        );
        assert_eq!((movement.batch_id, movement.quantity), (young, -4));
        assert_eq!(
            (batch.quantity_current, batch.quantity_empty_containers),
            (16, 4)
        );
        let repeated = pb::CreateMovementResponse {
            duplicate: true,
            ..died
        };
        assert_eq!(enter(&stock, &request).await.unwrap(), repeated);
        let refused = enter(&stock, &of_bed(&stock, bed, (Muerte, 17)))
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "NOT_ENOUGH_PLANTS");
        assert!(refused.message().contains("16 plants"), "{refused}");
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_earlier_loss_of_a_bed_takes_what_stood_there_and_says_what_was_missing() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        two_batches(&stock, bed, [10, 20]).await;
        stock.clock.advance(Duration::hours(2));

        let died = pb::CreateMovementRequest {
            effective_time: at(noon() + Duration::hours(1)),
            ..of_bed(&stock, bed, (Muerte, 33))
        };
        let died = enter(&stock, &died).await.unwrap();

        assert_eq!(died.missing_quantity, 3);
        assert_eq!(stock.standing(bed.location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn plants_that_come_to_a_bed_join_the_newest_batch_of_their_kind_or_begin_one() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;

        let first = enter(&stock, &of_bed(&stock, bed, (Sembrar, 30)))
            .await
            .unwrap();
        let second = enter(&stock, &of_bed(&stock, bed, (Plantar, 5)))
            .await
            .unwrap();
        let grown = Bed {
            state: ADULT,
            ..bed
        };
        let third = enter(&stock, &of_bed(&stock, grown, (Plantar, 1)))
            .await
            .unwrap();

        let (first, second, third) = (
            first.batch.unwrap(),
            second.batch.unwrap(),
            third.batch.unwrap(),
        );
        assert_eq!(first.quantity_initial, 30);
        assert_eq!(first.planting_date.as_deref(), Some("2026-10-31"));
        assert_eq!(
            (second.batch_id, second.quantity_current),
            (first.batch_id.clone(), 35)
        );
        assert_ne!(third.batch_id, first.batch_id);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_movement_names_a_batch_or_a_bed_and_plants_that_come_say_how_far_they_are() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        let neither = of_batch(&stock, "", (Plantar, 1));
        let both = pb::CreateMovementRequest {
            bed: Some(kind_in(bed)),
            ..of_batch(&stock, &batch, (Plantar, 1))
        };
        let stateless = pb::CreateMovementRequest {
            bed: Some(pb::BedKind {
                product_state_id: None,
                ..kind_in(bed)
            }),
            ..of_bed(&stock, bed, (Plantar, 1))
        };

        for (request, field) in [
            (neither, "batch_id"),
            (both, "bed"),
            (stateless, "bed.product_state_id"),
        ] {
            let refused = enter(&stock, &request).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.message().starts_with(field), "{refused}");
        }
        assert_eq!(stock.standing(bed.location).await, 10);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_sale_is_of_plants_that_are_sold_and_keeps_its_price() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let grown = Bed {
            state: ADULT,
            ..bed
        };
        stock.given_a_batch(bed, 50).await;
        stock.given_a_batch(grown, 10).await;
        let any_state = pb::CreateMovementRequest {
            bed: Some(pb::BedKind {
                product_state_id: None,
                ..kind_in(bed)
            }),
            unit_price: Some(pb::SalePrice {
                currency_code: "CLP".into(),
                minor_units: 950,
            }),
            ..of_bed(&stock, bed, (Ventas, 4))
        };

        let sold = enter(&stock, &any_state).await.unwrap();

        let (movement, batch) = (sold.movement.unwrap(), sold.batch.unwrap());
        assert_eq!((batch.product_state_id, batch.quantity_current), (ADULT, 6));
        assert_eq!(batch.quantity_empty_containers, 0);
        let price = |money: Option<demeter_proto::r#type::v1::Money>| {
            let money = money.unwrap();
            (money.currency_code, money.minor_units)
        };
        assert_eq!(price(movement.unit_price), ("CLP".into(), 950));
        assert_eq!(price(movement.total_price), ("CLP".into(), 3800));
        let seedlings = of_bed(&stock, bed, (Ventas, 1));
        let refused = enter(&stock, &seedlings).await.unwrap_err();
        assert_eq!(reason(&refused), "NOT_ENOUGH_PLANTS", "{refused}");
        let priced_death = pb::CreateMovementRequest {
            movement_type: Muerte.into(),
            ..any_state
        };
        let refused = enter(&stock, &priced_death).await.unwrap_err();
        assert!(refused.message().starts_with("unit_price"), "{refused}");
        stock.stop().await;
    }
}

#[tokio::test]
async fn replanting_uses_up_the_pots_that_deaths_left() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        stock.change(&batch, Muerte, 4).await.unwrap();
        let replanted = |quantity| pb::CreateMovementRequest {
            uses_empty_containers: true,
            ..of_bed(&stock, bed, (Plantar, quantity))
        };

        let filled = enter(&stock, &replanted(3)).await.unwrap();
        let refused = enter(&stock, &replanted(2)).await.unwrap_err();

        let (movement, batch) = (filled.movement.unwrap(), filled.batch.unwrap());
        assert_eq!((movement.quantity, movement.empty_containers), (3, -3));
        assert_eq!(
            (batch.quantity_current, batch.quantity_empty_containers),
            (9, 1)
        );
        assert_eq!(reason(&refused), "NOT_ENOUGH_POTS");
        assert_eq!(stock.standing(bed.location).await, 9);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_and_leaves_nothing() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        let tried = pb::CreateMovementRequest {
            dry_run: true,
            ..of_batch(&stock, &batch, (Ajuste, -4))
        };

        let would_be = enter(&stock, &tried).await.unwrap();
        let before = stock.standing(bed.location).await;
        let for_real = pb::CreateMovementRequest {
            dry_run: false,
            ..tried.clone()
        };
        let done = enter(&stock, &for_real).await.unwrap();
        let after = enter(&stock, &tried).await.unwrap();

        assert!(would_be.dry_run && !would_be.duplicate);
        assert_eq!(would_be.batch.unwrap().quantity_current, 6);
        assert_eq!(before, 10);
        assert!(!done.dry_run && !done.duplicate);
        assert!(after.duplicate, "it was done: that is its answer");
        let planting = pb::CreateBatchRequest {
            dry_run: true,
            ..stock.a_batch(bed, 10)
        };
        let planted = stock
            .batches()
            .create_batch(stock.ask(planting))
            .await
            .unwrap();
        assert!(planted.into_inner().dry_run);
        assert_eq!(stock.standing(bed.location).await, 6);
        stock.stop().await;
    }
}
