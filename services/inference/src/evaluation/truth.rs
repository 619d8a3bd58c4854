//! What a picture really shows, as people or a generator marked it.

use crate::domain::{Rect, Size};

/// What a picture shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// So many plants; nobody marked where.
    Count(usize),
    /// A box around each plant.
    Marked(Marks),
}

/// The boxes of a picture, in its pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Around one plant each.
    pub(crate) plants: Vec<Rect>,
    /// Around what counts neither way: a plant cut to a sliver, say.
    pub(crate) ignored: Vec<Rect>,
}

/// Why marks could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A line of a YOLO file is not `class cx cy w h`.
    #[error("line {0} is not `class cx cy w h` with numbers from 0 to 1")]
    Line(usize),
    /// A `bndbox` of a Pascal VOC file lacks a side, or one is no number.
    #[error("box {0} has no number for {1}")]
    Side(usize, &'static str),
}

// === impl Truth ===

impl Truth {
    /// How many plants there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Marked(marks) => marks.plants.len(),
        }
    }
}

// === impl Marks ===

impl Marks {
    /// Boxes given by their left, top, right and bottom edge in pixels.
    pub fn from_corners(boxes: &[[f32; 4]]) -> Self {
        Self {
            plants: boxes.iter().copied().map(corners).collect(),
            ignored: Vec::new(),
        }
    }

    /// YOLO marks of a picture of this size: one line `class cx cy w h` per plant,
    /// in shares of the picture's sides, whatever the class; and another such text
    /// with the boxes that count neither way.
    pub fn from_yolo(
        plants: &str,
        ignored: &str,
        (width_px, height_px): (u32, u32),
    ) -> Result<Self, Malformed> {
        let size = Size {
            width: width_px,
            height: height_px,
        };
        Ok(Self {
            plants: yolo(plants, size)?,
            ignored: yolo(ignored, size)?,
        })
    }

    /// The `bndbox`es of a Pascal VOC file, whatever the object's name.
    pub fn from_voc(xml: &str) -> Result<Self, Malformed> {
        let objects = xml.split("<bndbox>").skip(1).enumerate();
        let plants = objects.map(|(index, object)| {
            let side = |name| side(object, name).ok_or(Malformed::Side(index + 1, name));
            let [left, top] = [side("xmin")?, side("ymin")?];
            Ok(corners([left, top, side("xmax")?, side("ymax")?]))
        });
        Ok(Self {
            plants: plants.collect::<Result<_, _>>()?,
            ignored: Vec::new(),
        })
    }
}

fn corners([x_min, y_min, x_max, y_max]: [f32; 4]) -> Rect {
    Rect {
        x_min,
        y_min,
        x_max,
        y_max,
    }
}

fn yolo(text: &str, size: Size) -> Result<Vec<Rect>, Malformed> {
    let lines = text.lines().enumerate();
    let boxes = lines.filter(|(_, line)| !line.trim().is_empty());
    boxes
        .map(|(index, line)| yolo_line(line, size).ok_or(Malformed::Line(index + 1)))
        .collect()
}

fn yolo_line(line: &str, size: Size) -> Option<Rect> {
    let mut words = line.split_whitespace();
    let _class: u32 = words.next()?.parse().ok()?;
    let shares: Vec<f32> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [x, y, width, height] = *shares.as_slice() else {
        return None;
    };
    if !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
        return None;
    }
    let frame = size.rect();
    Some(Rect {
        x_min: (x - width / 2.0) * frame.x_max,
        y_min: (y - height / 2.0) * frame.y_max,
        x_max: (x + width / 2.0) * frame.x_max,
        y_max: (y + height / 2.0) * frame.y_max,
    })
}

/// The number within the first element of this name.
fn side(xml: &str, name: &str) -> Option<f32> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (number, _) = rest.split_once('<')?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Marks, Truth};

    #[test]
    fn yolo_marks_are_shares_of_the_picture() {
        let plants = "0 0.5 0.5 0.2 0.4\n\n3 0.25 0.75 0.1 0.1\n";

        let marks = Marks::from_yolo(plants, "", (200, 100)).unwrap();

        let corners = [[80.0, 30.0, 120.0, 70.0], [40.0, 70.0, 60.0, 80.0]];
        for (plant, [x_min, y_min, x_max, y_max]) in marks.plants.iter().zip(corners) {
            assert!((plant.x_min - x_min).abs() < 1e-3, "{plant:?}");
            assert!((plant.y_min - y_min).abs() < 1e-3, "{plant:?}");
            assert!((plant.x_max - x_max).abs() < 1e-3, "{plant:?}");
            assert!((plant.y_max - y_max).abs() < 1e-3, "{plant:?}");
        }
        assert_eq!(marks.plants.len(), 2);
    }

    #[test]
    fn an_empty_yolo_file_says_that_there_is_no_plant() {
        let marks = Marks::from_yolo("", "0 0.5 0.5 1 1", (9, 9)).unwrap();

        assert_eq!(Truth::Marked(marks).count(), 0);
    }

    #[test]
    fn what_is_no_yolo_line_is_named() {
        for (text, line) in [
            ("0 0.5 0.5 0.1", 1),
            ("0 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1 1.2", 2),
            ("plant 0.5 0.5 0.1 0.1", 1),
        ] {
            let refused = Marks::from_yolo(text, "", (9, 9)).unwrap_err();
            assert_eq!(refused, Malformed::Line(line), "{text}");
        }
    }

    #[test]
    fn pascal_voc_boxes_are_read() {
        let object = |sides: &str| format!("<object><bndbox>\n{sides}</bndbox></object>");
        let whole = object("<xmin>7</xmin><ymin> 8 </ymin><xmax>20</xmax><ymax>30.5</ymax>");
        let part = object("<xmin>7</xmin>");

        let marks = Marks::from_voc(&format!("<annotation>{whole}</annotation>")).unwrap();
        let refused = Marks::from_voc(&format!("{whole}{part}")).unwrap_err();

        assert_eq!(marks, Marks::from_corners(&[[7.0, 8.0, 20.0, 30.5]]));
        assert_eq!(refused, Malformed::Side(2, "ymin"));
    }
}
