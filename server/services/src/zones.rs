//! Zones by name. Finding a zone's transitions takes longer than reading a year of use, so it is done once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use domain::calendar::Zone;
use store::StoreError;

use crate::Fault;

static KNOWN: OnceLock<RwLock<HashMap<String, Arc<Zone>>>> = OnceLock::new();

/// The zone of an IANA name; `None` for an unknown one.
#[must_use]
pub fn find(name: &str) -> Option<Arc<Zone>> {
    let known = KNOWN.get_or_init(RwLock::default);
    // A thread that panicked while it held the lock has left whole entries behind: the map is as good as before.
    if let Some(zone) = known.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(name) {
        return Some(Arc::clone(zone));
    }
    let zone = Arc::new(Zone::iana(name)?);
    known.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&zone));
    Some(zone)
}

/// The zone that a premise is stored with.
///
/// # Errors
/// Where the stored name is no zone.
pub fn stored(name: &str) -> Result<Arc<Zone>, Fault> {
    find(name).ok_or_else(|| Fault::Store(StoreError::Damaged(format!("`{name}` is no time zone"))))
}
