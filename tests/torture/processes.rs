//! Processes: started from the real binary, and never outliving the harness.

use std::fs::File;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::Trouble;

/// One process of ours. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Starts `clinic` in `folder`, with nothing but these settings, logging to a file there.
    pub(crate) fn clinic(
        folder: &Path,
        log: &str,
        arguments: &[&str],
        settings: &[(String, String)],
    ) -> Result<Self, Trouble> {
        let log = File::options().create(true).append(true).open(folder.join(log))?;
        let child = Command::new(env!("CARGO_BIN_EXE_clinic"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self(child))
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), Trouble> {
        self.0.kill().await?;
        Ok(())
    }

    /// Waits until it ends by itself, and fails unless it ended well.
    pub(crate) async fn finished(mut self) -> Result<(), Trouble> {
        let status = tokio::time::timeout(Duration::from_mins(1), self.0.wait()).await??;
        if status.success() { Ok(()) } else { Err(format!("clinic ended with {status}").into()) }
    }

    /// Waits until it ends by itself; answers how.
    pub(crate) async fn code(mut self) -> Result<Option<i32>, Trouble> {
        let patience = Duration::from_mins(10);
        Ok(tokio::time::timeout(patience, self.0.wait()).await??.code())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

/// A port of ours, also while nobody listens there: the claim is the UDP port of the same number,
/// which another harness on this machine would want to claim, too.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) number: u16,
    _claim: UdpSocket,
}

/// A port that nobody listens on, below those that the system gives to outgoing connections.
pub(crate) fn free_port() -> Result<Port, Trouble> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 9000)?;
    for _try in 0..2000 {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        let Ok(claim) = UdpSocket::bind(("127.0.0.1", port)) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(Port { number: port, _claim: claim });
        }
    }
    Err("no free port".into())
}

/// Waits until somebody listens at the port.
pub(crate) async fn listening(port: u16, within: Duration) -> Result<(), Trouble> {
    let until = Instant::now() + within;
    while Instant::now() < until {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(10)).await;
    }
    Err(format!("nobody listens on port {port}").into())
}

/// A folder for one stage: gone afterwards, unless it is to be kept.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    pub(crate) keep: bool,
}

impl Folder {
    pub(crate) fn create(keep: bool) -> Result<Self, Trouble> {
        let path = tempfile::Builder::new().prefix("clinic-torture-").tempdir()?.keep();
        Ok(Self { path, keep })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.keep {
            println!("   kept: {}", self.path.display());
        } else {
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}
