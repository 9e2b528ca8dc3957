//! The schema as it is served, by introspection: what there is to ask for, and how to get there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::rules::arguments;
use crate::support::TestApp;

const INTROSPECTION: &str = "{ __schema { types { kind name possibleTypes { name }
    fields { name args { name type { kind } } type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// A field of an object.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// The type of what it answers, without lists.
    pub(super) answers: String,
    /// Whether an argument has to be given.
    pub(super) wants: bool,
}

/// Every object type with its fields, and every interface with its types.
pub(super) struct Schema {
    pub(super) objects: BTreeMap<String, Vec<Field>>,
    abstractions: BTreeMap<String, Vec<String>>,
}

/// The steps from the root to a type: each the type and its field.
pub(super) type Way = Vec<(String, String)>;

impl Schema {
    pub(super) async fn served(app: &TestApp, token: &str) -> Self {
        let body = json!({ "query": INTROSPECTION });
        let request = app.request(reqwest::Method::POST, "/graphql").bearer_auth(token).json(&body);
        let answer = TestApp::send(request).await.json();
        let types =
            answer["data"]["__schema"]["types"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let (mut objects, mut abstractions) = (BTreeMap::new(), BTreeMap::new());
        for each in types {
            let name = each["name"].as_str().unwrap();
            match each["kind"].as_str().unwrap() {
                "OBJECT" if !name.starts_with("__") => {
                    let fields = each["fields"].as_array().unwrap().iter().map(field);
                    objects.insert(name.to_owned(), fields.collect());
                }
                "INTERFACE" | "UNION" => {
                    let possible = each["possibleTypes"].as_array().unwrap().iter();
                    let names = possible.map(|one| one["name"].as_str().unwrap().to_owned());
                    abstractions.insert(name.to_owned(), names.collect());
                }
                _ => {}
            }
        }
        Self { objects, abstractions }
    }

    /// The shortest way from the queries to each type that they lead to.
    pub(super) fn ways(&self) -> BTreeMap<String, Way> {
        let mut ways = BTreeMap::from([("Query".to_owned(), Way::new())]);
        let mut next = VecDeque::from(["Query".to_owned()]);
        while let Some(from) = next.pop_front() {
            for field in &self.objects[&from] {
                if self.objects.contains_key(&field.answers) && !ways.contains_key(&field.answers) {
                    let mut way = ways[&from].clone();
                    way.push((from.clone(), field.name.clone()));
                    ways.insert(field.answers.clone(), way);
                    next.push_back(field.answers.clone());
                }
            }
        }
        ways
    }

    /// `{ … }` with all that a type has, so many objects deep; empty for what is no object.
    pub(super) fn all_of(&self, name: &str, depth: usize) -> String {
        if let Some(possible) = self.abstractions.get(name) {
            // Under names of their own: what two of them call the same may be of two kinds.
            let each = possible
                .iter()
                .map(|one| format!("... on {one} {{ {} }}", self.fields_of(one, depth, true)));
            return format!("{{ __typename {} }}", each.collect::<Vec<_>>().join(" "));
        }
        if !self.objects.contains_key(name) {
            return String::new();
        }
        format!("{{ __typename {} }}", self.fields_of(name, depth, false))
    }

    fn fields_of(&self, name: &str, depth: usize, renamed: bool) -> String {
        let is_object = |field: &Field| {
            self.objects.contains_key(&field.answers)
                || self.abstractions.contains_key(&field.answers)
        };
        let fields = self.objects[name].iter().filter(|field| depth > 0 || !is_object(field));
        let selected = fields.map(|field| {
            let alias = if renamed { format!("{name}_{}: ", field.name) } else { String::new() };
            let below = self.all_of(&field.answers, depth.saturating_sub(1));
            format!("{alias}{}{} {below}", field.name, arguments(name, field))
        });
        selected.collect::<Vec<_>>().join(" ")
    }

    /// The document that asks for some fields of the type at the end of a way, with all that they have.
    pub(super) fn document(&self, way: &Way, of: &str, fields: &[&Field], depth: usize) -> String {
        let asked = fields.iter().map(|field| {
            format!("{}{} {}", field.name, arguments(of, field), self.all_of(&field.answers, depth))
        });
        let mut text = format!("{{ {} }}", asked.collect::<Vec<_>>().join(" "));
        for (parent, name) in way.iter().rev() {
            let step = self.objects[parent].iter().find(|field| field.name == *name).unwrap();
            text = format!("{{ {name}{} {text} }}", arguments(parent, step));
        }
        text
    }

    /// Every field there is, as `Type.field`.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let of = |(name, fields): (&String, &Vec<Field>)| {
            fields.iter().map(|field| format!("{name}.{}", field.name)).collect::<Vec<_>>()
        };
        self.objects.iter().flat_map(of).collect()
    }
}

fn field(described: &Value) -> Field {
    let mut answers = &described["type"];
    while !answers["ofType"].is_null() {
        answers = &answers["ofType"];
    }
    let mut arguments = described["args"].as_array().unwrap().iter();
    Field {
        name: described["name"].as_str().unwrap().to_owned(),
        answers: answers["name"].as_str().unwrap().to_owned(),
        wants: arguments.any(|argument| argument["type"]["kind"] == "NON_NULL"),
    }
}
