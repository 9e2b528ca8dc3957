//! Rosters in a few words: `provider("Dr. Jane Doe").licensed("CT").takes("Aetna")`.

use serde_json::{Value, json};

/// A provider who works Monday to Friday, 9 to 17, in New York, unless told otherwise.
pub(crate) struct RosterProvider {
    name: String,
    time_zone: String,
    licences: Vec<Value>,
    insurances: Vec<String>,
    hours: Vec<Value>,
}

pub(crate) fn provider(name: &str) -> RosterProvider {
    RosterProvider {
        name: name.to_owned(),
        time_zone: "America/New_York".to_owned(),
        licences: Vec::new(),
        insurances: Vec::new(),
        hours: Vec::new(),
    }
}

impl RosterProvider {
    pub(crate) fn licensed(self, state: &str) -> Self {
        self.licensed_between(state, None, None)
    }

    pub(crate) fn licensed_between(
        mut self,
        state: &str,
        from: Option<&str>,
        until: Option<&str>,
    ) -> Self {
        let number = format!("{state}-{}-{}", self.name, self.licences.len());
        self.licences.push(
            json!({ "state": state, "number": number, "valid_from": from, "valid_until": until }),
        );
        self
    }

    pub(crate) fn zone(mut self, name: &str) -> Self {
        name.clone_into(&mut self.time_zone);
        self
    }

    pub(crate) fn takes(mut self, insurance: &str) -> Self {
        self.insurances.push(insurance.to_owned());
        self
    }

    pub(crate) fn works(mut self, weekday: &str, opens_at: &str, closes_at: &str) -> Self {
        self.hours
            .push(json!({ "weekday": weekday, "opens_at": opens_at, "closes_at": closes_at }));
        self
    }

    fn json(self) -> Value {
        let weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
        let nine_to_five = weekdays
            .map(|day| json!({ "weekday": day, "opens_at": "09:00", "closes_at": "17:00" }));
        let hours = if self.hours.is_empty() { nine_to_five.to_vec() } else { self.hours };
        json!({
            "reference": self.name.to_lowercase(),
            "name": self.name,
            "credentials": "MD",
            "time_zone": self.time_zone,
            "licences": self.licences,
            "insurances": self.insurances,
            "working_hours": hours,
        })
    }
}

/// A roster of three payers and more, and the providers it is given.
#[derive(Default)]
pub(crate) struct RosterBuilder {
    payers: Vec<Value>,
    providers: Vec<Value>,
}

impl RosterBuilder {
    pub(crate) fn with(mut self, provider: RosterProvider) -> Self {
        self.providers.push(provider.json());
        self
    }

    /// One payer more.
    pub(crate) fn payer(mut self, name: &str, aliases: &[&str]) -> Self {
        self.payers.push(json!({ "name": name, "aliases": aliases }));
        self
    }

    /// A payer that stands for patients who pay themselves.
    pub(crate) fn self_pay(mut self, name: &str) -> Self {
        self.payers.push(json!({ "name": name, "self_pay": true }));
        self
    }

    /// Dr. Jane Doe (CT, Aetna), Doctor Strange (NY, Aetna and Cigna), Doctor Who (NY, Cigna; 8 to 16).
    pub(crate) fn usual() -> Self {
        let mut who = provider("Doctor Who").licensed("NY").takes("Cigna");
        for day in ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"] {
            who = who.works(day, "08:00", "16:00");
        }
        Self::default()
            .with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"))
            .with(provider("Doctor Strange").licensed("NY").takes("Aetna").takes("Cigna"))
            .with(who)
    }

    /// So many providers who differ in nothing but the name (CT, Aetna and Cigna).
    pub(crate) fn alike(count: usize) -> Self {
        (0..count).fold(Self::default(), |roster, n| {
            let provider = provider(&format!("Dr. {n:03}")).licensed("CT").licensed("NY");
            roster.with(provider.takes("Aetna").takes("Cigna"))
        })
    }

    pub(crate) fn text(&self) -> String {
        if self.providers.is_empty() {
            return json!({ "providers": [] }).to_string();
        }
        let usual = [
            json!({ "name": "Aetna", "aliases": ["Aetna Inc", "Aetna Health"] }),
            json!({ "name": "Cigna", "aliases": ["Cigna Healthcare"] }),
            json!({ "name": "Humana", "aliases": [] }),
        ];
        let payers: Vec<&Value> = usual.iter().chain(&self.payers).collect();
        json!({ "payers": payers, "providers": self.providers }).to_string()
    }
}
