//! Paying: choosing an amount, and one payment on its way.

use chrono::{NaiveDate, NaiveDateTime};
use domain::money::Cents;
use domain::payment::offer::Offer;
use domain::payment::{Decline, Limits, RefundStatus, Status};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;
use crate::bills::DueView;
use crate::home::Attention;
use crate::saved::{Ahead, Method};

/// One payment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSummary {
    /// What people quote; also in the address of its page.
    pub number: String,
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: Status,
    /// The local day on which it was begun.
    pub on: NaiveDate,
    /// What was paid with.
    pub method: Option<String>,
    /// Whether the bank sent it back.
    pub returned: bool,
}

/// Choosing an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayView {
    /// The account.
    pub head: AccountHead,
    /// What is owed and by when, less what is on its way.
    pub due: DueView,
    /// Shut-offs that have been announced and are not stopped by what is on its way.
    pub shut_offs: Vec<Attention>,
    /// Which amounts are taken.
    pub limits: Limits,
    /// Amounts that are offered, the least first.
    pub offers: Vec<(Offer, Cents)>,
    /// The one that is chosen at first; `None` is an amount of one's own.
    pub chosen: Option<Cents>,
    /// The form's own key: sent twice, it begins one payment.
    pub form_key: String,
    /// Payments that the processor is working on.
    pub pending: Vec<PaymentSummary>,
    /// The person's own saved ways to pay.
    pub methods: Vec<Method>,
    /// What will be taken by itself.
    pub planned: Option<Ahead>,
    /// Whether the account has autopay.
    pub autopay: bool,
    /// The server's today.
    pub today: NaiveDate,
}

/// What was given back of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: RefundStatus,
    /// When that was heard, local time.
    pub at: NaiveDateTime,
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// The account.
    pub head: AccountHead,
    /// What people quote.
    pub number: String,
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: Status,
    /// Why it was declined.
    pub decline: Option<Decline>,
    /// What was paid with.
    pub method: Option<String>,
    /// Whether it is taken with a saved way to pay, without a page of the processor.
    pub saved: bool,
    /// When it was begun, local time.
    pub begun_at: NaiveDateTime,
    /// When it was posted, local time.
    pub posted_at: Option<NaiveDateTime>,
    /// When we heard that the bank had sent it back, local time.
    pub returned_at: Option<NaiveDateTime>,
    /// What is owed now; negative is in the customer's favour.
    pub balance: Cents,
    /// Where the receipt was mailed, masked.
    pub receipt_to: Option<String>,
    /// What was given back of it.
    pub refunds: Vec<RefundLine>,
    /// The processor's page, while it can still be paid there.
    pub resume: Option<String>,
    /// Whether the processor could not be asked just now.
    pub processor_down: bool,
}

/// What a guest sees: what is due, and nothing else of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestPayView {
    /// The account's number but for its last digits.
    pub account: String,
    /// Owed in all; zero where nothing is.
    pub balance: Cents,
    /// The earliest due date of what is owed.
    pub due_on: Option<NaiveDate>,
    /// Which amounts are taken.
    pub limits: Limits,
    /// What is offered: all that is due. What else stands behind it is nothing to a guest.
    pub offers: Vec<(Offer, Cents)>,
    /// The one that is chosen at first.
    pub chosen: Option<Cents>,
    /// The form's own key: sent twice, it begins one payment.
    pub form_key: String,
}

/// One payment of a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestPaymentView {
    /// The account's number but for its last digits.
    pub account: String,
    /// What people quote.
    pub number: String,
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: Status,
    /// Why it was declined.
    pub decline: Option<Decline>,
    /// What was paid with.
    pub method: Option<String>,
    /// When it was begun, local time.
    pub begun_at: NaiveDateTime,
    /// When it was posted, local time.
    pub posted_at: Option<NaiveDateTime>,
    /// What was given back of it.
    pub refunds: Vec<RefundLine>,
    /// What the account still owes.
    pub owed: Cents,
    /// The processor's page, while it can still be paid there.
    pub resume: Option<String>,
    /// Whether the processor could not be asked just now.
    pub processor_down: bool,
}

/// What a page needs to show the processor's own fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldsView {
    /// The processor's script.
    pub script: String,
    /// The key that browsers may know.
    pub key: String,
    /// What lets this browser finish this one payment or setup.
    pub client_secret: String,
    /// Whether something is saved rather than paid.
    pub setup: bool,
}

/// The page with the processor's fields in which a way to pay is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupCardView {
    /// The account's number.
    pub account: String,
    /// The reference of the setting up.
    pub reference: String,
    /// The fields; `None` where there is nothing to save here.
    pub fields: Option<FieldsView>,
}

/// The page with the processor's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The account's number; empty for a guest.
    pub account: String,
    /// The payment's number.
    pub number: String,
    /// How much.
    pub amount: Cents,
    /// The fields; `None` where there is nothing to pay here.
    pub fields: Option<FieldsView>,
}
