//! A day on which the clinic is closed, as it is stored.

use jiff::civil::Date;

use crate::db::{Tx, directory, roster};
use crate::domain::ClosedDay;
use crate::request::Refusal;
use crate::roster::edit::terms::Terms;

/// The version of the clinic's rules is that of the closed days too.
pub(super) async fn check_version(tx: &Tx, terms: &Terms) -> Result<(), Refusal> {
    terms.expected.check(roster::clinic_settings(tx).await?.version)
}

/// That day, if the clinic is closed on it.
pub(super) async fn stored_day(tx: &Tx, date: Date) -> Result<Option<ClosedDay>, Refusal> {
    Ok(directory::closed_days(tx).await?.into_iter().find(|day| day.date == date))
}
