//! The way that every edit of what is the clinic's goes: its rules, kinds of visits, insurances and the
//! days on which it is closed.

use std::fmt::Debug;

use super::circumstances::Circumstances;
use super::terms::Terms;
use super::{Edited, RosterEdits};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, locks, roster_events};
use crate::domain::{Appointment, RosterEventKind};
use crate::request::{Refusal, fingerprint};

/// One change of something that is the clinic's.
pub trait ClinicEdit: Debug + Send + Sync {
    /// What it is called in the schema.
    const OPERATION: &'static str;
    /// What has happened when it was made.
    const EVENT: RosterEventKind;
    /// What it is about.
    type Value: Clone + Send + Sync;

    /// What it comes with.
    fn terms(&self) -> &Terms;

    /// Reads what there is, and writes down what becomes of it.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where it is not to be done.
    fn write(
        &self,
        edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> impl Future<Output = Result<Outcome<Self::Value>, Refusal>> + Send;

    /// How that stands now which an earlier request has made.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is not there any more.
    fn again(
        &self,
        edits: &RosterEdits,
        made: Made,
        at: &Circumstances,
    ) -> impl Future<Output = Result<Self::Value, Refusal>> + Send;
}

/// What became of something of the clinic's.
pub struct Outcome<T> {
    /// As it is now.
    pub value: T,
    /// What its key stands for.
    pub made: Made,
    /// The names of the fields that are not as they were; none: nothing was written.
    pub fields: Vec<&'static str>,
    /// The visits to come that fit no more.
    pub affected: Vec<Appointment>,
}

impl RosterEdits {
    /// Changes something of the clinic's for `actor`, or says what would come of it. What changes nothing is
    /// answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::VersionConflict`]; those of the edit; [`Refusal::Store`] when the
    /// database fails.
    pub async fn clinic<E: ClinicEdit>(
        &self,
        actor: &Actor,
        edit: &E,
    ) -> Result<Edited<E::Value>, Refusal> {
        let act = &Act::of(actor, E::OPERATION);
        let attempt = async {
            actor.require_all(Permission::ManageRoster)?;
            let told = fingerprint(&[E::OPERATION.to_owned(), format!("{edit:?}")]);
            let request = async {
                let at = &self.circumstances().await?;
                let work = |tx: Tx| self.change_clinic((tx, actor), edit, at, &told);
                // What is stored of it could be another's, so a lost answer is told as such.
                let proof = |outcome| std::future::ready((outcome, None));
                let edited = self.trail.transaction("roster_edit", act, work, proof).await?;
                self.news.notify_one();
                Ok(edited)
            };
            let again = |made| async move {
                let at = self.circumstances().await?;
                let value = edit.again(self, made, &at).await?;
                Ok(Edited { value, affected: Vec::new(), replayed: true })
            };
            self.once(actor, edit.terms().key.as_ref(), &told, request, again).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn change_clinic<E: ClinicEdit>(
        &self,
        (tx, actor): (Tx, &Actor),
        edit: &E,
        at: &Circumstances,
        told: &str,
    ) -> Result<Audited<Edited<E::Value>>, Refusal> {
        locks::roster(&tx).await?;
        let Outcome { value, made, fields, affected } = edit.write(self, &tx, at).await?;
        let edited = Edited { value, affected, replayed: false };
        if fields.is_empty() {
            return Ok(Audited::RollBack(edited));
        }
        let object = made.object();
        let key = edit.terms().key.as_ref();
        self.claim(&tx, actor, key, (told.to_owned(), made)).await?;
        roster_events::append(&tx, &[(E::EVENT, None)], at.now).await?;
        if edit.terms().dry_run {
            return Ok(Audited::RollBack(edited));
        }
        Ok(Audited::Commit(edited, Touched { fields, object, ..Touched::default() }))
    }
}
