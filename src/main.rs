//! The program: everything else is in the library, so that tests run the same code.

use std::process::ExitCode;

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
