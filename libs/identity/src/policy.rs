//! The authorization table, read from the proto's access option.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, MethodDescriptor, Value};

use crate::{Error, Right, UnknownRight};

const ACCESS_OPTION: &str = "demeter.options.v1.access";

/// What a developer's tool asks to be shown the contract. No proto of ours names it,
/// so its rule is here: whoever is known may ask, where it is served at all.
const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Who may call an RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without an identity.
    Public,
    /// Any user or service with a valid identity.
    Authenticated,
    /// A user or service that holds this right.
    Permission(Right),
    /// Only a service that holds this right.
    Internal(Right),
}

/// The access rule of every RPC that has one.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: BTreeMap<String, Access>,
    unruled: Vec<String>,
}

// === impl Policy ===

impl Policy {
    /// Reads the rules of all services in an encoded `FileDescriptorSet`.
    ///
    /// Fails when the set does not decode or does not define the option: a
    /// service with the wrong set must not start with everything refused.
    pub fn from_descriptor_set(descriptor_set: &[u8]) -> Result<Self, Error> {
        let pool = DescriptorPool::decode(descriptor_set)
            .map_err(|error| Error::Descriptor(error.to_string()))?;
        let option = pool
            .get_extension_by_name(ACCESS_OPTION)
            .ok_or_else(|| Error::Descriptor(format!("no extension {ACCESS_OPTION}")))?;
        let mut policy = Self::default();
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                match access_of(&method, &option)? {
                    Some(access) => drop(policy.rules.insert(path, access)),
                    None => policy.unruled.push(path),
                }
            }
        }
        Ok(policy)
    }

    /// The rule of an RPC such as `/demeter.stock.v1.BatchService/GetBatch`;
    /// none means that nobody may call it.
    pub fn access(&self, rpc: &str) -> Option<&Access> {
        let reflection = REFLECTION.contains(&rpc).then_some(&Access::Authenticated);
        self.rules.get(rpc).or(reflection)
    }

    /// Every rule there is, reflection's too.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Access)> {
        let reflection = REFLECTION.map(|rpc| (rpc, &Access::Authenticated));
        self.iter().chain(reflection)
    }

    /// Every RPC of ours that has a rule, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Access)> {
        self.rules
            .iter()
            .map(|(rpc, access)| (rpc.as_str(), access))
    }

    /// RPCs whose proto says nothing about access. A test keeps this empty.
    pub fn without_rule(&self) -> &[String] {
        &self.unruled
    }
}

fn access_of(
    method: &MethodDescriptor,
    option: &ExtensionDescriptor,
) -> Result<Option<Access>, Error> {
    let options = method.options();
    if !options.has_extension(option) {
        return Ok(None);
    }
    let value = options.get_extension(option);
    let Value::Message(access) = value.as_ref() else {
        return Ok(None);
    };
    let right = |field: &str| right(access, field);
    if flag(access, "public") {
        Ok(Some(Access::Public))
    } else if flag(access, "authenticated") {
        Ok(Some(Access::Authenticated))
    } else if let Some(right) = right("permission")? {
        Ok(Some(Access::Permission(right)))
    } else {
        Ok(right("internal")?.map(Access::Internal))
    }
}

fn flag(access: &DynamicMessage, field: &str) -> bool {
    access
        .get_field_by_name(field)
        .is_some_and(|value| value.as_bool() == Some(true))
}

/// The right that a field names; an empty name would be one that everybody lacks
/// or everybody has, so it counts as no rule.
fn right(access: &DynamicMessage, field: &str) -> Result<Option<Right>, Error> {
    let value = access.get_field_by_name(field);
    let name = value.as_ref().and_then(|value| value.as_str());
    name.filter(|name| !name.is_empty())
        .map(str::parse)
        .transpose()
        .map_err(|unknown: UnknownRight| Error::Descriptor(unknown.to_string()))
}
