//! A bed from count to count.

use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Ajuste, Muerte, Plantar};
use tonic::Code;

use super::*;
use crate::harness::everywhere;

async fn timeline(
    stock: &Stock,
    request: pb::GetTimelineRequest,
) -> Result<pb::GetTimelineResponse, Status> {
    let told = stock.stock().get_timeline(ask(stock, request)).await?;
    Ok(told.into_inner())
}

fn of(bed: Bed) -> pb::GetTimelineRequest {
    pb::GetTimelineRequest {
        storage_location_id: bed.location,
        ..Default::default()
    }
}

#[tokio::test]
async fn each_period_has_what_happened_after_its_count_and_adds_up_when_sales_are_approved() {
    for stock in everywhere().await {
        let bed = given_beds(&stock, 1).await[0];
        let batch = photo(&stock, bed, 1_000, OPENING).await;
        enter(&stock, &batch, Plantar, 50, -20).await.unwrap();
        enter(&stock, &batch, Muerte, 10, -20).await.unwrap();
        photo(&stock, bed, 1_000, -15).await;
        enter(&stock, &batch, Ajuste, 5, -10).await.unwrap();
        photo(&stock, bed, 905, CLOSING).await;
        it_is(&stock, 2);
        enter(&stock, &batch, Muerte, 5, 1).await.unwrap();

        let before = timeline(&stock, of(bed)).await.unwrap();
        open(&stock).await;
        let told = proposals(&stock).await;
        assert_eq!(told[0].proposed_sales, 140);
        approve(&stock, &an_approval(&stock, &told)).await.unwrap();
        let after = timeline(&stock, of(bed)).await.unwrap();

        let told: Vec<_> = before
            .periods
            .iter()
            .map(|it| {
                (
                    it.cantidad_inicial,
                    it.plantados,
                    it.muertes,
                    it.ajustes,
                    it.cantidad_final,
                    it.difference,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (1_000, 50, 10, 0, 1_000, 40),
                (1_000, 0, 0, 5, 905, 100),
                (905, 0, 5, 0, 900, 0)
            ]
        );
        let balanced: Vec<_> = before.periods.iter().map(|it| it.balanced).collect();
        assert_eq!(balanced, [false, false, true]);
        let summary = after.summary.unwrap();
        assert_eq!((summary.total_periods, summary.total_vendidos), (3, 140));
        assert_eq!((summary.total_plantados, summary.total_muertes), (50, 15));
        assert!((summary.overall_growth_rate_percent.unwrap() + 10.0).abs() < 1e-9);
        assert_eq!(
            (after.periods[0].fecha, after.periods[0].period_end),
            (Some(at(OPENING)), Some(at(-15)))
        );
        assert_eq!(after.periods[2].period_end, None);
        // The month's closing count says where its sales fall: all of them in the period
        // that it ends, of which 40 were missing in the one before.
        let sold: Vec<_> = after
            .periods
            .iter()
            .map(|it| (it.cantidad_vendida, it.difference))
            .collect();
        assert_eq!(sold, [(0, 40), (140, -40), (0, 0)]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_bed_that_is_photographed_once_a_month_adds_up_as_soon_as_its_month_is_approved() {
    for stock in everywhere().await {
        let (bed, batch) = given_a_bed_that_sold_100(&stock).await;
        enter(&stock, &batch, Muerte, 30, -9).await.unwrap();
        let read = proposals(&stock).await;

        approve(&stock, &an_approval(&stock, &read)).await.unwrap();

        let told = timeline(&stock, of(bed)).await.unwrap();
        let first = &told.periods[0];
        assert_eq!(
            (first.muertes, first.cantidad_vendida, first.net_change),
            (30, 70, -100)
        );
        assert!(told.periods.iter().all(|period| period.balanced));
        let kind = &read[0].kinds[0];
        assert_eq!(
            (kind.opening, kind.closing),
            (Some(first.cantidad_inicial), Some(first.cantidad_final))
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_timeline_is_told_from_and_until() {
    for stock in everywhere().await {
        let bed = given_beds(&stock, 1).await[0];
        for on in [-40, -30, -20, -10] {
            photo(&stock, bed, 100, on).await;
        }
        let part = pb::GetTimelineRequest {
            from: day(-30).to_rfc3339(),
            until: day(-10).to_rfc3339(),
            ..of(bed)
        };

        let told = timeline(&stock, part).await.unwrap();
        let nothing = timeline(
            &stock,
            pb::GetTimelineRequest {
                from: day(9).to_rfc3339(),
                ..of(bed)
            },
        )
        .await
        .unwrap();
        let nowhere = timeline(
            &stock,
            pb::GetTimelineRequest {
                storage_location_id: 99,
                ..of(bed)
            },
        )
        .await;

        let begun: Vec<_> = told.periods.iter().map(|it| it.fecha).collect();
        assert_eq!(begun, [Some(at(-30)), Some(at(-20))]);
        assert_eq!(nothing.summary.unwrap(), pb::TimelineSummary::default());
        assert_eq!(nowhere.unwrap_err().code(), Code::NotFound);
        stock.stop().await;
    }
}
