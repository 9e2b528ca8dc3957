//! The schema as documents are judged by: the very text that is served, read again.

use std::sync::{Arc, LazyLock};

use apollo_compiler::ast::{DirectiveList, FieldDefinition, Type};
use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::{Component, ExtendedType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema, name};

use super::scalars::OwnScalar;
use crate::graphql::schema::sdl;

/// The schema can't be read again: a bug, that a start finds.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SchemaError {
    /// It is not valid.
    #[error("the schema that is served is not valid: {0}")]
    Invalid(String),
    /// A scalar of which nobody can say what is well-formed.
    #[error("nothing reads the scalar {0}: it has to stand in operation/scalars.rs")]
    Scalar(String),
}

/// The schema, for documents to be judged by.
#[derive(Debug)]
pub(in crate::graphql) struct ServedSchema {
    schema: Valid<Schema>,
    /// The object types of each interface and union, in the schema's order.
    possible: HashMap<Name, Vec<Name>>,
}

impl ServedSchema {
    /// The schema of this server.
    ///
    /// # Errors
    ///
    /// [`SchemaError`].
    pub(in crate::graphql) fn get() -> Result<Arc<Self>, SchemaError> {
        static SERVED: LazyLock<Result<Arc<ServedSchema>, SchemaError>> =
            LazyLock::new(|| ServedSchema::read(&sdl()).map(Arc::new));
        SERVED.clone()
    }

    pub(in crate::graphql) fn read(sdl: &str) -> Result<Self, SchemaError> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql")
            .map_err(|invalid| SchemaError::Invalid(invalid.errors.to_string()))?;
        let mut schema = schema.into_inner();
        for definition in schema.types.values() {
            if let ExtendedType::Scalar(scalar) = definition
                && !scalar.is_built_in()
                && OwnScalar::named(&scalar.name).is_none()
            {
                return Err(SchemaError::Scalar(scalar.name.to_string()));
            }
        }
        // Of this edition of the specification, and served; the crate does not know it yet.
        if let Some(ExtendedType::Object(type_of_types)) = schema.types.get_mut("__Type") {
            let one_of = FieldDefinition {
                description: None,
                name: name!("isOneOf"),
                arguments: Vec::new(),
                ty: Type::Named(name!("Boolean")),
                directives: DirectiveList::new(),
            };
            type_of_types.make_mut().fields.insert(name!("isOneOf"), Component::new(one_of));
        }
        let possible = possible(&schema);
        Ok(Self { schema: Valid::assume_valid(schema), possible })
    }

    pub(super) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    pub(super) fn type_named(&self, name: &str) -> Option<&ExtendedType> {
        self.schema.types.get(name)
    }

    /// The object types that a value of this type may have; none for what is no interface and no
    /// union.
    pub(super) fn possible(&self, name: &str) -> Option<&[Name]> {
        self.possible.get(name).map(Vec::as_slice)
    }

    /// Whether each value of the object type is one of the condition too.
    pub(super) fn meets(&self, object: &Name, condition: &Name) -> bool {
        object == condition || self.schema.is_subtype(condition, object)
    }
}

fn possible(schema: &Schema) -> HashMap<Name, Vec<Name>> {
    let mut possible = HashMap::default();
    for (name, definition) in &schema.types {
        let objects: Vec<Name> = match definition {
            ExtendedType::Union(union) => {
                union.members.iter().map(|member| member.name.clone()).collect()
            }
            ExtendedType::Interface(_) => {
                let objects = schema.types.iter().filter(|(_, one)| one.is_object());
                let meets = objects.filter(|(object, _)| schema.is_subtype(name, object));
                meets.map(|(object, _)| object.clone()).collect()
            }
            _ => continue,
        };
        possible.insert(name.clone(), objects);
    }
    possible
}
