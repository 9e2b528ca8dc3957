//! The clinic's policy that a request passes.

use crate::domain::{Overruling, Policy};
use crate::request::{Field, FieldReader, Violation};

/// Which rules of the clinic's policy do not count for a request, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrule {
    /// The rules, in order and each once.
    pub rules: Vec<Policy>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
}

/// The same as a door received it: codes, and a reason.
#[derive(Debug, Clone, Default)]
pub struct RawOverrule {
    /// The codes of the rules.
    pub codes: Option<Vec<String>>,
    /// Why.
    pub reason: Option<String>,
}

impl Overrule {
    /// Reads what a door received.
    pub(super) fn read(fields: &mut FieldReader, raw: &RawOverrule) -> Self {
        let codes = raw.codes.as_deref();
        let rules = fields.optional(Field::Overrule, codes, rules_of).unwrap_or_default();
        let reason = fields.free_text(Field::OverruleReason, raw.reason.as_deref());
        if rules.is_empty() && reason.is_some() {
            let why = "goes with the rules that are overruled";
            fields.wrong(Violation::new(Field::OverruleReason, why));
        }
        Self { rules, reason }
    }

    /// What tells a request with it from others under one key; nothing where nothing is overruled.
    pub(in crate::booking) fn fingerprint(&self) -> Option<String> {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        let reason = self.reason.as_deref().unwrap_or_default();
        (!rules.is_empty()).then(|| format!("overrule {} {reason}", rules.join(",")))
    }

    /// What is kept of it with the version of the visit that it is for.
    pub(in crate::booking) fn noted(&self, in_version: i32) -> Option<Box<Overruling>> {
        let Self { rules, reason } = self.clone();
        (!rules.is_empty()).then(|| Box::new(Overruling { rules, reason, in_version }))
    }
}

fn rules_of(codes: &[String]) -> Result<Vec<Policy>, &'static str> {
    let rules = codes.iter().map(|code| code.parse::<Policy>());
    let mut rules = rules.collect::<Result<Vec<_>, _>>().map_err(|_other| {
        "must be OUTSIDE_WORKING_HOURS, PROVIDER_AWAY, IN_BUFFER, NOTICE_TOO_SHORT, BEYOND_HORIZON or \
         DAILY_LIMIT_REACHED: nothing else can be overruled"
    })?;
    rules.sort_unstable();
    rules.dedup();
    Ok(rules)
}
