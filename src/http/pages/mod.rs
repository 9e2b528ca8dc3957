//! The pages for people: the landing page, the front desk, `GraphiQL` and the REST documentation.

pub(super) mod assets;
pub(super) mod desk;
pub(super) mod docs;
pub(super) mod graphiql;
pub(super) mod landing;
