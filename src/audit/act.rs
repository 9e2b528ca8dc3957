//! An attempt to change something: its row is written with the change, or tells afterwards that there
//! was none.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::waiting::not_written;
use super::{AuditReads, Trail, caller};
use crate::access::Actor;
use crate::db::{Contention, Ending, StoreError, Tx, audit};
use crate::domain::audit::{AuditEntry, AuditKind, AuditedCaller, AuditedChange};
use crate::domain::{AppointmentId, AuditEventId, PatientId};
use crate::request::{ErrorCode, Refusal};

/// Somebody who is about to change something. Clones are one.
#[derive(Clone)]
pub struct Act(Arc<Attempt>);

struct Attempt {
    actor: Actor,
    on_behalf_of: Option<AuditedCaller>,
    operation: &'static str,
    /// What the request names, for a row that tells that nothing was changed.
    about: Touched,
    /// Whether a row of a change was committed.
    committed: AtomicBool,
}

/// What a change has touched.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// The names of the fields.
    pub fields: Vec<&'static str>,
    /// Whose data.
    pub patients: BTreeSet<PatientId>,
    /// Which appointments.
    pub appointments: BTreeSet<AppointmentId>,
    /// Which change of an appointment.
    pub change: Option<AuditedChange>,
    /// Which person or token, by its id.
    pub object: Option<String>,
}

impl Touched {
    /// Nothing but patients.
    pub fn patients(ids: impl IntoIterator<Item = PatientId>, fields: Vec<&'static str>) -> Self {
        Self { patients: ids.into_iter().collect(), fields, ..Self::default() }
    }

    /// Nothing but a person or a token.
    pub fn object(id: &impl ToString, fields: Vec<&'static str>) -> Self {
        Self { object: Some(id.to_string()), fields, ..Self::default() }
    }
}

/// How the work of a transaction ends it, with what it has touched.
#[derive(Debug)]
pub enum Audited<T> {
    /// With everything that was written, and the row that tells so.
    Commit(T, Touched),
    /// The same of several changes, with a row for each.
    CommitAll(T, Vec<Touched>),
    /// With nothing.
    RollBack(T),
}

/// What an attempt answers.
pub trait Attempted {
    /// Whether it repeats the answer to an earlier request.
    fn is_replayed(&self) -> bool;

    /// Why nothing was done, where the answer says so itself.
    fn refused_with(&self) -> Option<ErrorCode> {
        None
    }
}

impl Act {
    /// `actor` does `operation`, in the words of the schema.
    pub fn of(actor: &Actor, operation: &'static str) -> Self {
        Self::new(actor.clone(), None, operation, Touched::default())
    }

    /// The same, of a request that names an appointment.
    pub fn on_appointment(actor: &Actor, operation: &'static str, id: AppointmentId) -> Self {
        let about = Touched { appointments: BTreeSet::from([id]), ..Touched::default() };
        Self::new(actor.clone(), None, operation, about)
    }

    /// The same, of a request that names patients.
    pub fn on_patients(
        actor: &Actor,
        operation: &'static str,
        ids: impl IntoIterator<Item = PatientId>,
    ) -> Self {
        Self::new(actor.clone(), None, operation, Touched::patients(ids, Vec::new()))
    }

    /// The same, of a request that names a person or a token.
    pub fn on_object(actor: &Actor, operation: &'static str, id: &impl ToString) -> Self {
        Self::new(actor.clone(), None, operation, Touched::object(id, Vec::new()))
    }

    /// The server does it in the background, for somebody if that is known.
    pub fn of_the_system(operation: &'static str, on_behalf_of: Option<AuditedCaller>) -> Self {
        Self::new(Actor::system(), on_behalf_of, operation, Touched::default())
    }

    fn new(
        actor: Actor,
        on_behalf_of: Option<AuditedCaller>,
        operation: &'static str,
        about: Touched,
    ) -> Self {
        let committed = AtomicBool::new(false);
        Self(Arc::new(Attempt { actor, on_behalf_of, operation, about, committed }))
    }

    /// Whose act it is in the end: of the server's, for whom it does it.
    pub fn principal(&self) -> AuditedCaller {
        self.0.on_behalf_of.clone().unwrap_or_else(|| caller(&self.0.actor))
    }

    fn is_committed(&self) -> bool {
        self.0.committed.load(Ordering::SeqCst)
    }

    /// Its row is stored: an answer that shows no more than whom it is about needs none of its own.
    fn committed(&self, touched: &Touched) {
        self.0.committed.store(true, Ordering::SeqCst);
        self.recorded(touched);
    }

    fn recorded(&self, touched: &Touched) {
        self.0.actor.recorded(&touched.patients, &touched.appointments);
    }
}

impl Trail {
    fn entry(&self, act: &Act, touched: &Touched, outcome: &'static str) -> AuditEntry {
        let Attempt { actor, on_behalf_of, operation, about, .. } = act.0.as_ref();
        let now = self.now();
        AuditEntry {
            fields: touched.fields.join(" "),
            patients: touched.patients.iter().copied().collect(),
            appointments: touched.appointments.iter().copied().collect(),
            change: touched.change,
            object: touched.object.clone().or_else(|| about.object.clone()),
            outcome: outcome.into(),
            on_behalf_of: on_behalf_of.clone(),
            ..self.blank(AuditEventId::generate(now), AuditKind::Change, actor, *operation)
        }
    }

    /// Runs a transaction that changes something, with its row in it, again when it lost a race. When
    /// the connection is lost in COMMIT, `proof` reads on another one whether it is stored.
    ///
    /// # Errors
    ///
    /// Those of [`Db::transaction_proved`](crate::db::Db::transaction_proved).
    pub async fn transaction<T, E, Fut, Proof>(
        &self,
        name: &'static str,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
        proof: impl Fn(T) -> Proof,
    ) -> Result<T, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Audited<T>, E>>,
        Proof: Future<Output = (T, Option<bool>)>,
    {
        let ending = |tx: Tx| {
            let worked = work(tx.clone());
            async move {
                let (value, touched) = match worked.await? {
                    Audited::Commit(value, touched) => (value, vec![touched]),
                    Audited::CommitAll(value, touched) => (value, touched),
                    Audited::RollBack(value) => return Ok(Ending::RollBack((value, Vec::new()))),
                };
                self.note(&tx, act, &touched).await?;
                Ok::<_, E>(Ending::Commit((value, touched)))
            }
        };
        let proof = |(value, touched): (T, Vec<Touched>)| {
            let proved = proof(value);
            async move {
                let (value, stored) = proved.await;
                ((value, touched), stored)
            }
        };
        // In memory of its own: whoever waits for it is large enough.
        let transaction = Box::pin(self.db.transaction_proved(name, ending, proof));
        let (value, touched) = transaction.await?;
        for touched in &touched {
            act.committed(touched);
        }
        Ok(value)
    }

    async fn note(&self, tx: &Tx, act: &Act, touched: &[Touched]) -> Result<(), StoreError> {
        if self.reads == AuditReads::Nothing {
            return Ok(());
        }
        let entries = touched.iter().map(|touched| {
            let entry = self.entry(act, touched, "OK");
            let mac = self.key.of_row(&entry);
            (entry, mac)
        });
        audit::insert(tx, &entries.collect::<Vec<_>>()).await.map_err(not_written)
    }

    /// Carries out an attempt, and tells in a row of its own when it was refused, or changed nothing.
    ///
    /// # Errors
    ///
    /// Those of `work`; [`Refusal::Store`] when nothing was changed and that can't be written down.
    pub async fn attempt<T: Attempted>(
        &self,
        act: &Act,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let result = work.await;
        let outcome = match &result {
            Ok(_changed) if act.is_committed() => return result,
            Ok(answer) if answer.is_replayed() => "REPLAYED",
            Ok(answer) => answer.refused_with().map_or("UNCHANGED", ErrorCode::as_str),
            Err(refusal) => refusal.code().as_str(),
        };
        let written = self.tell(act, outcome).await;
        match (result, written) {
            (Ok(_), Err(error)) => Err(error.into()),
            (result, _) => result,
        }
    }

    /// Tells that an attempt was refused before it could begin.
    pub async fn refused(&self, act: &Act, refusal: &Refusal) {
        // Nothing was done, and the caller is told so: there is nothing to keep back.
        drop(self.tell(act, refusal.code().as_str()).await);
    }

    async fn tell(&self, act: &Act, outcome: &'static str) -> Result<(), StoreError> {
        let about = &act.0.about;
        self.record(self.entry(act, about, outcome)).await.inspect(|()| act.recorded(about))
    }
}
