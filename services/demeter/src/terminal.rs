//! What the person at the terminal reads.

/// A line of progress for the person who waits.
#[expect(
    clippy::print_stderr,
    reason = "a command line program speaks to its user"
)]
pub(crate) fn progress(line: &str) {
    eprintln!("  {line}");
}

/// A line of the command's output.
#[expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user"
)]
pub(crate) fn print(line: &str) {
    println!("{line}");
}
