//! Ports for the systems that tests start, at the same time and in many processes.

use std::net::TcpListener;

/// Ports of one run. A system takes those from 0 to 24 after its base.
const RUN: u16 = 30;

/// Listened on for as long as the run is taken, and by no system.
const CLAIM: u16 = RUN - 1;

/// Below the ports that Linux gives to outgoing connections (32768 and up), one
/// of which could come between the look at a port and its use.
const BASES: std::ops::Range<u16> = 10_000..32_700;

/// A run of free ports that no other test takes until this goes.
pub(crate) struct Ports {
    pub(crate) base: u16,
    _claim: TcpListener,
}

// === impl Ports ===

impl Ports {
    /// Takes the first free run, each process looking from another one on.
    pub(crate) fn take() -> Self {
        let runs = u32::from((BASES.end - BASES.start) / RUN);
        let first = std::process::id() % runs;
        (0..runs)
            .map(|step| u16::try_from((first + step) % runs).unwrap())
            .find_map(|run| Self::at(BASES.start + run * RUN))
            .expect("a run of free ports")
    }

    fn at(base: u16) -> Option<Self> {
        let listen = |offset| TcpListener::bind(("127.0.0.1", base + offset)).ok();
        let claim = listen(CLAIM)?;
        (0..CLAIM)
            .all(|offset| listen(offset).is_some())
            .then_some(Self {
                base,
                _claim: claim,
            })
    }
}
