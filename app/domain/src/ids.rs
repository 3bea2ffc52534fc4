//! Keys of stored things. They are 64-bit integers given out by the database; people see numbers (`account_number`,
//! `bill_number`), never these.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub i64);
    )+};
}

ids! {
    /// A person: resident, business contact or employee.
    PersonId,
    /// A customer account: who is billed.
    AccountId,
    /// A premise: an address, which outlives its customers.
    PremiseId,
    /// A service point: where a service is delivered at a premise.
    ServicePointId,
    /// A meter as a device.
    MeterId,
    /// A register (channel) of a meter.
    RegisterId,
    /// A service agreement: one service for one account at one service point, from an instant to an instant.
    AgreementId,
    /// An issued or cancelled bill.
    BillId,
    /// A journal transaction.
    JournalId,
    /// A payment.
    PaymentId,
    /// Money that is given back.
    RefundId,
    /// A saved way to pay.
    MethodId,
    /// A stretch of autopay.
    AutopayId,
    /// A payment that is taken later.
    PlannedId,
    /// A service request.
    RequestId,
    /// A usage file that was taken in.
    DeliveryId,
    /// An exception: something about usage that someone has to look at.
    ExceptionId,
    /// A resident's own uploaded data set.
    DataSetId,
    /// A day that a resident marked.
    MarkerId,
    /// A signed-in session.
    SessionId,
    /// A staff view-as session.
    ViewAsId,
    /// A payment arrangement.
    ArrangementId,
    /// A stretch of budget billing.
    BudgetPlanId,
    /// A deposit that is held.
    DepositId,
    /// A reason for which nothing is cut off.
    HoldId,
    /// A stored file, such as a photo.
    AttachmentId,
}
