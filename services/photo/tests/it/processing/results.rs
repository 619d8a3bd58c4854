//! What a count rests on, as rows.

use demeter_photo::ports::{Count, Detection, Estimate, Rect, SessionId};
use demeter_photo::processing::store::results;
use demeter_proto::photo::v1::ProcessingStatus as Status;

use crate::pictures::images::jpeg;
use crate::support::{Photo, three_plants};

fn plant(number: u16) -> Detection {
    let at = f32::from(number) / 3.0;
    Detection {
        rect: Rect {
            x_min: at,
            y_min: at + 0.1,
            x_max: at + 8.2,
            y_max: at + 8.3,
        },
        confidence: 1.0 - f32::from(number) / 3_000.0,
        label: format!("plant \"{}\", {{{number}}}", number % 7),
    }
}

/// More than one INSERT takes on SQLite, with what arrays must quote.
#[tokio::test]
async fn a_count_of_thousands_reads_back_as_it_was() {
    for photo in Photo::all().await {
        let count = Count {
            detections: (0..2_500).map(plant).collect(),
            ..three_plants()
        };
        *photo.inference.finds.lock().unwrap() = Some(count.clone());
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;

        photo.work().await;

        let session = SessionId(stored.session_id.parse().unwrap());
        let (kept, counted_at) = results::find(&photo.store, session).await.unwrap().unwrap();
        assert_eq!(kept, count, "{}", photo.database_url());
        assert_eq!(counted_at, photo.clock.now());
    }
}

#[tokio::test]
async fn an_empty_bed_has_a_count_of_none_and_no_batch_to_name() {
    for photo in Photo::all().await {
        let nothing = Count {
            estimate: Estimate::default(),
            detections: Vec::new(),
            ..three_plants()
        };
        *photo.inference.finds.lock().unwrap() = Some(nothing);
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;

        photo.work().await;

        let told = photo.progress(&stored.session_id).await.photo.unwrap();
        assert_eq!((told.total_detected, told.avg_confidence), (Some(0), None));
        assert_eq!((told.status(), told.batch_id), (Status::Posted, None));
        assert_eq!(photo.stock.postings.lock().unwrap()[0].estimate.plants, 0);
    }
}
