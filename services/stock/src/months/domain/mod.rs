//! What a month's books say, and what follows from it: rules, no I/O.

pub mod act;
pub mod books;
pub mod flow;
pub mod month;
pub mod proposal;
pub mod sales;
mod share;
