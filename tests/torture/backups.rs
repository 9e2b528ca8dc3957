//! Backups made while clients go on, by the ways of docs/backup.md, and what they are restored to.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::checker::{self, Kind, Report};
use crate::cluster::Cluster;
use crate::compare;
use crate::database::{Engine, Store};
use crate::history::{Entry, known_by};
use crate::processes::Folder;
use crate::rows::{self, Truth};
use crate::stage::{SETTLED_WITHIN, Stage};
use crate::{Context, Trouble};

const VERIFY: [&str; 1] = ["verify"];
const REPAIR: [&str; 3] = ["reconcile", "--repair", "--yes"];
const ALL_OF_IT: [&str; 4] = ["reconcile", "--repair", "--yes", "--cancel-unknown"];
/// Both books agree, or all is well; nothing was changed, for our book may be the older one.
const WELL: Option<i32> = Some(0);
const LEFT: Option<i32> = Some(2);
/// What is mended may stand in the way of what was mended before it: then it is asked for again.
const TRIES: usize = 3;

/// How a database is backed up while servers serve.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    /// `clinic backup`.
    File,
    /// `cp` of the file of `SQLite` alone, which is none: what was committed last is in the file beside it.
    Copy,
    /// `pg_dump`, of a database of this cluster.
    Dump(&'a Cluster),
}

/// A backup, by the clock of the history.
#[derive(Debug, Clone)]
pub(crate) struct Backup {
    file: PathBuf,
    pub(crate) began: Duration,
    ended: Duration,
    pub(crate) took: Duration,
    pub(crate) bytes: u64,
}

impl Backup {
    /// All that was answered has to be in it, whenever.
    pub(crate) fn of_everything() -> Self {
        let (took, ended) = (Duration::ZERO, Duration::MAX);
        Self { file: PathBuf::new(), began: Duration::MAX, ended, took, bytes: 0 }
    }

    /// What of a history it is held to.
    pub(crate) fn known(&self, history: &[Entry]) -> Vec<Entry> {
        known_by(history, self.began, self.ended)
    }
}

impl Way<'_> {
    /// Backs up beside the servers.
    pub(crate) async fn back_up(self, stage: &Stage, name: &str) -> Result<Backup, Trouble> {
        let folder = match self {
            Self::File | Self::Copy => stage.folder().to_owned(),
            Self::Dump(cluster) => cluster.room(),
        };
        let file = folder.join(name);
        let path = file.display().to_string();
        let began = stage.client.now();
        match self {
            Self::File => match stage.command(&["backup", &path]).await? {
                WELL => {}
                code => return Err(format!("clinic backup ends with {code:?}").into()),
            },
            Self::Copy => drop(fs::copy(stage.folder().join("clinic.db"), &file)?),
            Self::Dump(cluster) => {
                let arguments =
                    ["--format", "custom", "--file", &path, "--dbname", &stage.store.url];
                cluster.program("pg_dump", &arguments).await?;
            }
        }
        let ended = stage.client.now();
        let bytes = fs::metadata(&file)?.len();
        Ok(Backup { file, began, ended, took: ended - began, bytes })
    }

    /// Restores it where there was nothing; answers how long that took, too.
    pub(crate) async fn restore(
        self,
        context: &Context,
        backup: &Backup,
    ) -> Result<(Stage, Duration), Trouble> {
        let folder = Folder::create(true)?;
        let began = Instant::now();
        let store = match self {
            Self::File | Self::Copy => {
                fs::copy(&backup.file, folder.path().join("clinic.db"))?;
                Store::sqlite(folder.path())
            }
            Self::Dump(cluster) => {
                let store = Store::postgres(Some(&cluster.url())).await?;
                let path = backup.file.display().to_string();
                let arguments = ["--exit-on-error", "--no-owner", "--dbname", &store.url, &path];
                cluster.program("pg_restore", &arguments).await?;
                store
            }
        };
        let took = began.elapsed();
        Ok((Stage::set(context, folder, store, Vec::new()).await?, took))
    }
}

/// The same database on a cluster that was recovered.
pub(crate) async fn recovered(
    context: &Context,
    stage: &Stage,
    cluster: &Cluster,
) -> Result<Stage, Trouble> {
    let (server, _) = cluster.url().rsplit_once('/').map(owned).ok_or("no database in the URL")?;
    let (_, name) = stage.store.url.rsplit_once('/').ok_or("no database in the URL")?;
    let store = Store::at(Engine::Postgres, format!("{server}/{name}"));
    Stage::set(context, Folder::create(true)?, store, Vec::new()).await
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// As it was restored, before anybody serves: whole, and with all that it has to have.
pub(crate) async fn is_whole(restored: &Stage, known: &[Entry]) -> Result<Report, Trouble> {
    let truth = Truth { booked: rows::booked(&restored.store).await?, ..Truth::default() };
    let mut report = checker::check_moment(known, &truth);
    rows::in_part(&restored.store, &mut report).await?;
    let verified = restored.command(&VERIFY).await?;
    if verified != WELL {
        report.add(Kind::InPart, format!("clinic verify: {verified:?}"));
    }
    Ok(report)
}

/// What became of two books of which ours is older.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    /// What the outside service holds and is not known here.
    pub(crate) unknown: usize,
    /// What the checker finds once all is mended and settled.
    pub(crate) report: Report,
}

/// The steps of docs/backup.md, with the outside service as it is by now: where it holds what is not known here,
/// nothing is changed unless it is told to; then the two books agree, and still do when a server has settled what was
/// under way.
pub(crate) async fn mend(
    restored: &mut Stage,
    ledger: &Path,
    known: &[Entry],
) -> Result<Mended, Trouble> {
    restored.with_ledger(ledger).await?;
    let before = restored.truth().await?;
    let unknown = compare::only_outside(&before).len();
    let mut report = Report::default();
    let asked = restored.command(&REPAIR).await?;
    if unknown > 0 && (asked != LEFT || restored.truth().await?.outside != before.outside) {
        report.add(
            Kind::Untrue,
            format!("reconcile --repair --yes changes what it has to leave, {asked:?}"),
        );
    }
    agree(restored, &mut report).await?;
    restored.serve().await?;
    restored.settled(SETTLED_WITHIN).await?;
    agree(restored, &mut report).await?;
    report.append(checker::check(known, &restored.truth().await?));
    rows::in_part(&restored.store, &mut report).await?;
    let verified = restored.command(&VERIFY).await?;
    if verified != WELL {
        report.add(Kind::InPart, format!("clinic verify, once mended: {verified:?}"));
    }
    Ok(Mended { unknown, report })
}

/// Repairs until both books agree.
async fn agree(restored: &Stage, report: &mut Report) -> Result<(), Trouble> {
    let mut code = None;
    for _try in 0..TRIES {
        code = restored.command(&ALL_OF_IT).await?;
        if code == WELL {
            return Ok(());
        }
    }
    report.add(Kind::NotOutside, format!("the two books do not come to agree: {code:?}"));
    Ok(())
}
