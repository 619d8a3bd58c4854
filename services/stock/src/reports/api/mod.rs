//! Reads over gRPC.

mod locations;
mod stock;
mod timeline;

use demeter_clock::Clock;

use crate::database::{Connection, Store};

/// `LocationService` and `StockService`.
#[derive(Clone)]
pub struct Api {
    store: Store,
    clock: Clock,
}

// === impl Api ===

impl Api {
    /// Over a store; the time comes from outside.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    const fn connection(&self) -> &Connection {
        self.store.connection()
    }
}
