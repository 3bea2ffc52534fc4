//! The account that a page is about.

use domain::money::Cents;
use domain::quantity::Commodity;
use serde::{Deserialize, Serialize};

/// What every signed-in page shows at its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHead {
    /// The account number, as on the bill and in the address of the page.
    pub number: String,
    /// The name on the bill.
    pub name: String,
    /// The street address where service is delivered.
    pub street: String,
    /// Metered services, in the order of [`Commodity::ALL`].
    pub services: Vec<Commodity>,
    /// The other accounts that the signed-in person may open.
    pub others: Vec<AccountChoice>,
    /// What is to be paid now, neither on its way nor taken by itself, on pages that have no way to pay of their own.
    pub pay: Option<Cents>,
    /// Set where an employee is looking through the resident's eyes.
    pub view_as: Option<ViewAsBanner>,
}

/// One entry of the account switcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChoice {
    /// The account number.
    pub number: String,
    /// The street address.
    pub street: String,
}

/// What the banner of view-as says on every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewAsBanner {
    /// The employee.
    pub staff_name: String,
    /// The resident.
    pub subject_name: String,
    /// Why, in the employee's choice of reason, as text.
    pub reason: String,
    /// Minutes until it ends by itself, rounded up.
    pub minutes_left: u32,
}
