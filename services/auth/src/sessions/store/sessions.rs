//! Sessions and refresh tokens.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use tracing::instrument;

use crate::database::entity::{refresh_token, session, user};
use crate::database::{StoreError, Tx};
use crate::people::domain::{Actor, SessionHandle, User, UserId};
use crate::sessions::domain::{RefreshToken, Session, SessionId, TokenHash};

/// Forgets sessions that ended before this moment, and their tokens.
#[instrument(name = "db.sessions.purge", skip_all)]
pub async fn purge(
    connection: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let purged = session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lt(before))
        .exec(connection)
        .await?;
    Ok(purged.rows_affected)
}

/// Adds a session.
#[instrument(name = "db.sessions.insert", skip_all)]
pub async fn insert(
    connection: &impl ConnectionTrait,
    session: &Session,
) -> Result<(), StoreError> {
    let Session {
        id,
        handle,
        user,
        created_at,
        expires_at,
        revoked_at,
    } = session;
    let row = session::ActiveModel {
        session_id: Set(id.0),
        user_id: Set(user.0),
        created_at: Set(*created_at),
        expires_at: Set(*expires_at),
        revoked_at: Set(*revoked_at),
        handle: Set(handle.0),
    };
    session::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Lets a session last longer.
#[instrument(name = "db.sessions.extend", skip_all)]
pub async fn extend(
    connection: &impl ConnectionTrait,
    id: SessionId,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
        .filter(session::Column::SessionId.eq(id.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Adds a refresh token, unused.
#[instrument(name = "db.refresh_tokens.insert", skip_all)]
pub async fn insert_refresh_token(
    connection: &impl ConnectionTrait,
    token: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let RefreshToken {
        hash,
        session,
        expires_at,
        used_at,
    } = token;
    let row = refresh_token::ActiveModel {
        token_hash: Set(hash.0.clone()),
        session_id: Set(session.0),
        created_at: Set(now),
        expires_at: Set(*expires_at),
        used_at: Set(*used_at),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Reads a refresh token and keeps its row locked, so that of two
/// concurrent uses one is the second.
#[instrument(name = "db.refresh_tokens.lock", skip_all)]
pub async fn lock_refresh_token(
    tx: &Tx,
    hash: &TokenHash,
) -> Result<Option<RefreshToken>, StoreError> {
    let row = refresh_token::Entity::find_by_id(hash.0.clone())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row.map(RefreshToken::from))
}

/// Marks a refresh token as used.
#[instrument(name = "db.refresh_tokens.use", skip_all)]
pub async fn use_refresh_token(
    connection: &impl ConnectionTrait,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
        .filter(refresh_token::Column::TokenHash.eq(hash.0.clone()))
        .exec(connection)
        .await?;
    Ok(())
}

/// The session with this id and its user, in one query.
#[instrument(name = "db.sessions.find", skip_all)]
pub async fn find(
    connection: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Option<(Session, User)>, StoreError> {
    let row = session::Entity::find_by_id(id.0)
        .find_also_related(user::Entity)
        .one(connection)
        .await?;
    let Some((session, Some(user))) = row else {
        return Ok(None);
    };
    Ok(Some((session.into(), user.try_into()?)))
}

/// Ends a session; does nothing when it is over.
#[instrument(name = "db.sessions.revoke", skip_all)]
pub async fn revoke(
    connection: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::SessionId.eq(id.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}

/// Ends the session that a person acts in; does nothing when it is over.
#[instrument(name = "db.sessions.revoke_own", skip_all)]
pub async fn revoke_own(
    connection: &impl ConnectionTrait,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::Handle.eq(actor.session.0))
        .filter(session::Column::UserId.eq(actor.user.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}

// === rows ===

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        let session::Model {
            session_id,
            user_id,
            created_at,
            expires_at,
            revoked_at,
            handle,
        } = row;
        Self {
            id: SessionId(session_id),
            handle: SessionHandle(handle),
            user: UserId(user_id),
            created_at,
            expires_at,
            revoked_at,
        }
    }
}

impl From<refresh_token::Model> for RefreshToken {
    fn from(row: refresh_token::Model) -> Self {
        let refresh_token::Model {
            token_hash,
            session_id,
            created_at: _,
            expires_at,
            used_at,
        } = row;
        Self {
            hash: TokenHash(token_hash),
            session: SessionId(session_id),
            expires_at,
            used_at,
        }
    }
}
