//! What is refused before a document is parsed or validated.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Brackets, braces and parentheses inside each other; `GraphiQL`'s introspection needs 13.
const DEEPEST_NESTING: usize = 64;

/// Whether the document nests deeper than any sensible one. The parser's own recursion is not
/// bounded for values: a few kilobytes of `[[[[` would overflow its stack and end the process.
pub(super) fn nests_too_deep(document: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = document.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            // What only looks like a bracket does not count, nor does it make up for one.
            b'"' => rest = after_string(rest),
            b'#' => rest = after_line(rest),
            _ => {}
        }
        if depth > DEEPEST_NESTING {
            return true;
        }
    }
    false
}

/// What follows a string whose first quote has been read.
fn after_string(text: &[u8]) -> &[u8] {
    let (mut rest, block) = match text.strip_prefix(b"\"\"") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' if block => after.strip_prefix(b"\"\"\"").unwrap_or(after),
            b'\\' => after.get(1..).unwrap_or_default(),
            b'"' if block => match after.strip_prefix(b"\"\"") {
                Some(after) => return after,
                None => after,
            },
            // An ordinary string ends with its line at the latest; the parser will complain.
            b'"' | b'\n' | b'\r' => return after,
            _ => after,
        };
    }
    rest
}

fn after_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    &text[end..]
}

/// What a document may ask for, all fragments written out.
const MOST_FIELDS: usize = 2000;
const MOST_ALIASES: usize = 50;
const MOST_DIRECTIVES: usize = 50;
const MOST_ROOT_FIELDS: usize = 20;

/// Why a document is refused before it is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// It asks for more than any sensible one.
    #[error("The operation has too many {what}: at most {most} are served, fragments written out")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A fragment spreads itself, directly or through others.
    #[error("The fragments spread one another in a circle")]
    Circle,
}

/// Weighs a parsed document, each fragment once: the library's own checks write the fragments out
/// first and look at the limits afterwards, which costs seconds for a kilobyte of nested ones.
///
/// # Errors
///
/// [`Refusal`].
pub(super) fn weigh(document: &ExecutableDocument) -> Result<(), Refusal> {
    let mut scales = Scales { document, known: HashMap::new(), depth: 0 };
    for (_, operation) in document.operations.iter() {
        let selections = &operation.node.selection_set.node;
        let weight = scales.selections(selections)?;
        for (count, what, most) in [
            (weight.fields, "fields", MOST_FIELDS),
            (weight.aliases, "aliases", MOST_ALIASES),
            (weight.directives, "directives", MOST_DIRECTIVES),
            (weight.outermost, "root fields", MOST_ROOT_FIELDS),
        ] {
            if count > most {
                return Err(Refusal::TooMany { what, most });
            }
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    fields: usize,
    /// Those of the fields that lie in no other.
    outermost: usize,
    aliases: usize,
    directives: usize,
}

impl Weight {
    fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            outermost: self.outermost.saturating_add(other.outermost),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }
}

struct Scales<'a> {
    document: &'a ExecutableDocument,
    /// The weight of each fragment; none while it is being weighed.
    known: HashMap<&'a str, Option<Weight>>,
    depth: usize,
}

impl<'a> Scales<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Weight, Refusal> {
        // A chain of fragments nests without a bracket inside another.
        self.depth += 1;
        if self.depth > DEEPEST_NESTING {
            return Err(Refusal::TooMany { what: "levels", most: DEEPEST_NESTING });
        }
        let mut sum = Weight::default();
        for item in &set.items {
            sum = sum.plus(self.item(&item.node)?);
        }
        self.depth -= 1;
        Ok(sum)
    }

    fn item(&mut self, item: &'a Selection) -> Result<Weight, Refusal> {
        let (own, inside) = match item {
            Selection::Field(field) => {
                let field = &field.node;
                let own = Weight {
                    fields: 1,
                    outermost: 1,
                    aliases: usize::from(field.alias.is_some()),
                    directives: field.directives.len(),
                };
                let inside = self.selections(&field.selection_set.node)?;
                (own, Weight { outermost: 0, ..inside })
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &fragment.node;
                let own = Weight { directives: fragment.directives.len(), ..Weight::default() };
                (own, self.selections(&fragment.selection_set.node)?)
            }
            Selection::FragmentSpread(spread) => {
                let spread = &spread.node;
                // Counted as well: spreads of what is not defined would multiply for nothing.
                let own =
                    Weight { fields: 1, directives: spread.directives.len(), ..Weight::default() };
                (own, self.fragment(spread.fragment_name.node.as_str())?)
            }
        };
        Ok(own.plus(inside))
    }

    fn fragment(&mut self, name: &'a str) -> Result<Weight, Refusal> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Refusal::Circle),
            None => {}
        }
        // One that is not defined is for the validation to tell.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Weight::default());
        };
        self.known.insert(name, None);
        let weight = self.selections(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_whatever_the_bracket() {
        assert!(nests_too_deep(&format!("{{a(x:{})}}", "[".repeat(70))));
        assert!(nests_too_deep(&"{a".repeat(70)));
        assert!(!nests_too_deep(&"{a}".repeat(70)));
    }

    #[test]
    fn comments_do_not_nest() {
        assert!(!nests_too_deep(&format!("{{a}} # {}", "[".repeat(1000))));
    }

    fn weighed(document: &str) -> Result<(), Refusal> {
        weigh(&async_graphql::parser::parse_query(document).unwrap())
    }

    #[test]
    fn fragments_that_multiply_are_refused_at_once() {
        let fragment = |level: usize| {
            let next = format!("...f{} ", level + 1).repeat(3);
            format!(" fragment f{level} on Query {{ node(id: 1) {{ {next} }} }}")
        };
        let document = format!("{{ ...f0 }}{}", (0..30).map(fragment).collect::<String>());
        let with_an_end = format!("{document} fragment f30 on Query {{ __typename }}");
        assert_eq!(
            weighed(&with_an_end),
            Err(Refusal::TooMany { what: "fields", most: MOST_FIELDS })
        );
        // The same without a single field, and the last one not defined.
        let bare = document.replace("node(id: 1) { ", "").replace(" } }", " }");
        assert_eq!(weighed(&bare), Err(Refusal::TooMany { what: "fields", most: MOST_FIELDS }));
    }

    #[test]
    fn brackets_in_strings_neither_nest_nor_make_up_for_others() {
        let hidden = format!("{{a(x: {} 1 {}) }}", "[\"]\",".repeat(600), "\"[\" ]".repeat(600));
        assert!(nests_too_deep(&hidden));
        let block = format!("{{a(x: {})}}", "[\"\"\" ] \" \\\"\"\" ]\"\"\",".repeat(600));
        assert!(nests_too_deep(&block));
        assert!(!nests_too_deep(&format!("{{a(x: \"{}\")}}", "[".repeat(600))));
        assert!(nests_too_deep(&format!("{{a(x: \"\\\"#\", y: {}", "[".repeat(600))));
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused() {
        let link = |n: usize| format!(" fragment f{n} on Query {{ ...f{} }}", n + 1);
        let chain = format!("{{ ...f0 }}{}", (0..2600).map(link).collect::<String>());
        assert_eq!(
            weighed(&chain),
            Err(Refusal::TooMany { what: "levels", most: DEEPEST_NESTING })
        );
    }

    #[test]
    fn a_circle_of_fragments_is_refused() {
        let circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_eq!(weighed(circle), Err(Refusal::Circle));
    }

    #[test]
    fn aliases_and_root_fields_are_counted() {
        let aliases: String = (0..51).map(|n| format!("a{n}: __typename ")).collect();
        assert!(weighed(&format!("{{ node(id: 1) {{ {aliases} }} }}")).is_err());
        assert!(weighed(&format!("{{ {} }}", "__typename ".repeat(21))).is_err());
        assert!(weighed("{ a: __typename b: node(id: 1) { id } }").is_ok());
    }
}
