//! Every figure below was computed by hand.

use super::{Figures, Marks, Report, Tally, Truth};
use crate::detect::Found;
use crate::domain::{Estimate, Range, Rect};
use crate::evaluation::{Agreement, CountError, WithoutPlants};

type Corners = [f32; 4];

fn square(x: f32, y: f32, side: f32) -> Corners {
    [x, y, x + side, y + side]
}

fn report(boxes: &[Corners]) -> Report {
    labelled(boxes, "plant")
}

fn labelled(boxes: &[Corners], label: &str) -> Report {
    let found = |[x_min, y_min, x_max, y_max]: Corners| Found {
        label: label.to_owned(),
        confidence: 0.5,
        rect: Rect {
            x_min,
            y_min,
            x_max,
            y_max,
        },
    };
    Report {
        width_px: 1000,
        height_px: 1000,
        tile_count: 5,
        estimate: Estimate {
            plants: boxes.len() + 1,
            range: Some(Range {
                low: boxes.len(),
                high: boxes.len() + 3,
            }),
            boxes: boxes.len(),
        },
        detections: boxes.iter().copied().map(found).collect(),
    }
}

fn judge(pictures: &[(&[Corners], &[Corners])]) -> Figures {
    let mut tally = Tally::default();
    for (found, plants) in pictures {
        tally.add(
            &report(found),
            &Truth::Marked(Marks::from_corners(plants)),
            None,
        );
    }
    tally.figures()
}

fn close(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value - expected).abs() < 1e-9)
}

/// Hits, misses and false boxes.
fn sums(agreement: Agreement) -> [usize; 3] {
    [agreement.hit, agreement.missed, agreement.false_boxes]
}

#[test]
fn a_set_is_judged_as_a_whole() {
    // Four plants, of which two are hit well, one only by its centre and one not;
    // and a box on nothing. Then a picture with one plant and three boxes on it.
    let plants = [
        square(0.0, 0.0, 50.0),
        square(200.0, 0.0, 50.0),
        square(400.0, 0.0, 50.0),
        square(600.0, 0.0, 50.0),
    ];
    let found = [
        plants[0],
        square(205.0, 0.0, 50.0),
        square(415.0, 10.0, 20.0),
        square(800.0, 0.0, 50.0),
    ];
    let one = [square(0.0, 0.0, 50.0)];
    let three = [one[0], one[0], square(10.0, 0.0, 50.0)];

    let figures = judge(&[(&found, &plants), (&three, &one)]);

    assert_eq!((figures.pictures, figures.plants, figures.boxes), (2, 5, 7));
    assert_eq!(figures.windows, 10);
    let CountError { total, per_picture } = figures.count_error;
    assert!(close(total, 2.0 / 5.0), "{total:?}");
    assert!(
        close(per_picture, f64::midpoint(0.0, 2.0)),
        "{per_picture:?}"
    );
    let by_iou = figures.by_iou.unwrap();
    assert_eq!(sums(by_iou), [3, 2, 4]);
    assert!(close(by_iou.precision, 3.0 / 7.0));
    assert!(close(by_iou.recall, 3.0 / 5.0));
    assert!(close(by_iou.f1, 6.0 / 12.0));
    assert_eq!(sums(figures.by_centre.unwrap()), [4, 1, 3]);
    let nothing = WithoutPlants {
        pictures: 0,
        false_boxes: 0,
    };
    assert_eq!(figures.without_plants, nothing);
}

#[test]
fn a_plant_is_judged_in_the_band_of_its_size_and_a_false_box_in_its_own() {
    let plants = [
        square(0.0, 0.0, 10.0),
        square(100.0, 0.0, 20.0),
        square(300.0, 0.0, 300.0),
    ];
    // The first is hit by a box that is itself of the next band.
    let found = [
        square(0.0, 0.0, 13.0),
        square(700.0, 0.0, 40.0),
        square(300.0, 0.0, 300.0),
    ];

    let figures = judge(&[(&found, &plants)]);

    let bands = figures.by_size.iter();
    let bands: Vec<_> = bands.map(|band| (band.name, sums(band.by_iou))).collect();
    assert_eq!(
        bands,
        [
            ("under 12 px", [1, 0, 0]),
            ("12 to 31 px", [0, 1, 0]),
            ("32 to 95 px", [0, 0, 1]),
            ("256 px and more", [1, 0, 0]),
            ("12 px and more", [1, 1, 1]),
        ]
    );
}

#[test]
fn plants_and_pictures_are_judged_by_how_close_plants_stand() {
    let row = |gap: f32| [0.0, 1.0, 2.0].map(|n: f32| square(n * (100.0 + gap), 0.0, 100.0));
    let (apart, touching) = (row(50.0), row(0.0));
    // Two of three are found, and one false box lies on the first plant.
    let found = [touching[0], touching[1], square(0.0, 60.0, 40.0)];

    let figures = judge(&[(&apart, &apart), (&found, &touching)]);

    let bands = figures.by_crowding.iter();
    let bands: Vec<_> = bands
        .map(|band| (band.name, sums(band.by_centre)))
        .collect();
    assert_eq!(
        bands,
        [
            ("apart", [3, 0, 0]),
            ("touching", [2, 1, 0]),
            ("overlapping", [0, 0, 1]),
        ]
    );
    let pictures: Vec<_> = figures
        .pictures_by_crowding
        .iter()
        .map(|band| {
            (
                band.name,
                band.pictures,
                band.plants,
                band.count_error.total,
            )
        })
        .collect();
    assert_eq!(
        pictures,
        [("apart", 1, 3, Some(0.0)), ("touching", 1, 3, Some(0.0))]
    );
}

#[test]
fn boxes_without_a_plant_are_told_apart() {
    let figures = judge(&[
        (&[square(0.0, 0.0, 9.0), square(50.0, 0.0, 9.0)], &[]),
        (&[], &[]),
        (&[], &[square(0.0, 0.0, 9.0)]),
    ]);

    let empty = WithoutPlants {
        pictures: 2,
        false_boxes: 2,
    };
    assert_eq!(figures.without_plants, empty);
    assert!(
        close(figures.count_error.total, 1.0),
        "two boxes, one plant"
    );
    assert!(
        close(figures.count_error.per_picture, 1.0),
        "the last one only"
    );
}

#[test]
fn a_set_without_plants_has_no_shares_of_them() {
    let figures = judge(&[(&[], &[])]);

    assert_eq!(figures.count_error.total, None);
    assert_eq!(figures.count_error.per_picture, None);
    let by_iou = figures.by_iou.unwrap();
    assert_eq!(
        (by_iou.precision, by_iou.recall, by_iou.f1),
        (None, None, None)
    );
    assert!(figures.by_size.is_empty() && figures.pictures_by_crowding.is_empty());
}

#[test]
fn what_is_ignored_counts_neither_way() {
    let marks = Marks::from_yolo("0 0.05 0.05 0.1 0.1", "0 0.55 0.55 0.1 0.1", (1000, 1000));
    let found = report(&[square(0.0, 0.0, 100.0), square(510.0, 510.0, 80.0)]);
    let mut tally = Tally::default();

    tally.add(&found, &Truth::Marked(marks.unwrap()), None);

    let figures = tally.figures();
    assert_eq!((figures.plants, figures.boxes), (1, 1));
    assert_eq!(sums(figures.by_iou.unwrap()), [1, 0, 0]);
}

#[test]
fn where_only_the_number_is_known_only_the_count_is_judged() {
    let mut tally = Tally::default();
    let found = report(&[
        square(0.0, 0.0, 9.0),
        square(50.0, 0.0, 9.0),
        square(99.0, 0.0, 9.0),
    ]);

    tally.add(&found, &Truth::Count(4), None);

    let figures = tally.figures();
    assert!(close(figures.count_error.total, -0.25));
    assert_eq!(figures.by_iou, None);
    assert!(figures.by_size.is_empty());
}

#[test]
fn of_a_model_that_knows_more_only_plants_count() {
    let truth = Truth::Marked(Marks::from_corners(&[square(0.0, 0.0, 9.0)]));
    let mut tally = Tally::default();

    tally.add(
        &labelled(&[square(0.0, 0.0, 9.0)], "person"),
        &truth,
        Some(&["potted plant"]),
    );
    tally.add(
        &labelled(&[square(0.0, 0.0, 9.0)], "potted plant"),
        &truth,
        Some(&["potted plant"]),
    );

    assert_eq!(sums(tally.figures().by_iou.unwrap()), [1, 1, 0]);
}

#[test]
fn expected_numbers_and_intervals_are_measured_beside_the_boxes() {
    // Two boxes, so 3 expected and 2 to 5 held: 4 plants are; then one box, 2 expected
    // and 1 to 4 held: nothing is not.
    let boxes = [square(0.0, 0.0, 50.0), square(200.0, 0.0, 50.0)];
    let plants = [0.0, 200.0, 400.0, 600.0].map(|x| square(x, 0.0, 50.0));

    let figures = judge(&[(&boxes, &plants), (&boxes[..1], &[])]);

    let expected = figures.expected_error.unwrap();
    assert!(close(expected.total, 0.25), "5 for 4");
    assert!(close(expected.per_picture, 0.25), "3 for 4");
    let intervals = figures.intervals.unwrap();
    assert_eq!((intervals.pictures, intervals.held), (2, 1));
    assert!(close(intervals.width, 1.5), "3 and 3 for 4 plants");
}
