//! The values of the variables, as the client sends them: `CoerceVariableValues` of the
//! specification.

use apollo_compiler::Name;
use apollo_compiler::ast::{Type, VariableDefinition};
use apollo_compiler::executable::Operation;
use apollo_compiler::schema::{EnumType, ExtendedType, InputObjectType};
use async_graphql::{Name as LibraryName, Number, Value};
use serde_json::{Map, Value as Json};

use super::fault::Fault;
use super::positions::Positions;
use super::scalars::OwnScalar;
use super::served_schema::ServedSchema;
use super::values::{Given, put_in};
use super::words::{meant, near_names};

/// Reads the variables of an operation. What it does not define is passed over.
///
/// # Errors
///
/// The [`Fault`]s, in the order of the variables, the first of each.
pub(super) fn coerce(
    schema: &ServedSchema,
    operation: &Operation,
    sent: &Map<String, Json>,
    positions: &Positions,
    suggesting: bool,
) -> Result<Given, Vec<Fault>> {
    let (mut given, mut faults) = (Given::default(), Vec::new());
    for definition in &operation.variables {
        let mut reader = Reader { schema, suggesting, path: format!("${}", definition.name) };
        match reader.variable(definition, sent.get(definition.name.as_str())) {
            Ok(Some(value)) => drop(given.insert(definition.name.clone(), value)),
            Ok(None) => {}
            Err(words) => faults.push(Fault::at(words, positions.of_node(definition))),
        }
    }
    if faults.is_empty() { Ok(given) } else { Err(faults) }
}

/// Reads one variable.
struct Reader<'a> {
    schema: &'a ServedSchema,
    suggesting: bool,
    /// Where in the variable it is, for people: `$input.patient.name`.
    path: String,
}

/// What is wrong, in one sentence that does not repeat the value.
type Words = String;

impl Reader<'_> {
    fn variable(
        &mut self,
        definition: &VariableDefinition,
        sent: Option<&Json>,
    ) -> Result<Option<Value>, Words> {
        match (sent, &definition.default_value) {
            (Some(sent), _) => self.value(sent, &definition.ty).map(Some),
            (None, Some(default)) => {
                let none = Given::default();
                let value = put_in(self.schema, default, &definition.ty, &none);
                value.map_err(|_null| self.lacking())
            }
            (None, None) if definition.ty.is_non_null() => Err(self.lacking()),
            (None, None) => Ok(None),
        }
    }

    fn lacking(&self) -> Words {
        format!("The variable {} must have a value and has none", self.path)
    }

    fn value(&mut self, sent: &Json, ty: &Type) -> Result<Value, Words> {
        match (sent, ty) {
            (Json::Null, ty) if ty.is_non_null() => Err(self.lacking()),
            (Json::Null, _) => Ok(Value::Null),
            (Json::Array(items), Type::List(item) | Type::NonNullList(item)) => {
                let items = items.iter().enumerate();
                let items = items.map(|(at, sent)| self.inside(&format!("[{at}]"), sent, item));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            // One value is a list of one.
            (_, Type::List(item) | Type::NonNullList(item)) => {
                Ok(Value::List(vec![self.value(sent, item)?]))
            }
            (_, Type::Named(of) | Type::NonNullNamed(of)) => self.named(sent, of),
        }
    }

    fn inside(&mut self, step: &str, sent: &Json, ty: &Type) -> Result<Value, Words> {
        let length = self.path.len();
        self.path.push_str(step);
        let value = self.value(sent, ty)?;
        self.path.truncate(length);
        Ok(value)
    }

    fn named(&mut self, sent: &Json, of: &Name) -> Result<Value, Words> {
        match self.schema.type_named(of) {
            Some(ExtendedType::Enum(known)) => self.one_of(sent, known),
            Some(ExtendedType::InputObject(input)) => self.object(sent, input),
            _ => match OwnScalar::named(of) {
                Some(scalar) => self.own(sent, scalar),
                None => built_in(sent, of)
                    .ok_or_else(|| format!("The variable {} must be {}", self.path, article(of))),
            },
        }
    }

    fn own(&self, sent: &Json, scalar: &OwnScalar) -> Result<Value, Words> {
        let value = sent.as_str().map_or(Value::Null, Value::from);
        match scalar.fault(value.clone()) {
            Some(words) => Err(format!("The variable {} {words}", self.path)),
            None => Ok(value),
        }
    }

    fn one_of(&self, sent: &Json, known: &EnumType) -> Result<Value, Words> {
        let names = known.values.keys().map(Name::as_str);
        let Some(sent) = sent.as_str() else {
            return Err(format!("The variable {} must be one of {}", self.path, known.name));
        };
        if known.values.contains_key(sent) {
            return Ok(Value::Enum(LibraryName::new(sent)));
        }
        let near = if self.suggesting { near_names(sent, names) } else { Vec::new() };
        Err(format!("The variable {} must be one of {}{}", self.path, known.name, meant(&near)))
    }

    fn object(&mut self, sent: &Json, input: &InputObjectType) -> Result<Value, Words> {
        let Json::Object(sent) = sent else {
            return Err(format!("The variable {} must be an object: {}", self.path, input.name));
        };
        if let Some(unknown) = sent.keys().find(|key| !input.fields.contains_key(key.as_str())) {
            return Err(self.unknown_field(unknown, input));
        }
        let mut object = async_graphql::indexmap::IndexMap::new();
        for (name, field) in &input.fields {
            match sent.get(name.as_str()) {
                Some(sent) => {
                    let value = self.inside(&format!(".{name}"), sent, &field.ty)?;
                    object.insert(LibraryName::new(name), value);
                }
                None if field.ty.is_non_null() && field.default_value.is_none() => {
                    self.path = format!("{}.{name}", self.path);
                    return Err(self.lacking());
                }
                None => {}
            }
        }
        Ok(Value::Object(object))
    }

    /// Only what looks like a name is repeated: anything may stand there.
    fn unknown_field(&self, unknown: &str, input: &InputObjectType) -> Words {
        let Ok(unknown) = Name::new(unknown) else {
            return format!("The variable {} has a field that {} has not", self.path, input.name);
        };
        let known = input.fields.keys().map(Name::as_str);
        let near = if self.suggesting { near_names(&unknown, known) } else { Vec::new() };
        let (path, of, meant) = (&self.path, &input.name, meant(&near));
        format!("The variable {path} has a field \"{unknown}\", which {of} has not{meant}")
    }
}

/// A value of one of the specification's scalars.
fn built_in(sent: &Json, of: &str) -> Option<Value> {
    match (of, sent) {
        ("Boolean", Json::Bool(truth)) => Some(Value::Boolean(*truth)),
        ("String" | "ID", Json::String(text)) => Some(Value::String(text.clone())),
        ("ID", Json::Number(number)) => whole_number(number).map(Value::String),
        ("Float", Json::Number(number)) => Some(Value::Number(number.clone())),
        ("Int", Json::Number(number)) => {
            let number: i32 = whole_number(number)?.parse().ok()?;
            Some(Value::Number(number.into()))
        }
        _ => None,
    }
}

/// The digits of a number that is whole, however it is written: JSON has one kind of number.
fn whole_number(number: &Number) -> Option<String> {
    if number.is_f64() {
        let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
        return Some(format!("{}", number + 0.0));
    }
    Some(number.to_string())
}

fn article(of: &str) -> &str {
    match of {
        "Boolean" => "a Boolean: true or false",
        "Int" => "an Int: a whole number of 32 bits",
        "Float" => "a Float: a number",
        "ID" => "an ID: a string or a whole number",
        _ => "a String",
    }
}
