//! Wakes workers and shares short-lived facts, through Redis or in process; never the truth.
