//! Compiles `proto/` with protox, so that no `protoc` has to be installed.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

use prost::Message as _;
use std::{env, fs, path::Path, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());

    let mut files = vec![
        PathBuf::from("google/rpc/error_details.proto"),
        PathBuf::from("google/rpc/status.proto"),
    ];
    collect(&root, &root.join("demeter"), &mut files)?;
    let mut compiler = protox::Compiler::new([root.clone(), root.join("third_party")])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&files)?;

    // The encoded set keeps the option extensions; the decoded one drops them.
    let encoded = compiler.encode_file_descriptor_set();
    fs::write(out.join("descriptor.binpb"), &encoded)?;

    let set = tonic_prost_build::FileDescriptorSet::decode(encoded.as_slice())?;
    let mut config = tonic_prost_build::Config::new();
    let pool = prost_reflect::DescriptorPool::decode(encoded.as_slice())?;
    let generated = |name: &str| name.starts_with("demeter.") || name.starts_with("google.api.");
    for message in pool
        .all_messages()
        .filter(|message| generated(message.full_name()))
    {
        let name = message.full_name();
        config.type_attribute(name, "#[derive(::prost_reflect::ReflectMessage)]");
        config.type_attribute(name, format!("#[prost_reflect(message_name = \"{name}\")]"));
        config.type_attribute(
            name,
            "#[prost_reflect(descriptor_pool = \"crate::DESCRIPTOR_POOL\")]",
        );
    }
    config.bytes([
        ".google.api.HttpBody.data",
        ".demeter.inference.v1.CountPlantsRequest.image",
    ]);
    tonic_prost_build::configure()
        .emit_rerun_if_changed(false)
        .codec_path("crate::ValidatingCodec")
        .extern_path(".buf.validate", "::prost_protovalidate::types")
        .extern_path(".google.rpc", "::tonic_types::pb")
        .include_file("all.rs")
        .compile_fds_with_config(set, config)?;
    Ok(())
}

fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<PathBuf>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            files.push(path.strip_prefix(root)?.to_owned());
        }
    }
    Ok(())
}
