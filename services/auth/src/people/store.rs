//! Users.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use tracing::instrument;

use crate::database::entity::{session, user};
use crate::database::{Page, Paging, StoreError, Tx};
use crate::people::domain::{Actor, Email, Name, Role, User, UserId};

/// A user and what proves that it is them.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who they are.
    pub user: User,
    /// A PHC string.
    pub password_hash: String,
}

/// The active user whose session this is and goes on. It is here and not with the
/// sessions, which are built on people.
#[instrument(name = "db.users.acting", skip_all)]
pub async fn acting(
    connection: &impl ConnectionTrait,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Option<User>, StoreError> {
    let row = session::Entity::find()
        .filter(session::Column::Handle.eq(actor.session.0))
        .filter(session::Column::UserId.eq(actor.user.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .find_also_related(user::Entity)
        .one(connection)
        .await?;
    let user = row.and_then(|(_session, user)| user);
    let user = user.map(User::try_from).transpose()?;
    Ok(user.filter(|user| user.active))
}

/// The user with this address.
#[instrument(name = "db.users.find_by_email", skip_all)]
pub async fn find_credentials(
    connection: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<Credentials>, StoreError> {
    let row = user::Entity::find()
        .filter(user::Column::Email.eq(email.as_str()))
        .one(connection)
        .await?;
    row.map(Credentials::try_from).transpose()
}

/// Users in the order of their ids, which is the order in which they were added.
#[instrument(name = "db.users.list", skip_all)]
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<User>, StoreError> {
    let keys = [user::Column::UserId];
    let users = user::Entity::find();
    paging
        .rising(connection, users, &keys, User::try_from)
        .await
}

/// Adds a user.
#[instrument(name = "db.users.insert", skip_all)]
pub async fn insert(
    connection: &impl ConnectionTrait,
    user: &User,
    password_hash: &str,
) -> Result<(), StoreError> {
    let User {
        id,
        email,
        name,
        role,
        active,
        last_login_at,
        created_at,
    } = user;
    let row = user::ActiveModel {
        user_id: Set(id.0),
        email: Set(email.as_str().to_owned()),
        password_hash: Set(password_hash.to_owned()),
        first_name: Set(name.first.clone()),
        last_name: Set(name.last.clone()),
        role: Set(role.name().to_owned()),
        active: Set(*active),
        last_login_at: Set(*last_login_at),
        created_at: Set(*created_at),
        updated_at: Set(*created_at),
    };
    user::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Reads a user and keeps the row locked until the transaction ends.
#[instrument(name = "db.users.lock", skip_all)]
pub async fn lock(tx: &Tx, id: UserId) -> Result<Option<User>, StoreError> {
    let row = user::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx)
        .await?;
    row.map(User::try_from).transpose()
}

/// How many users can manage users now. Locks their rows, in one order, so
/// that two administrators cannot deactivate each other at once.
#[instrument(name = "db.users.lock_admins", skip_all)]
pub async fn lock_active_admins(tx: &Tx) -> Result<u64, StoreError> {
    let admins = user::Entity::find()
        .filter(user::Column::Role.eq(Role::Admin.name()))
        .filter(user::Column::Active.eq(true))
        .order_by_asc(user::Column::UserId)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(admins.len() as u64)
}

/// Stores when a user last signed in, and nothing that an administrator
/// may be changing at the same time.
#[instrument(name = "db.users.touch", skip_all)]
pub async fn touch(
    connection: &impl ConnectionTrait,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = user::ActiveModel {
        user_id: Set(id.0),
        last_login_at: Set(Some(now)),
        ..Default::default()
    };
    user::Entity::update(row).exec(connection).await?;
    Ok(())
}

/// Stores a user's role and activity.
#[instrument(name = "db.users.update", skip_all)]
pub async fn update(
    connection: &impl ConnectionTrait,
    user: &User,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = user::ActiveModel {
        user_id: Set(user.id.0),
        role: Set(user.role.name().to_owned()),
        active: Set(user.active),
        updated_at: Set(now),
        ..Default::default()
    };
    user::Entity::update(row).exec(connection).await?;
    Ok(())
}

/// Ends every session of a user: who is deactivated is signed out in the same
/// transaction.
#[instrument(name = "db.sessions.revoke_of_user", skip_all)]
pub async fn sign_out(
    connection: &impl ConnectionTrait,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::UserId.eq(id.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}

// === rows ===

impl TryFrom<user::Model> for User {
    type Error = StoreError;

    fn try_from(row: user::Model) -> Result<Self, StoreError> {
        Credentials::try_from(row).map(|credentials| credentials.user)
    }
}

impl TryFrom<user::Model> for Credentials {
    type Error = StoreError;

    fn try_from(row: user::Model) -> Result<Self, StoreError> {
        let user::Model {
            user_id,
            email,
            password_hash,
            first_name,
            last_name,
            role,
            active,
            last_login_at,
            created_at,
            updated_at: _,
        } = row;
        let (Ok(email), Ok(role)) = (email.parse(), role.parse()) else {
            return Err(StoreError::Corrupt("user"));
        };
        let name = Name {
            first: first_name,
            last: last_name,
        };
        let user = User {
            id: UserId(user_id),
            email,
            name,
            role,
            active,
            last_login_at,
            created_at,
        };
        Ok(Self {
            user,
            password_hash,
        })
    }
}
