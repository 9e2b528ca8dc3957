//! `updateInsurance`.

use std::sync::Arc;

use super::given_insurance::{Given, RawInsurance, check, found};
use super::update::{Updatable, Update};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, directory, roster};
use crate::domain::{Appointment, Payer, PayerId, RosterEventKind};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::circumstances::Circumstances;

/// Let an insurance be called otherwise, or be accepted no more.
pub type UpdateInsurance = Update<Payer>;

impl Updatable for Payer {
    const OPERATION: &'static str = "updateInsurance";
    const EVENT: RosterEventKind = RosterEventKind::InsuranceUpdated;
    const RESOURCE: Resource = Resource::Insurance;
    type Id = PayerId;
    type Raw = RawInsurance;
    type Given = Given;

    fn read(raw: RawInsurance, fields: &mut FieldReader) -> Given {
        raw.read(fields)
    }

    fn id(&self) -> PayerId {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn has(&self, visit: &Appointment) -> bool {
        visit.payer_id == self.id
    }

    fn updated(&self, given: &Given) -> Self {
        Self { version: self.version + 1, ..given.of(self) }
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        let differs = [
            ("name", self.name != after.name),
            ("aliases", self.aliases != after.aliases),
            ("selfPay", self.self_pay != after.self_pay),
            ("active", self.active != after.active),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    fn made(id: PayerId) -> Made {
        Made::Insurance(id)
    }

    async fn all(tx: &Tx) -> Result<Vec<Arc<Self>>, StoreError> {
        Ok(directory::payers(tx).await?.0)
    }

    fn check(&self, all: &[Arc<Self>]) -> Result<(), Refusal> {
        check(all, self)
    }

    async fn replace(&self, tx: &Tx, version: i32) -> Result<bool, StoreError> {
        let replaced = roster::replace_payer(tx, version, self).await?;
        if replaced {
            roster::insert_payer_names(tx, self).await?;
        }
        Ok(replaced)
    }

    fn found(at: &Circumstances, made: Made) -> Result<Arc<Self>, Refusal> {
        found(at, made)
    }
}
