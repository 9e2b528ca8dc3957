//! A document that was parsed, and one that was found to be valid.

use apollo_compiler::ast::Document;
use apollo_compiler::diagnostic::{Diagnostic, ToCliReport as _};
use apollo_compiler::executable::{Operation, OperationType};
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{DiagnosticData, Valid};
use apollo_compiler::{ExecutableDocument, Node, Schema};
use async_graphql::Pos;

use super::fault::Fault;
use super::fields::root_names;
use super::literals::literal_faults;
use super::positions::Positions;
use super::served_schema::ServedSchema;
use super::words::{said, syntax_said};

/// As many faults of a document are told, in the order of the document.
const MOST_FAULTS: usize = 10;
/// The crate's words for a field whose selection it has dropped, for what else is wrong in it.
const NO_SELECTION: &str = "interface, union and object types must have a subselection set";
/// The crate's words: selecting equal fields is one field for the specification and two for it.
const MANY_ROOT_FIELDS: &str = "can only have one root field";

/// A document that is well-formed.
#[derive(Debug)]
pub(in crate::graphql) struct ParsedDocument {
    ast: Document,
    positions: Positions,
}

impl ParsedDocument {
    /// # Errors
    ///
    /// [`Fault`]: where the text is not GraphQL. It must have been found to nest little: each
    /// bracket is a call.
    pub(in crate::graphql) fn parse(text: &str) -> Result<Self, Fault> {
        let positions = Positions::of(text);
        match Parser::new().parse_ast(text, "document.graphql") {
            Ok(ast) => Ok(Self { ast, positions }),
            Err(invalid) => {
                let first = invalid.errors.iter().next();
                let words =
                    first.as_ref().map_or_else(String::new, |first| first.error.to_string());
                let at = first.and_then(|first| first.error.location());
                Err(Fault::at(syntax_said(&words), positions.of_span(at)))
            }
        }
    }

    /// The document, for who weighs it.
    pub(in crate::graphql) fn ast(&self) -> &Document {
        &self.ast
    }

    /// Judges the document by the schema, values that are written in it included.
    ///
    /// `suggesting`: names of the schema that are near to an unknown one are told.
    ///
    /// # Errors
    ///
    /// The first [`Fault`]s, one at least.
    pub(in crate::graphql) fn validate(
        self,
        schema: &ServedSchema,
        suggesting: bool,
    ) -> Result<ValidDocument, Vec<Fault>> {
        let Self { ast, positions } = self;
        let document = match ast.to_executable_validate(schema.schema()) {
            Ok(document) => document,
            Err(invalid) => {
                let told_of: Option<&Schema> = suggesting.then(|| &**schema.schema());
                let fault = |diagnostic: Diagnostic<'_, DiagnosticData>| {
                    let at = diagnostic.error.location();
                    (diagnostic.error.to_string(), at.map(|at| positions.of_span(Some(at))))
                };
                let mut faults: Vec<(String, Option<Pos>)> =
                    invalid.errors.iter().map(fault).collect();
                faults.retain(|(words, _)| !words.ends_with(MANY_ROOT_FIELDS));
                if faults.iter().any(|(words, _)| words != NO_SELECTION) {
                    faults.retain(|(words, _)| words != NO_SELECTION);
                }
                let told = faults.iter().take(MOST_FAULTS);
                let told = told.map(|(words, at)| Fault { message: said(words, told_of), at: *at });
                let told: Vec<Fault> = told.collect();
                if !told.is_empty() {
                    return Err(told);
                }
                Valid::assume_valid(invalid.partial)
            }
        };
        let mut faults = many_root_fields(&document, &positions);
        faults.extend(literal_faults(schema, &document, &positions));
        faults.truncate(MOST_FAULTS);
        if faults.is_empty() { Ok(ValidDocument { document, positions }) } else { Err(faults) }
    }
}

fn many_root_fields(document: &ExecutableDocument, positions: &Positions) -> Vec<Fault> {
    let subscriptions = document.operations.iter().filter(|operation| operation.is_subscription());
    let many = subscriptions.filter(|one| root_names(document, &one.selection_set).len() != 1);
    let message = "A subscription has exactly one root field: send one for each";
    many.map(|one| Fault::at(message, positions.of_node(one))).collect()
}

/// A document that is valid, with all values that are written in it.
#[derive(Debug)]
pub(in crate::graphql) struct ValidDocument {
    pub(super) document: Valid<ExecutableDocument>,
    pub(super) positions: Positions,
}

impl ValidDocument {
    /// The operation that will be run: the one that is named, or the only one.
    ///
    /// # Errors
    ///
    /// [`Fault`]: there is none, or which is meant is not known.
    pub(in crate::graphql) fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<&Node<Operation>, Fault> {
        let operations = &self.document.operations;
        operations.get(name).map_err(|_none| match name {
            Some(_) => Fault::new("The document has no operation of the name in operationName"),
            None if operations.is_empty() => Fault::new("The document has no operation"),
            None => Fault::new("The document has several operations: operationName says which"),
        })
    }

    /// The document, written anew.
    #[cfg(test)]
    pub(in crate::graphql) fn written(&self) -> String {
        self.document.to_string()
    }

    /// All of its operations.
    pub(in crate::graphql) fn operations(&self) -> impl Iterator<Item = &Node<Operation>> {
        self.document.operations.iter()
    }
}

pub(super) fn library_type(of: OperationType) -> async_graphql::parser::types::OperationType {
    use async_graphql::parser::types::OperationType as Library;
    match of {
        OperationType::Query => Library::Query,
        OperationType::Mutation => Library::Mutation,
        OperationType::Subscription => Library::Subscription,
    }
}
