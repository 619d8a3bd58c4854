//! Kernels on the processor, for tests: launches, grids and arguments are those of a GPU.

#![expect(unsafe_code, reason = "kernels take what they are given")]

use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use candle_core::{CpuStorage, DType, Error, Result, Storage, WithDType};
use half::f16;
use libloading::{Library, Symbol};

use super::{Argument, Blocks, Launch};

/// One launch at a time: shared memory is the library's.
static TURN: Mutex<()> = Mutex::new(());

/// Name, blocks, threads, bytes of shared memory, arguments: see `emulated/kernels.cpp`.
type Start = unsafe extern "C" fn(*const c_char, *const u32, u32, u32, *const *const c_void);

pub(super) fn launch(
    launch: &Launch,
    arguments: &[Argument],
    inputs: &[(&Storage, (usize, usize))],
    blocks: Blocks,
) -> Result<Storage> {
    let inputs = inputs.iter().map(|(storage, range)| first(storage, *range));
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    match launch.output.dtype {
        DType::U8 => Ok(write::<u8>(launch, arguments, &inputs, blocks)),
        DType::U32 => Ok(write::<u32>(launch, arguments, &inputs, blocks)),
        DType::F32 => Ok(write::<f32>(launch, arguments, &inputs, blocks)),
        DType::F16 => Ok(write::<f16>(launch, arguments, &inputs, blocks)),
        other => Err(Error::msg(format!("no kernel writes {other:?}"))),
    }
}

fn write<T: WithDType>(
    launch: &Launch,
    arguments: &[Argument],
    inputs: &[*const c_void],
    blocks: Blocks,
) -> Storage {
    // What a kernel forgets to write is none of the numbers that are expected.
    let first = T::from_f64(if launch.output.zeroed { 0.0 } else { 77.0 });
    let mut output = vec![first; launch.output.shape.elem_count()];
    let to = output.as_mut_ptr();
    let mut pointers: Vec<*const c_void> = Vec::new();
    pointers.extend(arguments.iter().map(|argument| match argument {
        Argument::Whole(number) => std::ptr::from_ref(number).cast::<c_void>(),
        Argument::Single(number) => std::ptr::from_ref(number).cast(),
    }));
    pointers.extend(inputs.iter().map(|input| std::ptr::from_ref(input).cast()));
    pointers.push(std::ptr::from_ref(&to).cast());
    let name = CString::new(launch.kernel.as_str()).unwrap();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: `launch` is of this type, and the arguments are the kernel's, as on a GPU.
    unsafe {
        let start: Symbol<Start> = library().get(b"launch").unwrap();
        let (threads, shared) = (blocks.threads, blocks.shared);
        start(
            name.as_ptr(),
            blocks.count.as_ptr(),
            threads,
            shared,
            pointers.as_ptr(),
        );
    }
    Storage::Cpu(T::to_cpu_storage_owned(output))
}

fn first(storage: &Storage, (start, end): (usize, usize)) -> Result<*const c_void> {
    let Storage::Cpu(storage) = storage else {
        return Err(Error::msg("a kernel was given a tensor elsewhere"));
    };
    Ok(match storage {
        CpuStorage::U8(numbers) => numbers[start..end].as_ptr().cast(),
        CpuStorage::U32(numbers) => numbers[start..end].as_ptr().cast(),
        CpuStorage::F32(numbers) => numbers[start..end].as_ptr().cast(),
        CpuStorage::F16(numbers) => numbers[start..end].as_ptr().cast(),
        _ => return Err(Error::msg("no kernel reads these numbers")),
    })
}

/// The kernels, compiled once for all tests of this process.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/device/launch/emulated");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kernels.so");
        let compiled = Command::new("c++")
            .args(["-std=c++20", "-O1", "-shared", "-fPIC", "-Wall", "-Werror"])
            .arg(format!("-I{}", here.display()))
            .arg(here.join("kernels.cpp"))
            .arg("-o")
            .arg(&path)
            .status()
            .expect("a C++ compiler, c++, which `make test` installs");
        assert!(compiled.success(), "the kernels do not compile");
        // SAFETY: a library of our own, without anything that runs when it is loaded.
        unsafe { Library::new(&path) }.unwrap()
    })
}
