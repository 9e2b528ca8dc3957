//! From the text of a document to what the library makes of it, if it is within the limits.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;

use super::limits::Limits;
use super::refusal::GateRefusal;
use super::scan::scan;
use super::weigh::weigh;
use crate::request::ErrorCode;

/// A document, parsed, if it asks for no more than is served.
pub(super) fn inspect(text: &str, limits: &Limits) -> Result<ExecutableDocument, GateRefusal> {
    scan(text, limits)?;
    let document = parse_query(text).map_err(|syntax| {
        let message = "The document is not valid GraphQL";
        GateRefusal::new(ErrorCode::GraphqlParseFailed, message).at(syntax.positions())
    })?;
    weigh(&document, limits)?;
    Ok(document)
}
