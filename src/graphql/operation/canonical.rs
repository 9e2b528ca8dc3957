//! The operation that is run: one, without a name, variables, fragments and directives, in which
//! each name of the answer stands once. It has nothing left that the library could decide
//! otherwise than the specification does.

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::{Node, schema::ExtendedType};
use async_graphql::parser::types as library;
use async_graphql::{Name as LibraryName, Pos, Positioned};

use super::fault::Fault;
use super::fields::{Collector, Fields};
use super::valid_document::library_type;
use super::values::put_in;

/// Why an operation can't be written.
#[derive(Debug)]
pub(super) enum WriteFault {
    /// A null where there has to be a value.
    Invalid(Fault),
    /// It has more fields than there may be.
    TooManyFields,
}

impl From<Fault> for WriteFault {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault)
    }
}

/// Writes an operation out, with at most so many fields.
pub(super) fn write(
    collector: Collector<'_>,
    operation: &Node<Operation>,
    most_fields: usize,
) -> Result<library::ExecutableDocument, WriteFault> {
    let mut writer = Writer { collector, left: most_fields };
    let at = collector.positions.of_node(operation);
    let selection_set = writer.set(operation.object_type(), &[&operation.selection_set], at)?;
    let definition = library::OperationDefinition {
        ty: library_type(operation.operation_type),
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set,
    };
    Ok(library::ExecutableDocument {
        operations: library::DocumentOperations::Single(Positioned::new(definition, at)),
        fragments: HashMap::new(),
    })
}

struct Writer<'a> {
    collector: Collector<'a>,
    /// So many fields may still be written.
    left: usize,
}

type Items = Vec<Positioned<library::Selection>>;

impl<'a> Writer<'a> {
    fn set(
        &mut self,
        of: &Name,
        sets: &[&'a SelectionSet],
        at: Pos,
    ) -> Result<Positioned<library::SelectionSet>, WriteFault> {
        let bare = |set: &&SelectionSet| {
            set.selections.iter().all(|selection| matches!(selection, Selection::Field(_)))
        };
        let items = match self.collector.schema.possible(of) {
            Some(objects) if !sets.iter().all(bare) => self.narrowed(objects, sets, at)?,
            // Whatever the object is, all fields are its own.
            _ => {
                let fields = self.collector.of_object(of, sets)?;
                self.fields(&fields)?
            }
        };
        Ok(Positioned::new(library::SelectionSet { items }, at))
    }

    /// A set in which fragments may count for some types only. A name that is asked the same of all
    /// types is written once; between two of these each type has a fragment with what is its own.
    /// So each type's order is what it would be alone.
    fn narrowed(
        &mut self,
        objects: &'a [Name],
        sets: &[&'a SelectionSet],
        at: Pos,
    ) -> Result<Items, WriteFault> {
        let mut each = Vec::with_capacity(objects.len());
        for object in objects {
            each.push((object, self.collector.of_object(object, sets)?));
        }
        let shared = shared_by(&each);
        let mut ahead: Vec<_> =
            each.iter().map(|(object, fields)| (*object, fields.iter().peekable())).collect();
        let mut items = Items::new();
        for next in shared.keys().map(Some).chain([None]) {
            for (object, fields) in &mut ahead {
                let mut own = Fields::default();
                while let Some((name, nodes)) = fields.next_if(|(name, _)| Some(*name) != next) {
                    own.insert(*name, nodes.clone());
                }
                // The shared one itself.
                fields.next();
                if !own.is_empty() {
                    items.push(on(object, self.fields(&own)?, at));
                }
            }
            if let Some((name, nodes)) = next.and_then(|name| shared.get_key_value(*name)) {
                items.push(self.field(name, nodes)?);
            }
        }
        Ok(items)
    }

    fn fields(&mut self, fields: &Fields<'a>) -> Result<Items, WriteFault> {
        fields.iter().map(|(name, nodes)| self.field(name, nodes)).collect()
    }

    /// One field for all that have this name; they are the same field with the same arguments.
    fn field(
        &mut self,
        response_name: &Name,
        nodes: &[&'a Node<Field>],
    ) -> Result<Positioned<library::Selection>, WriteFault> {
        self.left = self.left.checked_sub(1).ok_or(WriteFault::TooManyFields)?;
        // There is one at least.
        let Some(first) = nodes.first() else { return Err(WriteFault::TooManyFields) };
        let at = self.collector.positions.of_node(first);
        let name = |name: &Name| Positioned::new(LibraryName::new(name), at);
        let of = first.ty().inner_named_type();
        let sets: Vec<&SelectionSet> = nodes.iter().map(|node| &node.selection_set).collect();
        let selection_set = match self.collector.schema.type_named(of) {
            Some(ExtendedType::Scalar(_) | ExtendedType::Enum(_)) | None => Positioned::default(),
            Some(_) => self.set(of, &sets, at)?,
        };
        let mut field = library::Field {
            alias: (*response_name != first.name).then(|| name(response_name)),
            name: name(&first.name),
            arguments: Vec::with_capacity(first.arguments.len()),
            directives: Vec::new(),
            selection_set,
        };
        self.arguments(first, &mut field)?;
        Ok(Positioned::new(library::Selection::Field(Positioned::new(field, at)), at))
    }

    fn arguments(&self, of: &Field, field: &mut library::Field) -> Result<(), Fault> {
        let Collector { schema, positions, given, .. } = self.collector;
        for argument in &of.arguments {
            let Some(definition) = of.definition.argument_by_name(&argument.name) else { continue };
            let at = positions.of_node(argument);
            let value =
                put_in(schema, &argument.value, &definition.ty, given).map_err(|_null| {
                    Fault::at(format!("{} must have a value: it is null", argument.name), at)
                })?;
            // One that was left out leaves the argument out, so that its own default counts.
            if let Some(value) = value {
                let name = Positioned::new(LibraryName::new(&argument.name), at);
                field.arguments.push((name, Positioned::new(value.into_value(), at)));
            }
        }
        Ok(())
    }
}

/// The names that are asked of all types, in the very same places, in their order.
fn shared_by<'a>(each: &[(&Name, Fields<'a>)]) -> Fields<'a> {
    let Some(((_, first), others)) = each.split_first() else { return Fields::default() };
    let same = |name: &Name, nodes: &[&'a Node<Field>]| {
        others.iter().all(|(_, fields)| {
            fields.get(name).is_some_and(|found| {
                found.len() == nodes.len()
                    && found.iter().zip(nodes).all(|(a, b)| std::ptr::eq::<Node<Field>>(*a, *b))
            })
        })
    };
    let shared = first.iter().filter(|(name, nodes)| same(name, nodes));
    shared.map(|(name, nodes)| (*name, nodes.clone())).collect()
}

/// A fragment for objects of one type.
fn on(object: &Name, items: Items, at: Pos) -> Positioned<library::Selection> {
    let condition = library::TypeCondition { on: Positioned::new(LibraryName::new(object), at) };
    let fragment = library::InlineFragment {
        type_condition: Some(Positioned::new(condition, at)),
        directives: Vec::new(),
        selection_set: Positioned::new(library::SelectionSet { items }, at),
    };
    Positioned::new(library::Selection::InlineFragment(Positioned::new(fragment, at)), at)
}
