//! The pages for people: the landing page and `GraphiQL`. The REST documentation is not here.

pub(super) mod assets;
pub(super) mod graphiql;
pub(super) mod landing;
