//! Whole models: parity with PyTorch, every family member, hostile files.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]
#![expect(clippy::print_stderr, reason = "the measured errors are worth reading")]

mod cuda;
mod family;
mod hostile;
mod parity;
mod pictures;
