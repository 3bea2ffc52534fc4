//! Saved ways to pay, payments that are taken later, autopay. Of a saved way only its name crosses the wire.

use chrono::NaiveDate;
use domain::money::Cents;
use domain::payment::autopay::{Short, Terms};
use domain::payment::planned::{State, Timely, Why};
use domain::payment::saved::Validity;
use domain::payment::{Decline, MethodKind, SetupStatus};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// A saved way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Names it in forms.
    pub id: i64,
    /// What it is.
    pub kind: MethodKind,
    /// As people know it: `Visa ending 4242`.
    pub label: String,
    /// The last day on which it is good.
    pub expires_on: Option<NaiveDate>,
    /// Whether it is good today.
    pub validity: Validity,
}

/// A saved way to pay, and what uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodUse {
    /// Which.
    pub method: Method,
    /// Accounts whose autopay uses it.
    pub autopay: Vec<String>,
    /// How many scheduled payments use it.
    pub scheduled: u32,
}

/// The page of saved ways to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodsView {
    /// The account whose pages it is on.
    pub head: AccountHead,
    /// The person's own.
    pub methods: Vec<MethodUse>,
    /// How far the one has come that was begun last, where the person comes back from there.
    pub setup: Option<SetupStatus>,
    /// Whether the processor could not be asked just now.
    pub processor_down: bool,
    /// The form's own key.
    pub form_key: String,
}

/// A payment that is taken later, or was to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Names it in forms.
    pub id: i64,
    /// Whether it is autopay's.
    pub autopay: bool,
    /// The most that is taken.
    pub amount: Cents,
    /// What would be taken as things stand: no more than is still owed when its turn comes. What has ended takes nothing.
    pub takes: Cents,
    /// The day on which it is taken.
    pub take_on: NaiveDate,
    /// The due date of what it pays, where it is for something that is due.
    pub due_on: Option<NaiveDate>,
    /// What that day means for what is due.
    pub timely: Timely,
    /// How it stands.
    pub state: State,
    /// Why it asks, or has ended.
    pub why: Option<Why>,
    /// Why it was declined last.
    pub decline: Option<Decline>,
    /// What it is taken with.
    pub method: String,
    /// The bill that it is for, and what that comes to.
    pub bill: Option<(String, Cents)>,
    /// What had been expected of the bill.
    pub expected: Option<Cents>,
    /// When it ended or last changed.
    pub changed_on: NaiveDate,
    /// Whether this person may change or cancel it.
    pub may_change: bool,
    /// Whether this person may answer that it goes on: it is taken with what is theirs.
    pub may_go_on: bool,
    /// The number of the newest payment for it.
    pub payment: Option<String>,
}

/// The page of scheduled payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledView {
    /// The account.
    pub head: AccountHead,
    /// Owed and not on its way.
    pub owed: Cents,
    /// Of that, what is not planned yet.
    pub open: Cents,
    /// The earliest due date.
    pub due_on: Option<NaiveDate>,
    /// The first and the last day that may be chosen.
    pub days: (NaiveDate, NaiveDate),
    /// The person's own ways to pay.
    pub methods: Vec<Method>,
    /// What is planned, the next first.
    pub planned: Vec<Planned>,
    /// What was, the newest first.
    pub ended: Vec<Planned>,
    /// Parts to begin with.
    pub parts: Vec<(NaiveDate, Cents)>,
    /// Whether the account has autopay.
    pub autopay: bool,
    /// The one that is being changed.
    pub changing: Option<Planned>,
}

/// One part of what is about to be agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmPart {
    /// On which day; `None` now.
    pub on: Option<NaiveDate>,
    /// How much.
    pub amount: Cents,
    /// What that day means for what is due.
    pub timely: Timely,
}

/// The page that says exactly what will happen before it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmView {
    /// The account.
    pub head: AccountHead,
    /// What is taken and when.
    pub parts: Vec<ConfirmPart>,
    /// With what.
    pub method: Method,
    /// What is owed and not on its way; negative is a credit. The form sends it back, so that nothing is paid twice from two tabs.
    pub owed: Cents,
    /// What is left to pay afterwards; negative is kept as a credit.
    pub left: Cents,
    /// The earliest due date.
    pub due_on: Option<NaiveDate>,
    /// Whether a late fee may follow where something is paid late.
    pub late_fee: bool,
    /// What autopay was going to take, and when.
    pub autopay: Option<(Cents, NaiveDate)>,
    /// Where the receipt will be mailed, masked.
    pub receipt_to: Option<String>,
    /// The form's own key.
    pub form_key: String,
}

/// Autopay as it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// What was agreed to.
    pub terms: Terms,
    /// The saved way to pay.
    pub method: Method,
    /// Who agreed.
    pub by: String,
    /// Whether that is the person who looks.
    pub mine: bool,
    /// Since when.
    pub since: NaiveDate,
    /// What it has planned, the next first.
    pub planned: Vec<Planned>,
}

/// Autopay on an account that was left, to be carried on here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarryOn {
    /// The account that was left.
    pub account: String,
    /// Where that was.
    pub street: String,
    /// What was agreed to there.
    pub terms: Terms,
    /// With what.
    pub method: Method,
}

/// The page of autopay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutopayView {
    /// The account.
    pub head: AccountHead,
    /// As it runs.
    pub enrolled: Option<Enrolled>,
    /// Whether this person may turn it on, change it and turn it off.
    pub may_decide: bool,
    /// The account is closed: there is nothing to take by itself any more.
    pub closed: bool,
    /// The person's own ways to pay.
    pub methods: Vec<Method>,
    /// What is to be paid now and not on its way, and by when.
    pub owed: Cents,
    /// The earliest due date.
    pub due_on: Option<NaiveDate>,
    /// What the running period will probably come to.
    pub coming: Option<Cents>,
    /// What the last bill asked.
    pub last_bill: Option<Cents>,
    /// What the limit that is set is too low for.
    pub short: Option<Short>,
    /// What could be carried on from an account that was left.
    pub carry_on: Option<CarryOn>,
    /// Whether an arrangement is in force: its instalments are taken too.
    pub arranged: bool,
    /// What it did, the newest first.
    pub ended: Vec<Planned>,
    /// The server's today.
    pub today: NaiveDate,
    /// The form's own key.
    pub form_key: String,
}

/// What will be taken by itself, in a line or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// Whether all of it is autopay's.
    pub autopay: bool,
    /// How much the next one takes at most.
    pub amount: Cents,
    /// When.
    pub on: NaiveDate,
    /// With what.
    pub method: String,
    /// How many there are.
    pub count: u32,
    /// The day of the last one.
    pub last: NaiveDate,
    /// What they take together.
    pub sum: Cents,
    /// Whether they take all that is to be paid now, where anything is.
    pub all: bool,
    /// What is to be paid now and nobody has planned.
    pub rest: Cents,
}
