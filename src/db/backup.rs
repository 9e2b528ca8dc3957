//! A copy of a database of `SQLite` as it is at one moment, made while it is written to.
//!
//! `VACUUM INTO` reads in one transaction and keeps nobody from writing. What it writes has a name of its own
//! until it is on the disk and was read back, so that a file with the name that was asked for is a whole
//! backup.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::engine::Db;

/// What was written.
#[derive(Debug)]
pub struct Backup {
    /// How long the file is.
    pub bytes: u64,
    /// How many appointments are in it, whatever became of them.
    pub appointments: i64,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is overwritten.
    #[error("{} is there already: name a new file", .0.display())]
    Exists(PathBuf),
    /// The database can't be read, or the copy not be written.
    #[error("the copy could not be written: {0}")]
    Failed(String),
    /// What was written is not what was read.
    #[error("the copy is not whole, and was removed: {0}")]
    NotWhole(String),
    /// The file system refuses.
    #[error("{}: {cause}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What it says.
        cause: io::Error,
    },
}

/// Writes the database into a new file, which is its owner's alone.
///
/// # Errors
///
/// [`BackupError`]; then there is no file of that name.
pub async fn into_file(db: &Db, file: &Path) -> Result<Backup, BackupError> {
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let partial = with_ending(file, ".partial");
    let made = write(db, &partial).await;
    let finished = match made {
        Ok(backup) => put_in_place(&partial, file).map(|()| backup),
        Err(error) => Err(error),
    };
    finished.inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Copies a file that is its owner's alone.
///
/// # Errors
///
/// [`BackupError`].
pub fn copy_for_owner(from: &Path, to: &Path) -> Result<(), BackupError> {
    let bytes = fs::read(from).map_err(|cause| of_file(from, cause))?;
    let mut made = new_file(to)?;
    io::Write::write_all(&mut made, &bytes).map_err(|cause| of_file(to, cause))?;
    made.sync_all().map_err(|cause| of_file(to, cause))
}

async fn write(db: &Db, partial: &Path) -> Result<Backup, BackupError> {
    // One that was left by a backup that was killed.
    drop(fs::remove_file(partial));
    // It may be there if it is empty, and then keeps its mode.
    drop(new_file(partial)?);
    let path = partial.to_str().ok_or_else(|| BackupError::Failed("its name is no text".into()))?;
    let sql = "VACUUM INTO $1";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [path.into()]);
    let written = db.read().execute_raw(statement).await;
    written.map_err(|error| BackupError::Failed(error.to_string()))?;
    let appointments = read_back(partial).await?;
    let bytes = fs::metadata(partial).map_err(|cause| of_file(partial, cause))?.len();
    Ok(Backup { bytes, appointments })
}

/// Reads all of it, by itself and not through what made it.
async fn read_back(file: &Path) -> Result<i64, BackupError> {
    let not_whole = |error: sqlx::Error| BackupError::NotWhole(error.to_string());
    let options = SqliteConnectOptions::from_str("sqlite:").map_err(not_whole)?;
    let options = options.filename(file).read_only(true).immutable(true);
    let mut copy = options.connect().await.map_err(not_whole)?;
    let checked: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut copy)
        .await
        .map_err(not_whole)?;
    if checked != "ok" {
        return Err(BackupError::NotWhole(checked));
    }
    let count = sqlx::query_scalar("SELECT count(*) FROM appointment WHERE status <> 'HELD'");
    let appointments = count.fetch_one(&mut copy).await.map_err(not_whole)?;
    copy.close().await.map_err(not_whole)?;
    Ok(appointments)
}

fn put_in_place(partial: &Path, file: &Path) -> Result<(), BackupError> {
    let on_disk = File::open(partial).and_then(|written| written.sync_all());
    on_disk.map_err(|cause| of_file(partial, cause))?;
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    fs::rename(partial, file).map_err(|cause| of_file(file, cause))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let named = File::open(folder).and_then(|folder| folder.sync_all());
    named.map_err(|cause| of_file(folder, cause))
}

fn new_file(file: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|cause| of_file(file, cause))
}

fn of_file(file: &Path, cause: io::Error) -> BackupError {
    BackupError::File { file: file.to_owned(), cause }
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
