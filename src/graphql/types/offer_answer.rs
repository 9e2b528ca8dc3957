//! Answering an offer of the waitlist: by the entry, or by the token of the mail.

use async_graphql::{ID, InputObject};

use crate::access::Actor;
use crate::booking::WhichEntry;
use crate::graphql::notes::Notes;
use crate::links::Links;
use crate::request::{ExpectedVersion, Field, FieldReader, Refusal, Violation};

macro_rules! offer_answer {
    ($($(#[$doc:meta])* $input:ident)*) => {
        $($(#[$doc])*
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            /// The entry of the waitlist. Either this or `token`.
            id: Option<ID>,
            /// The token of the link that the patient was sent: the offer that it was made for, and no other. Either
            /// this or `id`.
            token: Option<String>,
            /// The version of the entry that you have seen: when it is at another, nothing is done.
            expected_version: Option<i32>,
            /// Makes a retry safe. 1 to 255 visible ASCII characters.
            idempotency_key: Option<String>,
        }

        impl $input {
            /// Whose offer it is, for `actor`.
            pub(in crate::graphql) async fn read(
                self,
                (links, actor): (&Links, &Actor),
                notes: &Notes,
            ) -> Result<WhichEntry, Refusal> {
                let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
                let key = notes.key(self.idempotency_key);
                let mut fields = FieldReader::default();
                if let Some(wrong) = one_of_both(self.id.is_some(), self.token.is_some()) {
                    fields.wrong(wrong);
                }
                fields.expected(expected.clone());
                fields.key(key.as_deref());
                fields.finish()?;
                match (self.id, self.token) {
                    (Some(id), _) => WhichEntry::parse(&id, expected, key.as_deref()),
                    (None, token) => {
                        let token = token.unwrap_or_default();
                        let (entry, offer) = links.offer_named(actor, &token).await?;
                        let id = entry.to_string();
                        let which = WhichEntry::parse(&id, expected, key.as_deref())?;
                        Ok(WhichEntry { offer: Some(offer), ..which })
                    }
                }
            }
        })*
    };
}
offer_answer! {
    /// An offer to accept, by whose it is or by what the patient was sent.
    AcceptOfferInput
    /// An offer to turn down, by whose it is or by what the patient was sent.
    DeclineOfferInput
}

/// What is wrong where not exactly one of both is given.
fn one_of_both(id: bool, token: bool) -> Option<Violation> {
    let (field, why) = match (id, token) {
        (true, true) => ("token", "does not go with id"),
        (false, false) => ("id", "is required, unless token is given"),
        _ => return None,
    };
    Some(Violation::new(Field::Other(field.to_owned()), why))
}
