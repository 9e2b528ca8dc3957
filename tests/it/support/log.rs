//! What is logged while tests run.

use std::io;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What all tests of this process have logged since one of them began to look.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Captured;

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// Everything of ours and of the libraries that see what clients send, in more detail than anybody
/// runs it with. Once in this process: the second test finds it started.
pub(crate) fn capture() {
    let filter = EnvFilter::new(
        "info,clinic=trace,async_graphql=trace,axum=trace,tower_http=trace,sqlx=debug,sea_orm=debug",
    );
    let lines = tracing_subscriber::fmt::layer().with_writer(Captured).with_ansi(false);
    drop(tracing_subscriber::registry().with(filter).with(lines).try_init());
}

/// All of it.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOGGED.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
