//! The crate's words about a document, made ours: with quotation marks, and with the names that
//! may have been meant.

use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};
use strsim::osa_distance;

/// Longer than any name of the schema.
const LONGEST_NAME: usize = 64;
const MOST_MEANT: usize = 3;

/// What is wrong with the syntax. What stands there instead is not repeated: it may be anybody's
/// name.
pub(super) fn syntax_said(words: &str) -> String {
    let words = words.trim_start_matches("syntax error: ");
    let expected = words.split(", got ").next().unwrap_or(words);
    let expected = match expected.strip_prefix("expected ") {
        Some("R_CURLY") => "expected \"}\"",
        Some("R_PAREN") => "expected \")\"",
        Some("R_BRACK") => "expected \"]\"",
        Some("COLON") => "expected \":\"",
        Some(_) if !expected.contains('_') => expected,
        _ => return "The document is not valid GraphQL".to_owned(),
    };
    format!("The document is not valid GraphQL: {expected}")
}

/// What is wrong with a document, and what else is known, if the schema may be told.
pub(super) fn said(words: &str, schema: Option<&Schema>) -> String {
    let quoted = words.replace('`', "\"");
    let mut characters = quoted.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let sentence: String = first.into_iter().chain(characters).collect();
    let near = schema.map(|schema| near(words, schema)).unwrap_or_default();
    format!("{sentence}{}", meant(&near))
}

/// The end of a sentence that has an unknown name.
pub(super) fn meant<N: AsRef<str>>(near: &[N]) -> String {
    let quoted: Vec<String> = near.iter().map(|name| format!("\"{}\"", name.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => format!("; did you mean {only}?"),
        Some((last, others)) => format!("; did you mean {} or {last}?", others.join(", ")),
    }
}

/// The known names that are near to an unknown one.
pub(super) fn near_names<'a>(asked: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if asked.len() > LONGEST_NAME {
        return Vec::new();
    }
    let lower = asked.to_lowercase();
    // As many letters may be otherwise as graphql-js lets be.
    let most = asked.len() * 2 / 5 + 1;
    let known = known.filter(|name| !name.starts_with("__") && name.len() <= LONGEST_NAME);
    let mut near: Vec<(usize, &str)> = known
        .map(|name| (osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_unstable();
    near.into_iter().take(MOST_MEANT).map(|(_, name)| name).collect()
}

/// The names that a sentence of the crate may have meant. Were the sentence another one day, there
/// would be no suggestions, which a test notices.
fn near<'a>(words: &str, schema: &'a Schema) -> Vec<&'a str> {
    let parts: Vec<&str> = words.split('`').collect();
    match parts.as_slice() {
        ["type ", of, " does not have a field ", asked, ""] => {
            near_names(asked, fields(schema, of))
        }
        ["the argument ", asked, " is not supported by ", place, ""] => {
            let place = place.split('(').next().unwrap_or(place);
            near_names(asked, arguments(schema, place))
        }
        ["value " | "field ", asked, " does not exist on ", of, ""] => {
            near_names(asked, inside(schema, of))
        }
        ["cannot find type ", asked, " in this document"] | ["type condition ", asked, ..] => {
            near_names(asked, schema.types.keys().map(Name::as_str))
        }
        _ => Vec::new(),
    }
}

fn fields<'a>(schema: &'a Schema, of: &str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    match schema.types.get(of) {
        Some(ExtendedType::Object(object)) => Box::new(object.fields.keys().map(Name::as_str)),
        Some(ExtendedType::Interface(interface)) => {
            Box::new(interface.fields.keys().map(Name::as_str))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn arguments<'a>(schema: &'a Schema, place: &str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    let definitions = match place.split_once('.') {
        Some((of, field)) => schema.type_field(of, field).ok().map(|field| &field.arguments),
        None => schema
            .directive_definitions
            .get(place.trim_start_matches('@'))
            .map(|directive| &directive.arguments),
    };
    Box::new(definitions.into_iter().flatten().map(|argument| argument.name.as_str()))
}

/// The values of an enum, or the fields of an input object.
fn inside<'a>(schema: &'a Schema, of: &str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    match schema.types.get(of) {
        Some(ExtendedType::Enum(values)) => Box::new(values.values.keys().map(Name::as_str)),
        Some(ExtendedType::InputObject(input)) => Box::new(input.fields.keys().map(Name::as_str)),
        _ => Box::new(std::iter::empty()),
    }
}
