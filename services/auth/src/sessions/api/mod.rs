//! `SessionService`.

mod handlers;
