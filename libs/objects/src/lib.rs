//! Puts, gets and presigns objects, in S3 or a local directory.
