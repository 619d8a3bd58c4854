//! Compiles `buf/validate/validate.proto` with protox instead of `protoc`.

use prost::Message as _;
use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto/third_party");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.join("buf").display());

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(false);
    compiler.open_files(["buf/validate/validate.proto"])?;
    let encoded = compiler.encode_file_descriptor_set();
    fs::write(out.join("file_descriptor_set.bin"), &encoded)?;

    let pool = prost_reflect::DescriptorPool::decode(encoded.as_slice())?;
    let mut config = prost_build::Config::new();
    let ours =
        |message: &prost_reflect::MessageDescriptor| message.package_name() == "buf.validate";
    for message in pool.all_messages().filter(ours) {
        let name = message.full_name();
        config.type_attribute(name, "#[derive(::prost_reflect::ReflectMessage)]");
        config.type_attribute(name, format!("#[prost_reflect(message_name = \"{name}\")]"));
        config.type_attribute(
            name,
            "#[prost_reflect(descriptor_pool = \"crate::DESCRIPTOR_POOL\")]",
        );
    }
    config.compile_fds(prost_reflect::prost_types::FileDescriptorSet::decode(
        encoded.as_slice(),
    )?)?;
    Ok(())
}
