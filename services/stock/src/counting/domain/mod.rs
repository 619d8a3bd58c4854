//! How densely plants stand, and what people counted together.

pub mod density;
pub mod session;
