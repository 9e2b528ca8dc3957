//! A test that hangs is named, and ends the run: whoever waits for it would wait for ever.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::until::longest;

/// The tests that run, each on a thread of its name.
static RUNNING: LazyLock<Mutex<HashMap<ThreadId, (String, Instant)>>> = LazyLock::new(|| {
    thread::spawn(watch);
    Mutex::default()
});

thread_local! {
    static WATCHED: Watched = Watched::begin();
}

/// Watches the test on this thread until its thread ends, what it leaves behind on its runtime included.
pub(crate) fn watch_this_test() {
    WATCHED.with(|_| ());
}

struct Watched(ThreadId);

impl Watched {
    fn begin() -> Self {
        let this = thread::current();
        let name = this.name().unwrap_or("main").to_owned();
        RUNNING.lock().unwrap().insert(this.id(), (name, Instant::now()));
        Self(this.id())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        RUNNING.lock().unwrap().remove(&self.0);
    }
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own, whatever becomes of a runtime")]
fn watch() {
    // What bounds a test itself has had its time by then.
    let too_long = longest() * 2;
    loop {
        thread::sleep(Duration::from_secs(5));
        let running = RUNNING.lock().unwrap();
        if let Some((name, _)) = running.values().find(|(_, begun)| begun.elapsed() > too_long) {
            eprintln!("test {name} ... FAILED: it has not ended within {too_long:?}");
            std::process::abort();
        }
    }
}
