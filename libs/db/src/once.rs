//! Writes as a client sends them: again when it did not hear the answer.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use crate::{Conflict, begin, retry};

/// What makes a write one write, however often it is sent: a request id, or
/// whatever else its sender keeps.
///
/// The answer is kept with it, as ids and numbers in columns: never as a copy of
/// a type that changes while the row stays.
#[expect(
    async_fn_in_trait,
    reason = "called through `once` with types that are known, so what may cross threads is known too"
)]
pub trait Key {
    /// What the write answers.
    type Answer;
    /// What it can end in.
    type Error: Conflict + From<DbErr>;

    /// What the write answered when it was done; `None` when it was not. Fails
    /// when the same key was sent with another content.
    async fn answered(&self, tx: &DatabaseTransaction)
    -> Result<Option<Self::Answer>, Self::Error>;

    /// Keeps what the write answered.
    async fn remember(
        &self,
        tx: &DatabaseTransaction,
        answer: &Self::Answer,
    ) -> Result<(), Self::Error>;

    /// Whether the sender only wants to know what the write would do.
    fn is_rehearsal(&self) -> bool {
        false
    }
}

/// What a write answered, and how it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once<A> {
    /// What it answered.
    pub answer: A,
    /// How.
    pub how: How,
}

/// How a write came to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was done.
    Done,
    /// It had been done before: this is what it answered then.
    Repeated,
    /// It was done and undone: this is what it would answer.
    Rehearsed,
}

/// Does a write once: a key that was used gets the answer it got before. What is
/// only rehearsed leaves nothing behind, its key included.
///
/// One transaction finds the answer or does the work and keeps it; when another
/// one was in the way, all of it runs again. Work that waits for locks asks the
/// time after it has them.
pub async fn once<K, F>(
    connection: &DatabaseConnection,
    key: &K,
    work: impl Fn(Arc<DatabaseTransaction>) -> F,
) -> Result<Once<K::Answer>, K::Error>
where
    K: Key,
    F: Future<Output = Result<K::Answer, K::Error>>,
{
    retry(|| async {
        let tx = begin(connection).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(How::Repeated.answer(answer));
        }
        let (tx, answer) = match done(tx, &work).await {
            Err(refused) if !refused.is_conflict() => {
                return answered_meanwhile(connection, key).await?.ok_or(refused);
            }
            done => done?,
        };
        if key.is_rehearsal() {
            tx.rollback().await?;
            return Ok(How::Rehearsed.answer(answer));
        }
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(How::Done.answer(answer))
    })
    .await
}

/// The answer of the same write, sent twice at once: the second may be refused for
/// what the first did while it waited.
async fn answered_meanwhile<K: Key>(
    connection: &DatabaseConnection,
    key: &K,
) -> Result<Option<Once<K::Answer>>, K::Error> {
    let tx = begin(connection).await?;
    let answer = key.answered(&tx).await?;
    Ok(answer.map(|answer| How::Repeated.answer(answer)))
}

/// Does a write that is the same write when it is done twice: one transaction,
/// again while it meets a conflict.
pub async fn write<T, E, F>(
    connection: &DatabaseConnection,
    work: impl Fn(Arc<DatabaseTransaction>) -> F,
) -> Result<T, E>
where
    E: Conflict + From<DbErr>,
    F: Future<Output = Result<T, E>>,
{
    retry(|| async {
        let tx = begin(connection).await?;
        let (tx, answer) = done(tx, &work).await?;
        tx.commit().await?;
        Ok(answer)
    })
    .await
}

// === impl How ===

impl How {
    const fn answer<A>(self, answer: A) -> Once<A> {
        Once { answer, how: self }
    }
}

// === impl Once ===

impl<A> Once<A> {
    /// The same way, with an answer made of this one.
    pub fn map<B>(self, answer: impl FnOnce(A) -> B) -> Once<B> {
        Once {
            answer: answer(self.answer),
            how: self.how,
        }
    }
}

/// Lends the transaction to the work. It is shared and not borrowed, because a
/// future of a closure that borrows its argument cannot be told to cross threads.
async fn done<T, E, F>(
    tx: DatabaseTransaction,
    work: &impl Fn(Arc<DatabaseTransaction>) -> F,
) -> Result<(DatabaseTransaction, T), E>
where
    E: From<DbErr>,
    F: Future<Output = Result<T, E>>,
{
    let tx = Arc::new(tx);
    let answer = work(Arc::clone(&tx)).await?;
    let kept = || DbErr::Custom("the work kept its transaction".to_owned());
    Ok((Arc::into_inner(tx).ok_or_else(kept)?, answer))
}
