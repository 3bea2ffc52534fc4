//! The prices in force: what was imported, or what comes with the program.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use domain::tariff::check::{Problem, verified_after};
use domain::tariff::{Book, file};
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};

use crate::{Cx, Fault, Principal, Work, use_case, zones};

mod changes;
pub mod release;

use_case!(
    /// Imports a tariff file.
    pub IMPORT = "tariffs.import", Write, System
);
use_case!(
    /// Says whether a tariff file would be taken.
    pub CHECK = "tariffs.check", Read, System
);

/// Books by the hashes of their files: reading the files takes longer than rating a bill, and they hardly ever change.
static BOOKS: OnceLock<RwLock<HashMap<String, Arc<Book>>>> = OnceLock::new();

/// The prices in force in this database.
///
/// # Errors
/// If the database fails or holds a file that cannot be read any more.
pub async fn book(tx: &mut Tx<'_>) -> Result<Arc<Book>, Fault> {
    let files = store::tariffs::latest(tx).await?;
    let key: String = files.iter().map(|f| f.hash.as_str()).collect();
    let books = BOOKS.get_or_init(RwLock::default);
    // A thread that panicked while it held the lock has left whole entries behind.
    if let Some(book) = books.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(book));
    }
    let damaged = |name: &str, e: file::FileError| Fault::Store(StoreError::Damaged(format!("tariff {name}: {e}")));
    let mut book = Book::default();
    for f in &files {
        let text = store::tariffs::body(tx, f.id).await?;
        book.merge(file::read_taken(&text).map_err(|e| damaged(&f.code, e))?);
    }
    if files.is_empty() {
        book = file::bundled().map_err(|e| damaged("bundled", e))?;
    }
    let book = Arc::new(book);
    books.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&book));
    Ok(book)
}

/// The files in force by their names, except one; those that come with the program where none of their name was imported.
async fn others(tx: &mut Tx<'_>, name: &str) -> Result<Vec<(String, Book)>, Fault> {
    let damaged = |name: &str, e: file::FileError| Fault::Store(StoreError::Damaged(format!("tariff {name}: {e}")));
    let files = store::tariffs::latest(tx).await?;
    let mut out = Vec::new();
    for f in files.iter().filter(|f| f.code != name) {
        let text = store::tariffs::body(tx, f.id).await?;
        let book = file::read_taken(&text).map_err(|e| damaged(&f.code, e))?;
        out.push((f.code.clone(), book));
    }
    for (code, text) in file::BUNDLED.iter().filter(|(n, _)| *n != name && files.iter().all(|f| f.code != *n)) {
        out.push(((*code).to_owned(), file::read(text).map_err(|e| damaged(code, e))?));
    }
    Ok(out)
}

/// The text of the file in force of a name; `None` where there is none.
///
/// # Errors
/// If the database fails.
pub(crate) async fn in_force(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, Fault> {
    match store::tariffs::latest(tx).await?.into_iter().find(|f| f.code == name) {
        Some(f) => Ok(Some(store::tariffs::body(tx, f.id).await?)),
        None => Ok(file::BUNDLED.iter().find(|(n, _)| *n == name).map(|(_, text)| (*text).to_owned())),
    }
}

/// Reads a file that shall count under a name. What belongs to another file in force is refused: it would be merged over it. So is
/// what is said to be compared on a day that is still to come, unless it is in force with that day.
///
/// # Errors
/// If the database fails or holds a file that cannot be read any more.
pub(crate) async fn readable(work: &mut Work, name: &str, text: &str) -> Result<Result<Book, file::FileError>, Fault> {
    let today = zones::stored(&work.settings.zone)?.day_of(work.now);
    let old = in_force(&mut work.tx, name).await?.and_then(|old| file::read_taken(&old).ok());
    let later = old.map(|old| verified_after(&old, today)).unwrap_or_default();
    let read = if later.is_empty() { file::read_on(text, today) } else { file::read(text) };
    let book = match read {
        Ok(book) => book,
        Err(why) => return Ok(Err(why)),
    };
    let others = others(&mut work.tx, name).await?;
    let mut wrong: Vec<_> = others.iter().flat_map(|(other, of)| book.belonging_to(other, of)).collect();
    let known = |p: &Problem| later.iter().any(|l| (&l.place, &l.what) == (&p.place, &p.what));
    wrong.extend(verified_after(&book, today).into_iter().filter(|p| !known(p)));
    Ok(if wrong.is_empty() { Ok(book) } else { Err(file::FileError::Wrong(wrong)) })
}

/// The prices in force with a file in place of the one of its name.
///
/// # Errors
/// If the database fails or holds a file that cannot be read any more.
pub(crate) async fn book_with(tx: &mut Tx<'_>, name: &str, new: &Book) -> Result<Book, Fault> {
    let mut book = Book::default();
    for (_, other) in others(tx, name).await? {
        book.merge(other);
    }
    book.merge(new.clone());
    Ok(book)
}

/// Keeps the bundled files whose names were never imported, so that what a bill was computed from stays in the database.
///
/// # Errors
/// If the database fails.
pub(crate) async fn seed(work: &mut Work) -> Result<(), Fault> {
    let known = store::tariffs::latest(&mut work.tx).await?;
    for (name, text) in file::BUNDLED.iter().filter(|(name, _)| known.iter().all(|k| k.code != *name)) {
        store::tariffs::insert(&mut work.tx, name, &hash(name, text), text, work.now).await?;
    }
    Ok(())
}

fn hash(name: &str, text: &str) -> String {
    hex::encode(Sha256::new().chain_update(name).chain_update([0]).chain_update(text).finalize())
}

/// Whether a file would be taken under a name.
///
/// # Errors
/// The reason why the file is refused, in words; or a failure of the database.
pub async fn sound(cx: &Cx, who: &Principal, name: &str, text: &str) -> Result<Result<(), file::FileError>, Fault> {
    let mut work = cx.begin(&CHECK, who).await?;
    Ok(readable(&mut work, name, text).await?.map(|_| ()))
}

/// Imports a file under a name; it takes the place of an earlier file of that name. `false` where it is the same.
///
/// # Errors
/// The reason why the file is refused, in words; or a failure of the database.
pub async fn import(cx: &Cx, who: &Principal, name: &str, text: &str) -> Result<Result<bool, file::FileError>, Fault> {
    let mut work = cx.begin(&IMPORT, who).await?;
    if let Err(why) = readable(&mut work, name, text).await? {
        return Ok(Err(why));
    }
    seed(&mut work).await?;
    let new = store::tariffs::insert(&mut work.tx, name, &hash(name, text), text, work.now).await?;
    work.audit(None, &serde_json::json!({ "name": name, "new": new })).await?;
    work.commit().await?;
    Ok(Ok(new))
}
