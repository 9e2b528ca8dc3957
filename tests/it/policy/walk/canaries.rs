//! What tells a patient: found where a role may not see it, the test fails; and where nobody ever finds what
//! a role may see, it fails as well.

use std::collections::BTreeSet;

use clinic::access::Role;

use crate::policy::clinic::{CANCELLED_BECAUSE, Clinic};

/// A text that nothing but one patient's data holds.
struct Canary {
    text: String,
    /// Whether the clinician of the walk may see it.
    of_own: bool,
    /// Whether it may stand in a log: the log names patients by their ids.
    is_id: bool,
}

/// All of them, and which were seen in the role that walks.
pub(super) struct Canaries {
    all: Vec<Canary>,
    seen: BTreeSet<String>,
}

impl Canaries {
    pub(super) fn of(clinic: &Clinic) -> Self {
        let mut all = Vec::new();
        for (seen, of_own) in [
            (&clinic.own, true),
            (&clinic.shared, true),
            (&clinic.cancelled, true),
            (&clinic.other, false),
            (&clinic.failed, false),
        ] {
            // What they were described by, the reason of the visit, and who they are.
            let told = [&seen.name, &seen.email, &seen.phone, &seen.birth_date, &seen.reason];
            all.extend(told.into_iter().map(|text| Canary {
                text: text.to_lowercase(),
                of_own,
                is_id: false,
            }));
            all.push(Canary { text: seen.patient.clone(), of_own, is_id: true });
        }
        // Of a patient whom two providers have, each sees their own visits.
        let elsewhere = clinic.elsewhere.reason.to_lowercase();
        all.push(Canary { text: elsewhere, of_own: false, is_id: false });
        // Why the visit was cancelled: the history alone says it.
        let why = CANCELLED_BECAUSE.to_lowercase();
        all.push(Canary { text: why, of_own: true, is_id: false });
        Self { all, seen: BTreeSet::new() }
    }

    fn may_see(canary: &Canary, role: Role) -> bool {
        match role {
            Role::Admin | Role::Scheduler => true,
            Role::Clinician => canary.of_own,
            Role::Auditor | Role::Viewer => false,
        }
    }

    /// Fails where the text holds what is not for that role.
    pub(super) fn search(&mut self, role: Role, text: &str, what: &str) {
        let text = text.to_lowercase();
        // The audit trail is asked for by itself, and it names whose data an act was about.
        let names_ids = role == Role::Auditor && text.contains("\"auditevents\"");
        for canary in self.all.iter().filter(|canary| text.contains(&canary.text)) {
            let may_see = Self::may_see(canary, role) || (names_ids && canary.is_id);
            assert!(may_see, "{:?} in {what}: {text}", canary.text);
            self.seen.insert(canary.text.clone());
        }
    }

    /// Fails where something that is for that role was nowhere; begins anew for the next.
    pub(super) fn were_all_seen(&mut self, role: Role) {
        for canary in self.all.iter().filter(|canary| Self::may_see(canary, role)) {
            assert!(
                self.seen.contains(&canary.text),
                "{:?} was shown nowhere to {role:?}",
                canary.text
            );
        }
        self.seen.clear();
    }

    /// Fails where what tells a patient stands in what is for nobody.
    pub(super) fn are_not_in(&self, what: &str, text: &str) {
        let text = text.to_lowercase();
        for canary in self.all.iter().filter(|canary| !canary.is_id) {
            let line = text.lines().find(|line| line.contains(&canary.text));
            assert_eq!(line, None, "{:?} in {what}", canary.text);
        }
    }
}
