//! Whether the file of a database of `SQLite` is still the one that is open.
//!
//! A file that is open can be deleted, or another put in its place. The engine does not notice: what
//! it stores after that goes into a file that nobody finds, and is gone with the process.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

/// What `SQLite` keeps beside the file while it is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// The file of a database of `SQLite`, unless it is in memory.
pub(super) fn of_url(url: &str) -> Option<PathBuf> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let options = SqliteConnectOptions::from_str(url).ok().filter(|_| !in_memory)?;
    Some(options.get_filename().to_owned())
}

/// Whether there is a database to look at: a file of `SQLite` that is not there, or is empty, is made by
/// the first who connects. Of every other database only connecting tells.
pub fn is_made(url: &str) -> bool {
    let file = Some(url).filter(|url| url.starts_with("sqlite:")).and_then(of_url);
    file.is_none_or(|file| match file.metadata() {
        Ok(metadata) => metadata.len() > 0,
        Err(error) => error.kind() != ErrorKind::NotFound,
    })
}

/// The file that is open, by what tells it from any other.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    opened: Option<Identity>,
    /// Those beside it are made with the first connection and go with the last: they are the same for
    /// as long as the one lives that writes. None until it has written.
    beside: Mutex<Option<[Option<Identity>; BESIDE.len()]>>,
}

impl DatabaseFile {
    /// The one that is about to be opened.
    pub(super) fn new(path: &Path) -> Self {
        let opened = Identity::of(path).ok();
        Self { path: path.to_owned(), opened, beside: Mutex::default() }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the write-ahead log is, in which each COMMIT is stored first.
    pub(super) fn log(&self) -> PathBuf {
        let [log, _index] = self.paths_beside();
        log
    }

    /// The connection that writes is a new one.
    pub(super) fn opened_anew(&self) {
        *self.lock() = None;
    }

    /// What has become of it, in words; none while it is in its place.
    pub(super) fn lost(&self) -> Option<String> {
        what_became_of(&self.path, self.opened)
    }

    /// The same, and of those beside it, asked by whoever has the connection that writes and is in a
    /// transaction.
    pub(super) fn any_lost(&self) -> Option<String> {
        self.lost().or_else(|| self.beside_lost())
    }

    fn beside_lost(&self) -> Option<String> {
        let paths = self.paths_beside();
        let mut beside = self.lock();
        let opened = beside.get_or_insert_with(|| paths.each_ref().map(|it| Identity::of(it).ok()));
        paths.iter().zip(opened.iter()).find_map(|(path, opened)| what_became_of(path, *opened))
    }

    /// They are beside the file, whatever its name leads to.
    fn paths_beside(&self) -> [PathBuf; BESIDE.len()] {
        let file = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        BESIDE.map(|ending| {
            let mut path = file.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<[Option<Identity>; BESIDE.len()]>> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn what_became_of(path: &Path, opened: Option<Identity>) -> Option<String> {
    let shown = path.display();
    match Identity::of(path) {
        Ok(found) if Some(found) == opened => None,
        Ok(_another) => Some(format!("{shown} was replaced by another file")),
        Err(ErrorKind::NotFound) => Some(format!("{shown} was deleted or moved away")),
        Err(kind) => Some(format!("{shown} can't be looked at ({kind})")),
    }
}

/// What tells a file from any other: its device and its number there.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

#[cfg(unix)]
impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(metadata.dev(), metadata.ino())
    }
}

/// Where files have no number that can be asked for, a file that is open can't be replaced either.
#[cfg(not(unix))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity;

#[cfg(not(unix))]
impl From<&Metadata> for Identity {
    fn from(_metadata: &Metadata) -> Self {
        Self
    }
}

impl Identity {
    fn of(path: &Path) -> Result<Self, ErrorKind> {
        path.metadata().map(|metadata| Self::from(&metadata)).map_err(|error| error.kind())
    }
}
