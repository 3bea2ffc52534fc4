//! Fresh, migrated databases for tests, on both engines.
//!
//! ```ignore
//! store::both_engines! {
//!     async fn an_account_is_found_by_its_number(pool: Pool) { … }
//! }
//! ```
//! makes `an_account_is_found_by_its_number::{sqlite, postgres}`.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::Pool;

/// A database of one test; goes away with it.
pub struct TestDb {
    /// Open connections.
    pub pool: Pool,
    /// By which another process opens it.
    pub address: String,
    _folder: Option<tempfile::TempDir>,
    postgres: Option<(String, String)>,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A fresh SQLite database in a folder of its own.
///
/// # Panics
/// If it cannot be made; a test cannot go on then.
pub async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = format!("sqlite:{}", folder.path().join("test.db").display());
    let pool = Pool::open(&address).await.expect("a database");
    pool.migrate().await.expect("migrations run");
    TestDb { pool, address, _folder: Some(folder), postgres: None }
}

/// A fresh PostgreSQL database on the server that `TEST_POSTGRES_URL` names (`make test` starts one).
///
/// # Panics
/// If the variable is not set or the server does not answer: this engine is never skipped.
#[expect(clippy::disallowed_methods, reason = "the test harness is told where its server is by the environment")]
pub async fn postgres() -> TestDb {
    let base = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names a PostgreSQL server; `make test` starts one, `.ci/postgres start` does it alone",
    );
    let template = template(&base).await;
    let name = format!("meterside_t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&base).await.expect("the test server answers");
    admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).await.expect("an old database goes");
    admin
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
        .await
        .expect("a database is made from the template");
    let address = with_database(&base, &name);
    let pool = Pool::open(&address).await.expect("the new database answers");
    TestDb { pool, address, _folder: None, postgres: Some((base, name)) }
}

fn with_database(base: &str, name: &str) -> String {
    let (head, tail) = base.rsplit_once('/').expect("a database address ends in /NAME");
    let query = tail.split_once('?').map(|(_, q)| format!("?{q}")).unwrap_or_default();
    format!("{head}/{name}{query}")
}

/// Migrates once per set of migrations; test processes wait for one another.
async fn template(base: &str) -> String {
    let migrator = sqlx::migrate!("../../migrations/postgres");
    let mut fingerprint: u64 = 0xcbf2_9ce4_8422_2325;
    for m in migrator.iter() {
        for b in m.checksum.iter() {
            fingerprint = (fingerprint ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let name = format!("meterside_template_{fingerprint:016x}");
    let mut admin = PgConnection::connect(base).await.expect("the test server answers");
    admin.execute("SELECT pg_advisory_lock(7461)").await.expect("a lock");
    let ready: Option<i64> =
        sqlx::query_scalar("SELECT 1::BIGINT FROM pg_database WHERE datname = $1 AND datistemplate")
            .bind(&name)
            .fetch_optional(&mut admin)
            .await
            .expect("the catalogue answers");
    if ready.is_none() {
        admin
            .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}")))
            .await
            .expect("a half-made template goes");
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a template is made");
        let pool = Pool::open(&with_database(base, &name)).await.expect("the template answers");
        pool.migrate().await.expect("migrations run");
        pool.close().await;
        admin.execute(AssertSqlSafe(format!("ALTER DATABASE {name} IS_TEMPLATE true"))).await.expect("marked as ready");
    }
    admin.execute("SELECT pg_advisory_unlock(7461)").await.expect("unlocked");
    name
}

impl TestDb {
    /// Closes the database and, on PostgreSQL, drops it.
    pub async fn finish(self) {
        self.pool.close().await;
        if let Some((base, name)) = self.postgres {
            let mut admin = PgConnection::connect(&base).await.expect("the test server answers");
            admin
                .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
                .await
                .expect("the test's database goes");
        }
    }
}

/// Expands one test body into a test on each engine.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$m:meta])* async fn $name:ident($pool:ident: Pool) $body:block)+) => {$(
        $(#[$m])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, clippy::allow_attributes_without_reason)]
            use super::*;
            async fn body($pool: $crate::Pool) $body

            #[test]
            fn sqlite() {
                $crate::testing::block_on(async {
                    let db = $crate::testing::sqlite().await;
                    body(db.pool.clone()).await;
                    db.finish().await;
                });
            }

            #[test]
            fn postgres() {
                $crate::testing::block_on(async {
                    let db = $crate::testing::postgres().await;
                    body(db.pool.clone()).await;
                    db.finish().await;
                });
            }
        }
    )+};
}

/// Does to the database what no use case would: for tests of what finds it.
///
/// # Panics
/// If the database refuses.
pub async fn tamper(tx: &mut crate::Tx<'_>, sql: &'static str) {
    let done = match tx {
        crate::Tx::Sqlite(t) => sqlx::query(sql).execute(&mut **t).await.map(drop),
        crate::Tx::Postgres(t) => sqlx::query(sql).execute(&mut **t).await.map(drop),
    };
    done.expect("the database takes it");
}

/// The key of the only register.
///
/// # Panics
/// If there is none, or the database does not answer.
pub async fn only_register(tx: &mut crate::Tx<'_>) -> domain::ids::RegisterId {
    let found = match tx {
        crate::Tx::Sqlite(t) => sqlx::query_scalar("SELECT id FROM register").fetch_one(&mut **t).await,
        crate::Tx::Postgres(t) => sqlx::query_scalar("SELECT id FROM register").fetch_one(&mut **t).await,
    };
    found.expect("a register")
}

/// Runs a future on a small runtime of its own.
///
/// # Panics
/// If no runtime can be started.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future)
}
