//! The value of an argument: what is written, with the values of the variables put in.

use apollo_compiler::ast::{Type, Value as Written};
use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};
use async_graphql::{Name as LibraryName, Number, Value};

use super::served_schema::ServedSchema;

/// The values of the variables, coerced. One that was left out and has no default is not here.
pub(super) type Given = HashMap<Name, Value>;

/// A null where there has to be a value.
#[derive(Debug)]
pub(super) struct NullFault;

/// The value for a place of a type; none where it is a variable that was left out. What is written
/// has been found to be valid.
///
/// # Errors
///
/// [`NullFault`]: the one thing that a valid document leaves to be found out. A variable that may
/// be null stands where nothing is, since it has a default.
pub(super) fn put_in(
    schema: &ServedSchema,
    written: &Node<Written>,
    ty: &Type,
    given: &Given,
) -> Result<Option<Value>, NullFault> {
    let value = match (&**written, ty) {
        (Written::Variable(name), _) => match given.get(name) {
            // As it is, a list too: its own type is that of its place.
            Some(value) => value.clone(),
            None => return Ok(None),
        },
        (Written::Null, _) => Value::Null,
        (Written::List(items), Type::List(item) | Type::NonNullList(item)) => {
            let items = items.iter().map(|value| {
                let value = put_in(schema, value, item, given)?.unwrap_or(Value::Null);
                not_null(value, item)
            });
            Value::List(items.collect::<Result<_, _>>()?)
        }
        (_, Type::List(item) | Type::NonNullList(item)) => {
            let Some(value) = put_in(schema, written, item, given)? else { return Ok(None) };
            Value::List(vec![value])
        }
        (Written::Object(fields), Type::Named(of) | Type::NonNullNamed(of)) => {
            let mut object = async_graphql::indexmap::IndexMap::new();
            if let Some(ExtendedType::InputObject(input)) = schema.type_named(of) {
                for (name, value) in fields {
                    let Some(field) = input.fields.get(name) else { continue };
                    if let Some(value) = put_in(schema, value, &field.ty, given)? {
                        object.insert(LibraryName::new(name), value);
                    }
                }
            }
            Value::Object(object)
        }
        // A whole number is an id too.
        (Written::Int(number), Type::Named(of) | Type::NonNullNamed(of)) if of == "ID" => {
            Value::String(number.as_str().to_owned())
        }
        (other, _) => constant(other),
    };
    not_null(value, ty).map(Some)
}

fn not_null(value: Value, ty: &Type) -> Result<Value, NullFault> {
    if value == Value::Null && ty.is_non_null() { Err(NullFault) } else { Ok(value) }
}

/// What is written, without a type; a variable is null.
pub(super) fn constant(written: &Written) -> Value {
    match written {
        Written::Null | Written::Variable(_) => Value::Null,
        Written::Enum(name) => Value::Enum(LibraryName::new(name)),
        Written::String(text) => Value::String(text.clone()),
        Written::Boolean(truth) => Value::Boolean(*truth),
        Written::Int(number) => whole(number.as_str()),
        Written::Float(number) => {
            number.try_to_f64().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        Written::List(items) => Value::List(items.iter().map(|item| constant(item)).collect()),
        Written::Object(fields) => {
            let field =
                |(name, value): &(Name, Node<Written>)| (LibraryName::new(name), constant(value));
            Value::Object(fields.iter().map(field).collect())
        }
    }
}

fn whole(digits: &str) -> Value {
    if let Ok(number) = digits.parse::<i64>() {
        return Value::Number(number.into());
    }
    digits.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}
