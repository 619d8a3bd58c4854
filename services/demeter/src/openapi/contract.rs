//! The descriptor set as a list of RPCs with everything that is said about them.

use std::collections::HashMap;

use demeter_identity::{Access, Policy};
use demeter_proto::{DESCRIPTOR_POOL, DESCRIPTOR_SET};
use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FileDescriptor, MethodDescriptor,
    ReflectMessage as _, ServiceDescriptor, Value,
};

const PACKAGES: &str = "demeter.";
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Everything that the proto files say.
pub(crate) struct Contract {
    rpcs: Vec<Rpc>,
    comments: HashMap<(String, Vec<i32>), String>,
}

/// One RPC.
pub(crate) struct Rpc {
    /// Its descriptor.
    pub(crate) method: MethodDescriptor,
    /// Who may call it; none: nobody.
    pub(crate) access: Option<Access>,
    /// How to call it with HTTP and JSON; none: it has no such mapping.
    pub(crate) bindings: Vec<Binding>,
}

/// One `google.api.http` mapping of an RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// Lower case, for example `get`.
    pub(crate) verb: &'static str,
    /// With parameters in braces, for example `/api/v1/photos/{photo_id}`.
    pub(crate) path: String,
    /// `*`, the field that is the body, or none.
    pub(crate) body: Option<String>,
    /// The field that is the answer's body, when not the whole answer.
    pub(crate) response_body: Option<String>,
}

// === impl Contract ===

impl Contract {
    /// Reads the built-in descriptor set.
    pub(crate) fn load() -> Self {
        let pool = &*DESCRIPTOR_POOL;
        let policy = Policy::from_descriptor_set(DESCRIPTOR_SET).unwrap_or_default();
        let http = pool.get_extension_by_name("google.api.http");
        let mut rpcs: Vec<Rpc> = pool
            .services()
            .filter(|service| service.full_name().starts_with(PACKAGES))
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| Rpc::read(method, &policy, http.as_ref()))
            .collect();
        // By service; within one as in its file.
        rpcs.sort_by_key(|rpc| rpc.method.parent_service().full_name().to_owned());
        Self {
            rpcs,
            comments: comments(pool),
        }
    }

    /// Every RPC, by service and then as in its file.
    pub(crate) fn rpcs(&self) -> &[Rpc] {
        &self.rpcs
    }

    /// The RPCs of one service.
    pub(crate) fn rpcs_of(&self, service: &ServiceDescriptor) -> impl Iterator<Item = &Rpc> {
        self.rpcs
            .iter()
            .filter(move |rpc| rpc.method.parent_service() == service)
    }

    /// Every service, by name.
    pub(crate) fn services(&self) -> Vec<ServiceDescriptor> {
        let mut services: Vec<_> = self
            .rpcs
            .iter()
            .map(|rpc| rpc.method.parent_service().clone())
            .collect();
        services.dedup();
        services
    }

    /// The comment above something in a proto file; empty when there is none.
    pub(crate) fn comment(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.comments
            .get(&(file.name().to_owned(), path.to_owned()))
            .map_or("", String::as_str)
    }
}

fn comments(pool: &DescriptorPool) -> HashMap<(String, Vec<i32>), String> {
    let mut comments = HashMap::new();
    for file in pool
        .files()
        .filter(|file| file.package_name().starts_with(PACKAGES))
    {
        let proto = file.file_descriptor_proto();
        for location in proto
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
        {
            if let Some(comment) = &location.leading_comments {
                let lines: Vec<&str> = comment.lines().map(str::trim).collect();
                comments.insert(
                    (file.name().to_owned(), location.path.clone()),
                    lines.join("\n").trim().to_owned(),
                );
            }
        }
    }
    comments
}

// === impl Rpc ===

impl Rpc {
    fn read(method: MethodDescriptor, policy: &Policy, http: Option<&ExtensionDescriptor>) -> Self {
        let access = policy.access(&rpc_path(&method)).cloned();
        let options = method.options();
        let bindings = http
            .filter(|http| options.has_extension(http))
            .map(|http| options.get_extension(http).into_owned())
            .map(|rule| bindings_of(&rule))
            .unwrap_or_default();
        Self {
            method,
            access,
            bindings,
        }
    }

    /// For example `/demeter.stock.v1.BatchService/GetBatch`.
    pub(crate) fn path(&self) -> String {
        rpc_path(&self.method)
    }

    /// For example `BatchService_GetBatch`.
    pub(crate) fn id(&self) -> String {
        format!(
            "{}_{}",
            self.method.parent_service().name(),
            self.method.name()
        )
    }

    /// Whether other services alone may call it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests compare the gateway's routes with it")
    )]
    pub(crate) fn is_internal(&self) -> bool {
        matches!(self.access, Some(Access::Internal(_)))
    }
}

fn rpc_path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// The rule itself and its `additional_bindings`.
fn bindings_of(rule: &Value) -> Vec<Binding> {
    let Value::Message(rule) = rule else {
        return Vec::new();
    };
    let mut bindings: Vec<Binding> = Binding::read(rule).into_iter().collect();
    if let Some(Value::List(more)) = rule
        .get_field_by_name("additional_bindings")
        .map(std::borrow::Cow::into_owned)
    {
        bindings.extend(more.iter().flat_map(bindings_of));
    }
    bindings
}

// === impl Binding ===

impl Binding {
    fn read(rule: &DynamicMessage) -> Option<Self> {
        let (verb, path) = VERBS
            .into_iter()
            .find_map(|verb| Some((verb, text(rule, verb)?)))?;
        Some(Self {
            verb,
            path,
            body: text(rule, "body"),
            response_body: text(rule, "response_body"),
        })
    }

    /// Names in the path, in order.
    pub(crate) fn path_fields(&self) -> Vec<String> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split(['}', '=']).next())
            .map(str::to_owned)
            .collect()
    }
}

/// A text field that is set.
pub(crate) fn text(message: &DynamicMessage, field: &str) -> Option<String> {
    message
        .get_field_by_name(field)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A message-typed extension of some options.
pub(crate) fn extension(options: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let extension = options
        .descriptor()
        .parent_pool()
        .get_extension_by_name(name)?;
    if !options.has_extension(&extension) {
        return None;
    }
    options.get_extension(&extension).as_message().cloned()
}
