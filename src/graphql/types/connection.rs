//! Relay connections, with types of our own so that every field is described.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
};

use crate::access::Actor;
use crate::domain::Page;
use crate::graphql::error::ApiError;

/// How many items a page has unless told.
pub(in crate::graphql) const DEFAULT_PAGE: i32 = 20;
/// How many items a page has at most.
pub(in crate::graphql) const LARGEST_PAGE: i32 = 100;

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PageInfo {
    /// Whether there are items after this page.
    has_next_page: bool,
    /// Whether there are items before this page.
    has_previous_page: bool,
    /// Cursor of the first item of this page; null when it is empty.
    start_cursor: Option<String>,
    /// Cursor of the last item of this page; null when it is empty. Pass it as `after` for the next page.
    end_cursor: Option<String>,
}

/// The four arguments of a connection.
#[derive(Debug, Default, Clone)]
pub(in crate::graphql) struct PageArguments {
    pub(in crate::graphql) first: Option<i32>,
    pub(in crate::graphql) after: Option<String>,
    pub(in crate::graphql) last: Option<i32>,
    pub(in crate::graphql) before: Option<String>,
}

impl PageArguments {
    /// Reads them; asks for one item more than the page holds, to see whether more follow.
    pub(in crate::graphql) fn page<K>(
        &self,
        parse_cursor: impl Fn(&str) -> Option<K>,
    ) -> Result<Page<K>, ApiError> {
        if self.first.is_some() && self.last.is_some() {
            return Err(ApiError::argument("last", "must not come together with first"));
        }
        for (name, size) in [("first", self.first), ("last", self.last)] {
            if size.is_some_and(|size| !(0..=LARGEST_PAGE).contains(&size)) {
                return Err(ApiError::argument(name, "must be from 0 to 100"));
            }
        }
        let cursor = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => parse_cursor(text)
                .map(Some)
                .ok_or_else(|| ApiError::argument(name, "must be a cursor of this list")),
        };
        Ok(Page {
            after: cursor("after", &self.after)?,
            before: cursor("before", &self.before)?,
            limit: self.size() + 1,
            backward: self.last.is_some(),
        })
    }

    fn size(&self) -> u64 {
        let size = self.last.or(self.first).unwrap_or(DEFAULT_PAGE);
        u64::from(size.unsigned_abs())
    }

    /// Cuts off the item that was asked for too much, and says where the page stands.
    pub(in crate::graphql) fn cut<T>(
        &self,
        mut items: Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> (Vec<T>, PageInfo) {
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let more = items.len() > size;
        let backward = self.last.is_some();
        if more && backward {
            items.remove(0);
        } else {
            items.truncate(size);
        }
        let page_info = PageInfo {
            has_next_page: if backward { self.before.is_some() } else { more },
            has_previous_page: if backward { more } else { self.after.is_some() },
            start_cursor: items.first().map(&cursor),
            end_cursor: items.last().map(&cursor),
        };
        (items, page_info)
    }
}

/// An item of a list that is about to be shown.
pub(in crate::graphql) trait Shown: OutputType + Sized {
    /// Notes whose data the answer holds with it, if anybody's.
    fn note(&self, actor: &Actor);

    /// A page of them as it is selected, where there is a quicker way than the library's.
    fn at_once(
        _page: &[Self],
        _context: &ContextSelectionSet<'_>,
    ) -> impl Future<Output = Option<Value>> + Send {
        std::future::ready(None)
    }
}

/// The items of a page: a list of the schema like any other, which may be made more quickly.
pub(in crate::graphql) struct Nodes<'a, T>(pub(in crate::graphql) &'a [T]);

impl<T: Shown> OutputType for Nodes<'_, T> {
    fn type_name() -> Cow<'static, str> {
        <&[T]>::type_name()
    }

    fn qualified_type_name() -> String {
        <&[T]>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <&[T]>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match T::at_once(self.0, context).await {
            Some(page) => Ok(page),
            None => self.0.resolve(context, field).await,
        }
    }
}

/// Makes the two types of a connection.
macro_rules! connection {
    ($connection:ident $connection_name:literal, $edge:ident $edge_name:literal, $node:ty, $what:literal, $cursor:expr) => {
        #[doc = concat!("One ", $what, " in a list, with its place there.")]
        #[derive(async_graphql::SimpleObject)]
        #[graphql(name = $edge_name)]
        pub(in crate::graphql) struct $edge {
            #[doc = concat!("The ", $what, " itself.")]
            node: $node,
            /// Its place in the list; opaque. Pass it as `after` or `before`.
            cursor: String,
        }

        #[doc = concat!("A page of a list of ", $what, "s.")]
        pub(in crate::graphql) struct $connection {
            nodes: Vec<$node>,
            page_info: PageInfo,
            filter: Filter,
        }

        #[doc = concat!("A page of a list of ", $what, "s.")]
        #[async_graphql::Object(name = $connection_name)]
        impl $connection {
            /// The items of this page, each with its cursor.
            async fn edges(&self, context: &async_graphql::Context<'_>) -> Vec<$edge> {
                self.nodes.iter().for_each(|node| node.note(crate::graphql::actor(context)));
                let edge = |node: &$node| $edge { node: node.clone(), cursor: ($cursor)(node) };
                self.nodes.iter().map(edge).collect()
            }

            /// The items of this page.
            async fn nodes(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> crate::graphql::types::connection::Nodes<'_, $node> {
                self.nodes.iter().for_each(|node| node.note(crate::graphql::actor(context)));
                crate::graphql::types::connection::Nodes(&self.nodes)
            }

            /// Where this page stands in the list.
            async fn page_info(&self) -> &PageInfo {
                &self.page_info
            }

            /// How many items the whole list has. Counted only when asked for.
            async fn total_count(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> Result<i32, ApiError> {
                let total = self.filter.count(context).await?;
                Ok(i32::try_from(total).unwrap_or(i32::MAX))
            }
        }
    };
}
pub(super) use connection;
