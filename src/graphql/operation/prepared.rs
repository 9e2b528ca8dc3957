//! An operation with the values of its variables, ready to be written out and run.

use std::collections::BTreeSet;
use std::sync::Arc;

use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Operation};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};
use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use serde_json::{Map, Value as Json, json};

use super::canonical::{WriteFault, write};
use super::cost::cost;
use super::fault::Fault;
use super::fields::Collector;
use super::scalars::OwnScalar;
use super::served_schema::ServedSchema;
use super::shown::{fields_of_patients, root_fields};
use super::valid_document::{ValidDocument, library_type};
use super::values::Given;
use super::variables::coerce;

/// Why an operation can't be run.
#[derive(Debug)]
pub(in crate::graphql) enum OperationFault {
    /// It is not valid with these variables.
    Invalid(Fault),
    /// Written out, it has more fields than there may be.
    TooManyFields,
}

/// An operation as it is run.
pub(in crate::graphql) struct WrittenOperation {
    /// The request that runs it. Its text is shown to extensions only, of which none looks.
    pub(in crate::graphql) request: Request,
    /// What it costs.
    pub(in crate::graphql) cost: usize,
}

/// An operation of a document, with what was given for its variables.
pub(in crate::graphql) struct PreparedOperation {
    schema: Arc<ServedSchema>,
    document: Arc<ValidDocument>,
    operation: Node<Operation>,
    given: Given,
    most_fields: usize,
}

impl PreparedOperation {
    /// An operation of the document, that has yet to be given its variables. Written out, it may
    /// have so many fields.
    pub(in crate::graphql) fn new(
        schema: Arc<ServedSchema>,
        document: Arc<ValidDocument>,
        operation: Node<Operation>,
        most_fields: usize,
    ) -> Self {
        Self { schema, document, operation, given: Given::default(), most_fields }
    }

    /// The same with its variables.
    ///
    /// `suggesting`: names of the schema that are near to an unknown one are told.
    ///
    /// # Errors
    ///
    /// The [`Fault`]s of the variables.
    pub(in crate::graphql) fn with(
        self,
        variables: &Map<String, Json>,
        suggesting: bool,
    ) -> Result<Self, Vec<Fault>> {
        let positions = &self.document.positions;
        let given = coerce(&self.schema, &self.operation, variables, positions, suggesting)?;
        Ok(Self { given, ..self })
    }

    /// The same with the smallest values there are for all variables that must have one. With them
    /// what an operation costs at least can be told.
    ///
    /// # Errors
    ///
    /// The [`Fault`]s of a default.
    pub(in crate::graphql) fn with_examples(self) -> Result<Self, Vec<Fault>> {
        let examples = examples(&self.schema, &self.operation);
        self.with(&examples, false)
    }

    /// What kind of operation it is.
    pub(in crate::graphql) fn ty(&self) -> OperationType {
        library_type(self.operation.operation_type)
    }

    /// Its name in the document.
    pub(in crate::graphql) fn name(&self) -> Option<&str> {
        self.operation.name.as_ref().map(Name::as_str)
    }

    /// How many fields of its root will run: equal ones are one, what a condition leaves out is
    /// none, nor is the name of a type.
    pub(in crate::graphql) fn root_fields(&self) -> usize {
        let root = &self.operation.selection_set;
        let fields = self.collector().of_object(&root.ty, &[root]).unwrap_or_default();
        let first = |nodes: &Vec<&Node<Field>>| {
            nodes.first().is_some_and(|one| !one.name.starts_with("__"))
        };
        fields.values().filter(|nodes| first(nodes)).count()
    }

    /// The names of the fields at its root.
    pub(in crate::graphql) fn names_at_root(&self) -> BTreeSet<String> {
        root_fields(&self.document.document, &self.operation.selection_set)
    }

    /// What it asks of patients.
    pub(in crate::graphql) fn fields_of_patients(&self) -> BTreeSet<String> {
        fields_of_patients(&self.document.document, &self.operation.selection_set)
    }

    fn collector(&self) -> Collector<'_> {
        let ValidDocument { document, positions } = &*self.document;
        Collector { schema: &self.schema, document, positions, given: &self.given }
    }

    /// The operation as it is run, and what it costs.
    ///
    /// # Errors
    ///
    /// [`OperationFault`]
    pub(in crate::graphql) fn write(&self) -> Result<WrittenOperation, OperationFault> {
        let written = write(self.collector(), &self.operation, self.most_fields);
        let written = written.map_err(|fault| match fault {
            WriteFault::Invalid(fault) => OperationFault::Invalid(fault),
            WriteFault::TooManyFields => OperationFault::TooManyFields,
        })?;
        let cost = cost(&self.schema, self.operation.object_type(), &written);
        let mut request = Request::new("");
        request.set_parsed_query(written);
        Ok(WrittenOperation { request, cost })
    }
}

/// The smallest values there are for all variables that must have one.
fn examples(schema: &ServedSchema, operation: &Operation) -> Map<String, Json> {
    let required = operation
        .variables
        .iter()
        .filter(|one| one.ty.is_non_null() && one.default_value.is_none());
    required.map(|one| (one.name.to_string(), example(schema, &one.ty))).collect()
}

fn example(schema: &ServedSchema, ty: &Type) -> Json {
    let of = match ty {
        Type::List(_) | Type::Named(_) => return Json::Null,
        Type::NonNullList(_) => return json!([]),
        Type::NonNullNamed(of) => of,
    };
    match schema.type_named(of) {
        Some(ExtendedType::Enum(known)) => {
            json!(known.values.keys().next().map(Name::as_str))
        }
        Some(ExtendedType::InputObject(input)) => {
            let required = input.fields.iter().filter(|(_, one)| one.is_required());
            required.map(|(name, one)| (name.to_string(), example(schema, &one.ty))).collect()
        }
        _ => match (OwnScalar::named(of), of.as_str()) {
            (Some(scalar), _) => json!(scalar.example()),
            (None, "Boolean") => json!(false),
            (None, "Int" | "Float") => json!(0),
            _ => json!(""),
        },
    }
}
