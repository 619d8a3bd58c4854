//! Whole models: parity with PyTorch, every family member, hostile files.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

mod family;
mod hostile;
mod parity;
mod pictures;
