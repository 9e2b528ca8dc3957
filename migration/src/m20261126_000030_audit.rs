//! The audit trail: what was done with patients' data and who did it (`audit_event`), each row bound to
//! all before it (`audit_seal`), where that ends (`audit_head`), below which seal rows may go
//! (`audit_checkpoint`), and in which blocks of 256 seals somebody occurs (`audit_subject`).
//!
//! The database refuses to change rows, and to remove any above the last checkpoint. Whoever owns it can
//! switch that off; what they do then is found by the seals, whose key is not in it (`docs/audit.md`).

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KINDS: &str = "('CHANGE', 'READ', 'LIVE_BEGIN', 'LIVE_EVENT', 'LIVE_END')";

/// Names stand apart by spaces; ids are their 16 bytes each, one after the other; recipients are lines.
fn tables_sqlite() -> String {
    format!(
        "CREATE TABLE audit_event (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL CHECK (length(id) = 16),
            at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
            kind TEXT NOT NULL,
            actor_kind TEXT NOT NULL,
            actor_id TEXT,
            actor_name TEXT,
            actor_role TEXT NOT NULL,
            actor_address TEXT,
            behalf_kind TEXT,
            behalf_id TEXT,
            behalf_name TEXT,
            behalf_role TEXT,
            operation TEXT NOT NULL,
            fields TEXT NOT NULL,
            patients BLOB NOT NULL CHECK (length(patients) % 16 = 0),
            appointments BLOB NOT NULL CHECK (length(appointments) % 16 = 0),
            changed_appointment BLOB CHECK (length(changed_appointment) = 16),
            version_before INTEGER,
            version_after INTEGER,
            outcome TEXT NOT NULL,
            request_id TEXT,
            recipients TEXT NOT NULL,
            mac BLOB NOT NULL CHECK (length(mac) = 32),
            CONSTRAINT audit_event_id_key UNIQUE (id),
            CONSTRAINT audit_event_kind_check CHECK (kind IN {KINDS})
        ) STRICT;
        CREATE TABLE audit_seal (
            seq INTEGER NOT NULL PRIMARY KEY,
            event INTEGER NOT NULL,
            key_id BLOB NOT NULL,
            mac BLOB NOT NULL CHECK (length(mac) = 32),
            CONSTRAINT audit_seal_event_key UNIQUE (event)
        ) STRICT;
        CREATE TABLE audit_head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            seq INTEGER NOT NULL,
            at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
            key_id BLOB NOT NULL,
            mac BLOB NOT NULL CHECK (length(mac) = 32),
            signature BLOB NOT NULL CHECK (length(signature) = 32)
        ) STRICT;
        INSERT INTO audit_head VALUES (1, 0, '1970-01-01T00:00:00+00:00', x'', zeroblob(32), zeroblob(32));
        CREATE TABLE audit_checkpoint (
            seq INTEGER NOT NULL PRIMARY KEY,
            at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
            key_id BLOB NOT NULL,
            mac BLOB NOT NULL CHECK (length(mac) = 32),
            signature BLOB NOT NULL CHECK (length(signature) = 32)
        ) STRICT;
        CREATE TABLE audit_subject (
            subject BLOB NOT NULL CHECK (length(subject) = 16),
            block INTEGER NOT NULL,
            CONSTRAINT audit_subject_pkey PRIMARY KEY (subject, block)
        ) STRICT, WITHOUT ROWID;"
    )
}

fn tables_postgres() -> String {
    format!(
        "CREATE TABLE audit_event (
            number bigint GENERATED ALWAYS AS IDENTITY,
            id uuid NOT NULL,
            at timestamptz NOT NULL,
            kind text NOT NULL,
            actor_kind text NOT NULL,
            actor_id text,
            actor_name text,
            actor_role text NOT NULL,
            actor_address text,
            behalf_kind text,
            behalf_id text,
            behalf_name text,
            behalf_role text,
            operation text NOT NULL,
            fields text NOT NULL,
            patients bytea NOT NULL,
            appointments bytea NOT NULL,
            changed_appointment uuid,
            version_before integer,
            version_after integer,
            outcome text NOT NULL,
            request_id text,
            recipients text NOT NULL,
            mac bytea NOT NULL,
            CONSTRAINT audit_event_pkey PRIMARY KEY (number),
            CONSTRAINT audit_event_id_key UNIQUE (id),
            CONSTRAINT audit_event_kind_check CHECK (kind IN {KINDS}),
            CONSTRAINT audit_event_ids_check
                CHECK (octet_length(patients) % 16 = 0 AND octet_length(appointments) % 16 = 0),
            CONSTRAINT audit_event_mac_check CHECK (octet_length(mac) = 32)
        );
        -- Ids are random: to compress them costs time and saves nothing.
        ALTER TABLE audit_event ALTER COLUMN patients SET STORAGE EXTERNAL,
            ALTER COLUMN appointments SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
        CREATE TABLE audit_seal (
            seq bigint NOT NULL,
            event bigint NOT NULL,
            key_id bytea NOT NULL,
            mac bytea NOT NULL,
            CONSTRAINT audit_seal_pkey PRIMARY KEY (seq),
            CONSTRAINT audit_seal_event_key UNIQUE (event),
            CONSTRAINT audit_seal_mac_check CHECK (octet_length(mac) = 32)
        );
        CREATE TABLE audit_head (
            id integer NOT NULL,
            seq bigint NOT NULL,
            at timestamptz NOT NULL,
            key_id bytea NOT NULL,
            mac bytea NOT NULL,
            signature bytea NOT NULL,
            CONSTRAINT audit_head_pkey PRIMARY KEY (id),
            CONSTRAINT audit_head_id_check CHECK (id = 1)
        );
        INSERT INTO audit_head VALUES (1, 0, 'epoch', '', decode(repeat('00', 32), 'hex'),
            decode(repeat('00', 32), 'hex'));
        CREATE TABLE audit_checkpoint (
            seq bigint NOT NULL,
            at timestamptz NOT NULL,
            key_id bytea NOT NULL,
            mac bytea NOT NULL,
            signature bytea NOT NULL,
            CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (seq)
        );
        CREATE TABLE audit_subject (
            subject uuid NOT NULL,
            block bigint NOT NULL,
            CONSTRAINT audit_subject_pkey PRIMARY KEY (subject, block)
        );"
    )
}

/// By time for lists, by who did it, and by the version of an appointment that a change made for its
/// history.
const INDEXES: &str = "
CREATE INDEX audit_event_at ON audit_event (at, number);
CREATE INDEX audit_event_actor ON audit_event (actor_id, at, number) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_event_change ON audit_event (changed_appointment, version_after)
    WHERE changed_appointment IS NOT NULL;
";

/// What may not be done to which table, unless a condition on the row holds.
const BELOW_CHECKPOINT: &str = "(SELECT coalesce(max(seq), 0) FROM audit_checkpoint)";

fn may_go(table: &str) -> String {
    match table {
        "audit_event" => format!(
            "EXISTS (SELECT 1 FROM audit_seal WHERE event = OLD.number AND seq <= {BELOW_CHECKPOINT})"
        ),
        "audit_seal" => format!("OLD.seq <= {BELOW_CHECKPOINT}"),
        "audit_subject" => format!("OLD.block * 256 + 255 <= {BELOW_CHECKPOINT}"),
        _ => "false".to_owned(),
    }
}

const TABLES: [&str; 5] =
    ["audit_event", "audit_seal", "audit_checkpoint", "audit_subject", "audit_head"];
/// Where the chain ends changes with every seal.
const NO_UPDATE: [&str; 4] = ["audit_event", "audit_seal", "audit_checkpoint", "audit_subject"];

fn rules_sqlite() -> String {
    let refuse = |table: &str| format!("BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END;");
    let mut sql = Vec::new();
    for table in NO_UPDATE {
        sql.push(format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {}",
            refuse(table)
        ));
    }
    for table in TABLES {
        let unless = may_go(table);
        sql.push(format!(
            "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {unless} {}",
            refuse(table)
        ));
    }
    // INSERT OR REPLACE removes a row without asking the trigger on DELETE.
    for (table, same) in [
        ("audit_event", "number = NEW.number OR id = NEW.id"),
        ("audit_seal", "seq = NEW.seq OR event = NEW.event"),
        ("audit_checkpoint", "seq = NEW.seq"),
    ] {
        sql.push(format!(
            "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
                WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {}",
            refuse(table)
        ));
    }
    sql.concat()
}

fn rules_postgres() -> String {
    let mut sql = Vec::new();
    for table in TABLES {
        let unless = may_go(table);
        sql.push(format!(
            "CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
                    IF {unless} THEN
                        RETURN OLD;
                    END IF;
                END IF;
                RAISE EXCEPTION '{table}_append_only' USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}();"
        ));
    }
    for table in NO_UPDATE {
        sql.push(format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}();"
        ));
    }
    sql.concat()
}

const DOWN_SQLITE: &str = "
DROP TABLE audit_event;
DROP TABLE audit_seal;
DROP TABLE audit_head;
DROP TABLE audit_checkpoint;
DROP TABLE audit_subject;
";

fn down_postgres() -> String {
    TABLES
        .iter()
        .map(|table| format!("DROP TABLE {table}; DROP FUNCTION refuse_change_of_{table}();"))
        .collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &tables_sqlite(), &tables_postgres()).await?;
        execute(manager, INDEXES, INDEXES).await?;
        execute(manager, &rules_sqlite(), &rules_postgres()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN_SQLITE, &down_postgres()).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the tables of the audit trail, which triggers keep as they are")
    }
}
