//! Sessions and refresh tokens.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use tracing::instrument;

use crate::database::entity::{refresh_token, session, user};
use crate::database::{Store, StoreError, Tx};
use crate::people::domain::{User, UserId};
use crate::sessions::domain::{RefreshToken, Session, SessionId, TokenHash};

// === impl Store ===

impl Store {
    /// The session with this id and its user, in one query.
    #[instrument(name = "db.sessions.find", skip_all)]
    pub async fn find_session(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        find(&self.connection, id).await
    }

    /// Ends a session; does nothing when it is over.
    #[instrument(name = "db.sessions.revoke", skip_all)]
    pub async fn revoke_session(
        &self,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        revoke(&self.connection, session::Column::SessionId.eq(id.0), now).await
    }

    /// Forgets sessions that ended before this moment, and their tokens.
    #[instrument(name = "db.sessions.purge", skip_all)]
    pub async fn purge_sessions(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let purged = session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lt(before))
            .exec(&self.connection)
            .await?;
        Ok(purged.rows_affected)
    }
}

// === impl Tx ===

impl Tx {
    /// Adds a session.
    #[instrument(name = "db.sessions.insert", skip_all)]
    pub async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        let Session {
            id,
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
        };
        session::Entity::insert(row)
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }

    /// The session with this id and its user.
    #[instrument(name = "db.sessions.find", skip_all)]
    pub async fn find_session(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        find(&self.transaction, id).await
    }

    /// Lets a session last longer.
    #[instrument(name = "db.sessions.extend", skip_all)]
    pub async fn extend_session(
        &self,
        id: SessionId,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
            .filter(session::Column::SessionId.eq(id.0))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Ends a session.
    #[instrument(name = "db.sessions.revoke", skip_all)]
    pub async fn revoke_session(
        &self,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        revoke(&self.transaction, session::Column::SessionId.eq(id.0), now).await
    }

    /// Ends all sessions of a user.
    #[instrument(name = "db.sessions.revoke_of_user", skip_all)]
    pub async fn revoke_sessions_of(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        revoke(&self.transaction, session::Column::UserId.eq(user.0), now).await
    }

    /// Adds a refresh token, unused.
    #[instrument(name = "db.refresh_tokens.insert", skip_all)]
    pub async fn insert_refresh_token(
        &self,
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
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }

    /// Reads a refresh token and keeps its row locked, so that of two
    /// concurrent uses one is the second.
    #[instrument(name = "db.refresh_tokens.lock", skip_all)]
    pub async fn lock_refresh_token(
        &self,
        hash: &TokenHash,
    ) -> Result<Option<RefreshToken>, StoreError> {
        let row = refresh_token::Entity::find_by_id(hash.0.clone())
            .lock_exclusive()
            .one(&self.transaction)
            .await?;
        Ok(row.map(RefreshToken::from))
    }

    /// Marks a refresh token as used.
    #[instrument(name = "db.refresh_tokens.use", skip_all)]
    pub async fn use_refresh_token(
        &self,
        hash: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
            .filter(refresh_token::Column::TokenHash.eq(hash.0.clone()))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }
}

async fn find(
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

async fn revoke(
    connection: &impl ConnectionTrait,
    which: sea_orm::sea_query::SimpleExpr,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(which)
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
        } = row;
        Self {
            id: SessionId(session_id),
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
