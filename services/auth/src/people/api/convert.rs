//! Between the proto and people; fails by field, names every field.

use demeter_proto::auth::v1 as pb;
use secrecy::SecretString;
use uuid::Uuid;

use crate::error::Error;
use crate::grpc::{invalid, timestamp};
use crate::people::domain::{Name, NewUser, Role, User, UserChange, UserId};

/// Someone to be added, and their password.
pub(super) fn new_user(request: pb::CreateUserRequest) -> Result<(NewUser, SecretString), Error> {
    let pb::CreateUserRequest {
        email,
        password,
        first_name,
        last_name,
        role,
    } = request;
    let email = email.parse().map_err(|error| invalid("email", &error))?;
    let role = match pb::Role::try_from(role) {
        Ok(pb::Role::Unspecified) => Role::Worker,
        Ok(role) => known_role(role)?,
        Err(error) => return Err(invalid("role", &error)),
    };
    let name = Name {
        first: first_name,
        last: last_name,
    };
    Ok((NewUser { email, name, role }, password.into()))
}

/// Whom to change, and what.
pub(super) fn user_change(request: pb::UpdateUserRequest) -> Result<(UserId, UserChange), Error> {
    let pb::UpdateUserRequest {
        user_id,
        role,
        active,
    } = request;
    let id = Uuid::try_parse(&user_id).map_err(|error| invalid("user_id", &error))?;
    let role = match role.map(pb::Role::try_from) {
        None => None,
        Some(Ok(role)) => Some(known_role(role)?),
        Some(Err(error)) => return Err(invalid("role", &error)),
    };
    Ok((UserId(id), UserChange { role, active }))
}

fn known_role(role: pb::Role) -> Result<Role, Error> {
    match role {
        pb::Role::Unspecified => Err(Error::Invalid {
            field: "role",
            problem: "must be a role".to_owned(),
        }),
        pb::Role::Viewer => Ok(Role::Viewer),
        pb::Role::Worker => Ok(Role::Worker),
        pb::Role::Supervisor => Ok(Role::Supervisor),
        pb::Role::Admin => Ok(Role::Admin),
    }
}

impl From<User> for pb::User {
    fn from(user: User) -> Self {
        let User {
            id,
            email,
            name,
            role,
            active,
            last_login_at,
            created_at,
        } = user;
        let role = match role {
            Role::Viewer => pb::Role::Viewer,
            Role::Worker => pb::Role::Worker,
            Role::Supervisor => pb::Role::Supervisor,
            Role::Admin => pb::Role::Admin,
        };
        Self {
            user_id: id.to_string(),
            email: email.as_str().to_owned(),
            first_name: name.first,
            last_name: name.last,
            role: role.into(),
            active,
            last_login_time: last_login_at.map(timestamp),
            create_time: Some(timestamp(created_at)),
        }
    }
}
