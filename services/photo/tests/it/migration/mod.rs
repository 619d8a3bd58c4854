//! Databases that earlier versions left behind.

mod m0002;
