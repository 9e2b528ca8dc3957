//! The way that every edit of a provider goes.

use std::fmt::Debug;
use std::sync::Arc;

use super::circumstances::Circumstances;
use super::outcome::EditedProvider;
use super::stranded::{stranded, unfit};
use super::terms::Terms;
use super::{Edited, RosterEdits};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, locks, look_again, roster, roster_events};
use crate::domain::{Provider, ProviderId, ProviderPart, ProviderRecord};
use crate::request::{FieldReader, Refusal, Resource, fingerprint};

/// One change of what is written down of a provider.
pub trait ProviderEdit: Debug + Send + Sync {
    /// What it is called in the schema.
    const OPERATION: &'static str;
    /// What it takes to make it.
    const PERMISSION: Permission;

    /// What it comes with.
    fn terms(&self) -> &Terms;

    /// Changes what is written down of the provider, and tells every field that will not do.
    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader);
}

/// A change that is written down and not yet committed.
struct Written {
    record: ProviderRecord,
    answer: EditedProvider,
}

impl RosterEdits {
    /// Changes a provider for `actor`, or says what would come of it. What changes nothing is answered as it
    /// stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`]; [`Refusal::Invalid`] with
    /// every field that will not do; [`Refusal::Store`] when the database fails.
    pub async fn provider<E: ProviderEdit>(
        &self,
        actor: &Actor,
        id: ProviderId,
        edit: &E,
    ) -> Result<EditedProvider, Refusal> {
        let act = &Act::on_object(actor, E::OPERATION, &id);
        let told = told(edit, &id.to_string());
        self.edit((actor, act), std::future::ready(Ok(id)), (edit, &told)).await
    }

    /// Changes the provider whom `whom` finds.
    pub(super) async fn edit<E: ProviderEdit>(
        &self,
        (actor, act): (&Actor, &Act),
        whom: impl Future<Output = Result<ProviderId, Refusal>>,
        (edit, told): (&E, &str),
    ) -> Result<EditedProvider, Refusal> {
        let attempt = async {
            let own = actor.require(E::PERMISSION)?.with_patients()?;
            let request = async {
                let id = whom.await?;
                if own.is_some_and(|own| own != id) {
                    return Err(Refusal::Forbidden);
                }
                let at = &self.circumstances().await?;
                let work = |tx: Tx| self.change((tx, actor), id, (edit, told), at);
                let proof = |written: Written| self.is_stored(written);
                let written = self.trail.transaction("roster_edit", act, work, proof).await?;
                self.news.notify_one();
                Ok(written.answer)
            };
            let again = |made| self.provider_again(made);
            self.once(actor, edit.terms().key.as_ref(), told, request, again).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    pub(super) async fn circumstances(&self) -> Result<Circumstances, Refusal> {
        Ok(Circumstances { directory: self.roster.directory().await?, now: self.now() })
    }

    async fn change<E: ProviderEdit>(
        &self,
        (tx, actor): (Tx, &Actor),
        id: ProviderId,
        (edit, told): (&E, &str),
        at: &Circumstances,
    ) -> Result<Audited<Written>, Refusal> {
        locks::provider(&tx, id).await?;
        let before = roster::find(&tx, id).await?.ok_or(Refusal::NotFound(Resource::Provider))?;
        edit.terms().expected.check(before.version)?;
        let (mut after, mut fields) = (before.clone(), FieldReader::default());
        edit.apply(&mut after, at, &mut fields);
        fields.finish()?;
        let after = after.in_order();
        let parts = before.differences(&after);
        if parts.is_empty() {
            let value = Arc::new(Provider::of(&before, &at.directory));
            let answer = Edited { value, affected: Vec::new(), replayed: false };
            return Ok(Audited::RollBack(Written { record: before, answer }));
        }
        let after = ProviderRecord { version: before.version + 1, ..after };
        let made = (told.to_owned(), Made::Provider(id));
        self.claim(&tx, actor, edit.terms().key.as_ref(), made).await?;
        if !roster::replace(&tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        let events: Vec<_> =
            before.events(&after).into_iter().map(|kind| (kind, Some(id))).collect();
        roster_events::append(&tx, &events, at.now).await?;
        let (was, is) = (Provider::of(&before, &at.directory), Provider::of(&after, &at.directory));
        let affected = stranded(&tx, (&was, &is), at).await?;
        let answer = Edited { value: Arc::new(is), affected, replayed: false };
        let written = Written { record: after, answer };
        if edit.terms().dry_run {
            return Ok(Audited::RollBack(written));
        }
        let fields = parts.into_iter().map(ProviderPart::field).collect();
        Ok(Audited::Commit(written, Touched::object(&id, fields)))
    }

    async fn is_stored(&self, written: Written) -> (Written, Option<bool>) {
        let stored = look_again(|| roster::find(self.db.read(), written.record.id)).await;
        let stored = match stored {
            Ok(Some(stored)) if stored.version > written.record.version => None,
            Ok(stored) => Some(stored.as_ref() == Some(&written.record)),
            Err(_unreadable) => None,
        };
        (written, stored)
    }

    /// How a provider stands whom an earlier request has changed, and what does not fit now.
    pub(super) async fn provider_again(&self, made: Made) -> Result<EditedProvider, Refusal> {
        let Made::Provider(id) = made else { return Err(Refusal::KeyReused) };
        let at = self.circumstances().await?;
        let provider = at.directory.provider_of_visit(id);
        let value = Arc::clone(provider.ok_or(Refusal::NotFound(Resource::Provider))?);
        let affected = unfit(self.db.read(), &value, &at).await?;
        Ok(Edited { value, affected, replayed: true })
    }
}

/// What tells an edit of one thing from others under one key. The words are those of this program: a
/// retry that comes to another version of it is told that the key was used.
pub(super) fn told<E: ProviderEdit>(edit: &E, of: &str) -> String {
    fingerprint(&[E::OPERATION, of, &format!("{edit:?}")])
}
