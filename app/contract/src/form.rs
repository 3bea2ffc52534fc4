//! What comes back when a form was refused: the reason and what was typed, so that nothing is lost.

use serde::{Deserialize, Serialize};

use crate::AppError;

/// The state of a form on its way back to the person, kept by the server for a few minutes and given back once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// Why it was refused; `None` where nothing was tried, or where a session ended in the middle and only the words are back.
    pub error: Option<AppError>,
    /// What was typed, by field name; never passwords or files, and amounts only on the page that refused them.
    pub fields: Vec<(String, String)>,
    /// What was done, to be said on the next page.
    pub done: Option<Done>,
}

/// What a form did, said once on the page that follows. Add a name here when a form gets a new outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// Contact details or choices were saved.
    Saved,
    /// A mail with a link is on its way, if the facts were right.
    MailSent,
    /// A message or request was sent.
    Sent,
    /// Something was removed.
    Removed,
    /// A file was confirmed.
    Kept,
    /// Nothing: the session had ended, and amounts wait for nobody to sign in. Said on the page after signing in.
    NotKept,
}

impl FormState {
    /// What was typed into a field.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
