//! Who may do what: audiences, staff roles, and the rule of view-as.

use serde::{Deserialize, Serialize};

/// Whether a use case changes anything. View-as is refused every `Write`, whatever the HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Looks, changes nothing the customer could see.
    Read,
    /// Changes something.
    Write,
}

/// Who a use case is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Anyone, signed in or not.
    Public,
    /// A signed-in person who has a role on the account concerned (or staff viewing as that person, if it is a read).
    Resident,
    /// A signed-in employee.
    Staff,
    /// The program itself: jobs, the command line, signed webhooks.
    System,
}

/// What a person may do on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum AccountRole {
    /// Named on the account and liable for it.
    Holder,
    /// Let in by the holder.
    Guest,
}
