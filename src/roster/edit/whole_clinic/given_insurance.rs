//! What is given of an insurance.

use std::sync::Arc;

use crate::db::idempotency::Made;
use crate::domain::Payer;
use crate::domain::insurance::payer_key;
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_length, field, item, shown_text};

const LIST: &str = "aliases";

const SAME_NAME: Refusal = Refusal::AlreadyExists("Another insurance is called so already");
const SECOND_SELF_PAY: Refusal =
    Refusal::AlreadyExists("Another insurance stands for patients who pay themselves already");

/// An insurance as a door received it; for a change what is left out stays.
#[derive(Debug, Default)]
pub struct RawInsurance {
    /// The name it is shown under.
    pub name: Option<String>,
    /// Other names for it.
    pub aliases: Option<Vec<String>>,
    /// Whether it stands for patients who pay themselves.
    pub self_pay: Option<bool>,
    /// Whether it is accepted at all.
    pub active: Option<bool>,
}

/// What is given of an insurance.
#[derive(Debug, Clone)]
pub struct Given {
    pub(super) name: Option<String>,
    aliases: Option<Vec<String>>,
    self_pay: Option<bool>,
    active: Option<bool>,
}

impl RawInsurance {
    pub(super) fn read(self, fields: &mut FieldReader) -> Given {
        let name = fields.optional(field("name"), self.name, |text| called(&text));
        let aliases = self.aliases.map(|aliases| {
            check_length(fields, LIST, &aliases);
            let each = aliases.into_iter().enumerate();
            each.filter_map(|(n, alias)| {
                fields.required(item(LIST, n), Some(alias), |text| called(&text))
            })
            .collect()
        });
        Given { name, aliases, self_pay: self.self_pay, active: self.active }
    }
}

fn called(text: &str) -> Result<String, &'static str> {
    let name = shown_text(text)?;
    if payer_key(&name).is_empty() { Err("must have letters or digits") } else { Ok(name) }
}

impl Given {
    pub(super) fn of(&self, before: &Payer) -> Payer {
        let name = self.name.clone().unwrap_or_else(|| before.name.clone());
        let mut aliases = self.aliases.clone().unwrap_or_else(|| before.aliases.clone());
        // As it is read again: by name, and each name once.
        aliases.sort_by_key(|alias| (payer_key(alias), alias.clone()));
        aliases.dedup_by_key(|alias| payer_key(alias));
        aliases.retain(|alias| payer_key(alias) != payer_key(&name));
        aliases.sort();
        Payer {
            id: before.id,
            version: before.version,
            name,
            aliases,
            self_pay: self.self_pay.unwrap_or(before.self_pay),
            active: self.active.unwrap_or(before.active),
        }
    }
}

/// Whether no other insurance has one of its names, or stands for self-pay as it does.
pub(super) fn check(all: &[Arc<Payer>], one: &Payer) -> Result<(), Refusal> {
    let keys: Vec<String> = one.spellings().map(payer_key).collect();
    for other in all.iter().filter(|other| other.id != one.id) {
        if other.spellings().any(|name| keys.contains(&payer_key(name))) {
            return Err(SAME_NAME);
        }
        if one.self_pay && other.self_pay {
            return Err(SECOND_SELF_PAY);
        }
    }
    Ok(())
}

/// The insurance that an earlier request made or changed.
pub(super) fn found(at: &Circumstances, made: Made) -> Result<Arc<Payer>, Refusal> {
    let Made::Insurance(id) = made else { return Err(Refusal::KeyReused) };
    at.directory.payer(id).map(Arc::clone).ok_or(Refusal::NotFound(Resource::Insurance))
}
