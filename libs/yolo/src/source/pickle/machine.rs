//! The stack machine that a pickle is written for, as far as it makes inert data.

use std::collections::HashMap;

use super::{Id, Value, damaged, refused};
use crate::Result;

/// Values, and places of each of the reader's own tables: fifty times what the largest
/// checkpoint in use has.
const MOST_NODES: usize = 1_000_000;

/// Bytes of a global name: the family's longest has 54.
const LONGEST_GLOBAL: usize = 200;

/// Modules whose classes may appear as names of inert objects.
const ALLOWED_PREFIXES: [&str; 2] = ["torch.nn.", "ultralytics."];
/// Other names that Ultralytics checkpoints contain.
const ALLOWED_GLOBALS: [&str; 27] = [
    "__builtin__ set",
    "builtins set",
    "__builtin__ dict",
    "builtins dict",
    "__builtin__ list",
    "builtins list",
    "collections OrderedDict",
    "collections defaultdict",
    "argparse Namespace",
    "types SimpleNamespace",
    "pathlib Path",
    "pathlib PosixPath",
    "pathlib WindowsPath",
    "pathlib PurePosixPath",
    "datetime datetime",
    "torch Size",
    "torch device",
    "torch float16",
    "torch float32",
    "torch HalfStorage",
    "torch BFloat16Storage",
    "torch FloatStorage",
    "torch DoubleStorage",
    "torch LongStorage",
    "torch IntStorage",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
];

#[derive(PartialEq, Eq)]
enum Step {
    Next,
    Stop,
}

/// Reads opcodes from bytes.
pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Value>,
    stack: Vec<Id>,
    /// Stack heights at each open mark.
    marks: Vec<usize>,
    memo: HashMap<usize, Id>,
}

// === impl Machine ===

impl<'a> Machine<'a> {
    /// Runs a pickle to its end: its values, and which of them it is about.
    pub(super) fn run(bytes: &'a [u8]) -> Result<(Vec<Value>, Id)> {
        let mut machine = Self::new(bytes);
        while machine.step()? == Step::Next {}
        let root = machine.pop()?;
        Ok((machine.nodes, root))
    }

    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    fn step(&mut self) -> Result<Step> {
        let opcode = self.take(1)?[0];
        match opcode {
            b'.' => return Ok(Step::Stop),
            0x80 => self.protocol()?,
            0x95 => _ = self.take(8)?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' | b'1' | b'2' => self.shuffle(opcode)?,
            b'q' | b'r' | 0x94 | b'h' | b'j' => self.memory(opcode)?,
            b'N' | 0x88 | 0x89 | b'J' | b'K' | b'M' | 0x8a | b'G' => self.scalar(opcode)?,
            b'X' | 0x8c | 0x8d | b'C' | b'B' | 0x8e | b'U' | b'T' => self.text(opcode)?,
            b')' | b't' | 0x85..=0x87 => self.tuple(opcode)?,
            b']' | b'l' | b'a' | b'e' | 0x8f | 0x90 | 0x91 => self.list(opcode)?,
            b'}' | b'd' | b's' | b'u' => self.dict(opcode)?,
            b'c' | 0x93 => self.global(opcode)?,
            b'R' | 0x81 | 0x92 | b'b' | b'Q' => self.object(opcode)?,
            _ => return Err(refused(format!("its pickle uses opcode {opcode:#04x}"))),
        }
        let longest = self.stack.len().max(self.marks.len()).max(self.memo.len());
        if longest > MOST_NODES {
            return Err(refused("its pickle keeps too many values".to_owned()));
        }
        Ok(Step::Next)
    }

    fn protocol(&mut self) -> Result<()> {
        let version = self.take(1)?[0];
        if version <= 5 {
            return Ok(());
        }
        Err(refused(format!("its pickle has protocol {version}")))
    }

    fn shuffle(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            b'0' => _ = self.pop()?,
            b'1' => _ = self.pop_mark()?,
            _ => {
                let top = self.pop()?;
                self.stack.extend([top, top]);
            }
        }
        Ok(())
    }

    fn memory(&mut self, opcode: u8) -> Result<()> {
        let index = match opcode {
            b'q' | b'h' => self.unsigned(1)?,
            b'r' | b'j' => self.unsigned(4)?,
            _ => self.memo.len(),
        };
        if matches!(opcode, b'h' | b'j') {
            let known = self.memo.get(&index).copied();
            self.stack.push(known.ok_or_else(damaged)?);
            return Ok(());
        }
        let top = self.stack.last().copied().ok_or_else(damaged)?;
        self.memo.insert(index, top);
        Ok(())
    }

    fn scalar(&mut self, opcode: u8) -> Result<()> {
        let value = match opcode {
            b'N' => Value::Nothing,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'J' => Value::Int(i64::from(i32::from_le_bytes(self.array()?))),
            b'K' => Value::Int(i64::from(self.take(1)?[0])),
            b'M' => Value::Int(i64::from(u16::from_le_bytes(self.array()?))),
            0x8a => self.long()?,
            _ => Value::Float(f64::from_be_bytes(self.array()?)),
        };
        self.push(value)
    }

    fn long(&mut self) -> Result<Value> {
        let count = self.unsigned(1)?;
        let digits = self.take(count)?;
        if digits.len() > 8 {
            return Ok(Value::Nothing);
        }
        let negative = digits.last().is_some_and(|top| top & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..digits.len()].copy_from_slice(digits);
        Ok(Value::Int(i64::from_le_bytes(wide)))
    }

    fn text(&mut self, opcode: u8) -> Result<()> {
        let width = match opcode {
            0x8c | b'C' | b'U' => 1,
            0x8d | 0x8e => 8,
            _ => 4,
        };
        let count = self.unsigned(width)?;
        let bytes = self.take(count)?;
        let value = if matches!(opcode, b'X' | 0x8c | 0x8d) {
            Value::Text(utf8(bytes)?.to_owned())
        } else {
            Value::Nothing
        };
        self.push(value)
    }

    fn tuple(&mut self, opcode: u8) -> Result<()> {
        let items = match opcode {
            b')' => Vec::new(),
            b't' => self.pop_mark()?,
            _ => self.pop_many(usize::from(opcode - 0x84))?,
        };
        self.push(Value::Tuple(items))
    }

    fn list(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            b']' | 0x8f => self.push(Value::List(Vec::new())),
            b'l' | 0x91 => {
                let items = self.pop_mark()?;
                self.push(Value::List(items))
            }
            b'a' => {
                let items = self.pop_many(1)?;
                self.extend(items)
            }
            _ => {
                let items = self.pop_mark()?;
                self.extend(items)
            }
        }
    }

    fn extend(&mut self, items: Vec<Id>) -> Result<()> {
        let top = self.stack.last().copied().ok_or_else(damaged)?;
        // An unmade object takes no items: what they meant is not known.
        if let Value::List(list) = &mut self.nodes[top] {
            list.extend(items);
        }
        Ok(())
    }

    fn dict(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            b'}' => return self.push(Value::Dict(Vec::new())),
            b'd' => {
                let pairs = pairs(&self.pop_mark()?)?;
                return self.push(Value::Dict(pairs));
            }
            _ => {}
        }
        let items = if opcode == b's' {
            self.pop_many(2)?
        } else {
            self.pop_mark()?
        };
        let new = pairs(&items)?;
        let top = self.stack.last().copied().ok_or_else(damaged)?;
        if let Value::Dict(known) = &mut self.nodes[top] {
            known.extend(new);
        }
        Ok(())
    }

    fn global(&mut self, opcode: u8) -> Result<()> {
        let (module, name) = if opcode == b'c' {
            (self.line()?, self.line()?)
        } else {
            let parts = self.pop_many(2)?;
            let (Value::Text(module), Value::Text(name)) =
                (&self.nodes[parts[0]], &self.nodes[parts[1]])
            else {
                return Err(damaged());
            };
            (module.as_str(), name.as_str())
        };
        // A text that is kept once may be named any number of times.
        if module.len() + name.len() > LONGEST_GLOBAL {
            return Err(refused(
                "it names something with too long a name".to_owned(),
            ));
        }
        let name = format!("{module} {name}");
        let known = ALLOWED_GLOBALS.contains(&name.as_str());
        if known
            || ALLOWED_PREFIXES
                .iter()
                .any(|prefix| name.starts_with(prefix))
        {
            return self.push(Value::Global(name));
        }
        Err(refused(format!("it names `{name}`, which no weights need")))
    }

    fn object(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            b'Q' => {
                let id = self.pop()?;
                self.push(Value::Persistent(id))
            }
            b'R' => {
                let arguments = self.pop()?;
                let callee = self.pop()?;
                let ordered = matches!(&self.nodes[callee],
                    Value::Global(name) if name == "collections OrderedDict");
                if ordered {
                    return self.push(Value::Dict(Vec::new()));
                }
                self.push(Value::Call { callee, arguments })
            }
            b'b' => {
                let state = self.pop()?;
                let top = self.stack.last().copied().ok_or_else(damaged)?;
                if let Value::Object { state: slot } = &mut self.nodes[top] {
                    *slot = Some(state);
                }
                Ok(())
            }
            _ => {
                self.pop_many(if opcode == 0x92 { 3 } else { 2 })?;
                self.push(Value::Object { state: None })
            }
        }
    }

    fn push(&mut self, value: Value) -> Result<()> {
        if self.nodes.len() >= MOST_NODES {
            return Err(refused("its pickle holds too many values".to_owned()));
        }
        self.stack.push(self.nodes.len());
        self.nodes.push(value);
        Ok(())
    }

    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or_default()
    }

    fn pop(&mut self) -> Result<Id> {
        if self.stack.len() <= self.floor() {
            return Err(damaged());
        }
        self.stack.pop().ok_or_else(damaged)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>> {
        let start = self.stack.len().checked_sub(count).ok_or_else(damaged)?;
        if start < self.floor() {
            return Err(damaged());
        }
        Ok(self.stack.split_off(start))
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>> {
        let start = self.marks.pop().ok_or_else(damaged)?;
        Ok(self.stack.split_off(start))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(count).ok_or_else(damaged)?;
        let taken = self.bytes.get(self.at..end).ok_or_else(damaged)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn unsigned(&mut self, width: usize) -> Result<usize> {
        let mut wide = [0; 8];
        wide[..width].copy_from_slice(self.take(width)?);
        usize::try_from(u64::from_le_bytes(wide)).map_err(|_too_wide| damaged())
    }

    fn line(&mut self) -> Result<&'a str> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = self.take(end.ok_or_else(damaged)?)?;
        self.take(1)?;
        utf8(line)
    }
}

fn pairs(items: &[Id]) -> Result<Vec<(Id, Id)>> {
    if !items.len().is_multiple_of(2) {
        return Err(damaged());
    }
    let pairs = items.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    Ok(pairs.collect())
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_not_text| damaged())
}
