//! `UserService`.

mod handlers;
