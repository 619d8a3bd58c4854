//! People and roles: the rules, without I/O.

mod email;
mod password;
mod role;
mod user;

pub use email::Email;
pub use password::{WeakPassword, check_strength};
pub use role::Role;
pub use user::{Name, NewUser, User, UserChange, UserId, leaves_no_admin};
