//! What a failed statement means, without naming an engine.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::error::DatabaseError;

/// What a failed statement means for the caller.
///
/// `constraint` is the same on both engines when tables follow PostgreSQL's own
/// naming: a unique key on columns `a, b` of table `t` is `t_a_b_key`. SQLite
/// tells the columns only, so the name is made from them; it tells nothing
/// about a foreign key, so that one is empty there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection in time, or the server is gone. Trying later can help.
    Unavailable,
    /// A row with this key is there already.
    Unique {
        /// For example `users_email_key`.
        constraint: String,
    },
    /// A row that is pointed to is missing, or a row to be deleted is pointed to.
    ForeignKey {
        /// Empty on SQLite.
        constraint: String,
    },
    /// A value broke a CHECK, or a trigger refused; a trigger's message on
    /// SQLite stands for its constraint.
    Check {
        /// For example `stock_batches_quantity_not_negative`.
        constraint: String,
    },
    /// Two transactions could not both be right. Run this one again.
    Serialization,
    /// A fault of ours.
    Other,
}

/// Says what a failed statement means.
pub fn classify(error: &DbErr) -> Fault {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return Fault::Unavailable,
        DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
        _ => return Fault::Other,
    };
    let RuntimeErr::SqlxError(error) = runtime else {
        return Fault::Other;
    };
    match &**error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => Fault::Unavailable,
        sqlx::Error::Database(error) => database(error.as_ref()),
        _ => Fault::Other,
    }
}

fn database(error: &dyn DatabaseError) -> Fault {
    let code = error.code().unwrap_or_default();
    match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        Some(_) => postgres(&code, error.constraint().unwrap_or_default()),
        None => sqlite(&code, error.message()),
    }
}

fn postgres(code: &str, constraint: &str) -> Fault {
    let constraint = constraint.to_owned();
    match code {
        "23505" => Fault::Unique { constraint },
        "23503" | "23001" => Fault::ForeignKey { constraint },
        "23514" => Fault::Check { constraint },
        "40001" | "40P01" => Fault::Serialization,
        // Lock or statement timeout, out of resources, shutting down, no connection.
        "55P03" | "57014" => Fault::Unavailable,
        _ if code.starts_with("53") || code.starts_with("57P") || code.starts_with("08") => {
            Fault::Unavailable
        }
        _ => Fault::Other,
    }
}

fn sqlite(code: &str, message: &str) -> Fault {
    let told = message
        .split_once("constraint failed: ")
        .map_or("", |(_, told)| told);
    match code {
        // Primary key, rowid and unique.
        "1555" | "2579" | "2067" => Fault::Unique {
            constraint: unique_name(told),
        },
        "787" => Fault::ForeignKey {
            constraint: String::new(),
        },
        "275" => Fault::Check {
            constraint: told.to_owned(),
        },
        // A trigger's RAISE says its message and nothing else.
        "1811" => Fault::Check {
            constraint: message.to_owned(),
        },
        "517" => Fault::Serialization,
        "5" | "6" | "261" => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// `users.a, users.b` becomes `users_a_b_key`, as PostgreSQL would name it.
fn unique_name(told: &str) -> String {
    if let Some(index) = told.strip_prefix("index ") {
        return index.trim_matches('\'').to_owned();
    }
    let mut name = String::new();
    for column in told.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name + "_key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_tells_columns_and_gets_the_name_postgres_would_give() {
        assert_eq!(unique_name("users.email"), "users_email_key");
        assert_eq!(
            unique_name("families.category_id, families.name"),
            "families_category_id_name_key"
        );
        assert_eq!(unique_name("index 'lower_email'"), "lower_email");
    }

    #[test]
    fn every_code_that_trying_again_helps_is_told_apart() {
        assert_eq!(postgres("40001", ""), Fault::Serialization);
        assert_eq!(postgres("40P01", ""), Fault::Serialization);
        assert_eq!(postgres("57P01", ""), Fault::Unavailable);
        assert_eq!(postgres("53300", ""), Fault::Unavailable);
        assert_eq!(sqlite("517", ""), Fault::Serialization);
        assert_eq!(sqlite("5", "database is locked"), Fault::Unavailable);
        assert_eq!(postgres("42601", ""), Fault::Other);
    }
}
