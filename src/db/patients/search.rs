//! Lists of patients: all, or those in whom each word of a text is found.

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use super::own::is_among_own;
use super::row::rows_of;
use crate::db::engine::StoreError;
use crate::db::entity::patient;
use crate::domain::folding::{folded, without_accents};
use crate::domain::{Page, Patient, PatientId, ProviderId};

fn selection(search: Option<&str>, provider: Option<ProviderId>) -> Select<patient::Entity> {
    let mut all = Condition::all().add_option(provider.map(is_among_own));
    for word in search.unwrap_or_default().split([' ', '\t', '\n', ',', ';']) {
        all = all.add_option(found(word.trim()));
    }
    patient::Entity::find().filter(all)
}

/// Where one word of a search is found; none for a word of nothing.
fn found(word: &str) -> Option<Condition> {
    // Signs that are no matter of spelling are looked for themselves.
    let has_signs = word.contains(|c| "%_@\\*&#!?=<>\"[]{}|~^$:".contains(c));
    let folded = if has_signs { String::new() } else { folded(word) };
    let mut ways = vec![without_accents(word), word.to_lowercase()];
    // In the United States a number is written with its country code or without.
    if folded.len() == 11 && folded.bytes().all(|byte| byte.is_ascii_digit()) {
        ways.extend(folded.strip_prefix('1').map(str::to_owned));
    }
    ways.push(folded);
    ways.retain(|way| !way.is_empty());
    ways.sort();
    ways.dedup();
    let any = ways.iter().fold(Condition::any(), |any, way| {
        // What LIKE gives a meaning to means itself.
        let escaped = way.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        any.add(Expr::expr(text()).like(pattern))
    });
    (!ways.is_empty()).then_some(any)
}

/// What is searched; of a patient whom an older server has made, what that has written.
fn text() -> Expr {
    let key = |column: patient::Column| Expr::col((patient::Entity, column));
    let of_before = key(patient::Column::NameKey)
        .binary(sea_orm::sea_query::BinOper::Custom("||"), Expr::val(" "))
        .binary(sea_orm::sea_query::BinOper::Custom("||"), key(patient::Column::EmailKey));
    Func::coalesce([key(patient::Column::SearchText), of_before]).into()
}

/// One page of patients by id, that is, by the time of their first booking; only those who are that
/// provider's own where one is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    search: Option<&str>,
    provider: Option<ProviderId>,
    page: Page<PatientId>,
) -> Result<Vec<Patient>, StoreError> {
    let mut select = selection(search, provider);
    if let Some(after) = page.after {
        select = select.filter(patient::Column::Id.gt(after.uuid()));
    }
    if let Some(before) = page.before {
        select = select.filter(patient::Column::Id.lt(before.uuid()));
    }
    let order = if page.backward { Order::Desc } else { Order::Asc };
    let select = select.order_by(patient::Column::Id, order).limit(page.limit);
    let mut rows = rows_of(select).all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    rows.into_iter().map(Patient::try_from).collect()
}

/// How many patients such a list has.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    search: Option<&str>,
    provider: Option<ProviderId>,
) -> Result<u64, StoreError> {
    Ok(selection(search, provider).count(conn).await?)
}
