//! Tensors of an Ultralytics `.pt` checkpoint: a zip with a pickled model.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use candle_core::DType;
use zip::{CompressionMethod, ZipArchive};

use super::pickle::{self, Id, Pickle, Value};
use super::{FIRST_WEIGHTS, Source, check_shape, to_f32};
use crate::{Error, Precision, Result};

/// Modules inside modules: the family needs 9.
const DEEPEST: usize = 32;
/// Modules and tensors visited: the largest member has about 5,000.
const MOST_VISITS: usize = 50_000;
/// Pairs of keys and values looked through for those: the largest has about 100,000.
const MOST_LOOKS: usize = 2_000_000;
/// Bytes of a tensor's name with all modules before it: the family needs 45.
const LONGEST_PATH: usize = 256;
/// Bytes of a storage's key, which is a number.
const LONGEST_KEY: usize = 20;
/// Bytes of a storage that are read without asking what for.
const SMALL_STORAGE: usize = 64 << 10;
/// Classes: the largest collections of pictures in use tell some 1,000 apart.
const MOST_CLASSES: usize = 10_000;
/// A class name longer than this is cut.
const LONGEST_NAME: usize = 200;

/// Where one tensor lies.
#[derive(Clone, Debug)]
struct Stored {
    /// Name of the zip entry under `data/`.
    key: String,
    dtype: DType,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// A checkpoint whose pickle was read; storages are read on demand.
pub(crate) struct Checkpoint<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    folder: String,
    tensors: HashMap<String, Stored>,
    classes: Option<Vec<String>>,
}

// === impl Checkpoint ===

impl<'a> Checkpoint<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        let folder = archive
            .file_names()
            .find_map(|name| Some(name.ok()?.strip_suffix("data.pkl")?.to_owned()))
            .ok_or_else(|| Error::Container("the zip has no data.pkl".to_owned()))?;
        let text = read_entry(
            &mut archive,
            &format!("{folder}data.pkl"),
            pickle::MOST_BYTES,
        )?;
        let pickle = Pickle::parse(&text)?;
        let model = find_model(&pickle)?;
        let mut walk = Walk::new(&pickle);
        walk.module(model, "", 0)?;
        let tensors = walk.tensors;
        let classes = pickle.attribute(model, "names");
        let classes = classes.map(|names| class_names(&pickle, names));
        let classes = classes.transpose()?.flatten();
        Ok(Self {
            archive,
            folder,
            tensors,
            classes,
        })
    }
}

impl Source for Checkpoint<'_> {
    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.get(name)?.shape.clone())
    }

    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let missing = || Error::tensor(name, "is missing");
        let stored = self.tensors.get(name).ok_or_else(missing)?;
        check_shape(name, &stored.shape, shape)?;
        let entry = format!("{}data/{}", self.folder, stored.key);
        let values: usize = shape.iter().product();
        // A storage is as large as its tensor, or a few tensors share it.
        let limit = SMALL_STORAGE + 4 * values * stored.dtype.size_in_bytes();
        let bytes = read_entry(&mut self.archive, &entry, limit)?;
        gather(name, &bytes, stored)
    }

    fn classes(&self) -> Option<Vec<String>> {
        self.classes.clone()
    }

    fn precision(&self) -> Precision {
        match self.tensors.get(FIRST_WEIGHTS).map(|stored| stored.dtype) {
            Some(DType::F16 | DType::BF16) => Precision::Half,
            _ => Precision::Single,
        }
    }
}

/// Reads an uncompressed entry, so that no entry is larger than the file.
fn read_entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    limit: usize,
) -> Result<Vec<u8>> {
    let entry = archive.by_name(name).map_err(|error| damaged(&error))?;
    if entry.compression() != CompressionMethod::Stored {
        return Err(Error::Refused(format!("its entry {name} is compressed")));
    }
    let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
    if size > limit {
        return Err(Error::Refused(format!("its entry {name} has {size} bytes")));
    }
    let mut bytes = Vec::with_capacity(size);
    let most = u64::try_from(size).unwrap_or(u64::MAX);
    let read = entry.take(most).read_to_end(&mut bytes);
    read.map_err(|error| Error::Container(error.to_string()))?;
    Ok(bytes)
}

/// The smoothed weights where training kept them, else the plain ones.
fn find_model(pickle: &Pickle) -> Result<Id> {
    let is_object = |id: &Id| matches!(pickle.value(*id), Value::Object { .. });
    let kept = ["ema", "model"];
    let mut found = kept.iter().filter_map(|key| pickle.entry(pickle.root, key));
    found
        .find(is_object)
        .or_else(|| Some(pickle.root).filter(is_object))
        .ok_or_else(|| Error::Architecture("the checkpoint holds no pickled model".to_owned()))
}

/// Collects the tensors of a module and of those inside it.
struct Walk<'a> {
    pickle: &'a Pickle,
    tensors: HashMap<String, Stored>,
    visits: usize,
    looks: usize,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    fn new(pickle: &'a Pickle) -> Self {
        Self {
            pickle,
            tensors: HashMap::new(),
            visits: 0,
            looks: 0,
        }
    }

    fn module(&mut self, module: Id, prefix: &str, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(Error::Refused("its modules are nested too deep".to_owned()));
        }
        for table in ["_parameters", "_buffers"] {
            for (name, value) in self.children(module, table)? {
                if let Some(stored) = stored(self.pickle, value) {
                    self.tensors.insert(path(prefix, name)?, stored);
                }
            }
        }
        for (name, child) in self.children(module, "_modules")? {
            let inner = path(prefix, name)? + ".";
            self.module(child, &inner, depth + 1)?;
        }
        Ok(())
    }

    fn children(&mut self, module: Id, table: &str) -> Result<Vec<(&'a str, Id)>> {
        let pickle = self.pickle;
        self.looks += pickle.attributes(module);
        if self.looks > MOST_LOOKS {
            return Err(Error::Refused("its modules hold too much".to_owned()));
        }
        let Some(table) = pickle.attribute(module, table) else {
            return Ok(Vec::new());
        };
        let Value::Dict(pairs) = pickle.value(table) else {
            return Ok(Vec::new());
        };
        // A module may be reached by many ways: the sum is what is bounded.
        self.visits += pairs.len();
        if self.visits > MOST_VISITS {
            return Err(Error::Refused("it has too many modules".to_owned()));
        }
        let named = pairs
            .iter()
            .filter_map(|(key, value)| match pickle.value(*key) {
                Value::Text(name) => Some((name.as_str(), *value)),
                _ => None,
            });
        Ok(named.collect())
    }
}

/// One long name may stand before any number of others, and costs as much each time.
fn path(prefix: &str, name: &str) -> Result<String> {
    if prefix.len() + name.len() > LONGEST_PATH {
        return Err(Error::Refused(
            "it has a module with too long a name".to_owned(),
        ));
    }
    Ok(format!("{prefix}{name}"))
}

/// Reads a tensor's description, or `None` for what holds no weights.
fn stored(pickle: &Pickle, value: Id) -> Option<Stored> {
    let Value::Call { callee, arguments } = pickle.value(value) else {
        return None;
    };
    let Value::Tuple(arguments) = pickle.value(*arguments) else {
        return None;
    };
    if pickle.is_global(*callee, "torch._utils _rebuild_parameter") {
        let inner = *arguments.first()?;
        let nested = matches!(pickle.value(inner), Value::Call { callee, .. }
            if pickle.is_global(*callee, "torch._utils _rebuild_tensor_v2"));
        return if nested { stored(pickle, inner) } else { None };
    }
    if !pickle.is_global(*callee, "torch._utils _rebuild_tensor_v2") {
        return None;
    }
    let [storage, offset, shape, strides, ..] = arguments.as_slice() else {
        return None;
    };
    let Value::Persistent(reference) = pickle.value(*storage) else {
        return None;
    };
    let Value::Tuple(reference) = pickle.value(*reference) else {
        return None;
    };
    let [_, kind, key, ..] = reference.as_slice() else {
        return None;
    };
    let Value::Text(key) = pickle.value(*key) else {
        return None;
    };
    if key.len() > LONGEST_KEY {
        return None;
    }
    Some(Stored {
        key: key.clone(),
        dtype: element_type(pickle, *kind)?,
        offset: integer(pickle, *offset)?,
        shape: integers(pickle, *shape)?,
        strides: integers(pickle, *strides)?,
    })
}

fn element_type(pickle: &Pickle, kind: Id) -> Option<DType> {
    let Value::Global(name) = pickle.value(kind) else {
        return None;
    };
    match name.as_str() {
        "torch HalfStorage" => Some(DType::F16),
        "torch BFloat16Storage" => Some(DType::BF16),
        "torch FloatStorage" => Some(DType::F32),
        "torch DoubleStorage" => Some(DType::F64),
        _ => None,
    }
}

fn integer(pickle: &Pickle, id: Id) -> Option<usize> {
    match pickle.value(id) {
        Value::Int(value) => usize::try_from(*value).ok(),
        _ => None,
    }
}

fn integers(pickle: &Pickle, id: Id) -> Option<Vec<usize>> {
    let Value::Tuple(items) = pickle.value(id) else {
        return None;
    };
    if items.len() > 4 {
        return None;
    }
    items.iter().map(|item| integer(pickle, *item)).collect()
}

/// Picks a tensor out of its storage, whatever its memory order.
fn gather(name: &str, bytes: &[u8], stored: &Stored) -> Result<Vec<f32>> {
    let Stored {
        key: _,
        dtype,
        offset,
        shape,
        strides,
    } = stored;
    let width = dtype.size_in_bytes();
    let beyond = || Error::tensor(name, "reaches beyond its storage");
    if strides.len() != shape.len() {
        return Err(beyond());
    }
    let mut last = *offset;
    for (length, stride) in shape.iter().zip(strides) {
        let reach = length.saturating_sub(1).checked_mul(*stride);
        last = reach
            .and_then(|reach| last.checked_add(reach))
            .ok_or_else(beyond)?;
    }
    if last >= bytes.len() / width {
        return Err(beyond());
    }
    let count: usize = shape.iter().product();
    let mut picked = Vec::with_capacity(count * width);
    for index in 0..count {
        let mut rest = index;
        let mut at = *offset;
        for (length, stride) in shape.iter().zip(strides).rev() {
            at += rest % length * stride;
            rest /= length;
        }
        picked.extend_from_slice(&bytes[at * width..(at + 1) * width]);
    }
    to_f32(name, &picked, *dtype)
}

/// Reads `{0: "person", …}` or a list.
fn class_names(pickle: &Pickle, names: Id) -> Result<Option<Vec<String>>> {
    let text = |id: &Id| match pickle.value(*id) {
        Value::Text(text) => Some(text.chars().take(LONGEST_NAME).collect::<String>()),
        _ => None,
    };
    match pickle.value(names) {
        Value::List(items) => {
            few_enough(items.len())?;
            Ok(items.iter().map(text).collect())
        }
        Value::Dict(pairs) => {
            few_enough(pairs.len())?;
            let numbered = pairs
                .iter()
                .map(|(key, value)| Some((integer(pickle, *key)?, text(value)?)));
            let Some(by_index) = numbered.collect::<Option<HashMap<_, _>>>() else {
                return Ok(None);
            };
            let by_index = (0..by_index.len()).map(|index| by_index.get(&index).cloned());
            Ok(by_index.collect())
        }
        _ => Ok(None),
    }
}

fn few_enough(classes: usize) -> Result<()> {
    if classes > MOST_CLASSES {
        return Err(Error::Refused(format!("it names {classes} classes")));
    }
    Ok(())
}

fn damaged(error: &zip::result::ZipError) -> Error {
    Error::Container(error.to_string())
}
