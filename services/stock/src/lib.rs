//! Owns places, catalogue, prices, batches and the movement ledger.
