//! Figures as text, one table for each kind of set.

use demeter_inference::evaluation::{Agreement, Band, CountError, Figures, Intervals, PictureBand};

use super::manifest::Kind;
use super::{Evaluation, Measured};

const HEAD: [&str; 15] = [
    "set",
    "pictures",
    "plants",
    "boxes",
    "error",
    "per picture",
    "expected",
    "per picture",
    "95 % held, width",
    "F1 iou",
    "P",
    "R",
    "F1 centre",
    "false on empty",
    "windows",
];

/// Everything that a model made of the sets.
pub(super) fn of(evaluation: &Evaluation) -> String {
    let Evaluation {
        model,
        version,
        sha256: _,
        labels,
        min_confidence,
        search,
        sets,
    } = evaluation;
    let mut text =
        format!("{model} {version}, {search} search, boxes of {min_confidence} and more");
    if let Some(labels) = labels {
        text.extend([", of which ", &labels.join(" and "), " are plants"]);
    }
    text.push('\n');
    for (title, kind, trained_on) in [
        ("real, not trained on", Kind::Real, false),
        ("rendered, not trained on", Kind::Rendered, false),
        ("composed, not trained on", Kind::Composed, false),
        ("real, trained on", Kind::Real, true),
        ("rendered, trained on", Kind::Rendered, true),
        ("composed, trained on", Kind::Composed, true),
    ] {
        let alike = |set: &&Measured| set.kind == kind && set.trained_on == trained_on;
        let sets: Vec<&Measured> = sets.iter().filter(alike).collect();
        if !sets.is_empty() {
            text.extend(["\n", title, "\n"]);
            text.push_str(&table(&sets));
        }
    }
    text
}

fn table(sets: &[&Measured]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(sets.iter().map(|set| row(&set.name, &set.figures)));
    let mut text = aligned(&rows);
    for set in sets {
        text.push_str(&bands(set));
    }
    text
}

fn row(name: &str, figures: &Figures) -> Vec<String> {
    let Figures {
        pictures,
        plants,
        boxes,
        windows,
        count_error: CountError { total, per_picture },
        expected_error,
        intervals,
        by_iou,
        by_centre,
        by_size: _,
        by_crowding: _,
        pictures_by_crowding: _,
        without_plants,
    } = figures;
    let of_iou = |part: fn(Agreement) -> Option<f64>| share(by_iou.and_then(part));
    let empty = without_plants.pictures > 0;
    vec![
        name.to_owned(),
        pictures.to_string(),
        plants.to_string(),
        boxes.to_string(),
        signed_percent(*total),
        percent(*per_picture),
        signed_percent(expected_error.and_then(|error| error.total)),
        percent(expected_error.and_then(|error| error.per_picture)),
        intervals.as_ref().map_or_else(|| "-".to_owned(), held),
        of_iou(|iou| iou.f1),
        of_iou(|iou| iou.precision),
        of_iou(|iou| iou.recall),
        share(by_centre.and_then(|centre| centre.f1)),
        if empty {
            format!(
                "{} on {}",
                without_plants.false_boxes, without_plants.pictures
            )
        } else {
            "-".to_owned()
        },
        windows.to_string(),
    ]
}

fn held(intervals: &Intervals) -> String {
    let Intervals {
        pictures,
        held,
        width,
    } = intervals;
    format!("{held} of {pictures}, {}", percent(*width))
}

/// A set's plants and pictures by size and crowding, in lines of their own.
fn bands(set: &Measured) -> String {
    let figures = &set.figures;
    let mut rows = Vec::new();
    rows.extend(figures.by_size.iter().map(band));
    rows.extend(figures.by_crowding.iter().map(band));
    rows.extend(figures.pictures_by_crowding.iter().map(picture_band));
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "",
        "plants",
        "F1 iou",
        "P",
        "R",
        "F1 centre",
        "error",
        "per picture",
    ];
    rows.insert(0, head.map(str::to_owned).to_vec());
    format!("\n  {}\n{}", set.name, indented(&aligned(&rows)))
}

fn band(band: &Band) -> Vec<String> {
    let Band {
        name,
        by_iou,
        by_centre,
    } = band;
    vec![
        (*name).to_owned(),
        (by_iou.hit + by_iou.missed).to_string(),
        share(by_iou.f1),
        share(by_iou.precision),
        share(by_iou.recall),
        share(by_centre.f1),
    ]
}

fn picture_band(band: &PictureBand) -> Vec<String> {
    let PictureBand {
        name,
        pictures,
        plants,
        count_error,
    } = band;
    let nothing = || "-".to_owned();
    vec![
        format!("pictures {name}: {pictures}"),
        plants.to_string(),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        signed_percent(count_error.total),
        percent(count_error.per_picture),
    ]
}

/// Columns as wide as they need to be; the first one to the left, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn indented(text: &str) -> String {
    let lines = text.lines().flat_map(|line| ["  ", line, "\n"]);
    lines.collect()
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

fn signed_percent(share: Option<f64>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |share| format!("{:+.1} %", 100.0 * share),
    )
}
