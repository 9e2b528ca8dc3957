//! What the mutations of people and tokens take and answer.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use super::booking_error::BookingErrorObject;
use super::caller::RoleEnum;
use super::instant::DateTime;
use super::patient_change::change;
use super::person::PersonObject;
use super::token::TokenObject;
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::people::command::RawPersonChange;
use crate::people::{
    CreatePerson, CreateToken, DisablePerson, InvitePerson, PersonOutcome, RevokeToken,
    TokenOutcome, UpdatePerson,
};
use crate::request::{ErrorCode, ExpectedVersion, Refusal};

/// Somebody new on the staff.
#[derive(InputObject)]
pub(in crate::graphql) struct CreatePersonInput {
    /// Their name: 1 to 200 characters.
    name: String,
    /// The e-mail address that they are to sign in with. No two people have the same.
    email: String,
    /// What they are to the clinic.
    role: RoleEnum,
    /// The provider that a clinician is; for a `CLINICIAN`, and for nobody else.
    provider_id: Option<ID>,
    /// Makes a retry safe: the same key answers the same person, without the invitation. 1 to 255
    /// visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CreatePersonInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreatePerson, Refusal> {
        let (provider, key) = (self.provider_id, notes.key(self.idempotency_key));
        let role = (self.role.into(), provider.as_ref().map(|id| id.as_str()));
        CreatePerson::parse(&self.name, &self.email, role, key.as_deref())
    }
}

/// What is to become of one of the staff. What is left out stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdatePersonInput {
    /// The person.
    id: ID,
    /// The name: 1 to 200 characters.
    name: Option<String>,
    /// The e-mail address that they sign in with.
    email: Option<String>,
    /// What they are to the clinic. It counts for their next request, and closes what they have open.
    role: Option<RoleEnum>,
    /// The provider that a clinician is. Another role is bound to none.
    provider_id: MaybeUndefined<ID>,
    /// The version of the person that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl UpdatePersonInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<UpdatePerson, Refusal> {
        UpdatePerson::parse(RawPersonChange {
            id: self.id.0,
            name: self.name,
            email: self.email,
            role: self.role.map(Into::into),
            provider_id: change(self.provider_id.map_value(|id| id.0)),
            expected: ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            idempotency_key: notes.key(self.idempotency_key),
        })
    }
}

macro_rules! of_one_person {
    ($input:ident, $command:ident, $doc:literal, $key:literal) => {
        #[doc = $doc]
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            /// The person.
            id: ID,
            /// The version of the person that you have seen: when it is at another, nothing is done.
            expected_version: Option<i32>,
            #[doc = $key]
            idempotency_key: Option<String>,
        }

        impl $input {
            pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<$command, Refusal> {
                let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
                $command::parse(&self.id, expected, notes.key(self.idempotency_key).as_deref())
            }
        }
    };
}

of_one_person!(
    InvitePersonInput,
    InvitePerson,
    "One of the staff, to be invited again.",
    "Makes a retry safe: the same key answers the same person, without the invitation. 1 to 255 visible ASCII characters."
);
of_one_person!(
    DisablePersonInput,
    DisablePerson,
    "One of the staff, who may come in no more.",
    "Makes a retry safe. 1 to 255 visible ASCII characters."
);

/// A token for a machine.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateTokenInput {
    /// What it is for: 1 to 200 characters.
    name: String,
    /// What its bearer is to the clinic.
    role: RoleEnum,
    /// The provider for whom a clinician's token speaks; for a `CLINICIAN`, and for nobody else.
    provider_id: Option<ID>,
    /// From when on it opens nothing; never unless given.
    expires_at: Option<DateTime>,
    /// Makes a retry safe: the same key answers the same token, without its secret. 1 to 255 visible
    /// ASCII characters.
    idempotency_key: Option<String>,
}

impl CreateTokenInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateToken, Refusal> {
        let (provider, key) = (self.provider_id, notes.key(self.idempotency_key));
        let role = (self.role.into(), provider.as_ref().map(|id| id.as_str()));
        CreateToken::parse(&self.name, role, self.expires_at.map(|at| at.0), key.as_deref())
    }
}

/// A token that is to open nothing any more.
#[derive(InputObject)]
pub(in crate::graphql) struct RevokeTokenInput {
    /// The token.
    id: ID,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RevokeTokenInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RevokeToken, Refusal> {
        RevokeToken::parse(&self.id, notes.key(self.idempotency_key).as_deref())
    }
}

/// What a refused mutation answers: data, unless it is a bug, which no client can plan for.
pub(super) fn refused(error: Refusal) -> Result<BookingErrorObject, ApiError> {
    if error.code() == ErrorCode::Internal {
        return Err(error.into());
    }
    if let Refusal::Store(cause) = &error {
        tracing::error!(%cause, "A mutation could not be carried out");
    }
    Ok(error.into())
}

macro_rules! person_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            /// The person as they are now.
            person: Option<PersonObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<PersonOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => {
                        Ok(Self { person: Some(PersonObject(outcome.person)), error: None })
                    }
                    Err(error) => Ok(Self { person: None, error: Some(refused(error)?) }),
                }
            }
        }
    };
}

person_payload!(UpdatePersonPayload, "What `updatePerson` answers.");
person_payload!(DisablePersonPayload, "What `disablePerson` answers.");

macro_rules! invitation_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            /// The person as they are now.
            person: Option<PersonObject>,
            /// The secret by which they set their password, once and within 7 days, at `/sign-in/password`
            /// or by `POST /session/password`. It is told this once: null when the request is repeated.
            invitation: Option<String>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<PersonOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => Ok(Self {
                        invitation: outcome.invitation.map(|secret| secret.reveal().to_owned()),
                        person: Some(PersonObject(outcome.person)),
                        error: None,
                    }),
                    Err(error) => {
                        Ok(Self { person: None, invitation: None, error: Some(refused(error)?) })
                    }
                }
            }
        }
    };
}

invitation_payload!(CreatePersonPayload, "What `createPerson` answers.");
invitation_payload!(InvitePersonPayload, "What `invitePerson` answers.");

/// What `createToken` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateTokenPayload {
    /// The token.
    token: Option<TokenObject>,
    /// What its bearer sends as `Authorization: Bearer …`; begins with `clt_`. It is told this once: null
    /// when the request is repeated.
    secret: Option<String>,
    /// Why it was not done, or null when it was.
    error: Option<BookingErrorObject>,
}

impl CreateTokenPayload {
    pub(in crate::graphql) fn of(result: Result<TokenOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self {
                secret: outcome.secret.map(|secret| secret.reveal().to_owned()),
                token: Some(TokenObject(outcome.token)),
                error: None,
            }),
            Err(error) => Ok(Self { token: None, secret: None, error: Some(refused(error)?) }),
        }
    }
}

/// What `revokeToken` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RevokeTokenPayload {
    /// The token as it is now.
    token: Option<TokenObject>,
    /// Why it was not done, or null when it was.
    error: Option<BookingErrorObject>,
}

impl RevokeTokenPayload {
    pub(in crate::graphql) fn of(result: Result<TokenOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { token: Some(TokenObject(outcome.token)), error: None }),
            Err(error) => Ok(Self { token: None, error: Some(refused(error)?) }),
        }
    }
}
