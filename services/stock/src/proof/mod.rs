//! Shows that the ledger is true: to its operator, law by law, and to a stranger who
//! has nothing but a file.

mod export;
mod laws;

pub use export::{Exported, export};
pub use laws::{LAWS, Law, Violation, violations};
