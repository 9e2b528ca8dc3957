//! What every command has to do with the terminal it was started from.

use std::io::Write as _;

/// An error as a command tells it: in words, for the person at the terminal.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes a line to standard output: what a command was asked for.
pub(super) fn say(line: &str) {
    // Whoever reads may have read enough and gone, as `head` does.
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Writes a line to standard error: what is to be known beside it.
pub(super) fn warn(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Asks at the terminal; only a yes is one.
pub(super) fn ask(question: &str) -> bool {
    let mut stdout = std::io::stdout();
    drop(write!(stdout, "{question} [y/N] ").and_then(|()| stdout.flush()));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Resolves when the process is told to stop.
pub(super) async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_unavailable) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
