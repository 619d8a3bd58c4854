//! People and roles: the rules, without I/O.

mod actor;
mod email;
mod password;
mod role;
mod user;

pub use actor::{Actor, SessionHandle};
pub use email::Email;
pub use password::{WeakPassword, check_strength, words};
pub use role::Role;
pub use user::{Name, NewUser, User, UserChange, UserId, leaves_no_admin};
