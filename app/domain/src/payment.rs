//! A payment's life, and which amounts may be paid.
//!
//! What the processor says may come twice, late, out of order or never. [`Standing::hear`] gives the same end whatever the
//! order: money that was taken counts for good, and of everything else the newest word counts.

pub mod autopay;
pub mod offer;
pub mod planned;
pub mod saved;

use serde::{Deserialize, Serialize};

use crate::money::Cents;

mod method;
mod refund;

pub use method::{Expiry, MethodKind, SavedMethod, SetupStatus};
pub use refund::{RefundHeard, RefundRefused, RefundStanding, RefundStatus, Refundable};

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Begun; the person may be on the processor's page.
    Created,
    /// The processor has what it needs and is working on it (a bank debit takes days).
    Pending,
    /// The processor has the money; it is posted to the account.
    Succeeded,
    /// The last try was declined; nothing was charged. Another try on the same page may still succeed.
    Declined,
    /// The person turned back; nothing was charged.
    Cancelled,
    /// Nobody paid in time; nothing was charged.
    Expired,
}

impl Status {
    /// Whether more is to be expected without the person doing anything.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }

    /// Whether nothing can change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Cancelled | Self::Expired)
    }
}

/// Why a try was declined, in the few kinds that people can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// The bank said no without a reason.
    ByBank,
    /// Not enough money.
    Funds,
    /// The card has expired.
    ExpiredCard,
    /// A bank account that cannot be debited.
    BankAccount,
    /// The bank wants the person to confirm it (3-D Secure), and nobody was there: it has to be paid by hand.
    NeedsPerson,
    /// The saved card or account is no longer there.
    MethodGone,
}

/// One word of the processor about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// How it stands there.
    pub status: Status,
    /// Why it was declined, if it was.
    pub decline: Option<Decline>,
    /// Grows with every change at the processor: of two words the one with the larger number is newer.
    pub revision: i64,
}

/// What we believe of a payment, and from which word on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// How it stands.
    pub status: Status,
    /// Why it was declined, if it was.
    pub decline: Option<Decline>,
    /// The revision of the newest word heard; 0 before any.
    pub revision: i64,
}

impl Standing {
    /// A payment that was just begun.
    pub const NEW: Self = Self { status: Status::Created, decline: None, revision: 0 };

    /// What to believe after a word of the processor; `None` where nothing changes.
    #[must_use]
    pub fn hear(self, word: Heard) -> Option<Self> {
        let newer = word.revision > self.revision;
        if self.status == Status::Succeeded || !(newer || word.status == Status::Succeeded) {
            return None;
        }
        let next = Self { status: word.status, decline: word.decline, revision: self.revision.max(word.revision) };
        (next != self).then_some(next)
    }
}

/// The least that is taken at once, unless less is owed.
pub const LEAST: Cents = Cents(100);

/// How much more than what is owed is taken, to be held for coming bills. A slip of the finger must not take a month's rent.
pub const AHEAD: Cents = Cents(50_000);

/// The most that is taken at once by card or bank debit.
pub const MOST: Cents = Cents(2_500_000);

/// Which amounts may be paid now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// What is owed and not on its way; what the form proposes. Zero where nothing is.
    pub due: Cents,
    /// The least.
    pub least: Cents,
    /// The most; below `least` where nothing may be paid (a closed account that owes nothing).
    pub most: Cents,
}

/// Why an amount is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountRefused {
    /// Less than [`Limits::least`].
    #[error("less than the least amount")]
    TooSmall,
    /// More than [`Limits::most`].
    #[error("more than the most that is taken")]
    TooLarge,
}

impl Limits {
    /// For a balance, of which `on_its_way` is being paid already. A closed account takes no money ahead.
    #[must_use]
    pub fn new(balance: Cents, on_its_way: Cents, closed: bool) -> Self {
        let due = Cents(balance.0.saturating_sub(on_its_way.0).max(0));
        let ahead = if closed { Cents::ZERO } else { AHEAD };
        let most = Cents(due.0.saturating_add(ahead.0)).min(MOST);
        let least = if due > Cents::ZERO { LEAST.min(due) } else { LEAST };
        Self { due, least, most }
    }

    /// Whether anything may be paid at all.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.least <= self.most
    }

    /// Checks an amount.
    ///
    /// # Errors
    /// [`AmountRefused`].
    pub fn check(self, amount: Cents) -> Result<(), AmountRefused> {
        if amount < self.least {
            Err(AmountRefused::TooSmall)
        } else if amount > self.most {
            Err(AmountRefused::TooLarge)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits_fit_what_is_owed() {
        let l = Limits::new(Cents(8_450), Cents::ZERO, false);
        assert_eq!((l.due, l.least, l.most), (Cents(8_450), Cents(100), Cents(58_450)));
        assert_eq!(l.check(Cents(99)), Err(AmountRefused::TooSmall));
        assert_eq!(l.check(Cents(0)), Err(AmountRefused::TooSmall));
        assert_eq!(l.check(Cents(8_450)), Ok(()));
        assert_eq!(l.check(Cents(58_451)), Err(AmountRefused::TooLarge));
        assert_eq!(l.check(Cents(i64::MAX)), Err(AmountRefused::TooLarge));
        assert_eq!(Limits::new(Cents(40), Cents::ZERO, false).check(Cents(40)), Ok(()), "forty cents can be settled");
        assert_eq!(
            Limits::new(Cents(8_450), Cents(8_450), false).due,
            Cents::ZERO,
            "what is on its way is not due again"
        );
        assert!(!Limits::new(Cents::ZERO, Cents::ZERO, true).is_open());
        assert!(Limits::new(Cents(-2_000), Cents::ZERO, false).is_open(), "paying ahead is allowed with a credit");
        assert_eq!(Limits::new(Cents(3_000_000), Cents::ZERO, false).most, MOST);
    }

    fn word() -> impl Strategy<Value = Heard> {
        let status = prop_oneof![
            Just(Status::Created),
            Just(Status::Pending),
            Just(Status::Succeeded),
            Just(Status::Declined),
            Just(Status::Cancelled),
            Just(Status::Expired)
        ];
        // One revision has one content: what is said twice is said alike.
        (status, 1i64..1_000).prop_map(|(status, revision)| Heard { status, decline: None, revision })
    }

    fn end(words: &[Heard]) -> Status {
        words.iter().fold(Standing::NEW, |s, w| s.hear(*w).unwrap_or(s)).status
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

        #[test]
        fn taken_money_is_never_forgotten(words in proptest::collection::vec(word(), 0..8), at in 0i64..1_000) {
            let taken = Heard { status: Status::Succeeded, decline: None, revision: at };
            let s = words.iter().fold(Standing::NEW, |s, w| s.hear(*w).unwrap_or(s));
            let s = s.hear(taken).unwrap_or(s);
            prop_assert_eq!(s.status, Status::Succeeded);
            let later = words.iter().fold(s, |s, w| s.hear(*w).unwrap_or(s));
            prop_assert_eq!(later.status, Status::Succeeded);
        }
    }
}
