//! Pickles, honest and not.

use super::{Pickle, Value};
use crate::Error;

#[test]
fn a_dict_of_scalars_is_read() {
    let pickle = Pickle::parse(b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x07X\x01\x00\x00\x00bNu.");

    let pickle = pickle.unwrap();
    let a = pickle.entry(pickle.root, "a").unwrap();
    assert_eq!(pickle.value(a), &Value::Int(7));
    assert_eq!(pickle.entry(pickle.root, "c"), None);
}

#[test]
fn a_call_into_the_system_is_refused_by_name() {
    let refused = Pickle::parse(b"cos\nsystem\n(X\x02\x00\x00\x00idtR.").unwrap_err();

    assert!(matches!(&refused, Error::Refused(why) if why.contains("os system")));
}

#[test]
fn unbalanced_stacks_are_errors() {
    for bytes in [
        &b"."[..],
        b"(.",
        b"t.",
        b"N(0.",
        b"}(Nu.",
        b"h\x05.",
        b"R.",
        b"b.",
        b"2.",
    ] {
        assert!(Pickle::parse(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_million_nested_lists_are_bounded() {
    let mut bytes = vec![b']'; 2_000_000];
    bytes.push(b'.');
    assert!(matches!(Pickle::parse(&bytes), Err(Error::Refused(_))));

    let mut nested = vec![b']'; 500_000];
    nested.extend(vec![b'a'; 499_999]);
    nested.push(b'.');
    assert!(Pickle::parse(&nested).is_ok(), "depth costs no stack");
}
