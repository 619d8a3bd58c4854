//! `UserService`.

mod convert;
mod handlers;

use std::sync::Arc;

use demeter_identity::Caller;
use tonic::{Request, Status};

use crate::error::{Error, Rejected};
use crate::people::domain::Actor;
use crate::people::usecase::People;

/// `UserService` over its use cases.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    people: Arc<People>,
}

/// The person who calls; NOT_SIGNED_IN for a service.
pub(crate) fn actor<T>(request: &Request<T>) -> Result<Actor, Status> {
    let actor = Actor::of(&Caller::of(request)?);
    actor.ok_or_else(|| Error::from(Rejected::NotSignedIn).into())
}

// === impl Api ===

impl Api {
    /// Serves these use cases.
    pub(crate) fn new(people: People) -> Self {
        Self {
            people: Arc::new(people),
        }
    }
}
