//! Readings from other systems: a request with a key, and a folder that files are put into. Both lead into the pipeline that
//! the command line uses.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::json;
use services::ingest::{self, Input, Options};
use services::{Cx, Fault, keys};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;

/// The largest file that is taken by a request, as it is sent: several days of a city.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;
/// How often the folder is looked into.
const LOOK: Duration = Duration::from_secs(5);
/// A file that was written to so recently is still being put there.
const SETTLED: Duration = Duration::from_secs(3);

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new().route("/v1/usage", post(usage)).layer(DefaultBodyLimit::disable()).with_state(cx)
}

#[derive(Deserialize)]
struct About {
    /// What to call the file.
    #[serde(default)]
    name: String,
    /// The IANA zone of its local times, where it is not the city's.
    zone: Option<String>,
}

/// An answer in words for machines and for those who look after them.
fn refuse(status: StatusCode, problem: &str) -> Response {
    (status, Json(json!({ "problem": problem }))).into_response()
}

/// Takes a usage file in and answers what became of it. The body is the file itself, packed or not.
async fn usage(State(cx): State<Cx>, Query(about): Query<About>, headers: HeaderMap, body: Body) -> Response {
    let key = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let Some(key) = key else {
        return refuse(StatusCode::UNAUTHORIZED, "say `Authorization: Bearer KEY`; `meterside key create` makes one");
    };
    let sender = match keys::whose(&cx, key).await {
        Ok(label) => label,
        Err(Fault::App(_)) => return refuse(StatusCode::FORBIDDEN, "the key is unknown or was taken back"),
        Err(fault) => return broken(&fault.to_string()),
    };
    let sent = format!("sent by {sender}");
    let (name, delivery) = match about.name {
        name if name.is_empty() => (sent.clone(), sent),
        name => (name.clone(), [name, sent].join(", ")),
    };
    match take(&cx, &name, delivery, about.zone, body).await {
        Ok(response) => response,
        Err(error) => broken(&format!("{error:#}")),
    }
}

fn broken(why: &str) -> Response {
    tracing::error!(why, "readings could not be taken in");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "this failed on our side; the same file may be sent again")
}

/// Writes the body to a file first, so that no memory is taken by it and the sender is not held up by the database. `name` is what
/// the sender calls it, `delivery` what it is kept as.
async fn take(cx: &Cx, name: &str, delivery: String, zone: Option<String>, body: Body) -> anyhow::Result<Response> {
    let folder = tempfile::tempdir().context("no room for the file")?;
    // What it is called is told to people; the path is ours.
    let path = folder.path().join("usage");
    let mut file = tokio::fs::File::create(&path).await?;
    let mut left = LARGEST;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        let Ok(piece) = piece else {
            return Ok(refuse(StatusCode::BAD_REQUEST, "the file broke off; nothing was taken in, send it again"));
        };
        left = match left.checked_sub(piece.len() as u64) {
            Some(left) => left,
            None => {
                let problem = format!("the file is larger than {LARGEST} bytes; split it");
                return Ok(refuse(StatusCode::PAYLOAD_TOO_LARGE, &problem));
            }
        };
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    drop(file);
    if let Some(zone) = &zone
        && services::zones::find(zone).is_none()
    {
        let problem = format!("`{zone}` is no time zone; use an IANA name like America/Los_Angeles");
        return Ok(refuse(StatusCode::UNPROCESSABLE_ENTITY, &problem));
    }
    let mut report =
        ingest::take_in(cx, Input::File(path), &Options { name: Some(delivery), zone, ..Options::default() }).await?;
    name.clone_into(&mut report.file);
    let status = if report.format.is_none() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Json(report)).into_response())
}

/// Makes the folder and those within it.
///
/// # Errors
/// If one of them cannot be made.
pub fn prepare(inbox: &Path) -> anyhow::Result<()> {
    for folder in [inbox.to_owned(), inbox.join("done"), inbox.join("refused")] {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    Ok(())
}

/// Takes in what is put into a folder, until told to stop. A file goes to `done` or, with the reason beside it, to `refused`.
pub async fn watch(cx: Cx, inbox: PathBuf, mut stopping: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep(&cx, &inbox).await {
            tracing::error!(%error, inbox = %inbox.display(), "the inbox could not be worked off; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Takes in the files that have settled, in the order of their names; how many there were.
///
/// # Errors
/// If the folder cannot be read or a file not moved. A file that cannot be taken in now stays and is tried again.
pub async fn sweep(cx: &Cx, inbox: &Path) -> anyhow::Result<usize> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(inbox).await?;
    while let Some(entry) = entries.next_entry().await? {
        let about = entry.metadata().await?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let age = about.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok()).unwrap_or_default();
        if about.is_file() && !hidden && age >= SETTLED {
            files.push(entry.path());
        }
    }
    files.sort();
    let mut taken = 0;
    for path in &files {
        let report = match ingest::take_in(cx, Input::File(path.clone()), &Options::default()).await {
            Ok(report) => report,
            // It stays, and the others have their turn.
            Err(error) => {
                tracing::error!(%error, file = %path.display(), "a file could not be taken in; it is tried again");
                continue;
            }
        };
        taken += 1;
        let to = if report.problem.is_none() { "done" } else { "refused" };
        let name = path.file_name().unwrap_or_default();
        let target = free(&inbox.join(to).join(name));
        tokio::fs::rename(path, &target).await.with_context(|| format!("cannot move {}", path.display()))?;
        if let Some(problem) = &report.problem {
            let mut beside = target.into_os_string();
            beside.push(".reason.txt");
            tokio::fs::write(beside, problem).await?;
        }
        tracing::info!(
            file = report.file,
            accepted = report.accepted,
            duplicate = report.duplicate,
            rejected = report.rejected,
            waiting = report.waiting,
            problem = report.problem,
            "readings from the inbox"
        );
    }
    Ok(taken)
}

/// A path that is not taken: the same name may come again tomorrow.
fn free(path: &Path) -> PathBuf {
    let taken = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        PathBuf::from(name)
    };
    if !path.exists() {
        return path.to_owned();
    }
    (1..).map(taken).find(|p| !p.exists()).unwrap_or_else(|| path.to_owned())
}
