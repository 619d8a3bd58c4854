//! What a calibration is worth, as text.

use demeter_inference::calibrate::{Row, Table};

const HEAD: &str =
    "pictures  plants | boxes     sum   each | expected     sum   each | held  width";

/// A line for each set that has a name, and one for all pictures.
pub(super) fn text(table: &Table, names: &[String]) -> String {
    let sets = names.iter().enumerate();
    let rows = sets.filter_map(|(set, name)| Some((name.as_str(), table.sets.get(&set)?)));
    let rows: Vec<(&str, &Row)> = rows.chain([("all", &table.all)]).collect();
    let wide = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("{:wide$}  {HEAD}", "");
    for (name, row) in rows {
        text.extend(["\n", &format!("{name:wide$}  "), &line(row)]);
    }
    text
}

/// `sum` is what all pictures together are off by, `each` what they are off by one by
/// one, both as shares of the plants; `width` is the interval's as a share of them.
fn line(row: &Row) -> String {
    let Row {
        photos,
        plants,
        boxes,
        expected,
        boxes_off,
        expected_off,
        intervals,
        held,
        width,
    } = *row;
    let share = |part: f64, whole: usize| {
        if whole == 0 {
            return format!("{:>6}", "-");
        }
        format!("{:>5.1}%", 100.0 * part / number(whole))
    };
    let off = |found: usize| {
        if plants == 0 {
            return format!("{:>7}", "-");
        }
        format!(
            "{:>+6.1}%",
            100.0 * (number(found) - number(plants)) / number(plants)
        )
    };
    format!(
        "{photos:>8} {plants:>7} | {boxes:>5} {} {} | {expected:>8} {} {} | {} {}",
        off(boxes),
        share(number(boxes_off), plants),
        off(expected),
        share(number(expected_off), plants),
        share(number(held), intervals),
        share(number(width), plants),
    )
}

#[expect(clippy::cast_precision_loss, reason = "a number of plants")]
fn number(count: usize) -> f64 {
    count as f64
}
