//! Selections of fields that are at hand with their object.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value};

use super::Unusual;
use crate::domain::Directory;

/// How the value of a field is made.
pub(super) enum Make<T> {
    /// Of its object.
    Own(fn(&T) -> Value),
    /// Of the roster too; none where it has not what it must have.
    OfRoster(fn(&T, &Directory) -> Option<Value>),
}

impl<T> Make<T> {
    pub(super) fn asks_roster(&self) -> bool {
        matches!(self, Self::OfRoster(_))
    }

    pub(super) fn value(&self, of: &T, roster: Option<&Directory>) -> Result<Value, Unusual> {
        match self {
            Self::Own(make) => Ok(make(of)),
            Self::OfRoster(make) => roster.and_then(|roster| make(of, roster)).ok_or(Unusual),
        }
    }
}

/// A type that has fields that are at hand.
pub(super) trait AtHand {
    /// Its name in the schema.
    const NAME: &'static str;

    /// How the field of that name is made; none of one that is not at hand.
    fn make(field: &str) -> Option<Make<Self>>
    where
        Self: Sized;
}

/// A selection of such fields, in the order of the answer.
pub(super) struct Fields<T> {
    made: Vec<(Name, Make<T>)>,
    pub(super) asks_roster: bool,
}

impl<T: AtHand> Fields<T> {
    pub(super) fn of(set: &Positioned<SelectionSet>) -> Option<Self> {
        let mut made = Vec::with_capacity(set.node.items.len());
        for selection in &set.node.items {
            let field = &plain(&selection.node)?.node;
            made.push((field.response_key().node.clone(), make_of(&field.name.node)?));
        }
        let asks_roster = made.iter().any(|(_, make): &(Name, Make<T>)| make.asks_roster());
        Some(Self { made, asks_roster })
    }

    pub(super) fn object(&self, of: &T, roster: Option<&Directory>) -> Result<Value, Unusual> {
        let mut object = IndexMap::with_capacity(self.made.len());
        for (name, make) in &self.made {
            put(&mut object, name, make.value(of, roster)?)?;
        }
        Ok(Value::Object(object))
    }
}

/// Puts a value into an object that has none of that name: equal names would have to be merged.
pub(super) fn put(
    object: &mut IndexMap<Name, Value>,
    name: &Name,
    value: Value,
) -> Result<(), Unusual> {
    object.insert(name.clone(), value).map_or(Ok(()), |_another| Err(Unusual))
}

/// How a field is made that any type may have.
pub(super) fn make_of<T: AtHand>(field: &str) -> Option<Make<T>> {
    if field == "__typename" { Some(Make::Own(|_| Value::from(T::NAME))) } else { T::make(field) }
}

/// A field about which nothing but its name has to be known.
pub(super) fn plain(selection: &Selection) -> Option<&Positioned<Field>> {
    match selection {
        Selection::Field(field)
            if field.node.arguments.is_empty() && field.node.directives.is_empty() =>
        {
            Some(field)
        }
        _ => None,
    }
}
