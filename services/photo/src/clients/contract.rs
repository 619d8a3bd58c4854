//! A count in the words of the inference contract, which are also the words of our own
//! answers: both ways, field by field.

use demeter_proto::inference::v1 as pb;

use crate::ports::{Detection, Estimate, Model, Parameters, Range, Rect};

/// Where both sides say the same in the same words. A field that only one of them has
/// does not build.
macro_rules! same_words {
    ($ours:ident, $theirs:ident { $($field:ident),+ }) => {
        impl From<pb::$theirs> for $ours {
            fn from(pb::$theirs { $($field),+ }: pb::$theirs) -> Self {
                Self { $($field),+ }
            }
        }

        impl From<$ours> for pb::$theirs {
            fn from($ours { $($field),+ }: $ours) -> Self {
                Self { $($field),+ }
            }
        }
    };
}

same_words!(
    Model,
    Model {
        name,
        version,
        task,
        classes,
        sha256,
        calibrated
    }
);
same_words!(
    Parameters,
    DetectionParameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search
    }
);

same_words!(
    Rect,
    Box {
        x_min,
        y_min,
        x_max,
        y_max
    }
);

/// A plant without a box cannot be shown, and does not come.
pub(super) fn detection(found: pb::Detection) -> Option<Detection> {
    let pb::Detection {
        r#box,
        confidence,
        label,
    } = found;
    Some(Detection {
        rect: r#box?.into(),
        confidence,
        label,
    })
}

impl From<Detection> for pb::Detection {
    fn from(detection: Detection) -> Self {
        let Detection {
            rect,
            confidence,
            label,
        } = detection;
        Self {
            r#box: Some(rect.into()),
            confidence,
            label,
        }
    }
}

impl From<pb::Estimate> for Estimate {
    fn from(estimate: pb::Estimate) -> Self {
        Self {
            plants: estimate.plants.max(0),
            range: Range::of(estimate.plants_low, estimate.plants_high),
            boxes: estimate.boxes.max(0),
        }
    }
}

impl From<Estimate> for pb::Estimate {
    fn from(estimate: Estimate) -> Self {
        let Estimate {
            plants,
            range,
            boxes,
        } = estimate;
        Self {
            plants,
            plants_low: range.map(|range| range.low),
            plants_high: range.map(|range| range.high),
            boxes,
        }
    }
}
