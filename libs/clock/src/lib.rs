//! Time and new ids as something passed in, never called.
