//! Outlines on the ground: simple polygons in WGS 84, counter-clockwise.

use geo::algorithm::{Centroid as _, Validation as _, Winding as _};
use geo::{
    Distance as _, Euclidean, GeodesicArea as _, Haversine, Intersects as _, LineString, Point,
    Polygon,
};

/// How far a child's corner may lie outside its parent, in degrees: about 0.2 m.
/// Drawn maps are not closer than that.
const TOLERANCE_DEGREES: f64 = 2e-6;

/// A ring with more positions is no bed.
const MOST_POSITIONS: usize = 2_000;

/// Longitude and latitude in degrees.
pub type Position = [f64; 2];

/// A simple polygon without holes: closed, valid, counter-clockwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    ring: Vec<Position>,
    centroid: Position,
    area_m2: f64,
}

/// Why positions are no outline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoOutline(String);

// === impl Outline ===

impl Outline {
    /// Checks a ring and turns it counter-clockwise.
    pub fn new(ring: Vec<Position>) -> Result<Self, NoOutline> {
        check_positions(&ring)?;
        let mut line = LineString::from(ring);
        line.make_ccw_winding();
        let polygon = Polygon::new(line, Vec::new());
        if let Err(fault) = polygon.check_validation() {
            return Err(NoOutline(format!("the polygon is not simple: {fault}")));
        }
        let centroid = polygon
            .centroid()
            .ok_or_else(|| NoOutline("the polygon has no area".to_owned()))?;
        let area_m2 = polygon.geodesic_area_unsigned();
        if !(area_m2.is_finite() && area_m2 > 0.0) {
            return Err(NoOutline("the polygon has no area".to_owned()));
        }
        let ring = polygon.exterior().coords().map(|at| [at.x, at.y]).collect();
        Ok(Self {
            ring,
            centroid: [centroid.x(), centroid.y()],
            area_m2,
        })
    }

    /// An outline that was checked before it was stored.
    pub fn stored(ring: Vec<Position>, centroid: Position, area_m2: f64) -> Self {
        Self {
            ring,
            centroid,
            area_m2,
        }
    }

    /// The closed ring.
    pub fn ring(&self) -> &[Position] {
        &self.ring
    }

    /// Centre of mass.
    pub const fn centroid(&self) -> Position {
        self.centroid
    }

    /// Square metres on the ground.
    pub const fn area_m2(&self) -> f64 {
        self.area_m2
    }

    /// Whether a point lies inside or on the boundary.
    pub fn covers(&self, at: Position) -> bool {
        self.polygon().intersects(&Point::from(at))
    }

    /// Whether another outline lies inside, give or take drawing precision.
    pub fn contains(&self, other: &Self) -> bool {
        let polygon = self.polygon();
        other
            .ring
            .iter()
            .all(|at| Euclidean.distance(&Point::from(*at), &polygon) <= TOLERANCE_DEGREES)
    }

    /// Metres from a point to the centroid.
    pub fn centroid_distance_m(&self, from: Position) -> f64 {
        Haversine.distance(Point::from(from), Point::from(self.centroid))
    }

    fn polygon(&self) -> Polygon {
        Polygon::new(LineString::from(self.ring.clone()), Vec::new())
    }
}

fn check_positions(ring: &[Position]) -> Result<(), NoOutline> {
    if ring.len() < 4 {
        return Err(NoOutline(format!(
            "a ring needs at least 4 positions, this one has {}",
            ring.len()
        )));
    }
    if ring.len() > MOST_POSITIONS {
        return Err(NoOutline(format!(
            "a ring may have {MOST_POSITIONS} positions, this one has {}",
            ring.len()
        )));
    }
    for [longitude, latitude] in ring {
        if !(-180.0..=180.0).contains(longitude) || !(-90.0..=90.0).contains(latitude) {
            return Err(NoOutline(format!(
                "[{longitude}, {latitude}] is no longitude and latitude"
            )));
        }
    }
    if ring.first() != ring.last() {
        return Err(NoOutline(
            "the ring is not closed: repeat the first position at the end".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn square(west: f64, south: f64, side: f64) -> Vec<Position> {
        let (east, north) = (west + side, south + side);
        vec![
            [west, south],
            [east, south],
            [east, north],
            [west, north],
            [west, south],
        ]
    }

    #[test]
    fn a_clockwise_ring_is_turned() {
        let mut clockwise = square(-68.0, -33.0, 0.001);
        clockwise.reverse();

        let second = Outline::new(clockwise).unwrap().ring()[1];
        assert!((second[0] + 67.999).abs() < 1e-9 && (second[1] + 33.0).abs() < 1e-9);
    }

    #[test]
    fn area_is_in_square_metres_on_the_ground() {
        // A thousandth of a degree is 110.6 m by 111.3 m at the equator.
        let outline = Outline::new(square(0.0, 0.0, 0.001)).unwrap();

        assert!(
            (outline.area_m2() - 12_309.0).abs() < 5.0,
            "{}",
            outline.area_m2()
        );
    }

    #[test]
    fn what_is_no_simple_polygon_is_refused() {
        let bow_tie = vec![[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]];
        let open = vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let flat = vec![[0.0, 0.0], [1.0, 0.0], [0.5, 0.0], [0.0, 0.0]];
        let far = vec![[0.0, 0.0], [200.0, 0.0], [1.0, 1.0], [0.0, 0.0]];
        let unreal = vec![[0.0, 0.0], [f64::NAN, 0.0], [1.0, 1.0], [0.0, 0.0]];

        for ring in [
            bow_tie,
            open,
            flat,
            far,
            unreal,
            vec![[0.0, 0.0]; 3],
            vec![[0.0, 0.0]; 5],
        ] {
            assert!(Outline::new(ring.clone()).is_err(), "{ring:?}");
        }
    }

    #[test]
    fn the_boundary_is_covered() {
        let outline = Outline::new(square(0.0, 0.0, 1.0)).unwrap();

        assert!(outline.covers([0.0, 0.5]) && outline.covers([1.0, 1.0]));
        assert!(!outline.covers([1.000_001, 0.5]));
    }

    #[test]
    fn a_child_may_stick_out_by_a_hand_but_not_by_a_metre() {
        let parent = Outline::new(square(0.0, 0.0, 0.001)).unwrap();

        assert!(parent.contains(&Outline::new(square(-1e-6, 0.0, 0.0005)).unwrap()));
        assert!(!parent.contains(&Outline::new(square(-1e-5, 0.0, 0.0005)).unwrap()));
    }

    proptest! {
        #[test]
        fn any_numbers_give_an_answer(ring in prop::collection::vec([any::<f64>(), any::<f64>()], 0..12)) {
            let _answer = Outline::new(ring).map(|outline| outline.contains(&outline));
        }

        #[test]
        fn near_numbers_give_an_answer(mut ring in prop::collection::vec([-2.0..2.0f64, -2.0..2.0f64], 3..8)) {
            ring.push(ring[0]);
            if let Ok(outline) = Outline::new(ring) {
                prop_assert!(outline.area_m2() > 0.0);
                prop_assert!(outline.contains(&outline));
            }
        }
    }
}
