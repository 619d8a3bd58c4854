//! Between messages and the domain; every field is named.

use demeter_proto::inference::v1 as pb;

use crate::domain::{
    Detection, Estimate, ModelCard, OutOfRange, Parameters, Range, Rect, Search, Task,
};
use crate::usecase::Counted;

/// A caller's parameters; what is absent or zero is the default.
pub(super) fn parameters(
    message: Option<pb::DetectionParameters>,
    defaults: Parameters,
) -> Result<Parameters, OutOfRange> {
    let Some(message) = message else {
        return Ok(defaults);
    };
    let pb::DetectionParameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search,
    } = message;
    let mut chosen = defaults;
    if tile_size_px != 0 {
        // Tiles without overlap make sense, but only where the caller chose the tiles.
        let size = u32::try_from(tile_size_px).unwrap_or(0);
        chosen = chosen
            .with_tile_size(size)?
            .with_tile_overlap(tile_overlap)?;
    } else if tile_overlap != 0.0 {
        chosen = chosen.with_tile_overlap(tile_overlap)?;
    }
    if min_confidence != 0.0 {
        chosen = chosen.with_min_confidence(min_confidence)?;
    }
    if merge_threshold != 0.0 {
        chosen = chosen.with_merge_threshold(merge_threshold)?;
    }
    if let Some(search) = self::search(search)? {
        chosen = chosen.with_search(search);
    }
    Ok(chosen)
}

/// The search that a caller asks for; `None` where they leave it to the service.
fn search(number: i32) -> Result<Option<Search>, OutOfRange> {
    match pb::Search::try_from(number) {
        Ok(pb::Search::Unspecified) => Ok(None),
        Ok(pb::Search::Adaptive) => Ok(Some(Search::Adaptive)),
        Ok(pb::Search::Exhaustive) => Ok(Some(Search::Exhaustive)),
        Err(_unknown) => Err(OutOfRange {
            parameter: "search",
            allowed: "SEARCH_ADAPTIVE or SEARCH_EXHAUSTIVE",
        }),
    }
}

/// A count as a message.
pub(super) fn response(counted: Counted, model: &ModelCard) -> pb::CountPlantsResponse {
    let Counted {
        detections,
        estimate,
        size,
        window_count,
        parameters,
    } = counted;
    let found = detections.into_iter();
    pb::CountPlantsResponse {
        detections: found
            .map(|found| detection(found, &model.classes))
            .collect(),
        width_px: count(size.width),
        height_px: count(size.height),
        tile_count: count(window_count),
        model: Some(card(model)),
        parameters: Some(pb::DetectionParameters {
            tile_size_px: count(parameters.tile_size()),
            tile_overlap: parameters.tile_overlap(),
            min_confidence: parameters.min_confidence(),
            merge_threshold: parameters.merge_threshold(),
            search: searched(parameters.search()).into(),
        }),
        estimate: Some(self::estimate(estimate)),
    }
}

fn estimate(estimate: Estimate) -> pb::Estimate {
    let Estimate {
        plants,
        range,
        boxes,
    } = estimate;
    let (low, high) = range.map(|Range { low, high }| (low, high)).unzip();
    pb::Estimate {
        plants: count(plants),
        plants_low: low.map(count),
        plants_high: high.map(count),
        boxes: count(boxes),
    }
}

fn searched(search: Search) -> pb::Search {
    match search {
        Search::Adaptive => pb::Search::Adaptive,
        Search::Exhaustive => pb::Search::Exhaustive,
    }
}

fn detection(found: Detection, classes: &[String]) -> pb::Detection {
    let Detection {
        rect,
        confidence,
        class,
    } = found;
    pb::Detection {
        r#box: Some(boxed(rect)),
        confidence,
        label: classes.get(class).cloned().unwrap_or_default(),
    }
}

fn boxed(
    Rect {
        x_min,
        y_min,
        x_max,
        y_max,
    }: Rect,
) -> pb::Box {
    pb::Box {
        x_min,
        y_min,
        x_max,
        y_max,
    }
}

/// A model as a message.
pub(super) fn card(model: &ModelCard) -> pb::Model {
    let ModelCard {
        name,
        version,
        task,
        classes,
        sha256,
        calibrated,
    } = model;
    let task = match task {
        Task::Detect => pb::Task::Detect,
        Task::Segment => pb::Task::Segment,
    };
    pb::Model {
        name: name.clone(),
        version: version.clone(),
        task: task.into(),
        classes: classes.clone(),
        sha256: sha256.clone(),
        calibrated: *calibrated,
    }
}

fn count<T: TryInto<i32>>(value: T) -> i32 {
    value.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use demeter_proto::inference::v1 as pb;

    use super::parameters;
    use crate::domain::{Parameters, Search};

    #[test]
    fn what_is_absent_or_zero_is_the_default() {
        let defaults = Parameters::default();
        let chosen = pb::DetectionParameters {
            min_confidence: 0.4,
            ..pb::DetectionParameters::default()
        };

        assert_eq!(parameters(None, defaults), Ok(defaults));
        let expected = defaults.with_min_confidence(0.4);
        assert_eq!(parameters(Some(chosen), defaults), expected);
    }

    #[test]
    fn who_chooses_tiles_may_choose_them_without_overlap() {
        let chosen = pb::DetectionParameters {
            tile_size_px: 512,
            ..pb::DetectionParameters::default()
        };

        let chosen = parameters(Some(chosen), Parameters::default()).unwrap();

        assert_eq!(chosen.tile_size(), 512);
        assert!(chosen.tile_overlap().abs() < f32::EPSILON);
    }

    #[test]
    fn who_asks_for_an_exhaustive_search_gets_one() {
        let asked = |search: i32| {
            let message = pb::DetectionParameters {
                search,
                ..pb::DetectionParameters::default()
            };
            parameters(Some(message), Parameters::default())
        };

        let exhaustive = asked(pb::Search::Exhaustive.into()).unwrap();
        assert_eq!(exhaustive.search(), Search::Exhaustive);
        assert_eq!(asked(0).unwrap().search(), Search::Adaptive);
        assert!(asked(7).is_err());
    }

    #[test]
    fn a_negative_tile_is_refused() {
        let chosen = pb::DetectionParameters {
            tile_size_px: -1,
            ..pb::DetectionParameters::default()
        };

        assert!(parameters(Some(chosen), Parameters::default()).is_err());
    }
}
