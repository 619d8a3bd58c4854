//! Who may call what: every RPC as everyone, through the gateway and at the
//! services' own ports, against what the protos say.

use std::collections::BTreeSet;

use demeter_clock::Clock;
use demeter_grpc::{Channel, Mesh};
use demeter_identity::{Access, CallerKind, Grant, HEADER, Issuer, Policy, Right};
use demeter_proto::DESCRIPTOR_SET;
use tonic::Code;

use crate::harness::{System, User, on_defaults};
use crate::raw::call;

const ROLES: [&str; 4] = [
    "ROLE_VIEWER",
    "ROLE_WORKER",
    "ROLE_SUPERVISOR",
    "ROLE_ADMIN",
];
/// In the order of the services' ports.
const SERVICES: [&str; 4] = ["auth", "stock", "photo", "inference"];

/// Someone, and what they show.
struct Identity {
    name: String,
    header: Option<(&'static str, String)>,
    /// What they may do; none when nobody should believe them.
    rights: Option<BTreeSet<Right>>,
    is_service: bool,
}

/// What becomes of a call.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is let through; what the service says of an empty message is its own.
    Passes,
    /// Who is this?
    Unauthenticated,
    /// Not for them.
    Denied,
    /// There is no such thing here.
    NoWayIn,
}

impl Verdict {
    fn of(code: Code) -> Self {
        match code {
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Denied,
            Code::Unimplemented => Self::NoWayIn,
            _ => Self::Passes,
        }
    }

    /// What the protos say.
    fn expected(access: &Access, who: &Identity) -> Self {
        if *access == Access::Public {
            return Self::Passes;
        }
        let Some(rights) = &who.rights else {
            return Self::Unauthenticated;
        };
        let passes = match access {
            Access::Public | Access::Authenticated => true,
            Access::Permission(right) => rights.contains(right),
            Access::Internal(right) => who.is_service && rights.contains(right),
        };
        if passes { Self::Passes } else { Self::Denied }
    }

    /// The same, of someone whose session is asked for and is none.
    fn in_no_session(self) -> Self {
        match self {
            Self::Passes => Self::Unauthenticated,
            other => other,
        }
    }
}

/// Nobody, and tokens that are not ours.
fn strangers(header: &'static str, prefix: &str) -> Vec<Identity> {
    let stranger = |name: &str, value: Option<String>| Identity {
        name: name.to_owned(),
        header: value.map(|value| (header, format!("{prefix}{value}"))),
        rights: None,
        is_service: false,
    };
    let (foreign_key, _) = Issuer::generate();
    let foreign = Issuer::from_private_key(&foreign_key).unwrap();
    vec![
        stranger("nobody", None),
        stranger("nonsense", Some("nonsense".to_owned())),
        stranger(
            "a foreign key",
            Some(foreign.issue(&grant(all(), CallerKind::User, 60)).unwrap()),
        ),
    ]
}

pub(crate) fn all() -> BTreeSet<Right> {
    let policy = Policy::from_descriptor_set(DESCRIPTOR_SET).unwrap();
    let rights = policy.iter().filter_map(|(_, access)| match access {
        Access::Permission(right) | Access::Internal(right) => Some(*right),
        Access::Public | Access::Authenticated => None,
    });
    rights.collect()
}

pub(crate) fn grant(rights: BTreeSet<Right>, kind: CallerKind, seconds: i64) -> Grant {
    Grant {
        subject: "0190a8f0-0000-7000-8000-000000000001".to_owned(),
        kind,
        rights,
        session: None,
        request_id: None,
        expires_at: Clock::system().now() + chrono::TimeDelta::seconds(seconds),
    }
}

async fn signed_in(system: &System) -> Vec<(String, User, BTreeSet<Right>)> {
    let mut people = Vec::new();
    for role in ROLES {
        let user = system.user(role).await;
        let me = user.read("/api/v1/auth/me").await;
        let rights = me["permissions"].as_array().unwrap().iter();
        let rights = rights.map(|right| right.as_str().unwrap().parse().unwrap());
        let rights = rights.collect();
        people.push((role.to_owned(), user, rights));
    }
    people
}

/// Biscuits as auth would issue them, and some that it would not.
fn biscuits(system: &System, people: &[(String, User, BTreeSet<Right>)]) -> Vec<Identity> {
    let key = system.secret("identity.key");
    let issuer = Issuer::from_private_key(&key.into()).unwrap();
    let identity = |name: &str, grant: Grant, good: bool| Identity {
        name: name.to_owned(),
        header: Some((HEADER, issuer.issue(&grant).unwrap())),
        is_service: grant.kind == CallerKind::Service,
        rights: good.then_some(grant.rights),
    };
    let mut identities = strangers(HEADER, "");
    for (role, _, rights) in people {
        let grant = grant(rights.clone(), CallerKind::User, 600);
        identities.push(identity(role, grant, true));
    }
    identities.push(identity(
        "a user with every right",
        grant(all(), CallerKind::User, 600),
        true,
    ));
    identities.push(identity(
        "a service",
        grant(all(), CallerKind::Service, 600),
        true,
    ));
    identities.push(identity(
        "expired",
        grant(all(), CallerKind::Service, -60),
        false,
    ));
    identities
}

/// The cells of a table, and those that are not as the protos say.
#[derive(Default)]
struct Table {
    cells: usize,
    wrong: Vec<String>,
}

impl Table {
    async fn cell(&mut self, channel: &Channel, rpc: &str, who: &Identity, expected: Verdict) {
        let header = who.header.as_ref();
        let header = header.map(|(name, value)| (*name, value.as_str()));
        let code = call(channel, rpc, header).await;
        self.cells += 1;
        if Verdict::of(code) != expected {
            let name = &who.name;
            self.wrong
                .push(format!("{rpc} as {name}: {code:?}, expected {expected:?}"));
        }
    }
}

/// Ends the caller's session, so it comes last.
fn ends_the_session(rpc: &str) -> bool {
    rpc.ends_with("/Logout")
}

fn rpcs() -> Vec<(String, Access)> {
    let policy = Policy::from_descriptor_set(DESCRIPTOR_SET).unwrap();
    let rpcs = policy
        .iter()
        .map(|(rpc, access)| (rpc.to_owned(), access.clone()));
    let mut rpcs: Vec<_> = rpcs.collect();
    rpcs.sort_by_key(|(rpc, _)| (ends_the_session(rpc), rpc.clone()));
    rpcs
}

async fn through_the_gateway(system: &System, people: &[(String, User, BTreeSet<Right>)]) -> Table {
    let gateway = Mesh::Clear.channel("gateway", &system.url()).unwrap();
    let mut identities = strangers("authorization", "Bearer ");
    for (role, user, rights) in people {
        identities.push(Identity {
            name: role.clone(),
            header: Some(("authorization", format!("Bearer {}", user.token))),
            rights: Some(rights.clone()),
            is_service: false,
        });
    }
    let mut table = Table::default();
    for (rpc, access) in rpcs() {
        for who in &identities {
            // It has no route at all, so the token is looked at first.
            let unrouted = rpc.contains(".ServiceTokenService/");
            let expected = if unrouted && who.rights.is_none() {
                Verdict::Unauthenticated
            } else if unrouted || matches!(access, Access::Internal(_)) {
                Verdict::NoWayIn
            } else {
                Verdict::expected(&access, who)
            };
            table.cell(&gateway, &rpc, who, expected).await;
        }
    }
    table
}

async fn at_the_ports(system: &System, people: &[(String, User, BTreeSet<Right>)]) -> Table {
    let identities = biscuits(system, people);
    // A certificate opens the connection; what the call may do, its identity says.
    let neighbour = system.member("photo");
    let mut table = Table::default();
    for (rpc, access) in rpcs() {
        let owner = SERVICES
            .iter()
            .position(|name| rpc.starts_with(&format!("/demeter.{name}.")));
        let owner = owner.unwrap();
        let url = format!("https://{}", system.grpc(owner));
        let channel = neighbour.channel(SERVICES[owner], &url).unwrap();
        for who in &identities {
            let expected = match access {
                // It is about the caller's session, and these have none.
                Access::Authenticated => Verdict::Unauthenticated,
                // Who may list people is asked of the session, as it is now. The others
                // that ask it find fault with an empty message first.
                _ if rpc.ends_with("UserService/ListUsers") => {
                    Verdict::expected(&access, who).in_no_session()
                }
                _ => Verdict::expected(&access, who),
            };
            table.cell(&channel, &rpc, who, expected).await;
        }
    }
    table
}

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "how many cells there are is worth knowing"
)]
async fn every_rpc_lets_in_exactly_whom_the_protos_say() {
    let Some(system) = on_defaults().await else {
        return;
    };
    let people = signed_in(&system).await;

    // The gateway last: there signing out ends the sessions.
    let direct = at_the_ports(&system, &people).await;
    let through = through_the_gateway(&system, &people).await;

    println!(
        "{} cells through the gateway, {} at the ports",
        through.cells, direct.cells
    );
    let wrong = [through.wrong, direct.wrong].concat();
    assert!(
        wrong.is_empty(),
        "{} cells are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(through.cells >= 250 && direct.cells >= 350);
}
