//! What we rely on async-graphql for and other versions of it do differently: a change of version
//! has to pass this (docs/adr/0005 and 0006).
#![expect(clippy::unused_async, reason = "a resolver is async whatever it does")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use async_graphql::{
    Context, EmptySubscription, Error, InputObject, MaybeUndefined, Object, Request, Schema,
};

static RUN: AtomicUsize = AtomicUsize::new(0);

struct Doubles;

impl Loader<i32> for Doubles {
    type Value = i32;
    type Error = Infallible;

    async fn load(&self, keys: &[i32]) -> Result<HashMap<i32, i32>, Infallible> {
        tokio::task::yield_now().await;
        Ok(keys.iter().map(|key| (*key, key * 2)).collect())
    }
}

struct Node(i32);

#[Object]
impl Node {
    async fn x(&self, context: &Context<'_>) -> i32 {
        let loader = context.data_unchecked::<DataLoader<Doubles>>();
        loader.load_one(self.0).await.unwrap().unwrap_or_default()
    }

    async fn bad(&self) -> Result<i32, Error> {
        Err(Error::new("bad"))
    }
}

#[derive(InputObject)]
struct Given {
    #[graphql(default = 5)]
    number: i32,
}

struct Query;

#[Object]
impl Query {
    async fn slow(&self) -> i32 {
        for _later in 0..20 {
            tokio::task::yield_now().await;
        }
        1
    }

    async fn fast(&self) -> i32 {
        2
    }

    async fn a(&self) -> Option<Node> {
        Some(Node(1))
    }

    async fn b(&self) -> Option<Node> {
        Some(Node(2))
    }

    async fn seen(&self, number: MaybeUndefined<i32>) -> &str {
        if number.is_undefined() { "undefined" } else { "given" }
    }

    async fn given(&self, given: Given) -> i32 {
        given.number
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn run(&self) -> usize {
        RUN.fetch_add(1, Ordering::SeqCst)
    }

    async fn fail(&self) -> Result<i32, Error> {
        Err(Error::new("failed"))
    }
}

async fn answer(operation: &str) -> String {
    let loader = DataLoader::new(Doubles, TokioSpawner::current(), TokioTimer::default());
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let request = Request::new(operation).data(loader.delay(Duration::ZERO));
    serde_json::to_string(&schema.execute(request).await.data).unwrap()
}

#[tokio::test]
async fn keys_come_as_asked_and_not_as_they_are_done() {
    assert_eq!(answer("{ slow fast }").await, r#"{"slow":1,"fast":2}"#);
}

#[tokio::test]
async fn an_error_in_a_field_that_must_not_be_null_nulls_its_parent() {
    assert_eq!(answer("{ a { bad } fast }").await, r#"{"a":null,"fast":2}"#);
}

#[tokio::test]
async fn after_a_mutation_that_failed_no_other_runs() {
    assert_eq!(answer("mutation { first: run fail second: run }").await, "null");
    assert_eq!(RUN.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_omitted_variable_is_nothing_given() {
    assert_eq!(answer("query ($n: Int) { seen(number: $n) }").await, r#"{"seen":"undefined"}"#);
    let defaulted = answer("query ($n: Int) { given(given: { number: $n }) }").await;
    assert_eq!(defaulted, r#"{"given":5}"#);
}

#[tokio::test]
async fn a_field_that_fails_spoils_no_batch_for_others() {
    assert_eq!(answer("{ a { x bad } b { x } }").await, r#"{"a":null,"b":{"x":4}}"#);
}
