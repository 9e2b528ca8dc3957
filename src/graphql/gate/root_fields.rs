//! Which fields of an operation's root will run.

use std::collections::HashSet;
use std::convert::Infallible;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue};
use serde_json::{Map, Value as Json};

/// How many fields will run, as `CollectFields` of the specification has it: equal response names
/// are one; what a directive leaves out and `__typename` are none.
pub(super) fn count_root_fields(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Map<String, Json>,
) -> usize {
    let mut fields =
        RootFields { document, operation, variables, names: HashSet::new(), seen: HashSet::new() };
    fields.collect(&operation.selection_set.node);
    fields.names.len()
}

struct RootFields<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Map<String, Json>,
    /// Response names.
    names: HashSet<&'a str>,
    /// Fragments.
    seen: HashSet<&'a str>,
}

impl<'a> RootFields<'a> {
    fn collect(&mut self, set: &'a SelectionSet) {
        for item in &set.items {
            let directives = match &item.node {
                Selection::Field(field) => &field.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
                Selection::InlineFragment(fragment) => &fragment.node.directives,
            };
            if !self.includes(directives) {
                continue;
            }
            match &item.node {
                Selection::Field(field) if field.node.name.node == "__typename" => {}
                Selection::Field(field) => {
                    self.names.insert(field.node.response_key().node.as_str());
                }
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        self.collect(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn includes(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = || self.is_true(&directive.node);
            match directive.node.name.node.as_str() {
                "skip" => !condition(),
                "include" => condition(),
                _ => true,
            }
        })
    }

    fn is_true(&self, directive: &Directive) -> bool {
        let Some(condition) = directive.get_argument("if") else { return false };
        let value = condition.node.clone();
        let value = value.into_const_with(|name| Ok::<_, Infallible>(self.variable(&name)));
        value == Ok(ConstValue::Boolean(true))
    }

    fn variable(&self, name: &Name) -> ConstValue {
        if let Some(given) = self.variables.get(name.as_str()) {
            return ConstValue::Boolean(*given == Json::Bool(true));
        }
        let mut definitions = self.operation.variable_definitions.iter();
        let definition = definitions.find(|definition| definition.node.name.node == *name);
        let default = definition.and_then(|definition| definition.node.default_value.as_ref());
        default.map(|default| default.node.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::DocumentOperations;
    use serde_json::json;

    use super::*;

    fn count(document: &str, variables: Json) -> usize {
        let document = parse_query(document).unwrap();
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => operation,
            DocumentOperations::Multiple(operations) => operations.values().next().unwrap(),
        };
        let Json::Object(variables) = variables else { panic!("variables are an object") };
        count_root_fields(&document, &operation.node, &variables)
    }

    #[test]
    fn equal_response_names_are_one_field() {
        let none = || json!({});
        assert_eq!(count("mutation { a { x } }", none()), 1);
        assert_eq!(count("mutation { a { x } a { y } }", none()), 1);
        assert_eq!(count("mutation { a { x } b: a { y } }", none()), 2);
        assert_eq!(count("mutation { a ...F ...F } fragment F on M { a c }", none()), 2);
        assert_eq!(count("mutation { ... on M { a } ... { a } }", none()), 1);
        assert_eq!(count("mutation { __typename t: __typename }", none()), 0);
    }

    #[test]
    fn what_a_directive_leaves_out_does_not_count() {
        let document = "mutation M($no: Boolean! = false, $yes: Boolean = true) {
            a @skip(if: $yes) b @include(if: $no) c @include(if: $yes) ...F @skip(if: $yes) }
            fragment F on M { d e }";
        assert_eq!(count(document, json!({})), 1);
        assert_eq!(count(document, json!({ "no": true })), 2);
        assert_eq!(count(document, json!({ "yes": false })), 3);
        assert_eq!(count("mutation { a @skip(if: true) b @include(if: false) }", json!({})), 0);
        let twice = "mutation { ...F @skip(if: true) ...F } fragment F on M { a b }";
        assert_eq!(count(twice, json!({})), 2);
    }
}
