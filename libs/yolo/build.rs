//! Compiles the GPU kernels, where the `cuda` feature asks for them.

#![expect(
    clippy::disallowed_methods,
    reason = "Cargo speaks to a build script by its environment"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

const KERNELS: &str = "src/device/kernels";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={KERNELS}");
    for variable in ["CUDA_HOME", "NVCC"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if std::env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("kernels.ptx");
    let compiler = compiler();
    // The oldest that CUDA 13 knows: a driver makes code for newer cards of it.
    let status = Command::new(&compiler)
        .args(["-ptx", "-O3", "-std=c++17", "-arch=compute_75", "-o"])
        .args([&out, &Path::new(KERNELS).join("kernels.cu")])
        .status()
        .map_err(|error| format!("cannot run {}: {error}", compiler.display()))?;
    if !status.success() {
        return Err(format!("{} failed on {KERNELS}", compiler.display()).into());
    }
    Ok(())
}

fn compiler() -> PathBuf {
    if let Some(nvcc) = std::env::var_os("NVCC") {
        return nvcc.into();
    }
    if let Some(home) = std::env::var_os("CUDA_HOME") {
        return PathBuf::from(home).join("bin/nvcc");
    }
    PathBuf::from("nvcc")
}
