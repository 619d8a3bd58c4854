//! Movements that are taken back.

use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Ajuste, Muerte, Plantar};
use tonic::{Code, Status};

use super::late_facts::{MONDAY, TUESDAY, WEDNESDAY, a_photo, day, it_is};
use super::photo_counts::post;
use super::transplants::{a_move, move_plants, two_beds};
use crate::harness::{Stock, everywhere, reason};

pub(crate) async fn take_back(
    stock: &Stock,
    request: &pb::ReverseMovementRequest,
) -> Result<pb::ReverseMovementResponse, Status> {
    let request = stock.ask(request.clone());
    Ok(stock
        .movements()
        .reverse_movement(request)
        .await?
        .into_inner())
}

pub(crate) fn a_reversal(stock: &Stock, movement: &str) -> pb::ReverseMovementRequest {
    pb::ReverseMovementRequest {
        request_id: stock.id(),
        movement_id: movement.to_owned(),
        reason_description: "entered twice".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_death_that_is_taken_back_never_was() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        let died = stock
            .change(&batch, Muerte, 4)
            .await
            .unwrap()
            .movement
            .unwrap();
        it_is(&stock, TUESDAY);
        let request = a_reversal(&stock, &died.movement_id);

        let back = take_back(&stock, &request).await.unwrap();

        let effect = &back.reversals[0];
        let (line, after) = (
            effect.movement.as_ref().unwrap(),
            effect.batch.as_ref().unwrap(),
        );
        assert_eq!((line.movement_type(), line.quantity), (Muerte, 4));
        assert_eq!(line.reverses_movement_id, Some(died.movement_id.clone()));
        assert_eq!(line.effective_time, died.effective_time);
        assert_eq!(
            (after.quantity_current, after.quantity_empty_containers),
            (10, 0)
        );
        assert_eq!(stock.as_of(bed.location, day(MONDAY)).await, 10);
        let repeated = pb::ReverseMovementResponse {
            duplicate: true,
            ..back.clone()
        };
        assert_eq!(take_back(&stock, &request).await.unwrap(), repeated);
        let twice = take_back(&stock, &a_reversal(&stock, &died.movement_id)).await;
        assert_eq!(reason(&twice.unwrap_err()), "REVERSED_ALREADY");
        let reversed = take_back(&stock, &a_reversal(&stock, &line.movement_id)).await;
        assert_eq!(reason(&reversed.unwrap_err()), "IS_REVERSAL");
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_is_taken_back_after_a_photo_leaves_the_photos_number() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 100).await.batch_id;
        let planted = stock
            .change(&batch, Plantar, 50)
            .await
            .unwrap()
            .movement
            .unwrap();
        it_is(&stock, TUESDAY);
        post(&stock, &a_photo(&stock, bed, 98, TUESDAY))
            .await
            .unwrap();
        it_is(&stock, WEDNESDAY);

        take_back(&stock, &a_reversal(&stock, &planted.movement_id))
            .await
            .unwrap();

        assert_eq!(stock.standing(bed.location).await, 98);
        assert_eq!(stock.as_of(bed.location, day(MONDAY)).await, 100);
        stock.stop().await;
    }
}

#[tokio::test]
async fn plants_that_never_came_cannot_have_died() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        let planted = stock
            .change(&batch, Plantar, 50)
            .await
            .unwrap()
            .movement
            .unwrap();
        it_is(&stock, TUESDAY);
        stock.change(&batch, Muerte, 30).await.unwrap();
        it_is(&stock, WEDNESDAY);

        let back = take_back(&stock, &a_reversal(&stock, &planted.movement_id))
            .await
            .unwrap();

        assert_eq!(stock.standing(bed.location).await, 0);
        let [limited] = back.consequences.as_slice() else {
            panic!("{:?}", back.consequences);
        };
        assert_eq!((limited.quantity, limited.movement_type()), (20, Ajuste));
        assert_eq!(limited.empty_containers, -20);
        stock.stop().await;
    }
}

#[tokio::test]
async fn both_halves_of_a_transplant_are_taken_back_together() {
    for stock in everywhere().await {
        let (from, to) = two_beds(&stock).await;
        stock.given_a_batch(from, 100).await;
        let moved = move_plants(&stock, &a_move(&stock, from, to.location, 30))
            .await
            .unwrap();
        let came = moved.destinations[0].movement.as_ref().unwrap();

        let back = take_back(&stock, &a_reversal(&stock, &came.movement_id))
            .await
            .unwrap();

        let lines: Vec<_> = back
            .reversals
            .iter()
            .map(|effect| effect.movement.as_ref().unwrap())
            .collect();
        let quantities: Vec<_> = lines.iter().map(|line| line.quantity).collect();
        assert_eq!(quantities, [30, -30]);
        assert!(lines[0].transfer_id.is_some());
        assert_eq!(lines[0].transfer_id, lines[1].transfer_id);
        assert_ne!(lines[0].transfer_id, came.transfer_id);
        assert_eq!(stock.standing(from.location).await, 100);
        assert_eq!(stock.standing(to.location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_nobody_entered_is_not_taken_back() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let posted = post(&stock, &a_photo(&stock, bed, 98, MONDAY))
            .await
            .unwrap();
        let counted = &posted.movements[0].movement_id;

        let refused = take_back(&stock, &a_reversal(&stock, counted))
            .await
            .unwrap_err();
        let unknown = take_back(&stock, &a_reversal(&stock, &stock.id()))
            .await
            .unwrap_err();

        assert_eq!(reason(&refused), "NOT_REVERSIBLE");
        assert_eq!(unknown.code(), Code::NotFound);
        stock.stop().await;
    }
}
