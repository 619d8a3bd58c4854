//! Tables as the version before left them, with a session that goes on.

use demeter_auth::migrate;
use demeter_proto::auth::v1 as pb;
use demeter_testkit::TestDatabase;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use crate::harness::{Lab, biscuit, carrying, settings};

const OLD: &str = include_str!("../../src/migration/m0001_users_and_sessions.sql");
const ME: &str = "/demeter.auth.v1.SessionService/GetMe";
/// The token's text is `old`.
const HASH: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4";

/// The first version's tables, with one person in one session.
async fn make_old(connection: &DatabaseConnection, is_sqlite: bool) {
    let (uuid, time) = if is_sqlite {
        ("BLOB", "TEXT")
    } else {
        ("uuid", "timestamptz")
    };
    let id = |n: u8| {
        let hex = format!("0197a0000000700080000000000000{n:02x}");
        if is_sqlite {
            format!("x'{hex}'")
        } else {
            format!("'{hex}'")
        }
    };
    let (user, session) = (id(1), id(2));
    let (from, to) = ("2026-11-20T12:00:00+00:00", "2026-11-27T12:00:00+00:00");
    let (schema, path) = if is_sqlite {
        ("", "")
    } else {
        ("CREATE SCHEMA auth;", "SET search_path TO auth;")
    };
    let tables = OLD.replace("{uuid}", uuid).replace("{time}", time);
    let rows = format!(
        "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL);
         INSERT INTO seaql_migrations VALUES ('m0001_users_and_sessions', 0);
         INSERT INTO users VALUES ({user}, 'ana@demeter.local', '', '', '', 'worker', TRUE, NULL,
            '{from}', '{from}');
         INSERT INTO sessions VALUES ({session}, {user}, '{from}', '{to}', NULL);
         INSERT INTO refresh_tokens VALUES ('{HASH}', {session}, '{from}', '{to}', NULL);"
    );
    for sql in [schema, path, &tables, &rows] {
        connection.execute_unprepared(sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_of_the_version_before_goes_on() {
    for database in TestDatabase::all().await {
        let config = settings(&database);
        let connection = demeter_db::open(&config.database, "auth").await.unwrap();
        make_old(&connection, database.engine == "SQLite").await;
        connection.close().await.unwrap();

        migrate(&config.database).await.unwrap();
        let connection = demeter_db::open(&config.database, "auth").await.unwrap();
        let dropped = connection.execute_unprepared("SELECT 1 FROM login_failures");
        assert!(dropped.await.is_err(), "a table that nothing uses is there");
        connection.close().await.unwrap();
        let lab = Lab::serve(database, config).await;

        let renewed = lab.refresh("old").await.unwrap();
        let answer = lab.ask(ME, Some(&renewed.access_token)).await;
        let request = carrying(&biscuit(&answer).unwrap(), pb::GetMeRequest {});
        let me = lab.sessions.clone().get_me(request).await.unwrap();
        assert_eq!(me.into_inner().user.unwrap().email, "ana@demeter.local");
    }
}
