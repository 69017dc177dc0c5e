//! The differences between engines, and nothing else.

/// How an engine writes SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum SqlDialect {
    /// Spark and Databricks.
    Spark,
    /// DuckDB.
    Duckdb,
    /// PostgreSQL.
    Postgres,
    /// Snowflake.
    Snowflake,
    /// BigQuery.
    Bigquery,
    /// SQLite, with a function for `REGEXP`, which its shell has.
    Sqlite,
}

/// White space in Unicode, which is removed from both ends of a cell.
const BLANKS: [u32; 25] = [
    0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
    0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
];

/// Characters without width, which are also removed from both ends of an id. U+FEFF is the byte order mark.
const WITHOUT_WIDTH: [u32; 18] = [
    0xAD, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060,
    0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF,
];

/// Words that some engine reserves. A column with such a name must be quoted, or it fails, or means something else.
const RESERVED: &[&str] = &[
    "ALL",
    "ANALYSE",
    "ANALYZE",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASSERT_ROWS_MODIFIED",
    "ASYMMETRIC",
    "AT",
    "AUTHORIZATION",
    "BETWEEN",
    "BINARY",
    "BOTH",
    "BY",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLLATION",
    "COLUMN",
    "CONCURRENTLY",
    "CONNECT",
    "CONNECTION",
    "CONSTRAINT",
    "CONTAINS",
    "CREATE",
    "CROSS",
    "CUBE",
    "CURRENT",
    "CURRENT_CATALOG",
    "CURRENT_DATE",
    "CURRENT_ROLE",
    "CURRENT_SCHEMA",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFINE",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DO",
    "DROP",
    "ELSE",
    "END",
    "ENUM",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FILTER",
    "FOLLOWING",
    "FOR",
    "FOREIGN",
    "FREEZE",
    "FROM",
    "FULL",
    "FUNCTION",
    "GRANT",
    "GROUP",
    "GROUPING",
    "GROUPS",
    "HASH",
    "HAVING",
    "IF",
    "IGNORE",
    "ILIKE",
    "IN",
    "INCREMENT",
    "INDEX",
    "INITIALLY",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "ISNULL",
    "ISSUE",
    "JOIN",
    "KEY",
    "LATERAL",
    "LEADING",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "LOOKUP",
    "MERGE",
    "MINUS",
    "NATURAL",
    "NEW",
    "NO",
    "NOT",
    "NOTNULL",
    "NULL",
    "NULLS",
    "OF",
    "OFFSET",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "ORGANIZATION",
    "OUTER",
    "OVER",
    "OVERLAPS",
    "PARTITION",
    "PIVOT",
    "PLACING",
    "PRECEDING",
    "PRIMARY",
    "PROTO",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "REFERENCES",
    "REGEXP",
    "RESPECT",
    "RETURNING",
    "REVOKE",
    "RIGHT",
    "RLIKE",
    "ROLLUP",
    "ROW",
    "ROWS",
    "SAMPLE",
    "SCHEMA",
    "SELECT",
    "SESSION_USER",
    "SET",
    "SIMILAR",
    "SOME",
    "START",
    "STRUCT",
    "SYMMETRIC",
    "TABLE",
    "TABLESAMPLE",
    "THEN",
    "TO",
    "TRAILING",
    "TREAT",
    "TRIGGER",
    "TRUE",
    "TRY_CAST",
    "UNBOUNDED",
    "UNION",
    "UNIQUE",
    "UNNEST",
    "UNPIVOT",
    "UPDATE",
    "USER",
    "USING",
    "VALUES",
    "VARIADIC",
    "VERBOSE",
    "VIEW",
    "WHEN",
    "WHENEVER",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
];

impl SqlDialect {
    /// All dialects.
    pub const ALL: [SqlDialect; 6] = [
        SqlDialect::Spark,
        SqlDialect::Duckdb,
        SqlDialect::Postgres,
        SqlDialect::Snowflake,
        SqlDialect::Bigquery,
        SqlDialect::Sqlite,
    ];

    /// Returns the name of the dialect.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns a text literal.
    pub(super) fn literal(self, text: &str) -> String {
        let escaped = match self {
            // These engines read two quotation marks as two literals.
            SqlDialect::Spark | SqlDialect::Bigquery => text.replace('\\', "\\\\").replace('\'', "\\'"),
            SqlDialect::Snowflake => text.replace('\\', "\\\\").replace('\'', "''"),
            SqlDialect::Duckdb | SqlDialect::Postgres | SqlDialect::Sqlite => text.replace('\'', "''"),
        };
        format!("'{escaped}'")
    }

    /// Returns the name of a column, or of a table in a catalog and schema. Quotes it only if necessary, because some engines then compare
    /// its case.
    pub fn name(self, name: &str) -> String {
        let is_plain = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let quote = match self {
            SqlDialect::Spark | SqlDialect::Bigquery => '`',
            _ => '"',
        };
        let is_reserved = |part: &str| RESERVED.contains(&part.to_ascii_uppercase().as_str());
        let part = |part: &str| match is_plain(part) && !is_reserved(part) {
            true => part.to_owned(),
            false => format!("{quote}{part}{quote}"),
        };
        name.split('.').map(part).collect::<Vec<_>>().join(".")
    }

    /// Returns the name of a table, which may be the same as the name of a step of the query.
    pub(super) fn table(self, name: &str) -> String {
        match self {
            SqlDialect::Sqlite if !name.contains('.') => format!("main.{}", self.name(name)),
            _ => self.name(name),
        }
    }

    /// Returns the text of a column without white space at its ends; empty if it has none.
    pub(super) fn value_as_text(self, column: &str) -> String {
        let text = self.text(column);
        let trimmed = match self {
            // Without characters, it removes all white space of Unicode.
            SqlDialect::Bigquery => format!("TRIM({text})"),
            _ => self.trimmed(&text, &BLANKS),
        };
        format!("COALESCE({trimmed}, '')")
    }

    /// Returns the text of a column with ids, also without characters without width at its ends.
    pub(super) fn id_cell(self, column: &str) -> String {
        format!("COALESCE({}, '')", self.trimmed_id(&crate::typed_ids::text(self, column)))
    }

    /// Removes what is not part of an id from both ends of a text.
    pub(super) fn trimmed_id(self, text: &str) -> String {
        self.trimmed(text, &[&BLANKS[..], &WITHOUT_WIDTH].concat())
    }

    /// Returns a column as text.
    pub(super) fn text(self, column: &str) -> String {
        let text = match self {
            SqlDialect::Spark | SqlDialect::Bigquery => "STRING",
            SqlDialect::Duckdb | SqlDialect::Snowflake => "VARCHAR",
            SqlDialect::Postgres | SqlDialect::Sqlite => "TEXT",
        };
        format!("CAST({column} AS {text})")
    }

    /// Removes some characters from both ends of a text.
    fn trimmed(self, text: &str, characters: &[u32]) -> String {
        let trim = if matches!(self, SqlDialect::Spark | SqlDialect::Postgres) { "BTRIM" } else { "TRIM" };
        format!("{trim}({text}, {})", self.characters(characters))
    }

    /// Returns a condition for whether a text has one of some characters.
    pub(super) fn has_any(self, text: &str, characters: &[u32]) -> String {
        let rest = match self {
            SqlDialect::Sqlite => characters
                .iter()
                .fold(text.to_owned(), |rest, code| format!("REPLACE({rest}, CHAR({code}), '')")),
            _ => format!("TRANSLATE({text}, {}, '')", self.characters(characters)),
        };
        format!("{rest} <> {text}")
    }

    /// Returns a text of some characters, given as Unicode code points.
    fn characters(self, codes: &[u32]) -> String {
        let escaped = || {
            let one = |code: &u32| match code {
                0x20 => " ".to_owned(),
                code => format!("\\u{code:04x}"),
            };
            codes.iter().map(one).collect::<String>()
        };
        let joined = |by: &str, one: fn(&u32) -> String| codes.iter().map(one).collect::<Vec<_>>().join(by);
        match self {
            SqlDialect::Spark | SqlDialect::Snowflake | SqlDialect::Bigquery => format!("'{}'", escaped()),
            SqlDialect::Postgres => format!("E'{}'", escaped()),
            SqlDialect::Duckdb => joined(" || ", |code| format!("CHR({code})")),
            SqlDialect::Sqlite => format!("CHAR({})", joined(", ", u32::to_string)),
        }
    }

    /// Returns a condition for whether a text matches a regular expression, which has no quotation marks or backslashes and goes from `^`
    /// to `$`.
    pub(super) fn matches(self, text: &str, form: &str) -> String {
        match self {
            SqlDialect::Spark => format!("{text} RLIKE '{form}'"),
            SqlDialect::Duckdb => format!("REGEXP_MATCHES({text}, '{form}')"),
            SqlDialect::Postgres => format!("{text} ~ '{form}'"),
            SqlDialect::Snowflake => format!("REGEXP_LIKE({text}, '{form}')"),
            SqlDialect::Bigquery => format!("REGEXP_CONTAINS({text}, '{form}')"),
            SqlDialect::Sqlite => format!("{text} REGEXP '{form}'"),
        }
    }

    /// Adds minutes to a time, which is a text `YYYY-MM-DD HH:MM:SS`, and returns such a text.
    pub(super) fn add_minutes(self, time: &str, minutes: &str) -> String {
        match self {
            SqlDialect::Spark => format!(
                "DATE_FORMAT(TIMESTAMPADD(MINUTE, {minutes}, CAST({time} AS TIMESTAMP_NTZ)), 'yyyy-MM-dd HH:mm:ss')"
            ),
            SqlDialect::Duckdb => {
                format!("STRFTIME(CAST({time} AS TIMESTAMP) + TO_MINUTES({minutes}), '%Y-%m-%d %H:%M:%S')")
            }
            SqlDialect::Postgres => format!(
                "TO_CHAR(CAST({time} AS TIMESTAMP) + ({minutes}) * INTERVAL '1 minute', 'YYYY-MM-DD HH24:MI:SS')"
            ),
            SqlDialect::Snowflake => format!(
                "TO_CHAR(DATEADD(MINUTE, {minutes}, CAST({time} AS TIMESTAMP_NTZ)), 'YYYY-MM-DD HH24:MI:SS')"
            ),
            SqlDialect::Bigquery => format!(
                "FORMAT_DATETIME('%Y-%m-%d %H:%M:%S', DATETIME_ADD(CAST({time} AS DATETIME), INTERVAL {minutes} MINUTE))"
            ),
            SqlDialect::Sqlite => format!("DATETIME({time}, ({minutes}) || ' minutes')"),
        }
    }

    /// Returns the modifier of a step of a query.
    pub(super) fn cte_modifier(self) -> &'static str {
        match self {
            // These engines would inline the expressions of all steps into one another, which grows beyond bounds.
            SqlDialect::Sqlite | SqlDialect::Postgres => " MATERIALIZED",
            _ => "",
        }
    }

    /// Returns what follows a text that rows are sorted by, so that it is compared byte by byte.
    pub(super) fn binary_collation(self) -> &'static str {
        match self {
            SqlDialect::Postgres => " COLLATE \"C\"",
            _ => "",
        }
    }
}
