//! PostgreSQL roles: one for each service, which owns the service's schema and reaches
//! no other's.

use percent_encoding::percent_decode_str;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement, Value};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::open::{checked_schema, connect, postgres};
use crate::{Config, Error};

/// Who works in a schema: what a service's URL says.
struct Role {
    name: String,
    /// `None`: the server knows it by other means than a password.
    password: Option<SecretString>,
    database: String,
    schema: String,
}

/// Hands over what is in a schema already: tables, views, sequences of their own, and
/// functions.
const HAND_OVER: &str = "SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, $2) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'S') \
      AND NOT EXISTS (SELECT 1 FROM pg_depend d \
                      WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) \
    UNION ALL \
    SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, $2) \
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1";

/// Makes the role that each URL names, with its password, and the schema that it owns,
/// in the database where `administrator` may do so. What is there already is given the
/// password, the schema and its tables: an installation with one URL goes over to three
/// by it, and running it again changes a password.
///
/// A role may connect, work in its schema and use what is in `public` (PostGIS, which is
/// installed); it may not make anything elsewhere. Fails when a URL names no user, or
/// another database than `administrator` does.
pub async fn create_roles(
    administrator: &SecretString,
    services: &[(&str, &Config)],
) -> Result<(), Error> {
    let config = Config {
        url: administrator.clone(),
        max_connections: 2,
    };
    let roles = services
        .iter()
        .map(|(schema, config)| Role::read(schema, config));
    let roles = roles.collect::<Result<Vec<_>, _>>()?;
    let connection = connect(&config, postgres(&config, "public", "0")?).await?;
    let database = text(&connection, "SELECT current_database()::text", []).await?;
    if let Some(role) = roles.iter().find(|role| role.database != database) {
        return Err(Error::Role(role.schema.clone(), "another database"));
    }
    run(
        &connection,
        "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public",
    )
    .await?;
    for role in &roles {
        role.create(&connection).await?;
    }
    close(&connection, &database).await?;
    Ok(connection.close().await?)
}

/// Takes from everybody what a new database lets everybody do.
async fn close(connection: &DatabaseConnection, database: &str) -> Result<(), Error> {
    run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await?;
    let revoke = "SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1)";
    let revoke = text(connection, revoke, [database.into()]).await?;
    run(connection, &revoke).await
}

// === impl Role ===

impl Role {
    fn read(schema: &str, config: &Config) -> Result<Self, Error> {
        let refused = |why| Error::Role(schema.to_owned(), why);
        let url = Url::parse(config.url.expose_secret()).map_err(|_no_url| refused("no URL"))?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(refused("no PostgreSQL server"));
        }
        if url.username().is_empty() {
            return Err(refused("no user"));
        }
        Ok(Self {
            name: decoded(url.username()),
            password: url.password().map(|password| decoded(password).into()),
            database: decoded(url.path().trim_start_matches('/')),
            schema: checked_schema(schema)?.to_owned(),
        })
    }

    async fn create(&self, connection: &DatabaseConnection) -> Result<(), Error> {
        let Self {
            name,
            password,
            database,
            schema,
        } = self;
        let role = "SELECT format('%s ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L', \
                    CASE WHEN EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) \
                         THEN 'ALTER' ELSE 'CREATE' END, $1, $2::text)";
        let password = password
            .as_ref()
            .map(|word| word.expose_secret().to_owned());
        let role = text(connection, role, [name.into(), password.into()]).await?;
        run(connection, &role).await?;
        // An administrator who is no superuser gives away only what he could use himself.
        let is_superuser = "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user";
        if text(connection, is_superuser, []).await? != "true" {
            let join = "SELECT format('GRANT %I TO CURRENT_USER', $1)";
            run(connection, &text(connection, join, [name.into()]).await?).await?;
        }
        run(connection, &format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        for grant in [
            format!("SELECT format('ALTER SCHEMA {schema} OWNER TO %I', $1)"),
            format!("SELECT format('REVOKE ALL ON SCHEMA {schema} FROM PUBLIC', $1)"),
            format!("SELECT format('ALTER ROLE %I SET search_path = {schema}, public', $1)"),
        ] {
            run(connection, &text(connection, &grant, [name.into()]).await?).await?;
        }
        let connect = "SELECT format('GRANT CONNECT ON DATABASE %I TO %I', $1, $2)";
        let connect = text(connection, connect, [database.into(), name.into()]).await?;
        run(connection, &connect).await?;
        for statement in texts(connection, HAND_OVER, [schema.into(), name.into()]).await? {
            run(connection, &statement).await?;
        }
        Ok(())
    }
}

async fn run(connection: &DatabaseConnection, sql: &str) -> Result<(), Error> {
    connection.execute_unprepared(sql).await?;
    Ok(())
}

/// The one text that a query answers. PostgreSQL itself writes the statements that name
/// roles and passwords, so that it quotes them.
async fn text<const N: usize>(
    connection: &DatabaseConnection,
    sql: &str,
    values: [Value; N],
) -> Result<String, Error> {
    let texts = texts(connection, sql, values).await?;
    Ok(texts.into_iter().next().unwrap_or_default())
}

async fn texts<const N: usize>(
    connection: &DatabaseConnection,
    sql: &str,
    values: [Value; N],
) -> Result<Vec<String>, Error> {
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, values);
    let rows = connection.query_all_raw(query).await?;
    let texts = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(texts.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Role, Error> {
        let url = url.to_owned().into();
        Role::read(
            "stock",
            &Config {
                url,
                max_connections: 2,
            },
        )
    }

    #[test]
    fn a_role_is_what_its_url_says() {
        let role = read("postgres://st%40ck:p%27%3B%2F%20@db:5432/nursery?sslmode=require");
        let role = role.unwrap();

        assert_eq!(role.name, "st@ck");
        assert_eq!(role.password.unwrap().expose_secret(), "p';/ ");
        assert_eq!(role.database, "nursery");
    }

    #[test]
    fn a_url_that_names_no_role_is_refused() {
        for url in ["sqlite:///a.db", "postgres://db/nursery", "nursery"] {
            assert!(matches!(read(url), Err(Error::Role(..))), "{url}");
        }
    }
}
