//! People, roles and sessions: the rules, without I/O.

mod email;
mod password;
mod role;
mod session;
mod user;

pub use email::{Email, NotAnEmail};
pub use password::{WeakPassword, check_strength};
pub use role::{Role, UnknownRole, rights_of_service};
pub use session::{RefreshToken, Session, SessionId, Standing, TokenHash};
pub use user::{Name, NewUser, User, UserChange, UserId, leaves_no_admin};
