//! What the crate leaves open about values that are written in a document: scalars of our own,
//! variables inside of lists and objects, and fields that are given twice.

use std::collections::HashSet;

use apollo_compiler::ast::{Directive, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Node};

use super::fault::Fault;
use super::positions::Positions;
use super::scalars::OwnScalar;
use super::served_schema::ServedSchema;
use super::values::constant;

/// The faults of all values of a document that is valid but for them.
pub(super) fn literal_faults(
    schema: &ServedSchema,
    document: &ExecutableDocument,
    positions: &Positions,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for operation in document.operations.iter() {
        let seen = HashSet::new();
        let mut walk = Walk { schema, document, positions, operation, seen, faults };
        walk.operation();
        faults = walk.faults;
    }
    // What stands in a fragment is looked at for each operation that spreads it.
    let mut told = HashSet::new();
    faults.retain(|fault| told.insert((fault.at, fault.message.clone())));
    faults
}

/// One operation with the fragments it spreads.
struct Walk<'a> {
    schema: &'a ServedSchema,
    document: &'a ExecutableDocument,
    positions: &'a Positions,
    operation: &'a Operation,
    seen: HashSet<&'a Name>,
    faults: Vec<Fault>,
}

/// The place of a value: its name for people, its type, and whether it has a default.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    ty: &'a Type,
    has_default: bool,
}

impl<'a> Walk<'a> {
    fn operation(&mut self) {
        let operation = self.operation;
        for variable in &operation.variables {
            self.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                let name = format!("${}", variable.name);
                self.value(default, Place { name: &name, ty: &variable.ty, has_default: false });
            }
        }
        self.directives(&operation.directives);
        self.selections(&operation.selection_set);
    }

    fn selections(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        let definition = field.definition.argument_by_name(&argument.name);
                        if let Some(definition) = definition {
                            let has_default = definition.default_value.is_some();
                            let place =
                                Place { name: &argument.name, ty: &definition.ty, has_default };
                            self.value(&argument.value, place);
                        }
                    }
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment.filter(|one| self.seen.insert(&one.name)) {
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Node<Directive>]) {
        for directive in directives {
            let definition = self.schema.schema().directive_definitions.get(&directive.name);
            for argument in &directive.arguments {
                let place = definition.and_then(|one| one.argument_by_name(&argument.name));
                if let Some(place) = place {
                    let has_default = place.default_value.is_some();
                    let place = Place { name: &argument.name, ty: &place.ty, has_default };
                    self.value(&argument.value, place);
                }
            }
        }
    }

    fn value(&mut self, value: &Node<Value>, place: Place<'_>) {
        match (&**value, place.ty) {
            (Value::Variable(name), _) => self.variable(name, value, place),
            (Value::Null, ty) => {
                if ty.is_non_null() {
                    self.fault(value, format!("{} must have a value: it is null", place.name));
                }
            }
            (Value::List(items), Type::List(item) | Type::NonNullList(item)) => {
                for value in items {
                    self.value(value, Place { ty: item, has_default: false, ..place });
                }
            }
            // One value is a list of one.
            (_, Type::List(item) | Type::NonNullList(item)) => {
                self.value(value, Place { ty: item, has_default: false, ..place });
            }
            (_, Type::Named(of) | Type::NonNullNamed(of)) => self.named(value, place, of),
        }
    }

    fn named(&mut self, value: &Node<Value>, place: Place<'_>, of: &Name) {
        match (self.schema.type_named(of), &**value) {
            (Some(ExtendedType::InputObject(input)), Value::Object(fields)) => {
                let mut given = HashSet::new();
                for (name, value) in fields {
                    if !given.insert(name) {
                        self.fault(value, format!("{name} is given twice, in {}", place.name));
                    }
                    if let Some(field) = input.fields.get(name) {
                        let has_default = field.default_value.is_some();
                        self.value(value, Place { name, ty: &field.ty, has_default });
                    }
                }
            }
            (Some(ExtendedType::Scalar(_)), written) => {
                let scalar = OwnScalar::named(of);
                let words = scalar.and_then(|scalar| scalar.fault(constant(written)));
                if let Some(words) = words {
                    self.fault(value, format!("{} {words}", place.name));
                }
            }
            _ => {}
        }
    }

    fn variable(&mut self, name: &Name, value: &Node<Value>, place: Place<'_>) {
        let definition = self.operation.variables.iter().find(|one| one.name == *name);
        if let Some(definition) = definition
            && !may_stand(definition, place)
        {
            let (own, wanted) = (&definition.ty, place.ty);
            let message =
                format!("The variable ${name} is {own} and can't be {}: {wanted}", place.name);
            self.fault(value, message);
        }
    }

    fn fault(&mut self, at: &Node<Value>, message: String) {
        self.faults.push(Fault::at(message, self.positions.of_node(at)));
    }
}

/// `IsVariableUsageAllowed` of the specification.
fn may_stand(variable: &VariableDefinition, place: Place<'_>) -> bool {
    let own: &Type = &variable.ty;
    if place.ty.is_non_null() && !own.is_non_null() {
        let default = variable.default_value.as_ref();
        let has_default = default.is_some_and(|default| !default.is_null()) || place.has_default;
        return has_default && own.is_assignable_to(&place.ty.clone().nullable());
    }
    own.is_assignable_to(place.ty)
}
