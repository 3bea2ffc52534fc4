//! Bills: what is due, the list, and one bill by line.

use chrono::NaiveDate;
use domain::billing::compare::ServiceVersions;
use domain::billing::explain::{Cause, ServiceChange};
use domain::billing::hold::{CorrectionReason, HoldReason};
use domain::billing::netting::Netted;
use domain::billing::proof::Verdict;
use domain::billing::{Read, ServiceBill};
use domain::calendar::{DayRange, Zone};
use domain::ledger::Due;
use domain::ledger::statement::Since;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal, ServiceKind, Unit};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// What is to be paid and by when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// Owed in all; negative is in the customer's favour.
    pub balance: Cents,
    /// The earliest due date of what is owed; `None` where nothing is.
    pub due_on: Option<NaiveDate>,
    /// The part of the balance whose due date has passed.
    pub overdue: Cents,
    /// The rest of what is to be paid now, by the days from today on by which it is due.
    pub later: Vec<Due>,
    /// The number of the newest bill.
    pub latest_bill: Option<String>,
    /// What is to be paid now: less than is owed where an arrangement spreads it or budget billing puts a difference off.
    pub asked: Cents,
    /// Payments that are on their way, which the balance does not know of yet.
    pub pending: Cents,
    /// The difference that budget billing puts off: positive is still to be asked.
    pub deferred: Cents,
    /// Whether an arrangement is in force.
    pub arranged: bool,
    /// Whether budget billing runs.
    pub budget: bool,
}

impl DueView {
    /// What is to be paid now and not on its way.
    #[must_use]
    pub fn unpaid(&self) -> Cents {
        (self.asked - self.pending).max(Cents::ZERO)
    }
}

/// How a bill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing is left to pay of it.
    Paid,
    /// To be paid by its due date.
    Due,
    /// Its due date has passed.
    Overdue,
    /// A corrected bill stands in its place.
    Replaced,
    /// It is paid by the instalments of an arrangement.
    Arranged,
}

/// One bill in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillSummary {
    /// The number on the bill and in its address.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges of this bill.
    pub total: Cents,
    /// What is left to pay of it (payments settle the oldest bill first).
    pub open: Cents,
    /// How it stands.
    pub standing: Standing,
}

/// The page of all bills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillsView {
    /// The account.
    pub account: AccountHead,
    /// What is to be paid.
    pub due: DueView,
    /// What is taken next without anybody doing anything.
    pub planned: Option<crate::saved::Ahead>,
    /// What is past due and what follows from it, the worst first.
    pub attention: Vec<crate::home::Attention>,
    /// The bills, newest first.
    pub bills: Vec<BillSummary>,
    /// The newest payments that came to something, the newest first.
    pub payments: Vec<crate::payments::PaymentSummary>,
    /// The server's today at the premise.
    pub today: NaiveDate,
    /// When the next bill is expected; `None` for a closed account.
    pub next_bill_on: Option<NaiveDate>,
    /// Why no bill is made now.
    pub hold: Option<HoldView>,
}

/// One service on a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// What was used and what it comes to, by line.
    pub bill: ServiceBill,
    /// What the dials said.
    pub reads: Vec<Read>,
    /// What was delivered in the bill of a year ago, and its days of service.
    pub year_ago: Option<(Decimal, DayRange)>,
    /// What net metering made of it.
    #[serde(default)]
    pub netted: Option<Netted>,
}

/// What was used of one service in the days of one bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastUse {
    /// Which.
    pub service: ServiceKind,
    /// The days of service.
    pub served: DayRange,
    /// Delivered, in the billing unit.
    pub delivered: Decimal,
}

/// One bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillView {
    /// The account.
    pub account: AccountHead,
    /// Number, dates, total, how it stands.
    pub summary: BillSummary,
    /// What the account owes now.
    pub balance_now: Cents,
    /// Payments that are on their way, which the balance does not know of yet.
    pub pending: Cents,
    /// Whether there is something to pay that is not on its way.
    pub payable: bool,
    /// What was owed before this bill; negative is in the customer's favour.
    pub carried: Cents,
    /// How that came about since the bill before; `None` for the first bill.
    pub since: Option<Since>,
    /// The services in the order of the bill.
    pub services: Vec<ServiceView>,
    /// The use of this bill and of those of the year before it, oldest first; metered services only.
    pub history: Vec<PastUse>,
    /// The bill before: its number and charges.
    pub previous: Option<(String, Cents)>,
    /// The bill after.
    pub next: Option<String>,
    /// The bill of the same season a year ago: its number and charges.
    pub year_ago: Option<(String, Cents)>,
    /// The zone of the premise around the period, for the times of reads.
    pub zone: Zone,
    /// Whether it took the place of another bill, or another took its.
    pub corrected: bool,
}

impl BillView {
    /// Whether all prices on it were compared with their source.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.services.iter().all(|s| s.bill.verified)
    }
}

/// A bill beside what dials and intervals say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    /// The account.
    pub account: AccountHead,
    /// The number on the bill.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// The zone of the premise around the period, for the times of reads.
    pub zone: Zone,
    /// The metered services, in the order of the bill.
    pub services: Vec<ServiceProof>,
}

/// One service of a bill beside what dials and intervals say. Amounts are in `unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceProof {
    /// Which.
    pub service: Commodity,
    /// The days of service.
    pub served: DayRange,
    /// The billing unit.
    pub unit: Unit,
    /// What was billed.
    pub billed: Decimal,
    /// What the intervals add up to now.
    pub intervals: Decimal,
    /// What they added up to when the bill was made, where that was something else.
    pub known_then: Option<Decimal>,
    /// How far the dials moved, where both ends of every meter were read.
    pub dials: Option<Decimal>,
    /// How far that is from what was billed.
    pub dials_off: Option<Decimal>,
    /// Intervals that have a value.
    pub present: u32,
    /// Those of them that are estimated.
    pub estimated: u32,
    /// The unit that the meter counts in.
    pub metered_in: Unit,
    /// What net metering made of what was used.
    pub netted: Option<Netted>,
    /// Why the bill is what it is.
    pub verdict: Verdict,
    /// What the dials said.
    pub reads: Vec<Read>,
}

/// A bill as one end of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillEnd {
    /// The number on the bill.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// The charges of this bill.
    pub total: Cents,
    /// The mean temperature of its days, tenths of a degree Fahrenheit, where it is known.
    pub temperature: Option<i64>,
}

/// Why a bill differs from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// The account.
    pub account: AccountHead,
    /// The bill that is explained.
    pub this: BillEnd,
    /// What it is held against; `None` where there is no other bill.
    pub other: Option<BillEnd>,
    /// The bill before, and the one of a year ago, where there are: to choose from.
    pub previous: Option<String>,
    /// The bill of the same season a year ago.
    pub year_ago: Option<String>,
    /// All other bills, newest first, those that were replaced too: numbers, periods and versions.
    pub others: Vec<(String, DayRange, i64)>,
    /// The difference by cause, over all services; sums to it.
    pub causes: Vec<(Cause, Cents)>,
    /// The difference by service; sums to it.
    pub services: Vec<ServiceChange>,
}

/// What the open billing period will probably come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastView {
    /// The billing period.
    pub period: DayRange,
    /// How many of its days are known.
    pub known: i64,
    /// Eight times in ten it is at least this.
    pub low: Cents,
    /// Most likely.
    pub likely: Cents,
    /// Eight times in ten it is at most this.
    pub high: Cents,
    /// Earlier bills for which a range could have been told after as many days.
    pub tried: u32,
    /// How many of them came within it, by what was metered.
    pub within: u32,
}

/// Why no bill is made now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// The reason.
    pub reason: HoldReason,
    /// What an employee wrote about it; empty where nobody did.
    pub note: String,
    /// Since when.
    pub since: NaiveDate,
    /// What happens next happens by this day.
    pub next_on: NaiveDate,
}

/// A hold as employees see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffHoldView {
    /// Key.
    pub id: i64,
    /// What residents see.
    pub hold: HoldView,
    /// Who put it; `None` for the bill run itself.
    pub by: Option<String>,
}

/// One version of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionEnd {
    /// The number on it.
    pub number: String,
    /// 1, and one more for each correction.
    pub version: i64,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges.
    pub total: Cents,
    /// Whether it stands.
    pub stands: bool,
}

/// Bills whose readings changed after they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBills {
    /// The newest first.
    pub bills: Vec<ChangedBill>,
    /// Of how many days.
    pub days: u64,
}

/// A bill whose readings changed after it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBill {
    /// The account's number.
    pub account: String,
    /// The name on the account.
    pub name: String,
    /// The number on the bill.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// What it comes to.
    pub total: Cents,
    /// By how much the use differs.
    pub changes: Vec<ChangedUse>,
}

/// By how much readings differ from those that a bill was computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedUse {
    /// Of which service.
    pub service: ServiceKind,
    /// Whether it is what was sent back.
    pub sent: bool,
    /// How much more they are.
    pub difference: Decimal,
    /// The unit of it.
    pub unit: Unit,
    /// How many more days have readings.
    pub days: i64,
}

/// A corrected bill beside the one it took the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsView {
    /// The account.
    pub account: AccountHead,
    /// The billing period.
    pub period: DayRange,
    /// The earlier version.
    pub before: VersionEnd,
    /// The later one.
    pub after: VersionEnd,
    /// All versions, oldest first.
    pub all: Vec<VersionEnd>,
    /// Why it was corrected.
    pub reason: Option<CorrectionReason>,
    /// What an employee wrote about it.
    pub note: String,
    /// When it was corrected.
    pub corrected_on: NaiveDate,
    /// Both versions by service and line.
    pub services: Vec<ServiceVersions>,
}

/// What a bill would come to if it were computed now, for employees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebillView {
    /// The account's number.
    pub account: String,
    /// The name on the account.
    pub name: String,
    /// The number on the bill.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// Whether it stands; one that was replaced is not computed again.
    pub standing: bool,
    /// What it comes to.
    pub before: Cents,
    /// What it would come to.
    pub after: Option<Cents>,
    /// Whether it would be the same.
    pub same: bool,
    /// Both by service and line.
    pub services: Vec<ServiceVersions>,
    /// Later bills that would be corrected too, since units are carried on to them.
    pub later: i64,
    /// Why it cannot be computed.
    pub problem: Option<String>,
    /// The numbers of all versions, newest first.
    pub versions: Vec<String>,
}
