//! Both engines have the same schema, and every statement can be prepared on both.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr};
use store::Pool;
use store::testing::{TestDb, block_on, postgres, sqlite};

#[test]
fn migrations_come_in_pairs() {
    let names = |engine: &str| -> BTreeSet<String> {
        std::fs::read_dir(format!("{}/../../migrations/{engine}", env!("CARGO_MANIFEST_DIR")))
            .expect("the folder is there")
            .map(|e| e.expect("an entry").file_name().into_string().expect("a plain name"))
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[test]
fn every_statement_prepares_on_both_engines() {
    block_on(async {
        let (s, p) = (sqlite().await, postgres().await);
        let (Pool::Sqlite { read, .. }, Pool::Postgres(pg)) = (&s.pool, &p.pool) else { panic!("one of each") };
        let mut failures = Vec::new();
        let mut seen = 0;
        for statement in store::db::all_statements() {
            seen += 1;
            if let Err(e) = read.prepare(statement.sql.sqlite.into_sql_str()).await {
                failures.push(format!("{} on SQLite: {e}", statement.name));
            }
            if let Err(e) = pg.prepare(statement.sql.postgres.into_sql_str()).await {
                failures.push(format!("{} on PostgreSQL: {e}", statement.name));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(seen > 0, "no statement is registered");
        s.finish().await;
        p.finish().await;
    });
}

/// One line per column: table, column, canonical type, nullable, in the primary key or a unique constraint.
async fn columns(db: &TestDb) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    match &db.pool {
        Pool::Sqlite { read, .. } => {
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'",
            )
            .fetch_all(read)
            .await
            .expect("tables");
            for table in tables {
                for row in sqlx::query(AssertSqlSafe(format!(
                    "SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')"
                )))
                .fetch_all(read)
                .await
                .expect("columns")
                {
                    let (name, kind): (String, String) = (row.get(0), row.get(1));
                    let required = row.get::<i64, _>(2) != 0 || row.get::<i64, _>(3) != 0;
                    out.insert(format!(
                        "{table}.{name} {} {}",
                        family(&kind),
                        if required { "required" } else { "optional" }
                    ));
                }
                for row in sqlx::query(AssertSqlSafe(format!(
                    "SELECT \"from\", \"table\" FROM pragma_foreign_key_list('{table}')"
                )))
                .fetch_all(read)
                .await
                .expect("foreign keys")
                {
                    out.insert(format!("{table}.{} -> {}", row.get::<String, _>(0), row.get::<String, _>(1)));
                }
            }
        }
        Pool::Postgres(pg) => {
            for row in sqlx::query(
                "SELECT c.table_name::TEXT, c.column_name::TEXT, c.data_type::TEXT, c.is_nullable::TEXT
                 FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_sqlx%'
                   AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = to_regclass(quote_ident(c.table_name)))",
            )
            .fetch_all(pg)
            .await
            .expect("columns")
            {
                let get = |i: usize| row.get::<String, _>(i);
                let required = if get(3) == "NO" { "required" } else { "optional" };
                out.insert(format!("{}.{} {} {required}", get(0), get(1), family(&get(2))));
            }
            for row in sqlx::query(
                "SELECT conrelid::regclass::TEXT, a.attname::TEXT, confrelid::regclass::TEXT
                 FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
                 WHERE contype = 'f' AND conparentid = 0",
            )
            .fetch_all(pg)
            .await
            .expect("foreign keys")
            {
                let get = |i: usize| row.get::<String, _>(i);
                out.insert(format!("{}.{} -> {}", get(0), get(1), get(2)));
            }
        }
    }
    out
}

/// Types that hold the same Rust values on both engines fall into one family.
fn family(kind: &str) -> &'static str {
    match kind.to_lowercase().as_str() {
        "integer" | "int" | "bigint" | "boolean" => "integer",
        "text" | "timestamp with time zone" | "date" | "jsonb" => "text",
        "blob" | "bytea" => "bytes",
        other => panic!("the type {other} is not used in this project"),
    }
}

#[test]
fn both_engines_have_the_same_tables_columns_and_links() {
    block_on(async {
        let (s, p) = (sqlite().await, postgres().await);
        let (a, b) = (columns(&s).await, columns(&p).await);
        let only_sqlite: Vec<_> = a.difference(&b).collect();
        let only_postgres: Vec<_> = b.difference(&a).collect();
        assert!(
            only_sqlite.is_empty() && only_postgres.is_empty(),
            "only SQLite: {only_sqlite:#?}\nonly PostgreSQL: {only_postgres:#?}"
        );
        assert!(a.len() > 50);
        s.finish().await;
        p.finish().await;
    });
}
