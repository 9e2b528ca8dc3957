//! From what a caller sent to what the domain understands.

use jiff::Timestamp;

use crate::access::Role;
use crate::domain::name_and_address::Unacceptable;
use crate::domain::{EmailAddress, PatientName as Name, PersonId, ProviderId, TokenId};
use crate::request::{
    ExpectedVersion, Field, FieldChange, FieldReader, IdempotencyKey, Refusal, Resource, Violation,
    fingerprint, parse_provider_id,
};

fn field(name: &str) -> Field {
    Field::Other(name.to_owned())
}

/// Says what is wrong with who a role is bound to, if anything.
pub(super) fn binding_fault(role: Role, is_bound: bool) -> Option<Violation> {
    let why = match (role, is_bound) {
        (Role::Clinician, false) => "is required: a CLINICIAN is one of the clinic's providers",
        (Role::Clinician, true) | (_, false) => return None,
        (_, true) => "goes with the role CLINICIAN alone",
    };
    Some(Violation::new(Field::ProviderId, why))
}

fn parse_name(text: &str) -> Result<Name, Unacceptable> {
    Name::parse(text)
}

fn parse_person_id(text: &str) -> Result<PersonId, Refusal> {
    text.parse().map_err(|_malformed| Refusal::NotFound(Resource::Person))
}

/// Add somebody to the staff.
#[derive(Clone)]
pub struct CreatePerson {
    /// Their name.
    pub name: Name,
    /// The address that they are to sign in with.
    pub email: EmailAddress,
    /// What they are to the clinic.
    pub role: Role,
    /// The provider that a clinician is.
    pub provider_id: Option<ProviderId>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CreatePerson {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id of a provider.
    pub fn parse(
        name: &str,
        email: &str,
        (role, provider_id): (Role, Option<&str>),
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let name = fields.required(field("name"), Some(name), parse_name);
        let email = fields.required(field("email"), Some(email), EmailAddress::parse);
        if let Some(wrong) = binding_fault(role, provider_id.is_some()) {
            fields.wrong(wrong);
        }
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let (Some(name), Some(email)) = (name, email) else {
            return Err(Refusal::bug("a field was lost"));
        };
        let provider_id = provider_id.map(parse_provider_id).transpose()?;
        Ok(Self { name, email, role, provider_id, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        let provider = self.provider_id.map(|id| id.to_string()).unwrap_or_default();
        let parts = [self.name.as_str(), self.email.as_str(), self.role.as_str(), &provider];
        fingerprint(&[&["create person"][..], &parts].concat())
    }
}

/// What is to become of one of the staff, as a door received it.
#[derive(Default)]
pub struct RawPersonChange {
    /// Who.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The address to sign in with.
    pub email: Option<String>,
    /// What they are to the clinic.
    pub role: Option<Role>,
    /// The provider that a clinician is.
    pub provider_id: FieldChange<String>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<String>,
}

/// Change what is known of one of the staff, or what they may do.
#[derive(Clone)]
pub struct UpdatePerson {
    /// Who.
    pub id: PersonId,
    /// The name, if it is another.
    pub name: Option<Name>,
    /// The address, if it is another.
    pub email: Option<EmailAddress>,
    /// The role, if it is another.
    pub role: Option<Role>,
    /// The provider that a clinician is.
    pub provider_id: FieldChange<ProviderId>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl UpdatePerson {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(raw: RawPersonChange) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let name = fields.optional(field("name"), raw.name.as_deref(), parse_name);
        let email = fields.optional(field("email"), raw.email.as_deref(), EmailAddress::parse);
        let expected = fields.expected(raw.expected);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let provider_id = match raw.provider_id {
            FieldChange::Stays => FieldChange::Stays,
            FieldChange::Cleared => FieldChange::Cleared,
            FieldChange::Is(id) => FieldChange::Is(parse_provider_id(&id)?),
        };
        let (id, role) = (parse_person_id(&raw.id)?, raw.role);
        Ok(Self { id, name, email, role, provider_id, expected, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        let texts = [
            Some(self.id.to_string()),
            self.name.as_ref().map(|name| format!("name {}", name.as_str())),
            self.email.as_ref().map(|email| format!("email {}", email.as_str())),
            self.role.map(|role| format!("role {}", role.as_str())),
            self.provider_id.told("provider", ToString::to_string),
            self.expected.fingerprint(),
        ];
        let parts = std::iter::once("update person".to_owned()).chain(texts.into_iter().flatten());
        fingerprint(&parts.collect::<Vec<_>>())
    }
}

macro_rules! of_one_person {
    ($(#[$doc:meta])* $name:ident, $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            /// Who.
            pub id: PersonId,
            /// The version that the caller has seen.
            pub expected: ExpectedVersion,
            /// Makes a retry safe.
            pub idempotency_key: Option<IdempotencyKey>,
        }

        impl $name {
            /// Reads what a door received.
            ///
            /// # Errors
            ///
            /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
            pub fn parse(
                id: &str,
                expected: ExpectedVersion,
                idempotency_key: Option<&str>,
            ) -> Result<Self, Refusal> {
                let mut fields = FieldReader::default();
                let expected = fields.expected(expected);
                let idempotency_key = fields.key(idempotency_key);
                fields.finish()?;
                Ok(Self { id: parse_person_id(id)?, expected, idempotency_key })
            }

            pub(super) fn fingerprint(&self) -> String {
                let mut parts = vec![$operation.to_owned(), self.id.to_string()];
                parts.extend(self.expected.fingerprint());
                fingerprint(&parts)
            }
        }
    };
}

of_one_person!(
    /// Give one of the staff another invitation; who was disabled may come in again by it.
    InvitePerson,
    "invite person"
);
of_one_person!(
    /// Let one of the staff come in no more.
    DisablePerson,
    "disable person"
);

/// Make a token for a machine.
#[derive(Clone)]
pub struct CreateToken {
    /// What it is for.
    pub name: Name,
    /// What its bearer is to the clinic.
    pub role: Role,
    /// The provider for whom a clinician's token speaks.
    pub provider_id: Option<ProviderId>,
    /// From when on it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CreateToken {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id of a provider.
    pub fn parse(
        name: &str,
        (role, provider_id): (Role, Option<&str>),
        expires_at: Option<Timestamp>,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let name = fields.required(field("name"), Some(name), parse_name);
        if let Some(wrong) = binding_fault(role, provider_id.is_some()) {
            fields.wrong(wrong);
        }
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let name = name.ok_or_else(|| Refusal::bug("a field was lost"))?;
        let provider_id = provider_id.map(parse_provider_id).transpose()?;
        Ok(Self { name, role, provider_id, expires_at, idempotency_key })
    }

    /// That it does not expire before it is made.
    pub(super) fn check_expiry(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.expires_at {
            Some(expires_at) if expires_at <= now => {
                let past = Violation::new(field("expiresAt"), "must be in the future");
                Err(Refusal::Invalid(vec![past]))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn fingerprint(&self) -> String {
        let provider = self.provider_id.map(|id| id.to_string()).unwrap_or_default();
        let expires_at = self.expires_at.map(|at| at.to_string()).unwrap_or_default();
        let parts = [self.name.as_str(), self.role.as_str(), &provider, &expires_at];
        fingerprint(&[&["create token"][..], &parts].concat())
    }
}

/// Let a token open nothing any more.
#[derive(Clone)]
pub struct RevokeToken {
    /// Which.
    pub id: TokenId,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RevokeToken {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, idempotency_key: Option<&str>) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::Token))?;
        Ok(Self { id, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&["revoke token".to_owned(), self.id.to_string()])
    }
}
