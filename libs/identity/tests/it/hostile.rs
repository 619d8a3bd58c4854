//! Blocks that nobody of ours wrote: refused before any of them is evaluated.

use std::time::{Duration, Instant};

use biscuit_auth::builder::{Algorithm, BlockBuilder};
use biscuit_auth::macros::block;
use biscuit_auth::{KeyPair, UnverifiedBiscuit};
use proptest::prelude::*;
use tonic::Code;

use crate::memory::peak_of;
use crate::*;

/// The promise of an optimized build; without optimization cryptography alone
/// takes longer.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 200 } else { 5 });
const MOST_BYTES: usize = 1 << 20;

pub(crate) fn append(token: &str, block: BlockBuilder) -> String {
    let token = UnverifiedBiscuit::from_base64(token).unwrap();
    token.append(block).unwrap().to_base64().unwrap()
}

fn parsed(source: &str) -> BlockBuilder {
    BlockBuilder::new().code(source).unwrap()
}

/// The reason of the refusal, which has to come in time and without much memory.
pub(crate) fn cheap_refusal(token: &str) -> String {
    let (mut reason, mut took) = refusal(token);
    // Another process may have had the processor meanwhile, but not every time.
    for _ in 0..4 {
        if took < LONGEST {
            break;
        }
        (reason, took) = refusal(token);
    }
    assert!(took < LONGEST, "{took:?}");
    reason
}

/// The reason of the refusal, without much memory, and how long it took.
#[expect(clippy::disallowed_methods, reason = "how long work takes, in fact")]
fn refusal(token: &str) -> (String, Duration) {
    let started = Instant::now();
    let ((_, reason), bytes) = peak_of(|| LAB.refusal(READ, token));
    let took = started.elapsed();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
    (reason, took)
}

/// A hundred and twenty facts, joined four ways: 207 million combinations.
fn join() -> BlockBuilder {
    let facts = (0..120)
        .map(|n| format!("n({n});"))
        .collect::<Vec<_>>()
        .concat();
    parsed(&format!(
        "{facts} r($a, $b, $c, $d) <- n($a), n($b), n($c), n($d);"
    ))
}

#[test]
fn a_block_that_joins_without_end_is_refused_at_once() {
    let valid = append(&LAB.user(&["stock:read"]), join());
    let expired = LAB.issuer.issue(&Grant {
        expires_at: noon() - chrono::Duration::days(1),
        ..grant(CallerKind::User, &["stock:read"])
    });
    let expired = append(&expired.unwrap(), join());

    assert_eq!(cheap_refusal(&valid), "IDENTITY_INVALID");
    assert_eq!(cheap_refusal(&expired), "IDENTITY_INVALID");
}

#[test]
fn an_appended_block_can_neither_widen_nor_say_anything_but_our_checks() {
    let token = LAB.user(&["stock:read"]);
    let until = "check if time($time), $time <= 2026-11-21T12:00:05Z;";
    for source in [
        r#"right("users:manage");"#,
        r#"service("photo"); time(2020-01-01T00:00:00Z);"#,
        r#"right($x) <- right("stock:read"), rpc($x);"#,
        r#"check if right("stock:read");"#,
        r#"check if rpc("a") or rpc("b");"#,
        "check all time($time), $time <= 2026-11-21T12:00:05Z;",
        "reject if time($time), $time <= 2020-01-01T00:00:00Z;",
        "check if time($time), $time >= 2020-01-01T00:00:00Z;",
        "check if time($time), $time <= 2026-11-21T12:00:05Z, 1 < 2;",
        "check if time($time), rpc($rpc), $time <= 2026-11-21T12:00:05Z;",
        "check if time($time) trusting previous, $time <= 2026-11-21T12:00:05Z;",
        r#"trusting previous; check if rpc("/x");"#,
        r#"check if "aaaa".matches("(a|a)*$");"#,
        r#"check if rpc("/a"); check if rpc("/a"); check if rpc("/a");"#,
        // Without an end, or without anything.
        r#"check if rpc("/demeter.stock.v1.BatchService/GetBatch");"#,
        "",
    ] {
        // Some of these do not parse as written; then they cannot be appended.
        let Ok(hostile) = BlockBuilder::new().code(source) else {
            continue;
        };
        assert_eq!(
            cheap_refusal(&append(&token, hostile)),
            "IDENTITY_INVALID",
            "{source}"
        );
    }
    assert!(LAB.call(READ, &append(&token, parsed(until))).is_ok());
}

#[test]
fn a_block_signed_by_somebody_else_is_refused() {
    let token = UnverifiedBiscuit::from_base64(LAB.user(&["stock:read"])).unwrap();
    let stranger = KeyPair::new_with_algorithm(Algorithm::Ed25519);
    let narrowing = block!("check if time($time), $time <= 2026-11-21T12:00:05Z;");
    let foreign = token
        .third_party_request()
        .unwrap()
        .create_block(&stranger.private(), narrowing)
        .unwrap();

    let token = token
        .append_third_party(&foreign.serialize().unwrap())
        .unwrap();

    assert_eq!(
        cheap_refusal(&token.to_base64().unwrap()),
        "IDENTITY_INVALID"
    );
}

#[test]
fn a_token_can_be_narrowed_eight_times_and_no_more() {
    let mut token = LAB.user(&["stock:read"]);
    for _ in 0..8 {
        token = attenuate(&token, READ, noon()).unwrap();
    }

    assert!(LAB.call(READ, &token).is_ok());
    let once_more = attenuate(&token, READ, noon()).unwrap();
    assert_eq!(cheap_refusal(&once_more), "IDENTITY_INVALID");
}

/// The longest path and every right there is must fit the sizes that we allow.
#[test]
fn the_largest_biscuit_of_ours_is_let_in() {
    let policy = Policy::from_descriptor_set(demeter_proto::DESCRIPTOR_SET).unwrap();
    let rights: BTreeSet<Right> = policy
        .iter()
        .filter_map(|(_, access)| match access {
            Access::Permission(right) | Access::Internal(right) => Some(*right),
            Access::Public | Access::Authenticated => None,
        })
        .collect();
    let rights: Vec<&str> = rights.iter().map(|right| right.as_str()).collect();
    for (rpc, access) in policy.iter() {
        if *access == Access::Public {
            continue;
        }
        let mut token = LAB.service(&rights);
        for _ in 0..8 {
            token = attenuate(&token, rpc, noon()).unwrap();
        }
        assert!(LAB.call(rpc, &token).is_ok(), "{rpc}");
    }
}

#[test]
fn many_empty_blocks_are_refused_before_their_signatures_are_looked_at() {
    let mut token = UnverifiedBiscuit::from_base64(LAB.user(&["stock:read"])).unwrap();
    while token.to_vec().unwrap().len() < 5500 {
        token = token.append(BlockBuilder::new()).unwrap();
    }

    assert_eq!(
        cheap_refusal(&token.to_base64().unwrap()),
        "IDENTITY_INVALID"
    );
}

/// One statement of a hostile block.
pub(crate) fn statement() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["n", "rpc", "time", "right", "user", "query"]);
    prop_oneof![
        (name.clone(), any::<i64>()).prop_map(|(name, n)| format!("{name}({n});")),
        (name.clone(), "[a-z/]{0,40}").prop_map(|(name, text)| format!("{name}(\"{text}\");")),
        (name.clone(), 1..6_usize).prop_map(|(name, width)| {
            let variables: Vec<_> = (0..width).map(|n| format!("$v{n}")).collect();
            let body: Vec<_> = variables.iter().map(|v| format!("{name}({v})")).collect();
            format!("out({}) <- {};", variables.join(", "), body.join(", "))
        }),
        (name.clone(), name.clone())
            .prop_map(|(a, b)| format!("check if {a}($a), {b}($b), $a == $b;")),
        (name, 0..4_u8).prop_map(|(name, kind)| match kind {
            0 => format!("check all {name}($a), $a != $a;"),
            1 => format!("reject if {name}($a);"),
            2 => format!("check if {name}($a) or {name}($b);"),
            _ => format!("check if {name}($a), [1, 2, 3].any($p -> $p == $a);"),
        }),
        (0..60_usize).prop_map(|depth| {
            format!("check if {}true{};", "!(".repeat(depth), ")".repeat(depth))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_hostile_block_is_evaluated(
        statements in prop::collection::vec(statement(), 1..150),
        narrowed in any::<bool>(),
    ) {
        let mut token = LAB.user(&["stock:read"]);
        if narrowed {
            token = attenuate(&token, READ, noon()).unwrap();
        }
        let block = BlockBuilder::new().code(statements.concat());
        prop_assume!(block.is_ok());

        let token = append(&token, block.unwrap());

        // An evaluated block would let the call in or name a missing permission.
        prop_assert_eq!(cheap_refusal(&token), "IDENTITY_INVALID");
    }

    #[test]
    fn bytes_that_only_look_like_a_token_cost_nothing(
        bytes in prop::collection::vec(any::<u8>(), 0..6000),
        cut in any::<prop::sample::Index>(),
    ) {
        use base64::Engine as _;
        let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE.encode(bytes);
        let valid = UnverifiedBiscuit::from_base64(LAB.user(&["stock:read"])).unwrap().to_vec().unwrap();
        let cut = cut.index(valid.len());

        prop_assert_eq!(cheap_refusal(&encode(&bytes)), "IDENTITY_INVALID");
        prop_assert_eq!(cheap_refusal(&encode(&[&valid[..cut], &bytes].concat())), "IDENTITY_INVALID");
    }
}

/// A field of protobuf whose content has a length of two bytes.
fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let low = u8::try_from(length & 0x7f).unwrap();
    let high = u8::try_from(length >> 7).unwrap();
    [&[tag, 0x80 | low, high], content].concat()
}

#[test]
fn a_field_repeated_as_often_as_fits_costs_little() {
    use base64::Engine as _;
    // Empty blocks, and empty facts, rules and checks in one block: two bytes each.
    let inside = |tag: u8| field(0x12, &field(0x0a, &[tag, 0].repeat(2900)));
    let many_blocks: Vec<u8> = [0x1a, 0].repeat(3000);
    for bytes in [many_blocks, inside(0x22), inside(0x2a), inside(0x32)] {
        let token = base64::engine::general_purpose::URL_SAFE.encode(bytes);
        assert_eq!(LAB.refusal(READ, &token).0, Code::Unauthenticated);
        assert_eq!(cheap_refusal(&token), "IDENTITY_INVALID");
    }
}
