//! Where plants stand, as stock knows it.

/// Names a location of the stock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocationId(i32);

/// Where a photo belongs, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The location.
    pub location: LocationId,
    /// Number of locations that the photo's position fits: above 1 it is
    /// ambiguous, and 0 when a person said where it belongs.
    pub candidates: i32,
}

/// A point on the earth, WGS 84. Never (0, 0), which broken cameras write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    longitude: f64,
    latitude: f64,
}

// === impl LocationId ===

impl LocationId {
    /// A location's key is above zero; zero stands for none on the wire.
    pub fn new(id: i32) -> Option<Self> {
        (id > 0).then_some(Self(id))
    }

    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }
}

// === impl Place ===

impl Place {
    /// As a person said.
    pub fn stated(location: LocationId) -> Self {
        Self {
            location,
            candidates: 0,
        }
    }
}

// === impl Position ===

impl Position {
    /// `None` when a coordinate is out of range or both are zero.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let on_earth = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        let broken = longitude == 0.0 && latitude == 0.0;
        (on_earth && !broken).then_some(Self {
            longitude,
            latitude,
        })
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_that_no_camera_can_have_is_none() {
        for (longitude, latitude) in [
            (0.0, 0.0),
            (180.1, 0.0),
            (0.0, -90.1),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
        ] {
            assert_eq!(
                Position::new(longitude, latitude),
                None,
                "{longitude} {latitude}"
            );
        }
        assert!(Position::new(-71.25, -30.5).is_some());
        assert!(Position::new(0.0, 51.5).is_some(), "Greenwich is a place");
    }
}
