//! Reading on while what was read is judged: both take about as long.

use crate::db::StoreError;

/// Begins to read at once, whenever the answer is asked for.
pub(super) fn ahead<T: Send + 'static>(
    reading: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> impl Future<Output = Result<T, StoreError>> {
    let task = tokio::spawn(reading);
    async move {
        task.await.unwrap_or_else(|_ended| {
            Err(StoreError::Internal("what read the audit trail has ended".to_owned()))
        })
    }
}
