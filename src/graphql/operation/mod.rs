//! From the text of a document to an operation that the library can't get wrong.
//!
//! What a client sends is parsed, validated and coerced here as the specification has it
//! (docs/adr/0019). What is run is another document: one operation without variables, fragments
//! and directives, in which equal fields are one. The library runs fields, and decides nothing
//! about the document any more.

mod canonical;
mod cost;
mod fault;
mod fields;
mod literals;
mod positions;
mod prepared;
mod scalars;
mod served_schema;
mod shown;
mod valid_document;
mod values;
mod variables;
mod words;

pub(super) use fault::Fault;
pub(super) use prepared::{OperationFault, PreparedOperation, WrittenOperation};
pub use served_schema::SchemaError;
pub(super) use served_schema::ServedSchema;
pub(super) use valid_document::{ParsedDocument, ValidDocument};
