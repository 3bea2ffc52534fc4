//! Home: how much, by when, and whether something is wrong.

use chrono::NaiveDate;
use domain::ledger::collections::Clock;
use domain::money::Cents;
use domain::quantity::Commodity;
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;
use crate::bills::{DueView, ForecastView};
use crate::saved::{Ahead, Planned};
use crate::usage::ServiceNow;

/// The account at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// The account.
    pub account: AccountHead,
    /// What is owed and by when.
    pub due: DueView,
    /// What needs attention, the worst first; empty on a quiet day.
    pub attention: Vec<Attention>,
    /// What will be taken by itself.
    pub planned: Option<Ahead>,
    /// What the open billing period will probably come to.
    pub coming: Option<ForecastView>,
    /// Each metered service.
    pub services: Vec<ServiceNow>,
    /// The server's today at the service point.
    pub today: NaiveDate,
}

/// Something to look at now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attention {
    /// Service may be cut off.
    ShutOff {
        /// What, for how much, and not before when.
        clock: Clock,
        /// The payment that stops it: more than is past due for it where older things are settled first.
        stop: Cents,
    },
    /// An arrangement was broken: everything is due.
    Broken {
        /// What is late.
        amount: Cents,
        /// Since when.
        on: NaiveDate,
    },
    /// Something is late, but nothing follows from it for now.
    Held {
        /// The last day of that.
        through: NaiveDate,
        /// What is late.
        amount: Cents,
    },
    /// An instalment of an arrangement is due soon.
    Instalment {
        /// What is left of it.
        amount: Cents,
        /// By when.
        on: NaiveDate,
    },
    /// No bill is made now.
    BillHeld(crate::bills::HoldView),
    /// A bill's due date has passed.
    Overdue {
        /// What is late.
        amount: Cents,
        /// Since when.
        since: NaiveDate,
    },
    /// A planned payment waits for an answer.
    PlannedAsks(Box<Planned>),
    /// A planned payment was declined for good, and something is still owed.
    PlannedFailed(Box<Planned>),
    /// A card that autopay or a scheduled payment uses ends soon, or has ended.
    MethodEnds {
        /// As people know it.
        label: String,
        /// Its last day.
        on: NaiveDate,
        /// Whether that has passed.
        ended: bool,
    },
    /// Autopay of an account that was left can be carried on here.
    CarryOn {
        /// Where that account was.
        street: String,
    },
    /// A payment is on its way.
    PaymentPending {
        /// How much.
        amount: Cents,
    },
    /// Water has run in every hour for at least a day and a half.
    SteadyFlow {
        /// The least that ran in any of these hours, in whole gallons.
        gallons_an_hour: i64,
        /// The day since which it has, as far as was looked back.
        since: NaiveDate,
    },
    /// A meter counts nothing, and is being looked into.
    NothingCounted {
        /// Of which service.
        service: Commodity,
        /// Since when.
        since: NaiveDate,
    },
    /// Readings have stopped coming.
    NoReadings {
        /// Of which service.
        service: Commodity,
        /// The last day that has any.
        since: NaiveDate,
    },
}
