//! JSON of which every value knows where it stands, so that all that is wrong can be told with its
//! place.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Something about a roster file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRemark {
    /// The line, counted from 1.
    pub line: usize,
    /// The path of the value, such as `providers[3].working_hours[0].closes_at`; empty where it is
    /// the file as a whole.
    pub place: String,
    /// What there is to say.
    pub text: String,
}

impl fmt::Display for RosterRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, place, text } = self;
        let comma = if place.is_empty() { "" } else { ", " };
        write!(f, "line {line}{comma}{place}: {text}")
    }
}

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    raw: &'a RawValue,
    pub(super) place: String,
}

/// What there is to say of a file.
pub(super) struct Remarks<'a> {
    text: &'a str,
    mistakes: Vec<RosterRemark>,
    oddities: Vec<RosterRemark>,
}

impl<'a> Remarks<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, mistakes: Vec::new(), oddities: Vec::new() }
    }

    pub(super) fn wrong(&mut self, spot: &Spot<'_>, text: impl Into<String>) {
        let remark = self.remark(spot, text.into());
        self.mistakes.push(remark);
    }

    pub(super) fn odd(&mut self, spot: &Spot<'_>, text: impl Into<String>) {
        let remark = self.remark(spot, text.into());
        self.oddities.push(remark);
    }

    fn remark(&self, spot: &Spot<'_>, text: String) -> RosterRemark {
        let at = spot.raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let line = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        RosterRemark { line, place: spot.place.clone(), text }
    }

    /// All mistakes, and all that is odd, in the order of the file.
    pub(super) fn by_line(mut self) -> (Vec<RosterRemark>, Vec<RosterRemark>) {
        self.mistakes.sort_by_key(|remark| remark.line);
        self.oddities.sort_by_key(|remark| remark.line);
        (self.mistakes, self.oddities)
    }
}

impl<'a> Spot<'a> {
    /// The whole file, if it is JSON.
    pub(super) fn whole(text: &'a str, remarks: &mut Remarks<'a>) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(raw) => Some(Self { raw, place: String::new() }),
            Err(error) => {
                let told = error.to_string();
                let why = told.split(" at line ").next().unwrap_or_default();
                let (line, text) = (error.line(), format!("is not JSON: {why}"));
                remarks.mistakes.push(RosterRemark { line, place: String::new(), text });
                None
            }
        }
    }

    fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }

    /// The fields of an object.
    pub(super) fn fields(&self, remarks: &mut Remarks<'a>) -> Option<Fields<'a>> {
        let Ok(Pairs(pairs)) = serde_json::from_str::<Pairs<'a>>(self.raw.get()) else {
            remarks.wrong(self, "must be an object");
            return None;
        };
        let mut fields = Fields { object: self.clone(), fields: Vec::new() };
        for (name, raw) in pairs {
            let dot = if self.place.is_empty() { "" } else { "." };
            let spot = Self { raw, place: format!("{}{dot}{name}", self.place) };
            if fields.fields.iter().any(|(known, _)| *known == name) {
                remarks.wrong(&spot, "stands twice in its object");
            } else {
                fields.fields.push((name, spot));
            }
        }
        Some(fields)
    }

    /// The items of a list.
    pub(super) fn items(&self, remarks: &mut Remarks<'a>) -> Option<Vec<Self>> {
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(self.raw.get()) else {
            remarks.wrong(self, "must be a list");
            return None;
        };
        let spots = items.into_iter().enumerate();
        Some(spots.map(|(n, raw)| Self { raw, place: format!("{}[{n}]", self.place) }).collect())
    }

    /// A text.
    pub(super) fn text(&self, remarks: &mut Remarks<'a>) -> Option<String> {
        let text = serde_json::from_str(self.raw.get()).ok();
        if text.is_none() {
            remarks.wrong(self, "must be a text");
        }
        text
    }

    /// Yes or no.
    pub(super) fn truth(&self, remarks: &mut Remarks<'a>) -> Option<bool> {
        let truth = serde_json::from_str(self.raw.get()).ok();
        if truth.is_none() {
            remarks.wrong(self, "must be true or false");
        }
        truth
    }

    /// A whole number from `least` to `most`.
    pub(super) fn number(&self, least: i64, most: i64, remarks: &mut Remarks<'a>) -> Option<i64> {
        let number = serde_json::from_str::<i64>(self.raw.get()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            remarks.wrong(self, format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    /// A text that is read further.
    pub(super) fn parsed<T: FromStr>(
        &self,
        expected: &str,
        remarks: &mut Remarks<'a>,
    ) -> Option<T> {
        let value = self.text(remarks)?.parse().ok();
        if value.is_none() {
            remarks.wrong(self, expected);
        }
        value
    }
}

/// The fields of an object; what is left over is not known.
pub(super) struct Fields<'a> {
    object: Spot<'a>,
    fields: Vec<(String, Spot<'a>)>,
}

impl<'a> Fields<'a> {
    /// A field, if it is there and not null.
    pub(super) fn take(&mut self, name: &str) -> Option<Spot<'a>> {
        let at = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.remove(at).1).filter(|spot| !spot.is_null())
    }

    /// A field that has to be there.
    pub(super) fn required(&mut self, name: &str, remarks: &mut Remarks<'a>) -> Option<Spot<'a>> {
        let spot = self.take(name);
        if spot.is_none() {
            remarks.wrong(&self.object, format!("{name} is required"));
        }
        spot
    }

    /// Ends the reading.
    pub(super) fn end(self, remarks: &mut Remarks<'a>) {
        for (_, spot) in self.fields {
            remarks.wrong(&spot, "is not a known field");
        }
    }
}

/// The pairs of an object, also those whose names stand twice.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
