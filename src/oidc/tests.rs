//! Tokens that are believed, and all the others.

mod http;
mod provider;
mod signer;
mod signing_in;
mod tokens;
