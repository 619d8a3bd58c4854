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

/// What makes an object of a class that checkpoints have, with nothing in it yet.
const OBJECT: &[u8] = b"ctorch.nn.modules.container\nSequential\n)\x81";

/// A text as a pickle writes it.
fn text(value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_le_bytes();
    [b"X", &length[..], value.as_bytes()].concat()
}

/// A module with this state, a list of keys and values.
fn module(state: &[u8]) -> Vec<u8> {
    [OBJECT, b"}(", state, b"ub"].concat()
}

/// A table of modules, tensors or class names.
fn table(pairs: &[u8]) -> Vec<u8> {
    [b"}(", pairs, b"u"].concat()
}

/// A tensor that lies in the storage `key`, kept as number 7.
fn tensor(key: &str) -> Vec<u8> {
    let storage = [
        b"(".as_slice(),
        &text("storage"),
        b"ctorch\nFloatStorage\n",
        &text(key),
        &text("cpu"),
        b"K\x01tQ",
    ]
    .concat();
    let rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(".as_slice();
    [rebuild, &storage, b"K\x00K\x01\x85K\x01\x85tRq\x07"].concat()
}

/// A module with one tensor under 40,000 names.
fn many_names(tensor: &[u8]) -> Vec<u8> {
    let mut tensors = [&text("first")[..], tensor].concat();
    for name in 0..40_000 {
        tensors.extend([&text(&name.to_string())[..], b"h\x07"].concat());
    }
    module(&[text("_parameters"), table(&tensors)].concat())
}

/// A pickled module whose two children are the same module, thirty times over.
fn doubling_modules() -> Vec<u8> {
    let mut pickle = [OBJECT, b"q\x00"].concat();
    for depth in 0..30_u8 {
        let mut children = Vec::new();
        for name in ["a", "b"] {
            children.extend([&text(name)[..], b"h", &[depth]].concat());
        }
        pickle.extend(module(&[text("_modules"), table(&children)].concat()));
        pickle.extend([b'q', depth + 1]);
    }
    pickle.push(b'.');
    pickle
}

/// Why a checkpoint with this pickle is refused.
fn refused(mut pickle: Vec<u8>) -> String {
    pickle.push(b'.');
    match load(&checkpoint(&pickle, CompressionMethod::Stored)).unwrap_err() {
        Error::Refused(why) => why,
        other => panic!("not refused for its size: {other}"),
    }
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

/// 1.4 MB asked for 45 GB: a long name stands before each of the short ones.
#[test]
fn one_long_name_before_many_short_ones_is_refused() {
    let inner = many_names(&tensor("0"));
    let child = [text(&"m".repeat(1 << 20)), inner].concat();

    let why = refused(module(&[text("_modules"), table(&child)].concat()));

    assert!(why.contains("too long a name"), "{why}");
}

/// The same with the key of the storage: it names no entry of the file.
#[test]
fn a_storage_key_that_is_no_number_is_no_tensor() {
    let pickle = [many_names(&tensor(&"9".repeat(1 << 20))), b".".to_vec()].concat();

    let lacking = load(&checkpoint(&pickle, CompressionMethod::Stored)).unwrap_err();

    assert!(matches!(lacking, Error::Architecture(_)), "{lacking:?}");
}

/// 3.8 MB asked for 1.5 GB: each class has the same long name.
#[test]
fn more_classes_than_any_collection_has_are_refused() {
    let long = [text(&"n".repeat(200)), b"q\x09".to_vec()].concat();
    let mut names = [b"K\x00".as_slice(), &long].concat();
    for class in 1..300_000_u32 {
        names.extend([b"J", &class.to_le_bytes()[..], b"h\x09"].concat());
    }

    let why = refused(module(&[text("names"), table(&names)].concat()));

    assert!(why.contains("300000 classes"), "{why}");
}

/// Every use of a class whose long name was written once would be a copy of it.
#[test]
fn a_class_with_a_long_name_is_refused() {
    let long = text(&format!("torch.nn.{}", "m".repeat(1 << 20)));
    let kept = [&long[..], b"q\x00", &text("C"), b"q\x01"].concat();
    let uses = b"h\x00h\x01\x93".repeat(200_000);

    let why = refused([kept, uses].concat());

    assert!(why.contains("too long a name"), "{why}");
}

#[test]
fn the_tables_of_the_reader_itself_are_bounded() {
    for one_more in [&b"\x94"[..], b"2", b"("] {
        let why = refused([b"N", &one_more.repeat(3_000_000)[..]].concat());

        assert!(why.contains("too many values"), "{one_more:?}: {why}");
    }
}

/// One module with a large state, reached 40,000 times.
#[test]
fn a_large_module_in_many_places_is_looked_through_a_few_times_only() {
    let large = module(&b"K\x01N".repeat(100_000));
    let mut children = [&text("first")[..], &large, b"q\x07"].concat();
    for name in 0..40_000 {
        children.extend([&text(&name.to_string())[..], b"h\x07"].concat());
    }

    let why = refused(module(&[text("_modules"), table(&children)].concat()));

    assert!(why.contains("hold too much"), "{why}");
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
