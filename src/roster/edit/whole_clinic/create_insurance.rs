//! `createInsurance`.

use std::sync::Arc;

use super::given_insurance::{Given, RawInsurance, check, found};
use crate::db::idempotency::Made;
use crate::db::{Tx, directory, roster};
use crate::domain::{Payer, PayerId, RosterEventKind};
use crate::request::{FieldReader, Refusal};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let the clinic know another insurance.
#[derive(Debug)]
pub struct CreateInsurance {
    terms: Terms,
    name: String,
    given: Given,
}

impl CreateInsurance {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(name: String, raw: RawInsurance, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let given = RawInsurance { name: Some(name), ..raw }.read(&mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok(Self { terms, name: given.name.clone().unwrap_or_default(), given })
    }
}

impl ClinicEdit for CreateInsurance {
    const OPERATION: &'static str = "createInsurance";
    const EVENT: RosterEventKind = RosterEventKind::InsuranceCreated;
    type Value = Arc<Payer>;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> Result<Outcome<Arc<Payer>>, Refusal> {
        let payer = self.given.of(&Payer {
            id: PayerId::generate(at.now),
            version: 1,
            name: self.name.clone(),
            aliases: Vec::new(),
            self_pay: false,
            active: true,
        });
        check(&directory::payers(tx).await?.0, &payer)?;
        roster::insert_payer(tx, &payer).await?;
        roster::insert_payer_names(tx, &payer).await?;
        let (made, fields) =
            (Made::Insurance(payer.id), vec!["name", "aliases", "selfPay", "active"]);
        Ok(Outcome { value: Arc::new(payer), made, fields, affected: Vec::new() })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        made: Made,
        at: &Circumstances,
    ) -> Result<Arc<Payer>, Refusal> {
        found(at, made)
    }
}
