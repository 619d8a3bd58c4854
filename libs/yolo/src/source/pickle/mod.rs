//! Reads the pickle in a checkpoint as inert data.
//!
//! Nothing is ever called or imported. Opcodes and global names come from
//! allow-lists, every value is a node in one arena (so nothing recurses), and
//! the number of nodes is bounded.

mod machine;
#[cfg(test)]
mod tests;

use crate::{Error, Result};
use machine::Machine;

/// Bytes of pickle: twenty times what the largest checkpoint in use has.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// Index of a value in its [`Pickle`].
pub(crate) type Id = usize;

/// One value, referring to others by id.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `None`, and whatever a weight file's reader has no use for.
    Nothing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// `module name`.
    Global(String),
    /// An instance that was never made: only its state is kept.
    Object {
        state: Option<Id>,
    },
    /// A call that was never made.
    Call {
        callee: Id,
        arguments: Id,
    },
    /// A reference to something outside the pickle, here a storage.
    Persistent(Id),
}

/// The values of a pickle, and which one is the outermost.
#[derive(Debug)]
pub(crate) struct Pickle {
    nodes: Vec<Value>,
    pub(crate) root: Id,
}

// === impl Pickle ===

impl Pickle {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MOST_BYTES {
            return Err(refused(format!("its pickle has {} bytes", bytes.len())));
        }
        let (nodes, root) = Machine::run(bytes)?;
        Ok(Self { nodes, root })
    }

    pub(crate) fn value(&self, id: Id) -> &Value {
        &self.nodes[id]
    }

    /// The value under a text key of a dict.
    pub(crate) fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Value::Dict(pairs) = self.value(dict) else {
            return None;
        };
        let matches = |id: Id| matches!(self.value(id), Value::Text(text) if text == key);
        // The last one wins, as in Python.
        let found = pairs.iter().rev().find(|(name, _)| matches(*name));
        found.map(|(_, value)| *value)
    }

    /// The value under a key of an object's state.
    pub(crate) fn attribute(&self, object: Id, key: &str) -> Option<Id> {
        let Value::Object { state: Some(state) } = self.value(object) else {
            return None;
        };
        self.entry(*state, key)
    }

    /// How many values an object's state has: what [`attribute`](Self::attribute) looks
    /// through.
    pub(crate) fn attributes(&self, object: Id) -> usize {
        let Value::Object { state: Some(state) } = self.value(object) else {
            return 0;
        };
        match self.value(*state) {
            Value::Dict(pairs) => pairs.len(),
            _ => 0,
        }
    }

    pub(crate) fn is_global(&self, id: Id, name: &str) -> bool {
        matches!(self.value(id), Value::Global(found) if found == name)
    }
}

fn damaged() -> Error {
    Error::Container("the checkpoint's pickle is damaged".to_owned())
}

fn refused(why: String) -> Error {
    Error::Refused(why)
}
