//! The program: everything else is in the library, so that tests run the same code.

use std::process::ExitCode;

/// Most of what an answer is made of is allocated on one thread and freed on another, which the system's
/// allocator does slowly (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before any TLS: two libraries link rustls, and neither may choose for the other.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return ExitCode::FAILURE;
    }
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(clinic::cli::run()),
        Err(_no_threads) => ExitCode::FAILURE,
    }
}
