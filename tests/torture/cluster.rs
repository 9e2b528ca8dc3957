//! A `PostgreSQL` of the harness's own, to be killed: never the machine's.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::database::{Engine, Store};
use crate::processes::{Folder, Port, free_port};
use crate::{Trouble, database};

/// A private cluster, on a free port of loopback.
pub(crate) struct Cluster {
    programs: PathBuf,
    data: PathBuf,
    port: Port,
    as_postgres: bool,
    folder: Folder,
}

impl Cluster {
    /// Makes and starts one; an error says why that is not possible here.
    pub(crate) async fn create() -> Result<Self, Trouble> {
        Self::set_up(|_room| String::new()).await
    }

    /// One that archives its WAL, each second, as docs/backup.md says.
    pub(crate) async fn archiving() -> Result<Self, Trouble> {
        Self::set_up(|room| {
            let archive = room.join("archive").display().to_string();
            format!(
                "archive_mode = on\narchive_timeout = 1s\n\
                 archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'\n"
            )
        })
        .await
    }

    async fn set_up(configuration: impl Fn(&Path) -> String) -> Result<Self, Trouble> {
        let programs = programs().ok_or("no /usr/lib/postgresql/*/bin/initdb")?;
        let folder = Folder::create(false)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let [data, room] = ["data", "room"].map(|name| folder.path().join(name));
        for mine in [&data, &room, &room.join("archive")] {
            fs::create_dir(mine)?;
        }
        // root may not run it: then it runs as the user postgres.
        let as_postgres = run("id", &["-u"]).await?.trim() == "0";
        if as_postgres {
            run("chown", &["-R", "postgres", &text(&data), &text(&room)]).await?;
        }
        let cluster = Self { programs, data, port: free_port()?, as_postgres, folder };
        let arguments =
            ["-D", &text(&cluster.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"];
        cluster.program("initdb", &arguments).await?;
        cluster.configure(&configuration(&room))?;
        cluster.start().await?;
        Ok(cluster)
    }

    fn configure(&self, lines: &str) -> Result<(), Trouble> {
        let mut file = fs::File::options().append(true).open(self.data.join("postgresql.conf"))?;
        Ok(file.write_all(lines.as_bytes())?)
    }

    /// A folder that it may write to: its archive is there, and what is made of it.
    pub(crate) fn room(&self) -> PathBuf {
        self.folder.path().join("room")
    }

    /// Copies the WAL that it has left, archived or not; it must not run.
    pub(crate) async fn keep_wal(&self, to: &Path) -> Result<(), Trouble> {
        run("cp", &["-a", &text(&self.data.join("pg_wal")), &text(to)]).await.map(drop)
    }

    /// Another one, from a base backup of this one: with all that is archived, and the WAL that it had left;
    /// without `wal` it knows no more than was backed up. Answers when it takes writes.
    pub(crate) async fn recovered(&self, base: &Path, wal: Option<&Path>) -> Result<Self, Trouble> {
        let folder = Folder::create(false)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let data = folder.path().join("data");
        run("cp", &["-a", &text(base), &text(&data)]).await?;
        let (programs, as_postgres) = (self.programs.clone(), self.as_postgres);
        let cluster = Self { programs, data, port: free_port()?, as_postgres, folder };
        let archive = text(&self.room().join("archive"));
        cluster.configure(&format!(
            "archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\nrecovery_target_action = promote\n"
        ))?;
        if let Some(wal) = wal {
            let wal = text(&wal.join("."));
            run("cp", &["-a", &wal, &text(&cluster.data.join("pg_wal"))]).await?;
            cluster.signal_recovery().await?;
        }
        cluster.start().await?;
        let store = Store::at(Engine::Postgres, cluster.url());
        while store.number("SELECT pg_is_in_recovery()::int::bigint").await? != 0 {
            sleep(Duration::from_millis(20)).await;
        }
        Ok(cluster)
    }

    /// The file whose presence says that it is to recover; it has to be of the owner of the rest.
    async fn signal_recovery(&self) -> Result<(), Trouble> {
        let [like, file] =
            ["PG_VERSION", "recovery.signal"].map(|name| text(&self.data.join(name)));
        run("cp", &["-p", &like, &file]).await.map(drop)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port.number)
    }

    /// Starts it, again if need be: what a killed one left behind may take a moment to go.
    pub(crate) async fn start(&self) -> Result<(), Trouble> {
        let data = text(&self.data);
        let options = format!("-p {} -k {data} -c listen_addresses=127.0.0.1", self.port.number);
        let log = text(&self.data.join("server.log"));
        let arguments = ["start", "-D", &data, "-o", &options, "-l", &log, "-w", "-t", "30"];
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let started = self.program("pg_ctl", &arguments).await;
            if started.is_ok() && database::answers(&self.url()).await {
                return Ok(());
            }
            if Instant::now() > until {
                let log = fs::read_to_string(self.data.join("server.log")).unwrap_or_default();
                return Err(format!("the private PostgreSQL does not start: {log}").into());
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// `kill -9` of the postmaster and of all its children at once; waits until they are gone.
    pub(crate) async fn kill(&self) -> Result<(), Trouble> {
        let file = fs::read_to_string(self.data.join("postmaster.pid"))?;
        let postmaster = file.lines().next().ok_or("an empty postmaster.pid")?.trim().to_owned();
        let children = run("pgrep", &["-P", &postmaster]).await.unwrap_or_default();
        let mut victims = vec!["-9".to_owned(), postmaster];
        victims.extend(children.split_whitespace().map(str::to_owned));
        let arguments: Vec<&str> = victims.iter().map(String::as_str).collect();
        // One that has just ended by itself makes `kill` fail; that is as good.
        drop(run("kill", &arguments).await);
        let until = Instant::now() + Duration::from_secs(20);
        while victims[1..].iter().any(|pid| is_alive(pid)) {
            if Instant::now() > until {
                return Err("the private PostgreSQL does not die".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// How many deadlocks it has written down, also of before it was killed.
    pub(crate) fn deadlocks(&self) -> Result<usize, Trouble> {
        let log = fs::read_to_string(self.data.join("server.log"))?;
        Ok(log.matches("deadlock detected").count())
    }

    /// Runs one of the programs of `PostgreSQL`.
    pub(crate) async fn program(&self, name: &str, arguments: &[&str]) -> Result<String, Trouble> {
        let program = text(&self.programs.join(name));
        if self.as_postgres {
            let mut all = vec!["-u", "postgres", "--", program.as_str()];
            all.extend(arguments);
            run("runuser", &all).await
        } else {
            run(&program, arguments).await
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let file = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        if let Some(pid) = file.lines().next().filter(|pid| is_postgres(pid)) {
            // Immediate shutdown: the whole cluster goes with its folder.
            drop(std::process::Command::new("kill").args(["-QUIT", pid.trim()]).status());
            for _wait in 0..100 {
                if !is_alive(pid) {
                    break;
                }
                #[expect(clippy::disallowed_methods, reason = "dropping can't await")]
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        self.folder.keep = false;
    }
}

/// Whether the process runs; a zombie does not.
fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

fn is_postgres(pid: &str) -> bool {
    let name = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("comm"));
    name.is_ok_and(|name| name.starts_with("postgres"))
}

/// The newest programs of a `PostgreSQL` that are installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

async fn run(program: &str, arguments: &[&str]) -> Result<String, Trouble> {
    // pg_ctl leaves a server behind that would keep a pipe open: errors go nowhere, and what is
    // read is only read of programs that end.
    let pipe = if program == "runuser" || program.ends_with("pg_ctl") {
        Stdio::null
    } else {
        Stdio::piped
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
    let running = command.stdout(pipe()).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_mins(2), running).await??;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{program} {arguments:?} failed: {}", output.status).into())
    }
}
