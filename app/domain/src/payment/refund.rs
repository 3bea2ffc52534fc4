//! Giving money back: how a refund stands, and how much may be given back.

use serde::{Deserialize, Serialize};

use super::Status;
use crate::money::Cents;

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Written down here; whether the processor has heard of it is not known.
    Asked,
    /// The processor has it and is sending the money.
    Pending,
    /// The money is sent.
    Succeeded,
    /// It came to nothing, or came back: the bank did not take the money.
    Failed,
}

impl RefundStatus {
    /// Whether the processor has taken the money for it, so that the books have it.
    #[must_use]
    pub const fn is_posted(self) -> bool {
        matches!(self, Self::Pending | Self::Succeeded)
    }

    /// Whether it may still take its amount off what the payment has left.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Failed)
    }
}

/// One word of the processor about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundHeard {
    /// How it stands there.
    pub status: RefundStatus,
    /// Grows with every change at the processor.
    pub revision: i64,
}

/// What we believe of a refund, and from which word on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundStanding {
    /// How it stands.
    pub status: RefundStatus,
    /// The revision of the newest word heard; 0 before any.
    pub revision: i64,
}

impl RefundStanding {
    /// A refund that was just written down.
    pub const NEW: Self = Self { status: RefundStatus::Asked, revision: 0 };

    /// What to believe after a word of the processor; `None` where nothing changes. Money that came back is back for good;
    /// of everything else the newest word counts.
    #[must_use]
    pub fn hear(self, word: RefundHeard) -> Option<Self> {
        let newer = word.revision > self.revision;
        if self.status == RefundStatus::Failed || !(newer || word.status == RefundStatus::Failed) {
            return None;
        }
        let next = Self { status: word.status, revision: self.revision.max(word.revision) };
        (next != self).then_some(next)
    }
}

/// What of a payment may be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refundable {
    /// What is left of it; zero where nothing may be given back.
    pub left: Cents,
}

/// Why an amount is not given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Zero or less.
    #[error("nothing to give back")]
    Nothing,
    /// More than was paid and not given back yet.
    #[error("more than is left of the payment")]
    TooMuch,
}

impl Refundable {
    /// Of a payment that stands like this, with the refunds there are. What was not taken, or was sent back by the bank, is
    /// not given back again.
    #[must_use]
    pub fn new(
        amount: Cents,
        status: Status,
        returned: bool,
        refunds: impl IntoIterator<Item = (Cents, RefundStatus)>,
    ) -> Self {
        if status != Status::Succeeded || returned {
            return Self { left: Cents::ZERO };
        }
        let given = refunds.into_iter().filter(|(_, s)| s.counts()).map(|(a, _)| a.0).fold(0, i64::saturating_add);
        Self { left: Cents(amount.0.saturating_sub(given).max(0)) }
    }

    /// Checks an amount.
    ///
    /// # Errors
    /// [`RefundRefused`].
    pub fn check(self, amount: Cents) -> Result<(), RefundRefused> {
        if amount <= Cents::ZERO {
            Err(RefundRefused::Nothing)
        } else if amount > self.left {
            Err(RefundRefused::TooMuch)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = RefundHeard> {
        let status =
            prop_oneof![Just(RefundStatus::Pending), Just(RefundStatus::Succeeded), Just(RefundStatus::Failed)];
        (status, 1i64..1_000).prop_map(|(status, revision)| RefundHeard { status, revision })
    }

    fn end(words: &[RefundHeard]) -> RefundStatus {
        words.iter().fold(RefundStanding::NEW, |s, w| s.hear(*w).unwrap_or(s)).status
    }

    fn status() -> impl Strategy<Value = RefundStatus> {
        prop_oneof![
            Just(RefundStatus::Asked),
            Just(RefundStatus::Pending),
            Just(RefundStatus::Succeeded),
            Just(RefundStatus::Failed)
        ]
    }

    #[test]
    fn only_what_was_taken_and_kept_is_given_back() {
        let of = |status, returned| Refundable::new(Cents(6_000), status, returned, []).left;
        assert_eq!(of(Status::Succeeded, false), Cents(6_000));
        for (status, returned) in
            [(Status::Succeeded, true), (Status::Pending, false), (Status::Declined, false), (Status::Created, false)]
        {
            assert_eq!(of(status, returned), Cents::ZERO, "{status:?} {returned}");
        }
        let left = Refundable { left: Cents(500) };
        assert_eq!(left.check(Cents(500)), Ok(()));
        assert_eq!(left.check(Cents(501)), Err(RefundRefused::TooMuch));
        for nothing in [0, -1, i64::MIN] {
            assert_eq!(left.check(Cents(nothing)), Err(RefundRefused::Nothing));
        }
        assert_eq!(left.check(Cents(i64::MAX)), Err(RefundRefused::TooMuch));
    }

    proptest! {
        #[test]
        fn the_order_and_repetition_of_words_do_not_matter(
            words in proptest::collection::vec(word(), 1..8),
            order in any::<prop::sample::Index>(),
            again in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let mut tidy = words;
            tidy.sort_by_key(|w| w.revision);
            tidy.dedup_by_key(|w| w.revision);
            let mut storm = tidy.clone();
            storm.extend(again.iter().map(|i| *i.get(&tidy)));
            let n = storm.len();
            storm.rotate_left(order.index(n));
            storm.reverse();
            prop_assert_eq!(end(&storm), end(&tidy));
        }

        /// However often refunds are asked for, what counts of them never exceeds the payment.
        #[test]
        fn never_more_is_given_back_than_was_paid(
            amount in 1i64..1_000_000,
            asks in proptest::collection::vec((-10i64..1_000_000, status()), 0..12),
        ) {
            let mut given: Vec<(Cents, RefundStatus)> = Vec::new();
            for (ask, end) in asks {
                let left = Refundable::new(Cents(amount), Status::Succeeded, false, given.iter().copied());
                if left.check(Cents(ask)).is_ok() {
                    given.push((Cents(ask), end));
                }
                let counted: i64 = given.iter().filter(|(_, s)| s.counts()).map(|(a, _)| a.0).sum();
                prop_assert!((0..=amount).contains(&counted));
            }
        }
    }
}
