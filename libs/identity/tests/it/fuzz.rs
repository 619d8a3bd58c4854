//! Hostile tokens for as long as one likes: `make fuzz`.
//!
//! Each is refused, in time and without much memory, and none is evaluated; what is
//! not refused, or costs too much, is printed as it is.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use biscuit_auth::UnverifiedBiscuit;
use biscuit_auth::builder::BlockBuilder;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::hostile::{append, cheap_refusal, statement};
use crate::*;

/// A message of protobuf that follows no schema: numbers, bytes, and messages inside.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let number = (1..14_u8, any::<u32>()).prop_map(|(name, number)| {
        let number = varint(usize::try_from(number).unwrap());
        [&[name << 3], number.as_slice()].concat()
    });
    let bytes = (1..14_u8, prop::collection::vec(any::<u8>(), 0..40))
        .prop_map(|(name, bytes)| field(name, &bytes));
    let leaf = prop_oneof![number, bytes];
    leaf.prop_recursive(6, 120, 12, |inner| {
        (1..14_u8, prop::collection::vec(inner, 0..12))
            .prop_map(|(name, parts)| field(name, &parts.concat()))
    })
}

/// A number as protobuf writes it.
fn varint(mut number: usize) -> Vec<u8> {
    let low = |number: usize| u8::try_from(number & 0x7f).unwrap();
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(0x80 | low(number));
        number >>= 7;
    }
    bytes.push(low(number));
    bytes
}

/// A field whose content says its length.
fn field(name: u8, content: &[u8]) -> Vec<u8> {
    let length = varint(content.len());
    [&[(name << 3) | 2], length.as_slice(), content].concat()
}

/// A valid token, perhaps narrowed, with a block appended that we did not write.
fn with_a_block() -> impl Strategy<Value = Option<String>> {
    let statements = prop::collection::vec(statement(), 0..200);
    (statements, 0..9_usize).prop_map(|(statements, times)| {
        let block = BlockBuilder::new().code(statements.concat()).ok()?;
        Some(append(&narrowed(times), block))
    })
}

/// A valid token of which some bytes are others, more or fewer.
fn damaged() -> impl Strategy<Value = Option<String>> {
    let piece = prop_oneof![prop::collection::vec(any::<u8>(), 0..8), message()];
    let damage = (any::<prop::sample::Index>(), 0..8_usize, piece);
    (0..3_usize, prop::collection::vec(damage, 1..6)).prop_map(|(times, damages)| {
        let token = UnverifiedBiscuit::from_base64(narrowed(times)).unwrap();
        let mut bytes = token.to_vec().unwrap();
        for (at, length, piece) in damages {
            let from = at.index(bytes.len() + 1);
            let to = bytes.len().min(from + length);
            bytes.splice(from..to, piece);
        }
        let damaged = URL_SAFE.encode(&bytes);
        (damaged != narrowed(times)).then_some(damaged)
    })
}

/// An envelope of ours around blocks that nobody of ours wrote.
fn made_up() -> impl Strategy<Value = Option<String>> {
    let block = prop::collection::vec(message(), 0..12).prop_map(|parts| parts.concat());
    prop::collection::vec(block, 1..12).prop_map(|blocks| {
        let signed = |block: Vec<u8>| field(1, &block);
        let mut names = std::iter::once(2).chain(std::iter::repeat(3));
        let token: Vec<u8> = blocks
            .into_iter()
            .flat_map(|block| field(names.next().unwrap(), &signed(block)))
            .collect();
        Some(URL_SAFE.encode(token))
    })
}

fn narrowed(times: usize) -> String {
    let mut token = LAB.user(&["stock:read"]);
    for _ in 0..times {
        token = attenuate(&token, READ, noon()).unwrap();
    }
    token
}

/// A damaged envelope may still hold the same signed blocks; then it says the same.
fn must_be_refused(token: &str) {
    if let Ok(caller) = LAB.call(READ, token) {
        let original = LAB.call(READ, &narrowed(0)).unwrap();
        assert_eq!(format!("{caller:?}"), format!("{original:?}"), "{token}");
        return;
    }
    let reason = std::panic::catch_unwind(|| cheap_refusal(token));
    let reason = reason.unwrap_or_else(|_said| panic!("it costs too much: {token}"));
    assert!(
        ["IDENTITY_INVALID", "IDENTITY_EXPIRED", "PERMISSION_MISSING"].contains(&reason.as_str()),
        "{reason}: {token}"
    );
}

#[test]
#[ignore = "runs for FUZZ_SECONDS, 60 unless it says otherwise"]
#[expect(clippy::disallowed_methods, reason = "it runs for a while, in fact")]
#[expect(clippy::print_stderr, reason = "says what was done")]
fn fuzz_identities() {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(60, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut runner = TestRunner::default();
    let tokens = prop_oneof![with_a_block(), damaged(), made_up()];
    let mut tried = 0_u64;
    while Instant::now() < end {
        let Some(token) = tokens.new_tree(&mut runner).unwrap().current() else {
            continue;
        };
        must_be_refused(&token);
        tried += 1;
    }
    assert!(tried > 0);
    eprintln!("{tried} hostile identities in {seconds} s");
}
