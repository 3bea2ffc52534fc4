//! The benchmarks of ingest and of reading a year, without the rest of the program:
//! `cargo run --release -p services --example bench -- FOLDER [postgres://…]`.

use std::path::PathBuf;

use services::bench::{IngestPlan, ingest, usage_year};
use store::Pool;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("which folder may be written to?")?);
    let mut urls = vec![format!("sqlite:{}", folder.join("bench.db").display())];
    urls.extend(args);
    for url in urls {
        let pool = Pool::open(&url).await?;
        pool.migrate().await?;
        for (first_run, file_per_day) in [(0, false), (10, true)] {
            let plan = IngestPlan { file_per_day, first_run, ..IngestPlan::default() };
            println!("{}", serde_json::to_string(&ingest(&pool, &folder, plan).await?)?);
        }
        println!("{}", serde_json::to_string(&usage_year(&pool, &folder, 50).await?)?);
        pool.close().await;
    }
    Ok(())
}
