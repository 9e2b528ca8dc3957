//! Which fields of a selection count for an object, equal ones gathered: `CollectFields` of the
//! specification.

use std::collections::HashSet;

use apollo_compiler::ast::{Directive, Value as Written};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Name, Node};
use async_graphql::Value;

use super::fault::Fault;
use super::positions::Positions;
use super::served_schema::ServedSchema;
use super::values::Given;

/// The fields of one object, by their name in the answer, in its order.
pub(super) type Fields<'a> = IndexMap<&'a Name, Vec<&'a Node<Field>>>;

/// Gathers fields of one operation.
#[derive(Clone, Copy)]
pub(super) struct Collector<'a> {
    pub(super) schema: &'a ServedSchema,
    pub(super) document: &'a ExecutableDocument,
    pub(super) positions: &'a Positions,
    pub(super) given: &'a Given,
}

impl<'a> Collector<'a> {
    /// The fields of an object of this type.
    pub(super) fn of_object(
        self,
        object: &Name,
        sets: &[&'a SelectionSet],
    ) -> Result<Fields<'a>, Fault> {
        let (mut fields, mut spread) = (Fields::default(), HashSet::new());
        for set in sets {
            self.gather(object, set, &mut fields, &mut spread)?;
        }
        Ok(fields)
    }

    fn gather(
        self,
        object: &Name,
        set: &'a SelectionSet,
        fields: &mut Fields<'a>,
        spread: &mut HashSet<&'a Name>,
    ) -> Result<(), Fault> {
        for selection in &set.selections {
            if !self.counts(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    fields.entry(field.response_key()).or_default().push(field);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.schema.meets(object, condition)) {
                        self.gather(object, &fragment.selection_set, fields, spread)?;
                    }
                }
                Selection::FragmentSpread(one) => {
                    let fragment = self.document.fragments.get(&one.fragment_name);
                    if let Some(fragment) = fragment.filter(|one| spread.insert(&one.name))
                        && self.schema.meets(object, fragment.type_condition())
                    {
                        self.gather(object, &fragment.selection_set, fields, spread)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether `@skip` and `@include` leave it there.
    fn counts(self, directives: &[Node<Directive>]) -> Result<bool, Fault> {
        for directive in directives {
            let wanted = match directive.name.as_str() {
                "skip" => false,
                "include" => true,
                _ => continue,
            };
            let condition = directive.specified_argument_by_name("if");
            let truth = match condition.map(|condition| &**condition) {
                Some(Written::Boolean(truth)) => Some(*truth),
                Some(Written::Variable(name)) => match self.given.get(name) {
                    Some(Value::Boolean(truth)) => Some(*truth),
                    _ => None,
                },
                _ => None,
            };
            let Some(truth) = truth else {
                let message = format!("@{}(if:) must have a value: it is null", directive.name);
                return Err(Fault::at(message, self.positions.of_node(directive)));
            };
            if truth != wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The names that the root fields of an operation have in its answer.
pub(super) fn root_names<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
) -> HashSet<&'a Name> {
    let (mut names, mut spread, mut ahead) = (HashSet::new(), HashSet::new(), vec![set]);
    while let Some(set) = ahead.pop() {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => drop(names.insert(field.response_key())),
                Selection::InlineFragment(fragment) => ahead.push(&fragment.selection_set),
                Selection::FragmentSpread(one) => {
                    let fragment = document.fragments.get(&one.fragment_name);
                    let new = fragment.filter(|one| spread.insert(&one.name));
                    ahead.extend(new.map(|fragment| &fragment.selection_set));
                }
            }
        }
    }
    names
}
