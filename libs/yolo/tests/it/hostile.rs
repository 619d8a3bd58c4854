//! Files that lie: every one must fail, quickly and without a panic.

use std::io::{Cursor, Write};

use demeter_testkit::shared_file;
use demeter_yolo::{Device, Error, Model};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn load(bytes: &[u8]) -> Result<Model, Error> {
    Model::from_bytes(bytes, &Device::Cpu)
}

fn checkpoint(pickle: &[u8], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    zip.start_file("m/data.pkl", options).unwrap();
    zip.write_all(pickle).unwrap();
    zip.finish().unwrap().into_inner()
}

fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// A pickled module whose two children are the same module, thirty times over.
fn doubling_modules() -> Vec<u8> {
    let text = |value: &str| {
        let mut bytes = vec![0x8c, u8::try_from(value.len()).unwrap()];
        bytes.extend_from_slice(value.as_bytes());
        bytes
    };
    let class = b"ctorch.nn.modules.container\nSequential\n)\x81";
    let mut pickle = [&class[..], b"q\x00"].concat();
    for depth in 0..30_u8 {
        pickle.extend([&class[..], b"}(", &text("_modules"), b"}("].concat());
        for name in ["a", "b"] {
            pickle.extend([&text(name)[..], b"h", &[depth]].concat());
        }
        pickle.extend([&b"uubq"[..], &[depth + 1]].concat());
    }
    pickle.push(b'.');
    pickle
}

#[test]
fn files_of_no_kind_are_refused() {
    for bytes in [&b""[..], b"PK\x03\x04", b"hello", &[0xff; 64], &[0; 64]] {
        assert!(load(bytes).is_err());
    }
}

#[test]
fn headers_that_declare_too_much_are_refused() {
    let huge = r#"{"model.0.conv.weight":{"dtype":"F32","shape":[16,3,3,3],"data_offsets":[0,99999999999]}}"#;
    assert!(load(&safetensors(huge, &[])).is_err());

    let overflow = r#"{"a":{"dtype":"F32","shape":[9223372036854775807,8],"data_offsets":[0,4]}}"#;
    assert!(load(&safetensors(overflow, &[0; 4])).is_err());

    assert!(load(&[&u64::MAX.to_le_bytes()[..], b"{}"].concat()).is_err());
}

#[test]
fn a_network_of_another_kind_is_named_as_such() {
    let other = r#"{"layer.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;

    let refused = load(&safetensors(other, &[0; 4])).unwrap_err();

    assert!(matches!(refused, Error::Architecture(_)));
}

#[test]
fn a_class_count_out_of_proportion_allocates_nothing() {
    // The shapes promise more classes than any file could hold.
    let header = r#"{"model.0.conv.weight":{"dtype":"F32","shape":[16,3,3,3],"data_offsets":[0,1728]},
        "model.23.cv3.0.2.weight":{"dtype":"F32","shape":[1000000000000,0,1,1],"data_offsets":[1728,1728]}}"#;

    let refused = load(&safetensors(header, &[0; 1728])).unwrap_err();

    assert!(matches!(refused, Error::Architecture(_)), "{refused:?}");
}

#[test]
fn a_checkpoint_that_would_run_code_is_refused() {
    let pickle = b"cposix\nsystem\n(X\x05\x00\x00\x00touchtR.";

    let refused = load(&checkpoint(pickle, CompressionMethod::Stored)).unwrap_err();

    assert!(matches!(&refused, Error::Refused(why) if why.contains("posix system")));
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let zeros = vec![b'N'; 50_000_000];

    let refused = load(&checkpoint(&zeros, CompressionMethod::Deflated)).unwrap_err();

    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
}

#[test]
fn modules_reached_by_exponentially_many_ways_are_bounded() {
    let pickle = doubling_modules();

    let refused = load(&checkpoint(&pickle, CompressionMethod::Stored)).unwrap_err();

    assert!(matches!(&refused, Error::Refused(why) if why.contains("modules")));
}

#[test]
fn damaged_weight_files_never_panic() {
    for name in ["models/yolo11n-coco.pt", "models/yolo11n-coco.safetensors"] {
        let Some(path) = shared_file(name) else {
            return;
        };
        let whole = std::fs::read(path).unwrap();
        for share in 0..8 {
            assert!(load(&whole[..whole.len() * share / 8]).is_err());
        }
        // The structure sits at the front of both, and at the end of the zip.
        for position in (0..20_000)
            .step_by(997)
            .chain(whole.len() - 2000..whole.len() - 1900)
        {
            let mut damaged = whole.clone();
            damaged[position] ^= 0x55;
            // Either answer is right: a bit of a weight may have flipped.
            drop(load(&damaged));
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        drop(load(&bytes));
        drop(load(&[b"PK\x03\x04", &bytes[..]].concat()));
    }

    #[test]
    fn random_pickles_never_panic(pickle in proptest::collection::vec(
        prop_oneof![any::<u8>(), proptest::sample::select(&b"()]}.NKqhrjXcRbQtseuad012\x81\x85\x86\x87\x93\x94"[..])],
        0..300,
    )) {
        prop_assert!(load(&checkpoint(&pickle, CompressionMethod::Stored)).is_err());
    }
}
