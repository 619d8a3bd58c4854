//! The whole way of a biscuit: issued, attenuated, shown at a gate.

#![expect(clippy::unwrap_used, reason = "a test that panics says where")]

mod fuzz;
mod hostile;
mod memory;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, Duration, TimeZone as _, Utc};
use demeter_identity::{
    Access, Caller, CallerKind, Grant, Guard, HEADER, Issuer, Policy, Right, attenuate,
};
use http::request::Parts;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const READ: &str = "/demeter.stock.v1.BatchService/GetBatch";
const MANAGE: &str = "/demeter.auth.v1.UserService/CreateUser";
const SIGNED_IN: &str = "/demeter.auth.v1.SessionService/GetMe";
const LOGIN: &str = "/demeter.auth.v1.SessionService/Login";

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

struct Lab {
    issuer: Issuer,
    guard: Guard,
}

/// Reading the contract takes longer than a thousand calls.
static LAB: LazyLock<Lab> = LazyLock::new(lab);

fn lab() -> Lab {
    let (private, public) = Issuer::generate();
    let issuer = Issuer::from_private_key(&private).unwrap();
    let guard = Guard::new(&public, demeter_proto::DESCRIPTOR_SET, noon).unwrap();
    Lab { issuer, guard }
}

impl Lab {
    fn user(&self, rights: &[&str]) -> String {
        self.issuer.issue(&grant(CallerKind::User, rights)).unwrap()
    }

    fn service(&self, rights: &[&str]) -> String {
        self.issuer
            .issue(&grant(CallerKind::Service, rights))
            .unwrap()
    }

    fn call(&self, rpc: &str, token: &str) -> Result<Caller, Status> {
        let mut parts = request(rpc, &[token]);
        (self.guard.gate())(&mut parts)?;
        Ok(parts.extensions.get::<Caller>().unwrap().clone())
    }

    fn refusal(&self, rpc: &str, token: &str) -> (Code, String) {
        named(&self.call(rpc, token).unwrap_err())
    }
}

fn grant(kind: CallerKind, rights: &[&str]) -> Grant {
    Grant {
        subject: "0197".to_owned(),
        kind,
        rights: rights.iter().map(|right| right.parse().unwrap()).collect(),
        session: Some("session-1".to_owned()),
        request_id: Some("request-1".to_owned()),
        expires_at: noon() + Duration::seconds(60),
    }
}

fn request(rpc: &str, tokens: &[&str]) -> Parts {
    let mut builder = http::Request::builder().uri(format!("http://stock{rpc}"));
    for token in tokens {
        builder = builder.header(HEADER, *token);
    }
    builder.body(()).unwrap().into_parts().0
}

fn named(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.domain, "demeter");
    (status.code(), info.reason)
}

#[test]
fn a_caller_with_the_right_comes_in_and_is_known() {
    let lab = lab();

    let caller = lab
        .call(READ, &lab.user(&["stock:read", "photos:read"]))
        .unwrap();

    assert_eq!(
        (caller.subject.as_str(), caller.kind),
        ("0197", CallerKind::User)
    );
    assert_eq!(
        caller.rights,
        BTreeSet::from([Right::PhotosRead, Right::StockRead])
    );
    assert_eq!(caller.session.as_deref(), Some("session-1"));
    assert_eq!(caller.request_id.as_deref(), Some("request-1"));
    assert!(
        !format!("{caller:?}").contains(caller.token()),
        "the token must not be printable"
    );
}

#[test]
fn a_call_without_an_identity_is_refused() {
    let gate = lab().guard.gate();

    let status = gate(&mut request(READ, &[])).unwrap_err();

    assert_eq!(
        named(&status),
        (Code::Unauthenticated, "IDENTITY_MISSING".to_owned())
    );
}

#[test]
fn a_call_with_two_identities_is_refused() {
    let lab = lab();
    let token = lab.user(&["stock:read"]);

    let status = (lab.guard.gate())(&mut request(READ, &[&token, &token])).unwrap_err();

    assert_eq!(
        named(&status),
        (Code::Unauthenticated, "IDENTITY_INVALID".to_owned())
    );
}

#[test]
fn a_token_of_another_key_is_refused() {
    let stranger = lab().user(&["stock:read"]);

    assert_eq!(
        lab().refusal(READ, &stranger),
        (Code::Unauthenticated, "IDENTITY_INVALID".to_owned())
    );
}

#[test]
fn an_expired_token_is_refused() {
    let lab = lab();
    let token = lab.issuer.issue(&Grant {
        expires_at: noon() - Duration::seconds(1),
        ..grant(CallerKind::User, &["stock:read"])
    });

    assert_eq!(
        lab.refusal(READ, &token.unwrap()),
        (Code::Unauthenticated, "IDENTITY_EXPIRED".to_owned())
    );
}

#[test]
fn a_missing_right_is_named_in_the_refusal() {
    let lab = lab();

    let status = lab.call(MANAGE, &lab.user(&["stock:read"])).unwrap_err();

    assert_eq!(
        named(&status),
        (Code::PermissionDenied, "PERMISSION_MISSING".to_owned())
    );
    assert_eq!(
        status.get_details_error_info().unwrap().metadata["permission"],
        "users:manage"
    );
}

#[test]
fn signing_in_is_all_that_an_authenticated_rpc_asks_for() {
    let lab = lab();

    assert!(lab.call(SIGNED_IN, &lab.user(&[])).is_ok());
    assert!(lab.call(SIGNED_IN, &lab.service(&[])).is_ok());
}

#[test]
fn public_rpcs_and_health_need_no_identity() {
    let gate = lab().guard.gate();

    for rpc in [LOGIN, "/grpc.health.v1.Health/Check"] {
        assert!(gate(&mut request(rpc, &[])).is_ok(), "{rpc}");
    }
}

#[test]
fn the_contract_is_shown_to_whoever_is_known_and_to_nobody_else() {
    let lab = lab();
    let gate = lab.guard.gate();
    for version in ["v1", "v1alpha"] {
        let rpc = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");

        let refused = gate(&mut request(&rpc, &[])).unwrap_err();

        assert_eq!(
            named(&refused),
            (Code::Unauthenticated, "IDENTITY_MISSING".to_owned())
        );
        assert!(lab.call(&rpc, &lab.user(&[])).is_ok());
        let narrowed = attenuate(&lab.user(&[]), READ, noon()).unwrap();
        assert_eq!(lab.refusal(&rpc, &narrowed).1, "PERMISSION_MISSING");
    }
}

#[test]
fn an_rpc_without_a_rule_is_refused_to_everyone() {
    let lab = lab();
    let everything = lab.service(&["stock:read", "users:manage"]);

    for rpc in [
        "/demeter.stock.v1.BatchService/Nothing",
        "/",
        "/demeter.stock.v1.BatchService/GetBatch/",
        "//",
    ] {
        assert_eq!(
            lab.refusal(rpc, &everything).0,
            Code::PermissionDenied,
            "{rpc}"
        );
    }
}

#[test]
fn internal_rpcs_are_for_services_that_hold_the_right() {
    let lab = lab();
    let policy = Policy::from_descriptor_set(demeter_proto::DESCRIPTOR_SET).unwrap();

    for (rpc, access) in policy.iter() {
        let Access::Internal(right) = access else {
            continue;
        };
        assert!(
            lab.call(rpc, &lab.service(&[right.as_str()])).is_ok(),
            "{rpc}"
        );
        assert_eq!(
            lab.refusal(rpc, &lab.user(&[right.as_str()])).1,
            "INTERNAL_ONLY",
            "{rpc}"
        );
        assert_eq!(
            lab.refusal(rpc, &lab.service(&["analytics:read"])).1,
            "PERMISSION_MISSING",
            "{rpc}"
        );
    }
}

#[test]
fn an_attenuated_token_works_for_its_rpc_alone_and_for_its_minute() {
    let lab = lab();
    let token = lab.user(&["stock:read", "users:manage"]);

    let narrow = attenuate(&token, READ, noon() + Duration::seconds(5)).unwrap();
    let stale = attenuate(&token, READ, noon() - Duration::seconds(5)).unwrap();

    assert_eq!(lab.call(READ, &narrow).unwrap().subject, "0197");
    assert_eq!(lab.refusal(MANAGE, &narrow).1, "PERMISSION_MISSING");
    assert_eq!(lab.refusal(SIGNED_IN, &narrow).1, "PERMISSION_MISSING");
    assert_eq!(lab.refusal(READ, &stale).1, "IDENTITY_EXPIRED");
}

#[test]
fn attenuating_again_cannot_take_a_narrowing_back() {
    let lab = lab();
    let narrow = attenuate(&lab.user(&["stock:read", "users:manage"]), READ, noon()).unwrap();

    let wider = attenuate(&narrow, MANAGE, noon() + Duration::days(1)).unwrap();

    assert_eq!(lab.refusal(MANAGE, &wider).1, "PERMISSION_MISSING");
    assert_eq!(lab.refusal(READ, &wider).1, "PERMISSION_MISSING");
}

#[test]
fn every_rpc_of_the_contract_says_who_may_call_it() {
    let policy = Policy::from_descriptor_set(demeter_proto::DESCRIPTOR_SET).unwrap();

    assert_eq!(policy.without_rule(), [] as [String; 0]);
    assert!(policy.iter().count() > 40);
}

#[test]
fn keys_that_are_none_are_refused_when_they_are_read() {
    assert!(Issuer::from_private_key(&"not hex".into()).is_err());
    assert!(Guard::new("", demeter_proto::DESCRIPTOR_SET, noon).is_err());
    let (private, public) = Issuer::generate();
    assert_eq!(
        Issuer::from_private_key(&private).unwrap().public_key(),
        public
    );
    assert!(Guard::new(&public, b"\xff\xff", noon).is_err());
    assert!(!format!("{:?}", Issuer::from_private_key(&private)).contains(private.expose_secret()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn hostile_tokens_are_refused_and_never_panic(text in "[ -~]{0,300}") {
        let (_, reason) = LAB.refusal(READ, &text);
        prop_assert_eq!(reason, "IDENTITY_INVALID");
        prop_assert!(attenuate(&text, READ, noon()).is_err());
    }

    #[test]
    fn a_changed_token_is_refused_or_says_the_same(position in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_-]") {
        let token = LAB.user(&["stock:read"]);
        let mut changed: Vec<char> = token.trim_end_matches('=').chars().collect();
        // The last letter has bits that no byte holds.
        let at = position.index(changed.len() - 1);
        prop_assume!(changed[at].to_string() != letter);
        changed[at] = letter.chars().next().unwrap();
        let changed: String = changed.into_iter().chain(token.chars().filter(|c| *c == '=')).collect();

        // The envelope around the signed block may differ in what nobody reads.
        match LAB.call(READ, &changed) {
            Ok(caller) => {
                let original = LAB.call(READ, &token).unwrap();
                let statement = |caller: &Caller| format!("{caller:?}");
                prop_assert_eq!(statement(&caller), statement(&original));
            }
            Err(status) => prop_assert_eq!(status.code(), Code::Unauthenticated),
        }
    }

    #[test]
    fn hostile_descriptor_sets_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Policy::from_descriptor_set(&bytes).is_err());
    }
}
