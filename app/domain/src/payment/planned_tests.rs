//! What must hold of planned payments whatever happens: examples of each rule, and random lives of an account.

use proptest::prelude::*;

use super::*;

fn day(n: i64) -> NaiveDate {
    let first: NaiveDate = "2026-01-01".parse().expect("a date");
    first + chrono::TimeDelta::days(n)
}

fn plan(most: i64) -> Plan {
    Plan { state: State::Waiting, take_on: day(10), most: Cents(most), declines: 0 }
}

fn facts(today: i64, owed: i64) -> Facts {
    Facts { today: day(today), owed: Cents(owed), busy: false, stopped: None, good: true }
}

#[test]
fn it_takes_on_its_day_and_no_more_than_is_owed() {
    assert_eq!(plan(5_000).step(&facts(9, 8_000)), Step::Nothing);
    assert_eq!(plan(5_000).step(&facts(10, 8_000)), Step::Take(Cents(5_000)));
    assert_eq!(plan(5_000).step(&facts(10, 3_000)), Step::Take(Cents(3_000)));
    assert_eq!(plan(5_000).step(&facts(10, 0)), Step::Covered);
    assert_eq!(plan(5_000).step(&facts(14, 8_000)), Step::Take(Cents(5_000)), "a job that was late");
}

#[test]
fn while_someone_pays_it_waits() {
    let busy = |owed| Facts { busy: true, ..facts(10, owed) };
    assert_eq!(plan(5_000).step(&busy(8_000)), Step::Wait);
    assert_eq!(plan(5_000).step(&busy(0)), Step::Wait, "they may turn back");
}

#[test]
fn one_that_asks_takes_nothing_until_it_is_answered() {
    let asking = Plan { state: State::Asking, ..plan(5_000) };
    assert_eq!(asking.step(&facts(30, 8_000)), Step::Nothing);
    assert_eq!(asking.step(&facts(30, 0)), Step::Covered, "paid another way");
    assert_eq!(plan(5_000).step(&Facts { good: false, ..facts(10, 8_000) }), Step::Ask(Why::MethodExpired));
}

#[test]
fn what_has_ended_stays_so() {
    let left = Facts { stopped: Some(Why::Left), ..facts(5, 8_000) };
    assert_eq!(plan(5_000).step(&left), Step::Stop(Why::Left), "at once, not on its day only");
    for state in [State::Taking, State::Taken, State::Covered, State::Cancelled, State::Failed] {
        assert_eq!(Plan { state, ..plan(5_000) }.step(&facts(10, 8_000)), Step::Nothing, "{state:?}");
    }
}

#[test]
fn a_declined_one_is_tried_once_more_if_that_may_help() {
    let taking = Plan { state: State::Taking, ..plan(5_000) };
    for decline in [Some(Decline::Funds), Some(Decline::ByBank), None] {
        let once = taking.heard(Status::Declined, decline, day(10)).expect("changed");
        assert_eq!((once.state, once.take_on, once.declines), (State::Retrying, day(13), 1));
        assert_eq!(once.step(&facts(12, 8_000)), Step::Nothing);
        assert_eq!(once.step(&facts(13, 8_000)), Step::Take(Cents(5_000)));
        let again = Plan { state: State::Taking, ..once };
        assert_eq!(again.heard(Status::Declined, decline, day(13)).expect("changed").state, State::Failed);
    }
    for decline in [Decline::ExpiredCard, Decline::BankAccount, Decline::NeedsPerson, Decline::MethodGone] {
        let once = taking.heard(Status::Declined, Some(decline), day(10)).expect("changed");
        assert_eq!(once.state, State::Failed);
    }
    let never = taking.heard(Status::Expired, None, day(10)).expect("changed");
    assert_eq!((never.state, never.declines), (State::Waiting, 0), "it never came to the processor");
    assert_eq!(taking.heard(Status::Pending, None, day(10)), None);
}

#[test]
fn parts_sum_and_days_are_checked() {
    assert_eq!(parts(Cents(8_451), 2), [Cents(4_226), Cents(4_225)]);
    assert_eq!(parts(Cents(100), 9).len(), MOST_PARTS);
    let two = |a, b| [(day(5), Cents(a)), (day(20), Cents(b))];
    assert_eq!(check(&two(4_226, 4_225), day(0), Cents(8_451)), Ok(()));
    assert_eq!(check(&two(4_226, 4_226), day(0), Cents(8_451)), Err(PartsRefused::TooLarge));
    assert_eq!(check(&two(4_226, 0), day(0), Cents(8_451)), Err(PartsRefused::TooSmall(1)));
    assert_eq!(check(&two(i64::MAX, i64::MAX), day(0), Cents(8_451)), Err(PartsRefused::TooLarge));
    assert_eq!(check(&two(4_000, 4_000), day(5), Cents(8_451)), Err(PartsRefused::Day(0)), "that day is today");
    assert_eq!(check(&[(day(61), Cents(100))], day(0), Cents(8_451)), Err(PartsRefused::Day(0)));
    assert_eq!(check(&[], day(0), Cents(8_451)), Err(PartsRefused::Count));
    assert_eq!(check(&[(day(9), Cents(1))], day(0), Cents::ZERO), Err(PartsRefused::TooLarge), "nothing is owed");
    assert_eq!(Timely::of(day(5), Some(day(5))), Timely::InTime);
    assert_eq!(Timely::of(day(8), Some(day(5))), Timely::Late(3));
}

/// Something that happens to an account with planned payments.
#[derive(Clone, Debug)]
enum Event {
    Days(i64),
    Bill(i64),
    PaidElsewhere(i64),
    /// A new one over an amount, so many days ahead.
    Plan(i64, i64),
    /// The processor's last word about the payment that is on its way.
    Word(Status, Option<Decline>),
    Answer(bool),
    Leave,
    CardEnds,
    Busy(bool),
}

fn event() -> impl Strategy<Value = Event> {
    let decline = prop_oneof![
        Just(None),
        Just(Some(Decline::ByBank)),
        Just(Some(Decline::Funds)),
        Just(Some(Decline::ExpiredCard)),
        Just(Some(Decline::BankAccount)),
        Just(Some(Decline::NeedsPerson))
    ];
    let status = prop_oneof![
        3 => Just(Status::Succeeded),
        1 => Just(Status::Pending),
        2 => Just(Status::Declined),
        1 => Just(Status::Expired)
    ];
    prop_oneof![
        6 => (0i64..9).prop_map(Event::Days),
        2 => (1i64..30_000).prop_map(Event::Bill),
        2 => (1i64..30_000).prop_map(Event::PaidElsewhere),
        3 => (1i64..30_000, 1i64..30).prop_map(|(a, d)| Event::Plan(a, d)),
        6 => (status, decline).prop_map(|(s, d)| Event::Word(s, d)),
        1 => any::<bool>().prop_map(Event::Answer),
        1 => Just(Event::Leave),
        1 => Just(Event::CardEnds),
        1 => any::<bool>().prop_map(Event::Busy),
    ]
}

/// An account, its planned payments, and what is on its way of each.
struct Account {
    today: i64,
    balance: i64,
    plans: Vec<(Plan, Option<i64>, u32, u32)>,
    left: bool,
    good: bool,
    busy: bool,
}

impl Account {
    fn on_its_way(&self) -> i64 {
        self.plans.iter().filter_map(|(_, way, ..)| *way).sum()
    }

    /// The job of a day.
    fn look(&mut self) {
        for i in 0..self.plans.len() {
            let owed = self.balance - self.on_its_way();
            let facts = Facts {
                today: day(self.today),
                owed: Cents(owed),
                busy: self.busy,
                stopped: self.left.then_some(Why::Left),
                good: self.good,
            };
            let (plan, way, tries, _) = &mut self.plans[i];
            let before = plan.state;
            match plan.step(&facts) {
                Step::Nothing | Step::Wait => {}
                Step::Take(amount) => {
                    assert!(!self.left && !self.busy && self.good, "never after leaving, nor beside the person");
                    assert_ne!(before, State::Asking, "the brake holds");
                    assert!(amount.0 > 0 && amount.0 <= owed, "never more than is owed: {amount} of {owed}");
                    assert!(amount <= plan.most, "never more than was agreed");
                    assert!(facts.today >= plan.take_on, "never before its day");
                    assert!(way.is_none(), "never twice at a time");
                    (plan.state, *way) = (State::Taking, Some(amount.0));
                    *tries += 1;
                }
                Step::Covered => plan.state = State::Covered,
                Step::Ask(_) => plan.state = State::Asking,
                Step::Stop(_) => plan.state = State::Cancelled,
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_nobody_pays_too_much_or_twice(events in proptest::collection::vec(event(), 1..60)) {
        let mut a = Account { today: 0, balance: 0, plans: Vec::new(), left: false, good: true, busy: false };
        for event in events {
            match event {
                Event::Days(n) => a.today += n,
                Event::Bill(amount) => a.balance += amount,
                Event::PaidElsewhere(amount) => a.balance -= amount,
                Event::Plan(amount, ahead) => {
                    let plan = Plan { state: State::Waiting, take_on: day(a.today + ahead), most: Cents(amount), declines: 0 };
                    a.plans.push((plan, None, 0, 0));
                }
                Event::Word(status, decline) => {
                    let today = day(a.today);
                    let mut taken = 0;
                    if let Some((plan, way, _, times)) = a.plans.iter_mut().find(|(_, way, ..)| way.is_some())
                        && status != Status::Pending
                    {
                        let amount = way.take().unwrap_or(0);
                        *plan = plan.heard(status, decline, today).unwrap_or(*plan);
                        if status == Status::Succeeded {
                            *times += 1;
                            taken = amount;
                        }
                    }
                    a.balance -= taken;
                }
                Event::Answer(go) => {
                    for (plan, ..) in a.plans.iter_mut().filter(|(p, ..)| p.state == State::Asking) {
                        plan.state = if go { State::Waiting } else { State::Cancelled };
                    }
                }
                Event::Leave => a.left = true,
                Event::CardEnds => a.good = false,
                Event::Busy(busy) => a.busy = busy,
            }
            a.look();
            for (plan, way, _, times) in &a.plans {
                prop_assert!(*times <= 1, "taken twice");
                prop_assert_eq!(plan.state == State::Taken, *times == 1);
                prop_assert_eq!(plan.state == State::Taking, way.is_some());
                prop_assert!(plan.declines <= 2);
            }
        }
    }

    #[test]
    fn parts_differ_by_a_cent_and_sum(total in 1i64..10_000_000, n in 1usize..=MOST_PARTS) {
        let all = parts(Cents(total), n);
        prop_assert_eq!(all.iter().copied().sum::<Cents>(), Cents(total));
        let (least, most) = (all.iter().min().expect("one"), all.iter().max().expect("one"));
        prop_assert!(most.0 - least.0 <= 1);
    }
}
