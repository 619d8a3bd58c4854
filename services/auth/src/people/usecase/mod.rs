//! What is done with people, one file per verb.

mod add;
mod change;

pub(crate) use add::add_user;
