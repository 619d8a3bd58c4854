//! Turns the logs, traces and metrics of a process on, and flushes them off.
