//! The clinic's own identity provider: who signs in there, and the tokens that it signs.

mod bearer;
mod provider;
mod signing_in;
