//! A database's codes, in words for whoever runs it: what is the matter, and what to do about it.

/// What the code says of the state that the database is in, where it is that and no bug of ours.
pub(super) fn words(code: &str) -> Option<&'static str> {
    by_sqlstate(code).or_else(|| by_result_code(code))
}

/// `PostgreSQL`, by SQLSTATE.
fn by_sqlstate(code: &str) -> Option<&'static str> {
    if code.len() != 5 {
        return None;
    }
    Some(match code {
        "25006" => "it takes no writes: it is a standby, or default_transaction_read_only is on",
        "3D000" => "there is no database of this name",
        "42501" => {
            "the role that clinic connects as lacks a right: as the owner of the tables, GRANT \
             SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO that role"
        }
        "42P01" | "3F000" => {
            "a table of ours is missing: see clinic migrate status, and who changed the schema"
        }
        "53100" => "its disk is full",
        "53200" => "it is out of memory",
        "53300" => {
            "it has too many connections: raise max_connections, or lower DATABASE_MAX_CONNECTIONS"
        }
        "55P03" => "somebody else held a lock for too long",
        "57014" => "a statement took too long",
        "57P03" => "it is starting, stopping or in recovery",
        "57P04" => "it was dropped",
        "XX000" | "XX001" | "XX002" => {
            "what is stored is damaged: see its log, and restore a backup"
        }
        _ => match &code[..2] {
            "08" => "the connection failed",
            "28" => {
                "user or password is not accepted, or has expired: see DATABASE_URL and pg_hba.conf"
            }
            "53" => "one of its resources is used up",
            "57" => "somebody who runs it intervened",
            "58" => "it can't read or write its files",
            "F0" => "its configuration is broken",
            _ => return None,
        },
    })
}

/// `SQLite`, by the primary result code, which is the last byte of an extended one.
fn by_result_code(code: &str) -> Option<&'static str> {
    Some(match code.parse::<u16>().ok()? % 256 {
        5 | 6 => "another process holds its lock",
        7 => "there is no memory left",
        8 => "its file, the folder or the disk is read-only",
        10 => "its file can't be read or written",
        11 | 26 => "its file is damaged: restore a backup",
        13 => "the disk is full",
        14 => "its file can't be opened",
        15 => "its lock can't be had",
        _ => return None,
    })
}

/// What `SQLite` says of a table that is not there: it has no code of its own.
pub(super) fn is_missing_on_sqlite(code: &str, message: &str) -> bool {
    code == "1" && message.starts_with("no such table")
}

/// Whether the connection is gone, and with it what was not committed.
pub(super) fn ended_the_connection(code: &str) -> bool {
    matches!(code, "57P01" | "57P02" | "57P05" | "25P03") || code.starts_with("08")
}

/// Whether it tells of a database that will go on failing others too: no writes, or damage.
pub(super) fn concerns_everybody(code: &str) -> bool {
    let by_sqlstate =
        matches!(code, "25006" | "53100" | "XX001" | "XX002") || code.starts_with("58");
    by_sqlstate
        || code.parse::<u16>().is_ok_and(|code| matches!(code % 256, 8 | 10 | 11 | 13 | 14 | 26))
}

/// Whether what is stored is damaged.
pub(super) fn is_damage(code: &str) -> bool {
    let by_result_code = code.parse::<u16>().is_ok_and(|code| matches!(code % 256, 11 | 26));
    matches!(code, "XX001" | "XX002") || by_result_code
}

#[cfg(test)]
mod tests {
    use super::{concerns_everybody, ended_the_connection, is_damage, words};

    #[test]
    fn trouble_has_words_and_a_bug_has_none() {
        let trouble = [
            "25006", "28P01", "3D000", "42501", "42P01", "53100", "53300", "57P03", "58030",
            "XX001", "8", "1032", "10", "266", "11", "267", "13", "14", "26", "5", "261",
        ];
        for code in trouble {
            assert!(words(code).is_some(), "{code}");
        }
        for code in ["23505", "22P02", "42601", "42703", "P0001", "1", "19", "1811", "2067", ""] {
            assert_eq!(words(code), None, "{code}");
        }
    }

    #[test]
    fn what_ends_a_connection_and_what_is_damage_are_told_apart() {
        assert!(ended_the_connection("57P01") && ended_the_connection("08006"));
        assert!(!ended_the_connection("57014"));
        for code in ["25006", "53100", "8", "778", "13"] {
            assert!(concerns_everybody(code) && !is_damage(code), "{code}");
        }
        for code in ["XX001", "11", "267", "26"] {
            assert!(concerns_everybody(code) && is_damage(code), "{code}");
        }
        assert!(!concerns_everybody("55P03") && !concerns_everybody("5"));
    }
}
