//! What is done with sessions, one file per verb.

mod log_in;
mod log_out;
mod purge;
mod refresh;
