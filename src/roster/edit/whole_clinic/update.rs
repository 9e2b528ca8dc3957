//! Changing something of the clinic's that has a name and a version: insurances and kinds of visits.

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx};
use crate::domain::{Appointment, RosterEventKind};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::stranded::visits_to_come;
use crate::roster::edit::terms::{RawTerms, Terms};

/// Something of the clinic's that is changed field by field.
pub trait Updatable: Clone + Send + Sync + Sized + 'static {
    /// What changing it is called in the schema.
    const OPERATION: &'static str;
    /// What has happened when it was changed.
    const EVENT: RosterEventKind;
    /// What it is told as where there is none.
    const RESOURCE: Resource;
    /// What tells it from others.
    type Id: FromStr + Copy + PartialEq + Debug + Send + Sync;
    /// What a door received.
    type Raw;
    /// What is given of it.
    type Given: Debug + Send + Sync;

    /// Reads what a door received.
    fn read(raw: Self::Raw, fields: &mut FieldReader) -> Self::Given;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// Counts its committed changes.
    fn version(&self) -> i32;

    /// Whether visits are booked of it.
    fn is_active(&self) -> bool;

    /// Whether a visit is of it.
    fn has(&self, visit: &Appointment) -> bool;

    /// The same with what is given in place of what was, at the next version.
    fn updated(&self, given: &Self::Given) -> Self;

    /// The names of the fields that are not as they were.
    fn differences(&self, after: &Self) -> Vec<&'static str>;

    /// What the key of a request stands for that has changed it.
    fn made(id: Self::Id) -> Made;

    /// All there are.
    fn all(tx: &Tx) -> impl Future<Output = Result<Vec<Arc<Self>>, StoreError>> + Send;

    /// Whether it may be beside the others.
    ///
    /// # Errors
    ///
    /// [`Refusal::AlreadyExists`].
    fn check(&self, all: &[Arc<Self>]) -> Result<(), Refusal>;

    /// Writes it down in place of the version before. False where that is not there any more.
    fn replace(
        &self,
        tx: &Tx,
        version: i32,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The one that an earlier request made or changed.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    fn found(at: &Circumstances, made: Made) -> Result<Arc<Self>, Refusal>;
}

/// Let something of the clinic's be another.
#[derive(Debug)]
pub struct Update<T: Updatable> {
    terms: Terms,
    id: T::Id,
    given: T::Given,
}

impl<T: Updatable> Update<T> {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, raw: T::Raw, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let given = T::read(raw, &mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(T::RESOURCE))?;
        Ok(Self { terms, id, given })
    }
}

impl<T: Updatable + Debug> ClinicEdit for Update<T> {
    const OPERATION: &'static str = T::OPERATION;
    const EVENT: RosterEventKind = T::EVENT;
    type Value = Arc<T>;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> Result<Outcome<Arc<T>>, Refusal> {
        let all = T::all(tx).await?;
        let before = all.iter().find(|one| one.id() == self.id);
        let before = before.ok_or(Refusal::NotFound(T::RESOURCE))?;
        self.terms.expected.check(before.version())?;
        let after = before.updated(&self.given);
        let (fields, made) = (before.differences(&after), T::made(self.id));
        if fields.is_empty() {
            let value = Arc::clone(before);
            return Ok(Outcome { value, made, fields, affected: Vec::new() });
        }
        after.check(&all)?;
        if !after.replace(tx, before.version()).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        let affected = if before.is_active() && !after.is_active() {
            visits_to_come(tx, at.now, |visit| before.has(visit)).await?
        } else {
            Vec::new()
        };
        Ok(Outcome { value: Arc::new(after), made, fields, affected })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        made: Made,
        at: &Circumstances,
    ) -> Result<Arc<T>, Refusal> {
        T::found(at, made)
    }
}
