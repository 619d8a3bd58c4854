//! What is decided, one file per verb.

mod admit;
mod issue_service_token;

pub(crate) use admit::{Admission, Claims, Demand, Denial};
