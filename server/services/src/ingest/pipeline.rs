//! The two threads: one reads, shapes and packs, the other writes.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Stopwatch};

use domain::ids::DeliveryId;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::ingest::{self, Counts, NewDelivery};
use tokio::sync::mpsc;

use super::feed::{Ended, Feed, FromDatabase, Message};
use super::later;
use super::master;
use super::reader::{self, Senders};
use super::record::Channel;
use super::route;
use super::shape::{Shaped, Shaper};
use super::write::{Failed, degrade, write};
use super::{Input, Options, RejectedLine, Report, TAKE_IN};
use crate::{Cx, Fault, Principal, Work, zones};

/// Values per batch: some ten milliseconds of work.
const BATCH: usize = 16_384;
/// A chunk is committed before it is this old, so that no payment waits longer than a tenth of a second for a file.
const CHUNK: Duration = Duration::from_millis(50);

/// Takes a file in, or goes on with one that was interrupted.
///
/// # Errors
/// If the file cannot be opened or the database fails. What is wrong *in* the file is in the report.
pub async fn take_in(cx: &Cx, input: Input, options: &Options) -> Result<Report, Fault> {
    let zone_name = options.zone.clone().unwrap_or_else(|| cx.settings.zone.clone());
    let zone = zones::find(&zone_name).ok_or_else(|| Fault::Other(format!("`{zone_name}` is no time zone")))?;
    let mut report = Report { file: options.name.clone().unwrap_or_else(|| input.name()), ..Report::default() };
    let (checksum, format, is_route) = {
        let input = input.clone();
        blocking(move || Ok::<_, Fault>((checksum(&input)?, reader::detect(&input)?, route::is_route(&input)?))).await?
    };
    if is_route {
        return route::take_in(cx, input, checksum, (&zone_name, &zone), report).await;
    }
    let format = match format {
        Ok(format) => format,
        Err(problem) => {
            report.problem = Some(problem);
            return Ok(report);
        }
    };
    report.format = Some(format.clone());
    let senders = Senders::of(&cx.settings)?;
    let sender = {
        let (input, format, zone) = (input.clone(), format.clone(), Arc::clone(&zone));
        blocking(move || reader::first_sender(&input, &format, &zone)).await?
    };
    // Another utility's file is not kept, not even to be looked at: its customers are none of ours.
    if let Err(refusal) = senders.check(&sender) {
        report.problem = Some(refusal.detail());
        return Ok(report);
    }

    let mut work = cx.begin(&TAKE_IN, &Principal::System).await?;
    let (delivery, rows, mut counts, skip, begun) = match ingest::by_checksum(&mut work.tx, &checksum).await? {
        Some(known) if known.finished_at.is_some() => {
            report.delivery = Some(known.id.0);
            report.already = true;
            report.duplicate = known.counts.accepted + known.counts.duplicate + known.counts.reads;
            return Ok(report);
        }
        Some(known) => {
            report.resumed = true;
            // What the first attempt did not store nobody could have known before now.
            let rows = later::again(cx, &mut work, known.id).await?;
            work.audit(None, &json!({ "delivery": known.id, "file": report.file, "goes_on": rows })).await?;
            (known.id, rows, known.counts, known.cursor, Some(known.arrived_at))
        }
        None => {
            let new = NewDelivery {
                checksum: &checksum,
                name: &report.file,
                sender: "",
                format: &format,
                zone: &zone_name,
                arrived_at: work.now,
            };
            let id = ingest::insert_delivery(&mut work.tx, &new).await?;
            work.audit(None, &json!({ "delivery": id, "file": report.file, "format": format })).await?;
            (id, id, Counts::default(), 0, None)
        }
    };
    let now = work.now;
    let given_up = store::pack::given_up(&mut work.tx).await?;
    work.commit().await?;

    let stop = Arc::new(AtomicBool::new(false));
    let (to_writer, from_reader) = mpsc::channel(4);
    let read = {
        let (cx, stop, size) = (cx.clone(), Arc::clone(&stop), options.batch.unwrap_or(BATCH));
        let (format, figures) = (format.clone(), cx.settings.vee);
        tokio::task::spawn_blocking(move || {
            let handle = tokio::runtime::Handle::current();
            // What the file itself brought before it was interrupted did not come before it.
            let mut asked = FromDatabase { cx: cx.clone(), handle: handle.clone(), before: begun };
            let lookup = FromDatabase { cx, handle, before: None };
            let mut shaper = Shaper::new(lookup, now, figures, given_up);
            let mut feed =
                Feed { batch: Vec::new(), values: 0, size, rejected: Vec::new(), cursor: 0, skip, to_writer, stop };
            // What is wrong with the database is said when the values are written.
            let mut known = |meter: &str, channel: &Channel| {
                master::known_until(&mut asked, &figures, meter, channel).ok().flatten()
            };
            let mut take = |item| feed.take(item, &mut shaper);
            let read = reader::read(&input, &format, &zone, &senders, &mut known, &mut take);
            feed.end(read, &mut shaper)
        })
    };
    let mut writer = Writer {
        cx,
        delivery,
        rows,
        counts: &mut counts,
        cursor: skip,
        lines: Vec::new(),
        chunks_left: options.stop_after_chunks,
        age: if options.stop_after_chunks.is_some() { Duration::ZERO } else { CHUNK },
        options,
        ended: None,
    };
    let written = writer.run(from_reader).await;
    let (lines, ended) = (std::mem::take(&mut writer.lines), writer.ended.take());
    stop.store(true, Ordering::Relaxed);
    read.await.map_err(|e| Fault::Other(format!("reading {}: {e}", report.file)))??;
    written?;
    report.count(delivery, &counts);
    report.rejected_lines = lines;
    report.problem = ended.and_then(|e| e.problem);
    Ok(report)
}

impl Input {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            Self::Bytes { name, .. } => name.clone(),
        }
    }

    /// A fresh reader from the beginning.
    pub(super) fn open(&self) -> Result<Box<dyn Read + Send>, Fault> {
        Ok(match self {
            Self::File(path) => Box::new(
                std::fs::File::open(path).map_err(|e| Fault::Other(format!("cannot open {}: {e}", path.display())))?,
            ),
            Self::Bytes { bytes, .. } => Box::new(std::io::Cursor::new(Arc::clone(bytes))),
        })
    }
}

fn checksum(input: &Input) -> Result<[u8; 32], Fault> {
    let mut source = input.open()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(n) => hash.update(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Fault::Other(format!("cannot read {}: {e}", input.name()))),
        }
    }
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(f).await.map_err(|e| Fault::Other(format!("reading: {e}")))?
}

/// Writes batches in chunks.
struct Writer<'a> {
    cx: &'a Cx,
    delivery: DeliveryId,
    /// The delivery with which what is stored arrives: another one where this one was interrupted before.
    rows: DeliveryId,
    counts: &'a mut Counts,
    cursor: i64,
    lines: Vec<RejectedLine>,
    chunks_left: Option<u32>,
    /// A chunk of this age is committed; a test that counts chunks commits every batch.
    age: Duration,
    options: &'a Options,
    ended: Option<Ended>,
}

/// A chunk that is not committed yet.
struct Open {
    work: Work,
    since: Stopwatch,
    batches: Vec<Shaped>,
    counts: Counts,
}

impl Writer<'_> {
    async fn run(&mut self, mut from_reader: mpsc::Receiver<Message>) -> Result<(), Fault> {
        let mut open: Option<Open> = None;
        loop {
            let left = open.as_ref().map(|o| self.age.saturating_sub(o.since.elapsed()));
            let message = match left {
                None => from_reader.recv().await,
                Some(left) => match tokio::time::timeout(left, from_reader.recv()).await {
                    Ok(message) => message,
                    // Nothing came in time: whoever waits for the database shall have it.
                    Err(_) => {
                        if let Some(chunk) = open.take()
                            && !self.commit(chunk).await?
                        {
                            return Ok(());
                        }
                        continue;
                    }
                },
            };
            match message {
                Some(Message::Batch(batch)) => {
                    let chunk = match open.take() {
                        Some(chunk) => chunk,
                        None => self.open().await?,
                    };
                    let chunk = self.add(chunk, *batch).await?;
                    if chunk.since.elapsed() < self.age {
                        open = Some(chunk);
                    } else if !self.commit(chunk).await? {
                        return Ok(());
                    }
                }
                Some(Message::End(ended)) => {
                    let chunk = match open.take() {
                        Some(chunk) => chunk,
                        None => self.open().await?,
                    };
                    self.ended = Some(ended);
                    self.commit(chunk).await?;
                    return Ok(());
                }
                // The reader failed; it says why itself. What is whole is kept.
                None => {
                    if let Some(chunk) = open.take() {
                        self.commit(chunk).await?;
                    }
                    return Ok(());
                }
            }
        }
    }

    async fn open(&self) -> Result<Open, Fault> {
        Ok(Open {
            work: self.cx.begin(&TAKE_IN, &Principal::System).await?,
            since: Stopwatch::now(),
            batches: Vec::new(),
            counts: Counts::default(),
        })
    }

    async fn add(&self, mut chunk: Open, batch: Shaped) -> Result<Open, Fault> {
        match write(&mut chunk.work.tx, (self.delivery, self.rows), chunk.work.now, &batch).await {
            Ok(counts) => {
                chunk.counts += counts;
                chunk.batches.push(batch);
                Ok(chunk)
            }
            Err(Failed::Store(error)) => Err(error.into()),
            Err(Failed::NotNew) => {
                // Someone else stored a day meanwhile: begin the chunk again and merge all of it. The old transaction
                // goes first, since SQLite has one writer.
                let Open { work, mut batches, .. } = chunk;
                drop(work);
                batches.push(batch);
                let mut chunk = self.open().await?;
                for mut batch in batches {
                    degrade(&mut batch)?;
                    match write(&mut chunk.work.tx, (self.delivery, self.rows), chunk.work.now, &batch).await {
                        Ok(counts) => {
                            chunk.counts += counts;
                            chunk.batches.push(batch);
                        }
                        Err(Failed::Store(error)) => return Err(error.into()),
                        Err(Failed::NotNew) => {
                            return Err(StoreError::Damaged("a day is there and not there".into()).into());
                        }
                    }
                }
                Ok(chunk)
            }
        }
    }

    /// Commits; `false` where a test wants the run to end here.
    async fn commit(&mut self, mut chunk: Open) -> Result<bool, Fault> {
        for batch in &chunk.batches {
            self.cursor = batch.cursor;
            for r in batch.rejected.iter().take(Report::LINES.saturating_sub(self.lines.len())) {
                self.lines.push(RejectedLine { line: r.line, code: r.code.clone(), detail: r.detail.clone() });
            }
        }
        *self.counts += chunk.counts;
        let (sender, finished_at) = match &self.ended {
            // A file that broke off is not finished: once the same one can be read to its end, it goes on here.
            Some(ended) => (ended.sender.as_str(), ended.problem.is_none().then(|| self.cx.clock.now())),
            None => ("", None),
        };
        ingest::progress(&mut chunk.work.tx, self.delivery, self.cursor, self.counts, sender, finished_at).await?;
        if self.rows != self.delivery && self.ended.is_some() {
            // Whose it is is told by the end of the file; what became of it is counted with the other.
            let (none, now) = (Counts::default(), chunk.work.now);
            ingest::progress(&mut chunk.work.tx, self.rows, 0, &none, sender, Some(now)).await?;
        }
        if self.ended.is_some() {
            let key = format!("{}:{}", crate::exceptions::JOB, self.delivery.0);
            let due = chunk.work.now;
            chunk.work.enqueue(crate::exceptions::JOB, &key, due, &()).await?;
        }
        chunk.work.commit().await?;
        if let Some(progress) = &self.options.progress {
            progress(self.counts);
        }
        if let Some(left) = &mut self.chunks_left {
            *left = left.saturating_sub(1);
            return Ok(*left > 0);
        }
        Ok(true)
    }
}
