//! Who may come in: the clinic's people with their sessions, the tokens of machines, the tries to sign
//! in of late, and a number that changes whenever somebody's rights do.
//!
//! Of passwords there is the Argon2id hash, of every other secret (sessions, tokens, invitations) the
//! SHA-256: they are 256 random bits, which nobody guesses. Whom a try to sign in was for is a hash as
//! well, for anybody's address can be tried.
//!
//! Servers keep live connections open while the number stays, and ask again when it is another. The
//! database counts, so that no writer can forget to. It does not count what changes nobody's rights:
//! a session's last act, a token's last use.
//!
//! A key of a request may have been used for a person or a token: what else requests make is noted by
//! the id that the world knows.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES_SQLITE: &str = "
CREATE TABLE person (
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER')),
    provider_id BLOB,
    password_hash TEXT CHECK (password_hash LIKE '$argon2id$%'),
    invitation_hash BLOB CHECK (length(invitation_hash) = 32),
    invited_until TEXT CHECK (invited_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', invited_until)),
    oidc_issuer TEXT,
    oidc_subject TEXT,
    disabled_at TEXT CHECK (disabled_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', disabled_at)),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    updated_at TEXT NOT NULL CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at)),
    CONSTRAINT person_pkey PRIMARY KEY (id),
    CONSTRAINT person_email_key_key UNIQUE (email_key),
    CONSTRAINT person_invitation_hash_key UNIQUE (invitation_hash),
    CONSTRAINT person_oidc_key UNIQUE (oidc_issuer, oidc_subject),
    CONSTRAINT person_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT person_invitation_check CHECK ((invitation_hash IS NULL) = (invited_until IS NULL)),
    CONSTRAINT person_oidc_check CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
) STRICT;
CREATE TABLE session (
    id BLOB NOT NULL CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    person_id BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    last_act_at TEXT NOT NULL CHECK (last_act_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', last_act_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT session_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE api_token (
    id BLOB NOT NULL CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER')),
    provider_id BLOB,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    expires_at TEXT CHECK (expires_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', expires_at)),
    revoked_at TEXT CHECK (revoked_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', revoked_at)),
    last_used_at TEXT CHECK (last_used_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', last_used_at)),
    CONSTRAINT api_token_pkey PRIMARY KEY (id),
    CONSTRAINT api_token_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT api_token_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id)
) STRICT;
CREATE TABLE sign_in_try (
    id BLOB NOT NULL CHECK (length(id) = 16),
    account_hash BLOB NOT NULL CHECK (length(account_hash) = 32),
    address TEXT NOT NULL,
    tried_at TEXT NOT NULL CHECK (tried_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', tried_at)),
    CONSTRAINT sign_in_try_pkey PRIMARY KEY (id)
) STRICT;
CREATE TABLE access_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO access_version VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
CREATE TRIGGER person_access_update AFTER UPDATE OF role, provider_id, password_hash, disabled_at ON person
WHEN NEW.role IS NOT OLD.role OR NEW.provider_id IS NOT OLD.provider_id
    OR NEW.password_hash IS NOT OLD.password_hash OR NEW.disabled_at IS NOT OLD.disabled_at
BEGIN UPDATE access_version SET version = version + 1; END;
CREATE TRIGGER person_access_delete AFTER DELETE ON person
BEGIN UPDATE access_version SET version = version + 1; END;
CREATE TRIGGER session_access_update AFTER UPDATE OF id, secret_hash, person_id, ends_at ON session
BEGIN UPDATE access_version SET version = version + 1; END;
CREATE TRIGGER session_access_delete AFTER DELETE ON session
BEGIN UPDATE access_version SET version = version + 1; END;
CREATE TRIGGER api_token_access_update
AFTER UPDATE OF id, secret_hash, role, provider_id, expires_at, revoked_at ON api_token
BEGIN UPDATE access_version SET version = version + 1; END;
CREATE TRIGGER api_token_access_delete AFTER DELETE ON api_token
BEGIN UPDATE access_version SET version = version + 1; END;
";

const TABLES_POSTGRES: &str = "
CREATE TABLE person (
    id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    role text NOT NULL,
    provider_id uuid,
    password_hash text,
    invitation_hash bytea,
    invited_until timestamptz,
    oidc_issuer text,
    oidc_subject text,
    disabled_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT person_pkey PRIMARY KEY (id),
    CONSTRAINT person_email_key_key UNIQUE (email_key),
    CONSTRAINT person_invitation_hash_key UNIQUE (invitation_hash),
    CONSTRAINT person_oidc_key UNIQUE (oidc_issuer, oidc_subject),
    CONSTRAINT person_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT person_role_check
        CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER')),
    CONSTRAINT person_password_hash_check CHECK (password_hash LIKE '$argon2id$%'),
    CONSTRAINT person_invitation_hash_check CHECK (octet_length(invitation_hash) = 32),
    CONSTRAINT person_invitation_check CHECK ((invitation_hash IS NULL) = (invited_until IS NULL)),
    CONSTRAINT person_oidc_check CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
CREATE TABLE session (
    id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_act_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT session_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT session_secret_hash_check CHECK (octet_length(secret_hash) = 32)
);
CREATE TABLE api_token (
    id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    provider_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_token_pkey PRIMARY KEY (id),
    CONSTRAINT api_token_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT api_token_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT api_token_role_check
        CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER')),
    CONSTRAINT api_token_secret_hash_check CHECK (octet_length(secret_hash) = 32)
);
CREATE TABLE sign_in_try (
    id uuid NOT NULL,
    account_hash bytea NOT NULL,
    address text NOT NULL,
    tried_at timestamptz NOT NULL,
    CONSTRAINT sign_in_try_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_try_account_hash_check CHECK (octet_length(account_hash) = 32)
);
CREATE TABLE access_version (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO access_version VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
CREATE FUNCTION count_access_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER AS $$
BEGIN
    UPDATE access_version SET version = version + 1;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION count_access_change() SET search_path = %I, pg_temp', current_schema());
END $$;
CREATE TRIGGER person_access_update AFTER UPDATE ON person FOR EACH ROW
    WHEN (NEW.role IS DISTINCT FROM OLD.role OR NEW.provider_id IS DISTINCT FROM OLD.provider_id
        OR NEW.password_hash IS DISTINCT FROM OLD.password_hash
        OR NEW.disabled_at IS DISTINCT FROM OLD.disabled_at)
    EXECUTE FUNCTION count_access_change();
CREATE TRIGGER person_access_delete AFTER DELETE OR TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
CREATE TRIGGER session_access_update AFTER UPDATE OF id, secret_hash, person_id, ends_at ON session
    FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
CREATE TRIGGER session_access_delete AFTER DELETE OR TRUNCATE ON session
    FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
CREATE TRIGGER api_token_access_update
    AFTER UPDATE OF id, secret_hash, role, provider_id, expires_at, revoked_at ON api_token
    FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
CREATE TRIGGER api_token_access_delete AFTER DELETE OR TRUNCATE ON api_token
    FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
";

const INDEXES: &str = "
CREATE INDEX person_provider_id ON person (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX session_person_id ON session (person_id);
CREATE INDEX session_ends_at ON session (ends_at);
CREATE INDEX session_last_act_at ON session (last_act_at);
CREATE INDEX api_token_provider_id ON api_token (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX sign_in_try_account ON sign_in_try (account_hash, address, tried_at);
CREATE INDEX sign_in_try_tried_at ON sign_in_try (tried_at);
";

/// The table of keys of `SQLite`, which can't change a check, with another one.
fn keys_sqlite(made_id: &str, check: &str, columns: &str, keep: &str) -> String {
    format!(
        "CREATE TABLE idempotency_key_new (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    appointment_id BLOB,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    appointment_version INTEGER,
    refusal TEXT CHECK (refusal IN ('REFUSED', 'UNANSWERED')),
    patient_id BLOB,
{made_id}    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT idempotency_key_patient_id_fkey FOREIGN KEY (patient_id)
        REFERENCES patient (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT idempotency_key_made_check CHECK ({check})
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_key_new
    SELECT scope, key, request_hash, appointment_id, created_at, appointment_version, refusal, patient_id{columns}
      FROM idempotency_key{keep};
DROP TABLE idempotency_key;
ALTER TABLE idempotency_key_new RENAME TO idempotency_key;
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
CREATE INDEX idempotency_key_appointment_id ON idempotency_key (appointment_id);
CREATE INDEX idempotency_key_patient_id ON idempotency_key (patient_id) WHERE patient_id IS NOT NULL;
"
    )
}

const ONE_OF_TWO: &str = "(appointment_id IS NULL) <> (patient_id IS NULL)";

const KEYS_POSTGRES: &str = "
ALTER TABLE idempotency_key
    DROP CONSTRAINT idempotency_key_made_check,
    ADD COLUMN made_id text,
    ADD CONSTRAINT idempotency_key_made_check CHECK (num_nonnulls(appointment_id, patient_id, made_id) = 1);
";

const KEYS_DOWN_POSTGRES: &str = "
DELETE FROM idempotency_key WHERE made_id IS NOT NULL;
ALTER TABLE idempotency_key
    DROP CONSTRAINT idempotency_key_made_check,
    DROP COLUMN made_id,
    ADD CONSTRAINT idempotency_key_made_check CHECK ((appointment_id IS NULL) <> (patient_id IS NULL));
";

const DOWN: &str = "
DROP TABLE sign_in_try;
DROP TABLE api_token;
DROP TABLE session;
DROP TABLE person;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let one_of_three =
            "(appointment_id IS NOT NULL) + (patient_id IS NOT NULL) + (made_id IS NOT NULL) = 1";
        let keys = keys_sqlite("    made_id TEXT,\n", one_of_three, ", NULL", "");
        execute(manager, TABLES_SQLITE, TABLES_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await?;
        execute(manager, &keys, KEYS_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = keys_sqlite("", ONE_OF_TWO, "", " WHERE made_id IS NULL");
        execute(manager, &keys, KEYS_DOWN_POSTGRES).await?;
        execute(manager, DOWN, DOWN).await?;
        let function = "DROP FUNCTION count_access_change(); DROP TABLE access_version;";
        execute(manager, "DROP TABLE access_version;", function).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the tables of people, sessions, tokens and tries to sign in")
            .blocking(&["idempotency_key"])
            .blocking_writes(&["provider"])
            .reading(&["idempotency_key"])
            .copying_on_sqlite(&["idempotency_key"])
    }
}
