//! A list of operations, made when the clients are built: the only ones that are served.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::hash::hash;
use super::inspect::Inspector;
use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::graphql::operation::{OperationFault, PreparedOperation, SchemaError, ServedSchema};

/// Why a list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file can't be read.
    #[error("GRAPHQL_ALLOWED_OPERATIONS: {path}: {cause}", path = .0.display(), cause = .1)]
    Read(PathBuf, std::io::Error),
    /// It is not a list of operations.
    #[error("GRAPHQL_ALLOWED_OPERATIONS: {path}: must be a JSON object {{\"<SHA-256 of the document>\": \"<document>\", …}} or an \
             apollo-persisted-query-manifest", path = .0.display())]
    Shape(PathBuf),
    /// A hash that is not its document's.
    #[error("GRAPHQL_ALLOWED_OPERATIONS: {path}: {hash} is not the SHA-256 of its document, which is {actual}", path = .path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// The hash in the file.
        hash: String,
        /// What it should be.
        actual: String,
    },
    /// A document that fits not the schema or not the limits.
    #[error("GRAPHQL_ALLOWED_OPERATIONS: {path}: the document {hash} can't be served: {why}", path = .path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// Its hash.
        hash: String,
        /// What is wrong with it.
        why: String,
    },
    /// The documents can't be judged: a bug.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Operations by their hash.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    documents: HashMap<String, Arc<str>>,
}

impl Manifest {
    /// Reads a list and checks that each hash is its document's, and that each document fits the
    /// schema and the limits.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] for the first thing that is wrong.
    pub fn read(path: &Path, limits: &Limits) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ManifestError::Read(path.to_owned(), cause))?;
        let listed = serde_json::from_str(&text)
            .ok()
            .and_then(pairs)
            .ok_or_else(|| ManifestError::Shape(path.to_owned()))?;
        let (served, limits) = (ServedSchema::get()?, limits.clone());
        let inspector = Inspector { schema: served, limits, suggesting: true };
        let mut documents = HashMap::new();
        for (id, document) in listed {
            let (path, actual) = (path.to_owned(), hash(&document));
            if actual != id {
                return Err(ManifestError::Hash { path, hash: id, actual });
            }
            if let Some(why) = fault(&document, &inspector) {
                return Err(ManifestError::Document { path, hash: id, why });
            }
            documents.insert(id, document.into());
        }
        Ok(Self { documents })
    }

    /// How many operations are listed.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn document(&self, hash: &str) -> Option<Arc<str>> {
        self.documents.get(hash).cloned()
    }
}

/// Why a document could not be served.
fn fault(document: &str, inspector: &Inspector) -> Option<String> {
    let valid = match inspector.inspect(document) {
        Ok(valid) => Arc::new(valid),
        Err(refusal) => return Some(refusal.into_message()),
    };
    for operation in valid.operations() {
        let (served, limits) = (Arc::clone(&inspector.schema), &inspector.limits);
        let prepared =
            PreparedOperation::new(served, Arc::clone(&valid), operation.clone(), limits.fields);
        let Ok(prepared) = prepared.with_examples() else { continue };
        match prepared.write() {
            Ok(written) if written.cost > limits.cost => {
                return Some(GateRefusal::too_dear(written.cost, limits.cost).into_message());
            }
            Err(OperationFault::TooManyFields) => {
                return Some(format!(
                    "it has more than {} fields (GRAPHQL_MAX_FIELDS)",
                    limits.fields
                ));
            }
            // What is not valid may be with other values for its variables.
            Ok(_) | Err(OperationFault::Invalid(_)) => {}
        }
    }
    None
}

/// Hashes and documents, from either of the two forms.
fn pairs(manifest: Json) -> Option<Vec<(String, String)>> {
    let Json::Object(mut manifest) = manifest else { return None };
    if manifest.contains_key("format") {
        let known = manifest.get("format")? == "apollo-persisted-query-manifest"
            && manifest.get("version")? == 1;
        let Some(Json::Array(operations)) = manifest.remove("operations") else { return None };
        let text = |operation: &Json, name| operation.get(name)?.as_str().map(str::to_owned);
        let pair = |operation: &Json| Some((text(operation, "id")?, text(operation, "body")?));
        return operations.iter().map(pair).collect::<Option<Vec<_>>>().filter(|_| known);
    }
    let text = |(hash, document): (String, Json)| match document {
        Json::String(document) => Some((hash, document)),
        _ => None,
    };
    manifest.into_iter().map(text).collect()
}
