//! The gate of every service: no valid biscuit, no grant in the proto, no entry.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use biscuit_auth::builder::{Fact, Policy as DatalogPolicy};
use biscuit_auth::error::{Logic, RunLimit, Token};
use biscuit_auth::macros::{fact, policy};
use biscuit_auth::{
    Algorithm, Authorizer, AuthorizerBuilder, AuthorizerLimits, Biscuit, PublicKey,
};
use chrono::{DateTime, Utc};
use http::request::Parts;
use tonic::Status;

use crate::refusal::Refusal;
use crate::shape::Shaped;
use crate::{Access, Caller, CallerKind, Error, HEADER, Policy};

/// What a probe calls without an identity. It reveals whether a service is up.
const HEALTH: &str = "/grpc.health.v1.Health/";

/// The library's default of one millisecond of wall clock is shorter than a
/// turn of the scheduler on a busy machine.
const MAX_EVALUATION: Duration = Duration::from_millis(200);

type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Verifies callers offline and authorizes them. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    public_key: PublicKey,
    rules: Arc<HashMap<String, Rule>>,
    now: Now,
}

/// An RPC's access and the Datalog generated from it.
struct Rule {
    access: Access,
    authorizer: AuthorizerBuilder,
}

// === impl Guard ===

impl Guard {
    /// Takes the issuer's public key (hex) and the encoded descriptor set that
    /// says who may call what. `now` is asked at every call.
    pub fn new(
        public_key_hex: &str,
        descriptor_set: &[u8],
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let Ok(public_key) = PublicKey::from_bytes_hex(public_key_hex.trim(), Algorithm::Ed25519)
        else {
            return Err(Error::Key);
        };
        let policy = Policy::from_descriptor_set(descriptor_set)?;
        let rules = policy
            .all()
            .map(|(rpc, access)| {
                Ok((
                    rpc.to_owned(),
                    Rule::generate(rpc, access).map_err(Error::Token)?,
                ))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            public_key,
            rules: Arc::new(rules),
            now: Arc::new(now),
        })
    }

    /// The gate of a gRPC server: refuses, or puts the [`Caller`] into the
    /// request's extensions.
    pub fn gate(
        &self,
    ) -> impl Fn(&mut Parts) -> Result<(), Status> + Send + Sync + Clone + 'static {
        let guard = self.clone();
        move |parts| guard.admit(parts).map_err(Status::from)
    }

    fn admit(&self, parts: &mut Parts) -> Result<(), Refusal> {
        let rpc = parts.uri.path();
        if rpc.starts_with(HEALTH) {
            return Ok(());
        }
        let rule = self.rules.get(rpc).ok_or(Refusal::Unknown)?;
        if rule.access == Access::Public {
            return Ok(());
        }
        let token = identity(parts)?;
        let caller = self.authorize(rule, &token)?;
        parts.extensions.insert(caller);
        Ok(())
    }

    fn authorize(&self, rule: &Rule, token: &str) -> Result<Caller, Refusal> {
        let Some(shaped) = Shaped::read(token) else {
            return Err(Refusal::Invalid);
        };
        let Ok(biscuit) = Biscuit::from(&shaped.bytes, self.public_key) else {
            return Err(Refusal::Invalid);
        };
        let now = (self.now)();
        let has_ended = u64::try_from(now.timestamp()).is_ok_and(|now| now > shaped.last_second);
        if has_ended {
            return Err(Refusal::Expired);
        }
        let now: SystemTime = now.into();
        let mut authorizer = rule
            .authorizer
            .clone()
            .fact(fact!("time({now})"))
            .and_then(|builder| builder.build(&biscuit))
            .map_err(|error| broken(&error))?;
        match authorizer.authorize() {
            Ok(_policy) => caller(&mut authorizer, token),
            Err(error) => Err(rule.refuse(&error, &mut authorizer)),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Guard")
            .field("rpcs", &self.rules.len())
            .finish_non_exhaustive()
    }
}

// === impl Rule ===

impl Rule {
    /// Only facts of the authority block can match: a block that somebody
    /// appended holds checks alone ([`Shaped`]). Whatever no policy allows is
    /// denied.
    fn generate(rpc: &str, access: &Access) -> Result<Self, Token> {
        let limits = AuthorizerLimits {
            max_time: MAX_EVALUATION,
            ..AuthorizerLimits::default()
        };
        let mut authorizer = AuthorizerBuilder::new()
            .set_limits(limits)
            .fact(fact!("rpc({rpc})"))?;
        for policy in policies(access) {
            authorizer = authorizer.policy(policy)?;
        }
        Ok(Self {
            access: access.clone(),
            authorizer,
        })
    }

    fn refuse(&self, error: &Token, authorizer: &mut Authorizer) -> Refusal {
        let Token::FailedLogic(Logic::Unauthorized { .. } | Logic::NoMatchingPolicy { .. }) = error
        else {
            return broken(error);
        };
        match &self.access {
            Access::Internal(_) if is_user(authorizer) => Refusal::InternalOnly,
            Access::Permission(right) | Access::Internal(right) => {
                Refusal::PermissionMissing(Some(*right))
            }
            // A biscuit that was narrowed to another RPC.
            Access::Public | Access::Authenticated => Refusal::PermissionMissing(None),
        }
    }
}

fn policies(access: &Access) -> Vec<DatalogPolicy> {
    match access {
        // Let in before a biscuit is read.
        Access::Public => Vec::new(),
        Access::Authenticated => vec![
            policy!("allow if user($user)"),
            policy!("allow if service($service)"),
        ],
        Access::Permission(right) => {
            let right = right.as_str();
            vec![
                policy!("allow if user($user), right({right})"),
                policy!("allow if service($service), right({right})"),
            ]
        }
        Access::Internal(right) => vec![policy!(
            "allow if service($service), right({right})",
            right = right.as_str()
        )],
    }
}

/// An error that is not a decision.
fn broken(error: &Token) -> Refusal {
    match error {
        Token::RunLimit(RunLimit::Timeout) => Refusal::Undecided,
        _ => Refusal::Invalid,
    }
}

// === reading ===

/// The one biscuit of a request. Two would let a caller show one to the
/// gateway and another to us.
fn identity(parts: &Parts) -> Result<String, Refusal> {
    let mut values = parts.headers.get_all(HEADER).iter();
    let value = values.next().ok_or(Refusal::Missing)?;
    match value.to_str() {
        Ok(token) if values.next().is_none() => Ok(token.to_owned()),
        _ => Err(Refusal::Invalid),
    }
}

fn caller(authorizer: &mut Authorizer, token: &str) -> Result<Caller, Refusal> {
    let mut users = texts(authorizer, "data($text) <- user($text)")?;
    let mut services = texts(authorizer, "data($text) <- service($text)")?;
    let (subject, kind) = match (users.pop(), services.pop()) {
        (Some(user), None) => (user, CallerKind::User),
        (None, Some(service)) => (service, CallerKind::Service),
        _ => return Err(Refusal::Invalid),
    };
    if !users.is_empty() || !services.is_empty() {
        return Err(Refusal::Invalid);
    }
    Ok(Caller {
        subject,
        kind,
        // A right that this version does not know opens nothing here.
        rights: texts(authorizer, "data($text) <- right($text)")?
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect(),
        session: texts(authorizer, "data($text) <- session($text)")?.pop(),
        request_id: texts(authorizer, "data($text) <- request_id($text)")?.pop(),
        token: token.into(),
    })
}

fn is_user(authorizer: &mut Authorizer) -> bool {
    texts(authorizer, "data($text) <- user($text)").is_ok_and(|users| !users.is_empty())
}

/// Asks the authority block for facts of one text.
fn texts(authorizer: &mut Authorizer, rule: &str) -> Result<Vec<String>, Refusal> {
    let found: Vec<Fact> = authorizer.query(rule).map_err(|error| broken(&error))?;
    found
        .into_iter()
        .map(|fact| {
            <(String,)>::try_from(fact)
                .map(|(text,)| text)
                .map_err(|error| broken(&error))
        })
        .collect()
}
