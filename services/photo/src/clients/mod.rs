//! The other services over gRPC. Every call has a deadline and a biscuit that
//! is good for this RPC and this minute only.

mod contract;
mod identity;
mod inference;
mod status;
mod stock;

pub use identity::ServiceIdentity;
pub use inference::InferenceClient;
pub use stock::StockClient;
