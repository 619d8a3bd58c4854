//! Managing people, and services' own identities.

use chrono::Duration;
use demeter_auth::Role;
use demeter_auth::{Error, create_admin};
use demeter_identity::{CallerKind, Grant, Issuer, Right};
use demeter_proto::auth::v1 as pb;
use tonic::{Code, Request, Status};

use crate::harness::{
    ADMIN, CLIENT_SECRET, Lab, PASSWORD, Person, biscuit, carrying, denial, labs, noon, refused,
    served,
};

const CREATE: &str = "/demeter.auth.v1.UserService/CreateUser";
const LIST: &str = "/demeter.auth.v1.UserService/ListUsers";
const LOGOUT: &str = "/demeter.auth.v1.SessionService/Logout";
const UPDATE: &str = "/demeter.auth.v1.UserService/UpdateUser";
const RECORD: &str = "/demeter.stock.v1.MovementService/CreateMovement";

async fn create(
    lab: &Lab,
    admin: &Person,
    email: &str,
    password: &str,
) -> Result<pb::User, Status> {
    let request = pb::CreateUserRequest {
        email: email.to_owned(),
        password: password.to_owned(),
        first_name: "Ana".to_owned(),
        ..Default::default()
    };
    let request = lab.known(admin, CREATE, request).await;
    Ok(lab
        .users
        .clone()
        .create_user(request)
        .await?
        .into_inner()
        .user
        .unwrap())
}

async fn update(
    lab: &Lab,
    admin: &Person,
    request: pb::UpdateUserRequest,
) -> Result<pb::User, Status> {
    let request = lab.known(admin, UPDATE, request).await;
    send_update(lab, request).await
}

async fn send_update(
    lab: &Lab,
    request: Request<pb::UpdateUserRequest>,
) -> Result<pb::User, Status> {
    Ok(lab
        .users
        .clone()
        .update_user(request)
        .await?
        .into_inner()
        .user
        .unwrap())
}

fn role(user_id: &str, role: pb::Role) -> pb::UpdateUserRequest {
    pb::UpdateUserRequest {
        user_id: user_id.to_owned(),
        role: Some(role.into()),
        active: None,
    }
}

#[tokio::test]
async fn a_new_user_is_a_worker_with_a_lower_case_address() {
    for lab in labs().await {
        let user = create(&lab, &lab.admin().await, "Ana@Demeter.Local", PASSWORD)
            .await
            .unwrap();

        assert_eq!(
            (user.email.as_str(), user.role()),
            ("ana@demeter.local", pb::Role::Worker)
        );
        assert!(user.active && user.last_login_time.is_none());
        assert_eq!(user.create_time.unwrap().seconds, noon().timestamp());
        assert!(lab.log_in("ANA@demeter.local", PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_user() {
    for lab in labs().await {
        let admin = lab.admin().await;

        let taken = refused(create(&lab, &admin, "ADMIN@demeter.local", PASSWORD).await);
        let both = tokio::join!(
            create(&lab, &admin, "ana@demeter.local", PASSWORD),
            create(&lab, &admin, "Ana@demeter.local", PASSWORD)
        );

        assert_eq!(taken, (Code::AlreadyExists, "EMAIL_TAKEN".to_owned()));
        let refusals: Vec<_> = [both.0, both.1]
            .into_iter()
            .filter_map(Result::err)
            .collect();
        assert_eq!(refusals.len(), 1);
        assert_eq!(refusals[0].code(), Code::AlreadyExists);
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_when_it_is_chosen() {
    for lab in labs().await {
        let admin = lab.admin().await;
        for password in [
            "short",
            "aaaaaaaaaaaaaaaa",
            "password1234",
            "Password123!",
            "qwerty123456",
            "demeter12345",
            "111111112345",
            // The person's own name and address, and the nursery's.
            "ana-ana-2026!",
            "Ana@demeter.local",
            "loscardones2026",
            &"long-passwords-".repeat(5),
        ] {
            let outcome = refused(create(&lab, &admin, "ana@demeter.local", password).await);

            assert_eq!(
                outcome,
                (Code::InvalidArgument, "WEAK_PASSWORD".to_owned()),
                "{password}"
            );
        }
        assert_eq!(
            refused(create(&lab, &admin, "no address", PASSWORD).await).1,
            "INVALID_FIELD"
        );
    }
}

#[tokio::test]
async fn pages_show_every_user_once_oldest_first() {
    for lab in labs().await {
        let admin = lab.admin().await;
        for name in ["ana", "bea", "cleo", "dora"] {
            create(&lab, &admin, &format!("{name}@demeter.local"), PASSWORD)
                .await
                .unwrap();
        }

        let (mut emails, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = lab
                .known(
                    &admin,
                    LIST,
                    pb::ListUsersRequest {
                        page_size: 2,
                        page_token,
                    },
                )
                .await;
            let page = lab
                .users
                .clone()
                .list_users(request)
                .await
                .unwrap()
                .into_inner();
            emails.extend(
                page.users
                    .into_iter()
                    .map(|user| user.email.split('@').next().unwrap().to_owned()),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }

        assert_eq!(emails, ["admin", "ana", "bea", "cleo", "dora"]);
        for page_token in ["%", "AAAA", "not a token"] {
            let request = pb::ListUsersRequest {
                page_size: 2,
                page_token: page_token.to_owned(),
            };
            let request = lab.known(&admin, LIST, request).await;
            assert_eq!(
                refused(lab.users.clone().list_users(request).await).0,
                Code::InvalidArgument
            );
        }
    }
}

#[tokio::test]
async fn a_new_role_counts_from_the_next_call_on() {
    for lab in labs().await {
        let viewer = lab.given(Role::Viewer).await;
        assert_eq!(
            denial(&lab.check(&viewer, CREATE).await).1,
            "PERMISSION_MISSING"
        );

        update(
            &lab,
            &lab.admin().await,
            role(&viewer.user_id, pb::Role::Admin),
        )
        .await
        .unwrap();

        assert!(biscuit(&lab.check(&viewer, CREATE).await).is_some());
    }
}

/// With it a demoted administrator made themselves one again.
#[tokio::test]
async fn an_identity_that_outlives_its_session_or_its_role_changes_no_user() {
    for lab in labs().await {
        let (ana, bea) = (lab.admin().await, lab.given(Role::Admin).await);
        let held = |rpc: &'static str| {
            let (lab, bea) = (&lab, &bea);
            async move { biscuit(&lab.check(bea, rpc).await).unwrap() }
        };
        let (to_add, to_list, to_change) =
            (held(CREATE).await, held(LIST).await, held(UPDATE).await);
        let try_all = async || {
            let promote = role(&bea.user_id, pb::Role::Admin);
            let add = pb::CreateUserRequest {
                email: "cleo@demeter.local".to_owned(),
                password: PASSWORD.to_owned(),
                ..Default::default()
            };
            let mut users = lab.users.clone();
            let list = pb::ListUsersRequest::default();
            [
                refused(send_update(&lab, carrying(&to_change, promote)).await),
                refused(users.create_user(carrying(&to_add, add)).await),
                refused(users.list_users(carrying(&to_list, list)).await),
            ]
        };

        update(&lab, &ana, role(&bea.user_id, pb::Role::Worker))
            .await
            .unwrap();
        for refusal in try_all().await {
            let lacks = (Code::PermissionDenied, "PERMISSION_MISSING".to_owned());
            assert_eq!(refusal, lacks);
        }

        update(&lab, &ana, role(&bea.user_id, pb::Role::Admin))
            .await
            .unwrap();
        let logout = lab.known(&bea, LOGOUT, pb::LogoutRequest {}).await;
        lab.sessions.clone().logout(logout).await.unwrap();
        for refusal in try_all().await {
            let over = (Code::Unauthenticated, "SESSION_REVOKED".to_owned());
            assert_eq!(refusal, over);
        }
    }
}

#[tokio::test]
async fn an_identity_cannot_end_or_use_the_session_of_somebody_else() {
    for lab in labs().await {
        let (ana, bea) = (lab.admin().await, lab.given(Role::Worker).await);
        let of = async |person| biscuit(&lab.check(person, LOGOUT).await).unwrap();
        let session = |biscuit: &str| {
            let caller = served(&lab.guard, LOGOUT, Some(biscuit));
            caller.unwrap().unwrap().session
        };
        let handle = session(&of(&ana).await);
        assert_ne!(handle, session(&of(&bea).await));
        assert_ne!(handle.as_deref(), ana.claims["sid"].as_str());
        let issuer = Issuer::from_private_key(&lab.config.identity_private_key).unwrap();
        let mixed = Grant {
            subject: bea.user_id.clone(),
            kind: CallerKind::User,
            rights: [].into(),
            session: handle,
            request_id: None,
            expires_at: noon() + Duration::minutes(1),
        };
        let mixed = issuer.issue(&mixed).unwrap();

        let me = carrying(&mixed, pb::GetMeRequest {});
        let me = refused(lab.sessions.clone().get_me(me).await);
        let logout = carrying(&mixed, pb::LogoutRequest {});
        lab.sessions.clone().logout(logout).await.unwrap();

        assert_eq!(me.1, "SESSION_REVOKED");
        assert!(biscuit(&lab.check(&ana, LIST).await).is_some());
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for lab in labs().await {
        let admin = lab.admin().await;
        let leave = pb::UpdateUserRequest {
            user_id: admin.user_id.clone(),
            role: None,
            active: Some(false),
        };

        let step_down = refused(update(&lab, &admin, role(&admin.user_id, pb::Role::Worker)).await);
        let leave = refused(update(&lab, &admin, leave).await);

        assert_eq!(
            step_down,
            (Code::FailedPrecondition, "LAST_ADMIN".to_owned())
        );
        assert_eq!(leave, (Code::FailedPrecondition, "LAST_ADMIN".to_owned()));
        let successor = lab.given(Role::Admin).await;
        update(&lab, &successor, role(&admin.user_id, pb::Role::Worker))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn two_administrators_cannot_remove_each_other_at_once() {
    for lab in labs().await {
        let ana = lab.admin().await;
        let user = create(&lab, &ana, "bea@demeter.local", PASSWORD)
            .await
            .unwrap();
        update(&lab, &ana, role(&user.user_id, pb::Role::Admin))
            .await
            .unwrap();
        let bea = lab.log_in("bea@demeter.local", PASSWORD).await.unwrap();

        // Let in before either is removed: later the gateway would refuse the slower one.
        let against_bea = role(&bea.user_id, pb::Role::Viewer);
        let against_bea = lab.known(&ana, UPDATE, against_bea).await;
        let against_ana = role(&ana.user_id, pb::Role::Viewer);
        let against_ana = lab.known(&bea, UPDATE, against_ana).await;

        let both = tokio::join!(
            send_update(&lab, against_bea),
            send_update(&lab, against_ana)
        );

        let refusals: Vec<_> = [both.0, both.1]
            .into_iter()
            .filter_map(Result::err)
            .collect();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        // The slower one is no administrator any more.
        assert_eq!(refusals[0].code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn an_unknown_user_cannot_be_changed() {
    for lab in labs().await {
        let nobody = role("0197a000-0000-7000-8000-000000000000", pb::Role::Viewer);

        let outcome = refused(update(&lab, &lab.admin().await, nobody).await);

        assert_eq!(outcome, (Code::NotFound, "NO_SUCH_USER".to_owned()));
    }
}

#[tokio::test]
async fn the_operator_creates_an_administrator_once() {
    for lab in labs().await {
        let again = create_admin(&lab.config, "Admin@demeter.local", &"short".into()).await;
        let weak = create_admin(&lab.config, "bea@demeter.local", &"short".into()).await;
        let nobody = create_admin(&lab.config, "bea", &PASSWORD.into()).await;

        assert!(matches!(again, Err(Error::EmailTaken)));
        assert!(matches!(weak, Err(Error::WeakPassword(_))));
        assert!(matches!(nobody, Err(Error::Invalid { field: "email", .. })));
        assert!(lab.log_in(ADMIN, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_service_gets_its_rights_for_its_secret() {
    for lab in labs().await {
        let request = pb::IssueServiceTokenRequest {
            client_id: "photo".into(),
            client_secret: CLIENT_SECRET.into(),
        };
        let token = lab
            .service_tokens
            .clone()
            .issue_service_token(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            token.expire_time.unwrap().seconds,
            (noon() + Duration::minutes(10)).timestamp()
        );

        let caller = served(&lab.guard, RECORD, Some(&token.biscuit));
        let caller = caller.unwrap().unwrap();
        assert_eq!(
            (caller.subject.as_str(), caller.kind),
            ("photo", CallerKind::Service)
        );
        assert_eq!(
            caller.rights,
            [Right::PhotosWrite, Right::StockRead, Right::StockWrite].into()
        );
    }
}

#[tokio::test]
async fn strangers_get_no_service_token() {
    for lab in labs().await {
        for (client_id, client_secret) in [
            ("photo", "a guess"),
            ("stock", CLIENT_SECRET),
            ("nobody", "x"),
        ] {
            let request = pb::IssueServiceTokenRequest {
                client_id: client_id.into(),
                client_secret: client_secret.into(),
            };
            let outcome = refused(
                lab.service_tokens
                    .clone()
                    .issue_service_token(request)
                    .await,
            );

            assert_eq!(
                outcome,
                (Code::Unauthenticated, "BAD_CREDENTIALS".to_owned()),
                "{client_id}"
            );
        }
    }
}
