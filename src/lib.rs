//! The booking server for virtual clinics.
//!
//! Doors call use cases, use cases order effects, domain decides, db and scheduling obey:
//!
//! - [`http`] and [`graphql`] are the two doors: they parse, call and map. They hold [`services`].
//! - [`booking`] writes: it books, cancels and moves. [`holding`] keeps times for who may book next. [`settling`] agrees with the outside service.
//!   [`feeds`] has visits ready for calendars, which [`calendar`] writes.
//!   [`search`] finds when and with whom. [`records`] reads. [`changes`] is the log of what happens.
//!   [`roster`] is who works here, [`people`] who may come in.
//! - [`request`] has the words of a request and of a refusal, [`access`] the caller.
//! - [`domain`] is pure: what a booking is and when it is allowed.
//! - [`db`] is the only place that names SeaORM; [`scheduling`] is the external scheduling service.
//! - [`app`] puts them together from a [`config`], [`lifecycle`] keeps what works in the background
//!   at work, [`health`] tells how that is, [`cli`] starts it, [`telemetry`] logs and counts.

pub mod access;
pub mod app;
pub mod audit;
pub mod booking;
pub mod calendar;
pub mod changes;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod feeds;
pub mod graphql;
pub mod health;
pub mod holding;
pub mod http;
pub mod lifecycle;
pub mod links;
pub mod mail;
pub mod oidc;
pub mod patients;
pub mod people;
pub mod records;
pub mod request;
pub mod retry;
pub mod roster;
pub mod scheduling;
pub mod search;
pub mod services;
pub mod settling;
pub mod tail;
pub mod telemetry;
pub mod traces;
pub mod webhooks;
