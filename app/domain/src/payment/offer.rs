//! Which amounts the form for paying offers beside one of the person's own, and which of them is chosen at first.

use serde::{Deserialize, Serialize};

use super::Limits;
use crate::money::Cents;

/// What an offered amount pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// As much as stops every shut-off that has been announced.
    Stop,
    /// What is past due.
    Late,
    /// What is due and will not be taken by itself.
    Rest,
    /// All that is due.
    All,
}

/// What of the amount that is due ([`Limits::due`], so without what is on its way) is special.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What is past due.
    pub late: Cents,
    /// What stops every shut-off that has been announced; zero where none has.
    pub stop: Cents,
    /// What will be taken by itself.
    pub planned: Cents,
}

/// The amounts that are offered, and the one that is chosen at first: what nobody has planned, and nothing where all is planned,
/// so that nobody pays twice by pressing on. No amount is offered twice.
#[must_use]
pub fn offers(limits: Limits, parts: Parts) -> (Vec<(Offer, Cents)>, Option<Cents>) {
    let rest = if parts.planned > Cents::ZERO { limits.due - parts.planned } else { Cents::ZERO };
    let all = [(Offer::Late, parts.late), (Offer::All, limits.due), (Offer::Stop, parts.stop), (Offer::Rest, rest)];
    let mut out: Vec<(Offer, Cents)> = Vec::new();
    for (offer, amount) in all {
        let within = amount > Cents::ZERO && amount <= limits.due && limits.check(amount).is_ok();
        // What is past due altogether is all that is due.
        let same = offer == Offer::Late && amount == limits.due;
        if within && !same && out.iter().all(|(_, a)| *a != amount) {
            out.push((offer, amount));
        }
    }
    out.sort_by_key(|(_, amount)| *amount);
    let first = if parts.planned > Cents::ZERO { rest } else { limits.due };
    let chosen = out.iter().map(|(_, amount)| *amount).find(|a| *a == first);
    (out, chosen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(due: i64, late: i64, stop: i64, planned: i64) -> (Vec<(Offer, Cents)>, Option<Cents>) {
        let parts = Parts { late: Cents(late), stop: Cents(stop), planned: Cents(planned) };
        offers(Limits::new(Cents(due), Cents::ZERO, false), parts)
    }

    #[test]
    fn what_is_past_due_can_be_paid_by_itself() {
        assert_eq!(of(8_450, 0, 0, 0), (vec![(Offer::All, Cents(8_450))], Some(Cents(8_450))));
        let (some, chosen) = of(27_850, 18_640, 12_000, 0);
        let expected = [(Offer::Stop, Cents(12_000)), (Offer::Late, Cents(18_640)), (Offer::All, Cents(27_850))];
        assert_eq!((some.as_slice(), chosen), (expected.as_slice(), Some(Cents(27_850))));
        let (some, _) = of(27_850, 18_640, 18_640, 0);
        assert_eq!(some, [(Offer::Late, Cents(18_640)), (Offer::All, Cents(27_850))]);
        assert_eq!(of(18_640, 18_640, 18_640, 0).0, [(Offer::All, Cents(18_640))], "one amount, said once");
        assert_eq!(of(0, 0, 0, 0), (vec![], None), "only an amount of one's own is left");
        assert_eq!(of(3_000_000, 0, 0, 0), (vec![], None), "more than is taken at once");
    }

    #[test]
    fn what_is_planned_is_not_proposed_again() {
        assert_eq!(
            of(8_450, 0, 0, 8_450),
            (vec![(Offer::All, Cents(8_450))], None),
            "it can be paid sooner, if asked for"
        );
        assert_eq!(of(8_450, 0, 0, 9_000).1, None);
        let (some, chosen) = of(8_450, 0, 0, 4_000);
        assert_eq!(some, [(Offer::Rest, Cents(4_450)), (Offer::All, Cents(8_450))]);
        assert_eq!(chosen, Some(Cents(4_450)));
        assert_eq!(of(8_450, 0, 0, 8_400), (vec![(Offer::All, Cents(8_450))], None), "fifty cents are not taken");
    }

    proptest! {
        #[test]
        fn every_offer_is_taken_and_no_two_are_alike(
            due in 0i64..4_000_000, late in 0i64..4_000_000, stop in 0i64..4_000_000, planned in 0i64..4_000_000,
        ) {
            let (some, chosen) = of(due, late, stop, planned);
            let limits = Limits::new(Cents(due), Cents::ZERO, false);
            prop_assert!(some.iter().all(|(_, a)| limits.check(*a).is_ok() && *a <= Cents(due)));
            prop_assert!(some.windows(2).all(|w| w[0].1 < w[1].1));
            prop_assert!(chosen.is_none_or(|c| some.iter().any(|(_, a)| *a == c)));
            if planned > 0 {
                prop_assert!(chosen.is_none_or(|c| c.0 + planned <= due), "never what is planned already");
            }
        }
    }
}
