//! Payments that are taken later without the person present: scheduled ones, parts, and autopay's.
//!
//! One is taken at most once. Never more is taken than was agreed, nor than is owed on the day; while it waits for an answer
//! nothing is taken; once it has ended nothing is. If the bank declines for want of money or without a reason, it is tried once
//! more, [`RETRY_AFTER`] days later; for any other reason it is not, since only the person can do something about it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Decline, Status};
use crate::calendar::days_between;
use crate::money::{Cents, largest_remainder};

/// Days between a try that was declined and the only other one.
pub const RETRY_AFTER: u64 = 3;
/// How many days ahead a payment may be scheduled: by then the bill after the next one is out, and what is owed is another thing.
pub const MOST_DAYS_AHEAD: u64 = 60;
/// How many parts an amount is paid in at most. For more there are arrangements.
pub const MOST_PARTS: usize = 4;

/// How a planned payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its day.
    Waiting,
    /// Waits for the person's answer; nothing is taken meanwhile.
    Asking,
    /// A payment for it is on its way.
    Taking,
    /// Was declined once and waits for its second day.
    Retrying,
    /// Was taken.
    Taken,
    /// On its day nothing was owed any more.
    Covered,
    /// Ended before it was taken.
    Cancelled,
    /// Was declined for good.
    Failed,
}

impl State {
    /// Whether it may still take money.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Asking | Self::Taking | Self::Retrying)
    }

    /// Whether the person may still change or cancel it.
    #[must_use]
    pub const fn is_changeable(self) -> bool {
        matches!(self, Self::Waiting | Self::Asking | Self::Retrying)
    }
}

/// Why one asks, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The bill is so much more than expected that the resident wants to be asked.
    Brake,
    /// It is more than the limit that the resident set.
    Limit,
    /// The card is not good any more on the day.
    MethodExpired,
    /// The saved way to pay was removed.
    MethodRemoved,
    /// Autopay was turned off.
    Left,
    /// The account was closed.
    Closed,
    /// Who set it up has no role on the account any more.
    NoRole,
    /// The person cancelled it or chose to skip it.
    ByPerson,
}

/// A planned payment, as far as it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How it stands.
    pub state: State,
    /// The day on which it is taken.
    pub take_on: NaiveDate,
    /// The most that is taken: what the person agreed to, or was told.
    pub most: Cents,
    /// How often it was declined.
    pub declines: u32,
}

/// What is true when it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The day.
    pub today: NaiveDate,
    /// What it could pay of: owed and not on its way by another payment.
    pub owed: Cents,
    /// Whether someone may be paying on the processor's page just now.
    pub busy: bool,
    /// Why it may not be taken any more, if it may not.
    pub stopped: Option<Why>,
    /// Whether the way to pay is good today.
    pub good: bool,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing today.
    Nothing,
    /// Look again in a while: someone may be paying at this moment.
    Wait,
    /// Take so much now.
    Take(Cents),
    /// Nothing is owed: there is nothing to take.
    Covered,
    /// Ask the person first.
    Ask(Why),
    /// It ends without being taken.
    Stop(Why),
}

impl Plan {
    /// What is to be done today.
    #[must_use]
    pub fn step(&self, f: &Facts) -> Step {
        if !self.state.is_changeable() {
            return Step::Nothing;
        }
        if let Some(why) = f.stopped {
            return Step::Stop(why);
        }
        if self.take_on > f.today {
            return Step::Nothing;
        }
        if f.owed <= Cents::ZERO {
            return if f.busy { Step::Wait } else { Step::Covered };
        }
        if self.state == State::Asking {
            return Step::Nothing;
        }
        if f.busy {
            return Step::Wait;
        }
        if !f.good {
            return Step::Ask(Why::MethodExpired);
        }
        Step::Take(self.most.min(f.owed))
    }

    /// What becomes of it when the payment for it stands like this; `None` where nothing changes. Money that was taken counts,
    /// however it stood.
    #[must_use]
    pub fn heard(&self, status: Status, decline: Option<Decline>, today: NaiveDate) -> Option<Self> {
        let taking = self.state == State::Taking;
        match status {
            Status::Succeeded if self.state != State::Taken => Some(Self { state: State::Taken, ..*self }),
            Status::Declined if taking => {
                let again = self.declines == 0 && may_retry(decline);
                let on = today.checked_add_days(Days::new(RETRY_AFTER)).unwrap_or(today);
                Some(Self {
                    state: if again { State::Retrying } else { State::Failed },
                    take_on: if again { on } else { self.take_on },
                    declines: self.declines + 1,
                    ..*self
                })
            }
            // It never came to the processor: the same again, as if nothing had been tried.
            Status::Cancelled | Status::Expired if taking => {
                Some(Self { state: if self.declines == 0 { State::Waiting } else { State::Retrying }, ..*self })
            }
            _ => None,
        }
    }
}

/// Whether trying again by ourselves makes sense.
#[must_use]
pub const fn may_retry(decline: Option<Decline>) -> bool {
    matches!(decline, None | Some(Decline::ByBank | Decline::Funds))
}

/// An amount in so many parts that differ by a cent at most and sum to it.
#[must_use]
pub fn parts(total: Cents, n: usize) -> Vec<Cents> {
    largest_remainder(total, &vec![1; n.clamp(1, MOST_PARTS)])
}

/// What paying on a day means for what is due on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timely {
    /// It is paid in time.
    InTime,
    /// It is paid so many days late.
    Late(i64),
}

impl Timely {
    /// For a day and what is due on a day; where nothing is due, all is in time.
    #[must_use]
    pub fn of(on: NaiveDate, due_on: Option<NaiveDate>) -> Self {
        match due_on.map(|due| days_between(due, on)) {
            Some(late) if late > 0 => Self::Late(late),
            _ => Self::InTime,
        }
    }
}

/// Why parts cannot be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartsRefused {
    /// The part with this place is on a day that has begun or is too far ahead.
    #[error("a day that cannot be chosen")]
    Day(usize),
    /// The part with this place is too small.
    #[error("too small")]
    TooSmall(usize),
    /// Together they are more than what is owed and not planned yet.
    #[error("more than what is owed")]
    TooLarge,
    /// None, or more than [`MOST_PARTS`].
    #[error("too many parts")]
    Count,
}

/// The first and the last day that may be chosen.
#[must_use]
pub fn days(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let after = |n| today.checked_add_days(Days::new(n)).unwrap_or(today);
    (after(1), after(MOST_DAYS_AHEAD))
}

/// Checks the parts of what is owed and neither on its way nor planned.
///
/// # Errors
/// [`PartsRefused`], the first thing that is wrong.
pub fn check(parts: &[(NaiveDate, Cents)], today: NaiveDate, open: Cents) -> Result<(), PartsRefused> {
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(PartsRefused::Count);
    }
    let (first, last) = days(today);
    for (i, (on, amount)) in parts.iter().enumerate() {
        if *on < first || *on > last {
            return Err(PartsRefused::Day(i));
        }
        if *amount < super::LEAST.min(open.max(Cents(1))) {
            return Err(PartsRefused::TooSmall(i));
        }
    }
    let sum: i128 = parts.iter().map(|(_, a)| i128::from(a.0)).sum();
    if sum > i128::from(open.0) {
        return Err(PartsRefused::TooLarge);
    }
    Ok(())
}

#[cfg(test)]
#[path = "planned_tests.rs"]
mod tests;
