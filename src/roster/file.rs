//! Reading a clinic's roster file: payers, and providers with licences, insurances and hours.
//!
//! All that is wrong with a file is told at once, each mistake with its place, before anything is
//! written. What may be meant but seldom is, is told as odd and hinders nothing.

mod days;
mod document;
mod hours;
mod licences;
mod payers;
mod providers;
mod rules;
mod text;
mod visit_types;

use jiff::Timestamp;

pub use self::document::RosterRemark;
use self::document::{Remarks, Spot};
use self::payers::PayerNames;
use self::providers::ProviderReader;
use self::visit_types::VisitTypeNames;
use super::entries::{RosterEntries, StoredRoster};

/// What a roster file says, and what there is to say of it.
#[derive(Debug)]
pub struct RosterReading {
    /// The payers and providers, without those that can't be read.
    pub entries: RosterEntries,
    /// What is wrong: with one of these the file is not loaded.
    pub mistakes: Vec<RosterRemark>,
    /// What is legal and odd.
    pub oddities: Vec<RosterRemark>,
}

/// Reads a roster file, to be loaded into a database that has the `stored` roster; without one, for
/// what can be said of the file alone. What has ended is told as of `now`.
pub fn read(text: &str, stored: Option<&StoredRoster>, now: Timestamp) -> RosterReading {
    // Some programs begin a text with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut remarks = Remarks::of(text);
    let mut entries = RosterEntries::default();
    if let Some(file) = Spot::whole(text, &mut remarks)
        && let Some(mut fields) = file.fields(&mut remarks)
    {
        let rules = fields.take("rules");
        let closed_days = fields.take("closed_days");
        let types = fields.take("visit_types").and_then(|spot| spot.items(&mut remarks));
        let payers = fields.take("payers").and_then(|spot| spot.items(&mut remarks));
        let providers = fields.required("providers", &mut remarks);
        let providers = providers.and_then(|spot| spot.items(&mut remarks)).unwrap_or_default();
        fields.end(&mut remarks);
        let mut names = PayerNames::of(stored);
        let payers = names.read(payers.unwrap_or_default(), &mut remarks);
        let mut kinds = VisitTypeNames::of(stored);
        entries.visit_types = kinds.read(&types.unwrap_or_default(), &mut remarks);
        entries.rules = rules.and_then(|spot| rules::clinic_rules(&spot, &mut remarks));
        let days = closed_days.map(|spot| days::closed_days(&spot, &mut remarks));
        entries.closed_days = days.unwrap_or_default();
        let mut reader = ProviderReader::new((&names, &kinds), stored, now);
        entries.providers = reader.read(&providers, &mut remarks);
        if providers.is_empty() {
            remarks.odd(&file, "there are no providers");
        }
        reader.note_payers_of_nobody(&payers, &mut remarks);
        entries.payers = payers.into_iter().map(|(_, payer)| payer).collect();
    }
    let (mistakes, oddities) = remarks.by_line();
    RosterReading { entries, mistakes, oddities }
}

#[cfg(test)]
mod tests;
