//! What a biscuit is made of, read before any of it is believed or evaluated.
//!
//! Whoever holds a biscuit can append blocks to it, and the evaluation of a block
//! can take all time and memory: the library looks at its limits between rounds
//! only. So an appended block may hold the checks that [`attenuate`](crate::attenuate)
//! writes and nothing else, and there may be few of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::schema::{
    Biscuit, Block, Check, Expression, Op, OpBinary, Predicate, Rule, SignedBlock, Term, op,
    op_binary, term,
};
use biscuit_prost::Message as _;

/// More than a biscuit with every right and [`MAX_BLOCKS`] takes; reading one of
/// this size takes less than a millisecond.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Times that a biscuit can be narrowed: once for each service on the way.
const MAX_BLOCKS: usize = 8;
/// A narrowing with the longest RPC takes a third of it.
const MAX_BLOCK_BYTES: usize = 512;
/// One for the RPC, one for the minute.
const MAX_CHECKS: usize = 2;

/// A biscuit of the shape of ours. Its signatures are not verified.
pub(crate) struct Shaped {
    /// The token's bytes.
    pub(crate) bytes: Vec<u8>,
    /// The last second, of the Unix epoch, in which every block lets it work.
    pub(crate) last_second: u64,
}

/// A check that our own code writes.
enum Own {
    /// `check if rpc("…")`
    Rpc,
    /// `check if time($time), $time <= …`: the second, of the Unix epoch.
    Until(u64),
}

// === impl Shaped ===

impl Shaped {
    /// Reads a token in base64url; none when it is not made as ours are.
    pub(crate) fn read(token: &str) -> Option<Self> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let bytes = URL_SAFE.decode(token).ok()?;
        let Biscuit {
            root_key_id: _,
            authority,
            blocks,
            proof: _,
        } = Biscuit::decode(bytes.as_slice()).ok()?;
        if blocks.len() > MAX_BLOCKS || blocks.iter().any(is_strange) {
            return None;
        }
        let authority = Block::decode(authority.block.as_slice()).ok()?;
        let blocks: Vec<Block> = blocks
            .iter()
            .map(|signed| Block::decode(signed.block.as_slice()))
            .collect::<Result<_, _>>()
            .ok()?;
        let symbols = symbols(&authority, &blocks)?;
        // Which facts the authority holds is for its signature to say.
        let mut last_second = ends(&authority.checks, &symbols)?;
        for block in &blocks {
            last_second = last_second.min(narrowing(block, &symbols)?);
        }
        Some(Self { bytes, last_second })
    }
}

/// Too large, or signed by somebody else on the way.
fn is_strange(signed: &SignedBlock) -> bool {
    signed.block.len() > MAX_BLOCK_BYTES || signed.external_signature.is_some()
}

fn symbols(authority: &Block, blocks: &[Block]) -> Option<SymbolTable> {
    let all = std::iter::once(authority).chain(blocks);
    let names = all.flat_map(|block| block.symbols.clone()).collect();
    SymbolTable::from(names).ok()
}

/// The last second that an appended block allows; none when it holds anything but
/// our own checks.
fn narrowing(block: &Block, symbols: &SymbolTable) -> Option<u64> {
    let Block {
        symbols: _,
        context: None,
        version: _,
        facts,
        rules,
        checks,
        scope,
        public_keys,
    } = block
    else {
        return None;
    };
    let checks_alone =
        facts.is_empty() && rules.is_empty() && scope.is_empty() && public_keys.is_empty();
    if !checks_alone || checks.len() > MAX_CHECKS {
        return None;
    }
    ends(checks, symbols)
}

/// The earliest end of our own checks; none when one is not ours, or when none
/// says an end: a biscuit that works for ever is not ours.
fn ends(checks: &[Check], symbols: &SymbolTable) -> Option<u64> {
    let own: Vec<Own> = checks
        .iter()
        .map(|check| own(check, symbols))
        .collect::<Option<_>>()?;
    let moments = own.iter().filter_map(|check| match check {
        Own::Rpc => None,
        Own::Until(second) => Some(*second),
    });
    moments.min()
}

fn own(check: &Check, symbols: &SymbolTable) -> Option<Own> {
    let Check {
        queries,
        kind: None | Some(0),
    } = check
    else {
        return None;
    };
    let [
        Rule {
            head,
            body,
            expressions,
            scope,
        },
    ] = queries.as_slice()
    else {
        return None;
    };
    let [Predicate { name, terms }] = body.as_slice() else {
        return None;
    };
    if !head.terms.is_empty() || !scope.is_empty() {
        return None;
    }
    let is = |text: &str| symbols.get(text) == Some(*name);
    match (content(terms)?, expressions.as_slice()) {
        (term::Content::String(_), []) if is("rpc") => Some(Own::Rpc),
        (term::Content::Variable(variable), [expression]) if is("time") => {
            until(expression, *variable).map(Own::Until)
        }
        _ => None,
    }
}

/// The content of the only term.
fn content(terms: &[Term]) -> Option<&term::Content> {
    match terms {
        [Term { content }] => content.as_ref(),
        _ => None,
    }
}

/// The second of `$variable <= second`.
fn until(Expression { ops }: &Expression, variable: u32) -> Option<u64> {
    let [left, right, compare] = ops.as_slice() else {
        return None;
    };
    let at_most = OpBinary {
        kind: op_binary::Kind::LessOrEqual as i32,
        ffi_name: None,
    };
    let left_is_it = value(left) == Some(&term::Content::Variable(variable));
    match (value(right), &compare.content) {
        (Some(term::Content::Date(second)), Some(op::Content::Binary(operation)))
            if left_is_it && *operation == at_most =>
        {
            Some(*second)
        }
        _ => None,
    }
}

fn value(Op { content }: &Op) -> Option<&term::Content> {
    match content {
        Some(op::Content::Value(term)) => term.content.as_ref(),
        _ => None,
    }
}
