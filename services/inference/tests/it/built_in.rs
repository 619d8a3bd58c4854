//! The weights that come with the project.

use std::path::{Path, PathBuf};

use demeter_inference::{Parameters, detect, load};
use demeter_testkit::shared_file;
use demeter_yolo::DeviceChoice;

/// The photo that comes with the project, and how many plants it shows.
pub(crate) struct DemoBed {
    pub(crate) photo: Vec<u8>,
    plants: usize,
}

// === impl DemoBed ===

impl DemoBed {
    pub(crate) fn read() -> Self {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demeter/demo");
        let truth = std::fs::read(demo.join("bed.truth.json")).unwrap();
        let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
        Self {
            photo: std::fs::read(demo.join("bed.jpg")).unwrap(),
            plants: usize::try_from(truth["plants"].as_u64().unwrap()).unwrap(),
        }
    }

    /// Within a tenth.
    pub(crate) fn assert_counted(&self, counted: usize) {
        let plants = self.plants;
        assert!(
            counted.abs_diff(plants) * 10 <= plants,
            "{counted} instead of {plants}"
        );
    }
}

pub(crate) fn built_in_weights() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/plant-n.safetensors")
}

/// Plants found in a photo by the built-in weights.
fn count(photo: &[u8]) -> usize {
    let loaded = load(None, DeviceChoice::Cpu).unwrap();
    let report = detect::run(photo, &loaded, &Parameters::default()).unwrap();
    report.detections.len()
}

#[test]
fn the_built_in_weights_know_plants_and_their_version() {
    let loaded = load(None, DeviceChoice::Cpu).unwrap();

    assert_eq!(loaded.card.name, "plant-n");
    assert_eq!(loaded.card.classes, ["plant"]);
    assert!(loaded.model.spec().version.is_some());
}

#[test]
fn the_demo_bed_is_counted_within_a_tenth() {
    let demo = DemoBed::read();

    demo.assert_counted(count(&demo.photo));
}

#[test]
fn the_built_in_weights_say_how_sure_they_are() {
    let demo = DemoBed::read();
    let loaded = load(None, DeviceChoice::Cpu).unwrap();

    let said = detect::run(&demo.photo, &loaded, &Parameters::default()).unwrap();

    let range = said.estimate.range.unwrap();
    assert!(
        (range.low..=range.high).contains(&demo.plants),
        "{}",
        said.estimate
    );
    assert!(
        range.high - range.low < demo.plants / 4,
        "{}",
        said.estimate
    );
}

#[test]
fn a_real_tray_of_nineteen_seedlings_is_counted_within_two() {
    let Some(photo) = shared_file("photos/tray_arabidopsis_19_plants.jpg") else {
        return;
    };

    let counted = count(&std::fs::read(photo).unwrap());

    assert!(counted.abs_diff(19) <= 2, "{counted} instead of 19");
}
