//! Signing in, staying in, signing out.

use chrono::Duration;
use demeter_auth::Role;
use demeter_proto::auth::v1 as pb;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use tonic::{Code, Request};

use crate::harness::{ADMIN, PASSWORD, biscuit, denial, labs, noon, payload, refused};

const ME: &str = "/demeter.auth.v1.SessionService/GetMe";
const LOGOUT: &str = "/demeter.auth.v1.SessionService/Logout";
const UPDATE: &str = "/demeter.auth.v1.UserService/UpdateUser";

#[tokio::test]
async fn a_person_signs_in_with_any_spelling_of_the_address() {
    for lab in labs().await {
        let person = lab.log_in(" Admin@DEMETER.local ", PASSWORD).await.unwrap();

        assert_eq!(person.claims["sub"], person.user_id.as_str());
        assert_eq!(person.claims["role"], "admin");
        assert_eq!(person.claims["email"], ADMIN);
        assert_eq!(person.claims["iat"], noon().timestamp());
        assert_eq!(
            person.claims["exp"],
            (noon() + Duration::minutes(15)).timestamp()
        );
        assert!(person.claims["sid"].is_string() && person.claims["jti"].is_string());

        let request = lab.known(&person, ME, pb::GetMeRequest {}).await;
        let me = lab
            .sessions
            .clone()
            .get_me(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(me.user.as_ref().unwrap().user_id, person.user_id);
        assert_eq!(
            me.user.unwrap().last_login_time.unwrap().seconds,
            noon().timestamp()
        );
        assert!(me.permissions.contains(&"users:manage".to_owned()));
    }
}

#[tokio::test]
async fn the_published_key_verifies_access_tokens_and_nothing_else() {
    for lab in labs().await {
        let person = lab.admin().await;
        let keys: JwkSet = serde_json::from_str(&lab.get("/.well-known/jwks.json").await).unwrap();
        let kid = jsonwebtoken::decode_header(&person.access_token)
            .unwrap()
            .kid
            .unwrap();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The service's clock stands still; the verifier's does not.
        validation.validate_exp = false;
        validation.set_audience(&["demeter-api"]);
        validation.set_issuer(&["https://auth.demeter.local"]);

        let verify =
            |token: &str| jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation);

        assert_eq!(verify(&person.access_token).unwrap().claims, person.claims);
        let (message, _signature) = person.access_token.rsplit_once('.').unwrap();
        assert!(verify(&format!("{message}.{}", "A".repeat(86))).is_err());
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    for lab in labs().await {
        let wrong = lab.log_in(ADMIN, "not the password").await.unwrap_err();
        let unknown = lab
            .log_in("nobody@demeter.local", PASSWORD)
            .await
            .unwrap_err();
        let nonsense = lab.log_in("no address", PASSWORD).await.unwrap_err();

        assert_eq!(wrong.message(), unknown.message());
        for status in [wrong, unknown, nonsense] {
            assert_eq!(
                refused::<()>(Err(status)),
                (Code::Unauthenticated, "BAD_CREDENTIALS".to_owned())
            );
        }
    }
}

#[tokio::test]
async fn a_deactivated_person_neither_signs_in_nor_goes_on() {
    for lab in labs().await {
        let worker = lab.given(Role::Worker).await;
        let request = pb::UpdateUserRequest {
            user_id: worker.user_id.clone(),
            role: None,
            active: Some(false),
        };
        let request = lab.known(&lab.admin().await, UPDATE, request).await;
        lab.users.clone().update_user(request).await.unwrap();

        let again = refused(lab.log_in("new-worker@demeter.local", PASSWORD).await);
        let guess = refused(lab.log_in("new-worker@demeter.local", "a guess").await);
        let call = denial(&lab.check(&worker, ME).await);
        let renewed = refused(lab.refresh(&worker.refresh_token).await);

        assert_eq!(again, (Code::PermissionDenied, "USER_DISABLED".to_owned()));
        assert_eq!(
            guess.1, "BAD_CREDENTIALS",
            "a stranger must not learn that the user is deactivated"
        );
        assert_eq!(call, (403, "USER_DISABLED".to_owned()));
        assert_eq!(renewed.1, "BAD_REFRESH_TOKEN");
    }
}

#[tokio::test]
async fn each_refresh_token_works_once_and_a_second_use_ends_the_session() {
    for lab in labs().await {
        let person = lab.admin().await;

        let second = lab.refresh(&person.refresh_token).await.unwrap();
        assert_ne!(second.refresh_token, person.refresh_token);
        assert_eq!(payload(&second.access_token)["sid"], person.claims["sid"]);
        assert!(biscuit(&lab.check(&person, ME).await).is_some());

        let stolen = refused(lab.refresh(&person.refresh_token).await);
        let owner = refused(lab.refresh(&second.refresh_token).await);

        assert_eq!(
            stolen,
            (Code::Unauthenticated, "BAD_REFRESH_TOKEN".to_owned())
        );
        assert_eq!(owner.1, "BAD_REFRESH_TOKEN");
        assert_eq!(
            denial(&lab.check(&person, ME).await),
            (401, "SESSION_REVOKED".to_owned())
        );
    }
}

#[tokio::test]
async fn of_two_concurrent_uses_of_a_refresh_token_at_most_one_succeeds() {
    for lab in labs().await {
        let person = lab.admin().await;
        let token = &person.refresh_token;

        let outcomes = tokio::join!(
            lab.refresh(token),
            lab.refresh(token),
            lab.refresh(token),
            lab.refresh(token)
        );

        let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(denial(&lab.check(&person, ME).await).1, "SESSION_REVOKED");
    }
}

#[tokio::test]
async fn a_session_lasts_seven_days_from_its_last_refresh() {
    for lab in labs().await {
        let person = lab.admin().await;
        lab.clock.advance(Duration::days(6));
        let second = lab.refresh(&person.refresh_token).await.unwrap();
        lab.clock.advance(Duration::days(7) - Duration::minutes(10));
        let last = lab.refresh(&second.refresh_token).await.unwrap();
        let checked = async || lab.ask(ME, Some(&last.access_token)).await;

        assert!(biscuit(&checked().await).is_some());
        lab.clock.advance(Duration::days(7));

        // Without a new access token nothing is asked of the session any more.
        assert_eq!(denial(&checked().await).1, "TOKEN_INVALID");
        let mut claims = payload(&last.access_token);
        claims["exp"] = (lab.clock.now() + Duration::minutes(1)).timestamp().into();
        let answer = lab.ask(ME, Some(&lab.sign(&claims))).await;
        assert_eq!(denial(&answer).1, "SESSION_REVOKED");
        assert_eq!(
            refused(lab.refresh(&last.refresh_token).await).1,
            "BAD_REFRESH_TOKEN"
        );
        assert_eq!(
            refused(lab.refresh("never issued").await).1,
            "BAD_REFRESH_TOKEN"
        );
    }
}

#[tokio::test]
async fn signing_out_counts_from_the_next_call_on() {
    for lab in labs().await {
        let (person, elsewhere) = (lab.admin().await, lab.admin().await);
        let request = lab.known(&person, LOGOUT, pb::LogoutRequest {}).await;

        lab.sessions.clone().logout(request).await.unwrap();

        assert_eq!(
            denial(&lab.check(&person, ME).await),
            (401, "SESSION_REVOKED".to_owned())
        );
        assert_eq!(
            refused(lab.refresh(&person.refresh_token).await).1,
            "BAD_REFRESH_TOKEN"
        );
        assert!(
            biscuit(&lab.check(&elsewhere, ME).await).is_some(),
            "the other session goes on"
        );
    }
}

#[tokio::test]
async fn nobody_gets_past_the_gate_without_an_identity() {
    for lab in labs().await {
        let me = lab.sessions.clone().get_me(pb::GetMeRequest {}).await;
        let logout = lab.sessions.clone().logout(pb::LogoutRequest {}).await;
        let list = lab
            .users
            .clone()
            .list_users(pb::ListUsersRequest::default())
            .await;

        for outcome in [refused(me), refused(logout), refused(list)] {
            assert_eq!(
                outcome,
                (Code::Unauthenticated, "IDENTITY_MISSING".to_owned())
            );
        }
    }
}

#[tokio::test]
async fn empty_credentials_are_refused_by_the_contract() {
    for lab in labs().await {
        let outcome = lab
            .sessions
            .clone()
            .login(Request::new(pb::LoginRequest::default()))
            .await;

        assert_eq!(
            refused(outcome),
            (Code::InvalidArgument, "INVALID_FIELD".to_owned())
        );
    }
}

#[tokio::test]
async fn secrets_stay_out_of_the_database() {
    for lab in labs().await {
        let person = lab.admin().await;
        let connection = demeter_db::open(&lab.config.database, "auth")
            .await
            .unwrap();

        let texts = texts(&connection).await;

        assert!(texts.iter().any(|text| text.starts_with("$argon2id$")));
        for secret in [PASSWORD, &person.refresh_token, &person.access_token] {
            assert!(!texts.iter().any(|text| text.contains(secret)));
        }
    }
}

async fn texts(connection: &sea_orm::DatabaseConnection) -> Vec<String> {
    use sea_orm::{ConnectionTrait as _, Statement};
    let sql = "SELECT password_hash AS text FROM users UNION SELECT token_hash FROM refresh_tokens \
               UNION SELECT counter FROM login_attempts UNION SELECT pair FROM known_addresses";
    let query = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(query).await.unwrap();
    rows.iter()
        .map(|row| row.try_get::<String>("", "text").unwrap())
        .collect()
}
