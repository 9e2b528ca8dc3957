//! A provider as they are written down, without anything that is worked out of it: what an edit of the
//! roster begins with and ends in.

use std::collections::BTreeSet;

use super::days::{DateOverride, TimeOff};
use super::ids::{PayerId, ProviderId, VisitTypeId};
use super::licence::Licence;
use super::roster_event::RosterEventKind;
use super::rules::OwnRules;
use super::working_hours::WorkingHours;

/// What is written down of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRecord {
    /// Its identifier.
    pub id: ProviderId,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// The clinic's own key, the same in every version of its roster.
    pub reference: String,
    /// The name patients see.
    pub name: String,
    /// Degrees and titles.
    pub credentials: String,
    /// IANA name of the zone of the local times below.
    pub time_zone: String,
    /// Whether they work here.
    pub active: bool,
    /// Where they may treat patients, by state.
    pub licences: Vec<Licence>,
    /// The payers they take.
    pub payers: BTreeSet<PayerId>,
    /// When they work, Monday first.
    pub working_hours: Vec<WorkingHours>,
    /// The rules that are their own.
    pub rules: OwnRules,
    /// The kinds of visits that are set for them; none: all that are active.
    pub visit_types: BTreeSet<VisitTypeId>,
    /// Days that are not as every week, in order.
    pub overrides: Vec<DateOverride>,
    /// Time off, by start.
    pub time_off: Vec<TimeOff>,
}

/// A part of what is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderPart {
    /// The name.
    Name,
    /// Degrees and titles.
    Credentials,
    /// The zone.
    TimeZone,
    /// Whether they work here.
    Active,
    /// The licences.
    Licences,
    /// The payers.
    Insurances,
    /// The weekly hours.
    WorkingHours,
    /// The rules.
    Rules,
    /// The kinds of visits.
    VisitTypes,
    /// The days that are not as every week.
    Overrides,
    /// Time off.
    TimeOff,
}

impl ProviderPart {
    /// The name of the field, as the schema has it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Credentials => "credentials",
            Self::TimeZone => "timeZone",
            Self::Active => "active",
            Self::Licences => "licences",
            Self::Insurances => "insurances",
            Self::WorkingHours => "workingHours",
            Self::Rules => "rules",
            Self::VisitTypes => "visitTypes",
            Self::Overrides => "overrides",
            Self::TimeOff => "timeOff",
        }
    }

    /// The name of the field, as a roster file has it.
    pub fn file_field(self) -> &'static str {
        match self {
            Self::TimeZone => "time_zone",
            Self::WorkingHours => "working_hours",
            Self::VisitTypes => "visit_types",
            Self::TimeOff => "time_off",
            same => same.field(),
        }
    }
}

impl ProviderRecord {
    /// The parts in which `after` is another.
    pub fn differences(&self, after: &Self) -> Vec<ProviderPart> {
        let differs = [
            (ProviderPart::Name, self.name != after.name),
            (ProviderPart::Credentials, self.credentials != after.credentials),
            (ProviderPart::TimeZone, self.time_zone != after.time_zone),
            (ProviderPart::Active, self.active != after.active),
            (ProviderPart::Licences, self.licences != after.licences),
            (ProviderPart::Insurances, self.payers != after.payers),
            (ProviderPart::WorkingHours, self.working_hours != after.working_hours),
            (ProviderPart::Rules, self.rules != after.rules),
            (ProviderPart::VisitTypes, self.visit_types != after.visit_types),
            (ProviderPart::Overrides, self.overrides != after.overrides),
            (ProviderPart::TimeOff, self.time_off != after.time_off),
        ];
        differs.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect()
    }

    /// What has happened to them when they became `after`.
    pub fn events(&self, after: &Self) -> Vec<RosterEventKind> {
        let mut events = Vec::new();
        for part in self.differences(after) {
            match part {
                ProviderPart::TimeOff => events.extend(self.time_off_events(after)),
                part => events.push(match part {
                    ProviderPart::Licences => RosterEventKind::LicencesSet,
                    ProviderPart::Insurances => RosterEventKind::InsurancesSet,
                    ProviderPart::WorkingHours => RosterEventKind::WorkingHoursSet,
                    ProviderPart::Rules => RosterEventKind::RulesSet,
                    ProviderPart::VisitTypes => RosterEventKind::ProviderVisitTypesSet,
                    ProviderPart::Overrides => RosterEventKind::DateOverrideSet,
                    _ => RosterEventKind::ProviderUpdated,
                }),
            }
        }
        events.dedup();
        events
    }

    fn time_off_events(&self, after: &Self) -> impl Iterator<Item = RosterEventKind> + use<> {
        let has_more =
            |one: &Self, than: &Self| one.time_off.iter().any(|off| !than.time_off.contains(off));
        let added = has_more(after, self).then_some(RosterEventKind::TimeOffAdded);
        let removed = has_more(self, after).then_some(RosterEventKind::TimeOffRemoved);
        added.into_iter().chain(removed)
    }

    /// The same in the order in which it is kept, with nothing in it twice.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.licences.sort_by(|a, b| {
            (a.state, a.valid_from, &a.number).cmp(&(b.state, b.valid_from, &b.number))
        });
        self.working_hours.sort_by_key(|hours| (hours.minutes_of_week(), hours.effective_from));
        self.overrides.sort_by_key(|one| one.date);
        for one in &mut self.overrides {
            one.hours.sort_unstable();
        }
        self.time_off.sort_by_key(|off| (off.slot.starts_at(), off.id));
        self
    }
}
