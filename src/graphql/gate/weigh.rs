//! What a parsed document asks for, all its fragments written out.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};

use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// Weighs a parsed document, each fragment once: what validates it compares the fields of all of
/// them, and a kilobyte of nested ones has millions.
///
/// # Errors
///
/// [`GateRefusal`] for a document that asks for too much, or whose fragments don't add up.
pub(super) fn weigh(document: &Document, limits: &Limits) -> Result<(), GateRefusal> {
    let mut scales = Scales::of(document, limits);
    // All operations of a document are validated, although one is run.
    let mut fields = 0_usize;
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else { continue };
        let weight = scales.selections(&operation.selection_set)?;
        fields = fields.saturating_add(weight.fields);
        let outside = operation.directives.len()
            + operation.variables.iter().map(|variable| variable.directives.len()).sum::<usize>();
        let directives = weight.directives.saturating_add(outside);
        for (count, most, what, setting) in [
            (weight.levels, limits.nesting, "levels of selections", "GRAPHQL_MAX_NESTING"),
            (weight.depth, limits.depth, "fields inside one another", "GRAPHQL_MAX_DEPTH"),
            (fields, limits.fields, "fields", "GRAPHQL_MAX_FIELDS"),
            (weight.aliases, limits.aliases, "aliases", "GRAPHQL_MAX_ALIASES"),
            (directives, limits.directives, "directives", "GRAPHQL_MAX_DIRECTIVES"),
            (
                weight.introspected,
                limits.introspection,
                "values of introspection",
                "GRAPHQL_MAX_INTROSPECTION",
            ),
            (weight.outermost, limits.root_fields, "root fields", "GRAPHQL_MAX_ROOT_FIELDS"),
        ] {
            if count > most {
                return Err(GateRefusal::too_many(what, most, setting));
            }
        }
    }
    // What no operation spreads would be validated unweighed.
    match scales.fragments.keys().find(|name| !scales.known.contains_key(*name)) {
        Some(name) => Err(GateRefusal::new(
            ErrorCode::GraphqlValidationFailed,
            format!("The fragment \"{name}\" is never used"),
        )),
        None => Ok(()),
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    fields: usize,
    /// Those of the fields that lie in no other.
    outermost: usize,
    aliases: usize,
    directives: usize,
    /// Fields inside one another.
    depth: usize,
    /// Selections inside one another.
    levels: usize,
    /// Values in the answer, were all this about the schema itself.
    values: usize,
    /// Values that the answer holds about the schema itself.
    introspected: usize,
}

impl Weight {
    fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            outermost: self.outermost.saturating_add(other.outermost),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
            values: self.values.saturating_add(other.values),
            introspected: self.introspected.saturating_add(other.introspected),
        }
    }
}

/// About how many items the lists of introspection have. The library counts each of them as one
/// field, but types have fields, which have types, which have fields, and so on.
fn times_in_schema(field: &str) -> usize {
    match field {
        "types" => 100,
        "fields" | "inputFields" | "enumValues" | "possibleTypes" => 10,
        "args" | "directives" | "interfaces" | "locations" => 4,
        _ => 1,
    }
}

struct Scales<'a> {
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
    limits: &'a Limits,
    /// The weight of each fragment; none while it is being weighed.
    known: HashMap<&'a str, Option<Weight>>,
    level: usize,
}

impl<'a> Scales<'a> {
    fn of(document: &'a Document, limits: &'a Limits) -> Self {
        let fragments = document.definitions.iter().filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), &**fragment)),
            _ => None,
        });
        Self { fragments: fragments.collect(), limits, known: HashMap::new(), level: 0 }
    }

    fn selections(&mut self, set: &'a [Selection]) -> Result<Weight, GateRefusal> {
        if set.is_empty() {
            return Ok(Weight::default());
        }
        // A chain of fragments nests without a bracket inside another. A fragment that is known
        // does not come through here again: how deep it is stands in its weight.
        self.level += 1;
        if self.level > self.limits.nesting {
            let (what, most) = ("levels of selections", self.limits.nesting);
            return Err(GateRefusal::too_many(what, most, "GRAPHQL_MAX_NESTING"));
        }
        let mut sum = Weight::default();
        for item in set {
            sum = sum.plus(self.item(item)?);
        }
        self.level -= 1;
        Ok(Weight { levels: sum.levels + 1, ..sum })
    }

    fn item(&mut self, item: &'a Selection) -> Result<Weight, GateRefusal> {
        let (own, inside) = match item {
            Selection::Field(field) => {
                let name = field.name.as_str();
                let inside = self.selections(&field.selection_set)?;
                let values = times_in_schema(name).saturating_mul(inside.values.saturating_add(1));
                let own = Weight {
                    fields: 1,
                    outermost: 1,
                    aliases: usize::from(field.alias.is_some()),
                    directives: field.directives.len(),
                    values,
                    introspected: if matches!(name, "__schema" | "__type") { values } else { 0 },
                    ..Weight::default()
                };
                (own, Weight { outermost: 0, values: 0, depth: inside.depth + 1, ..inside })
            }
            Selection::InlineFragment(fragment) => {
                let own = Weight { directives: fragment.directives.len(), ..Weight::default() };
                (own, self.selections(&fragment.selection_set)?)
            }
            Selection::FragmentSpread(spread) => {
                // Counted as well: spreads of what is not defined would multiply for nothing.
                let own =
                    Weight { fields: 1, directives: spread.directives.len(), ..Weight::default() };
                (own, self.fragment(spread.fragment_name.as_str())?)
            }
        };
        Ok(own.plus(inside))
    }

    fn fragment(&mut self, name: &'a str) -> Result<Weight, GateRefusal> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                let message = format!("The fragment \"{name}\" spreads itself");
                return Err(GateRefusal::new(ErrorCode::GraphqlValidationFailed, message));
            }
            None => {}
        }
        // One that is not defined is for the validation to tell.
        let Some(fragment) = self.fragments.get(name).copied() else {
            return Ok(Weight::default());
        };
        self.known.insert(name, None);
        let own = Weight { directives: fragment.directives.len(), ..Weight::default() };
        let weight = own.plus(self.selections(&fragment.selection_set)?);
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::operation::ParsedDocument;

    /// The words of the refusal.
    fn weighed(document: &str) -> Result<(), String> {
        let document = ParsedDocument::parse(document).unwrap();
        weigh(document.ast(), &Limits::default()).map_err(GateRefusal::into_message)
    }

    fn refused_for(document: &str, setting: &str) {
        let refused = weighed(document);
        assert!(refused.as_ref().is_err_and(|words| words.contains(setting)), "{refused:?}");
    }

    #[test]
    fn fragments_that_multiply_are_refused_at_once() {
        let fragment = |level: usize| {
            let next = format!("...f{} ", level + 1).repeat(3);
            format!(" fragment f{level} on Query {{ node(id: 1) {{ {next} }} }}")
        };
        let document = format!("{{ ...f0 }}{}", (0..15).map(fragment).collect::<String>());
        refused_for(&format!("{document} fragment f15 on Query {{ a }}"), "GRAPHQL_MAX_FIELDS");
        // The same without a single field, and the last one not defined.
        let bare = document.replace("node(id: 1) { ", "").replace(" } }", " }");
        refused_for(&bare, "GRAPHQL_MAX_FIELDS");
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused() {
        let link = |n: usize| format!(" fragment f{n} on Query {{ ...f{} }}", n + 1);
        let chain = format!("{{ ...f0 }}{}", (0..2600).map(link).collect::<String>());
        refused_for(&chain, "GRAPHQL_MAX_NESTING");
    }

    #[test]
    fn a_chain_that_is_known_from_its_end_is_as_long() {
        let link = |n: usize| format!(" fragment f{n} on Query {{ ...f{} }}", n + 1);
        let fragments: String =
            (0..70).map(link).collect::<String>() + " fragment f70 on Query { a }";
        let from_the_end: String =
            (0..70).rev().map(|n| format!("query q{n} {{ ...f{n} }} ")).collect();
        refused_for(&format!("{from_the_end} {fragments}"), "GRAPHQL_MAX_");
        let field = |n: usize| format!(" fragment f{n} on Query {{ a {{ ...f{} }} }}", n + 1);
        let fragments: String =
            (0..20).map(field).collect::<String>() + " fragment f20 on Query { a }";
        let from_the_end: String = (0..20).rev().map(|n| format!("...f{n} ")).collect();
        refused_for(&format!("{{ {from_the_end} }} {fragments}"), "GRAPHQL_MAX_DEPTH");
    }

    #[test]
    fn many_operations_are_weighed_together() {
        let fields = "a ".repeat(20);
        let operation = |n: usize| format!("query q{n} {{ {fields} }} ");
        assert_eq!(weighed(&(0..100).map(operation).collect::<String>()), Ok(()));
        refused_for(&(0..101).map(operation).collect::<String>(), "GRAPHQL_MAX_FIELDS");
    }

    #[test]
    fn a_fragment_nobody_spreads_is_refused() {
        refused_for("{ a } fragment f on Query { a }", "\"f\" is never used");
    }

    #[test]
    fn a_circle_of_fragments_is_refused() {
        let circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        refused_for(circle, "spreads itself");
    }

    #[test]
    fn aliases_and_root_fields_are_counted() {
        let aliases: String = (0..51).map(|n| format!("a{n}: __typename ")).collect();
        refused_for(&format!("{{ node(id: 1) {{ {aliases} }} }}"), "GRAPHQL_MAX_ALIASES");
        refused_for(&format!("{{ {} }}", "__typename ".repeat(21)), "GRAPHQL_MAX_ROOT_FIELDS");
        assert_eq!(weighed("{ a: __typename b: node(id: 1) { id } }"), Ok(()));
    }

    #[test]
    fn directives_are_counted_wherever_they_stand() {
        let flood = "@a ".repeat(51);
        refused_for(&format!("{{ a {flood} }}"), "GRAPHQL_MAX_DIRECTIVES");
        refused_for(&format!("query {flood} {{ a }}"), "GRAPHQL_MAX_DIRECTIVES");
        refused_for(
            &format!("{{ ...f }} fragment f on Q {flood} {{ a }}"),
            "GRAPHQL_MAX_DIRECTIVES",
        );
        refused_for(&format!("query($v: Int {flood}) {{ a }}"), "GRAPHQL_MAX_DIRECTIVES");
    }
}
