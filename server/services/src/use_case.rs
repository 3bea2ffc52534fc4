//! What a use case declares about itself, and on whose behalf it runs.

use domain::access::{Audience, Effect};
use domain::ids::{AccountId, PersonId, SessionId, ViewAsId};

/// A declared use case. Declare with `use_case!` so that the route walker finds it.
#[derive(Debug, PartialEq, Eq)]
pub struct UseCase {
    /// Area and verb: `usage.show`.
    pub name: &'static str,
    /// Whether it changes anything.
    pub effect: Effect,
    /// Who it is for.
    pub audience: Audience,
}

/// A registered use case.
#[derive(Debug)]
pub struct Registered(pub &'static UseCase);
inventory::collect!(Registered);

/// All declared use cases.
pub fn all() -> impl Iterator<Item = &'static UseCase> {
    inventory::iter::<Registered>().map(|r| r.0)
}

/// Declares and registers a use case: `use_case!(pub SHOW = "usage.show", Read, Resident);`
#[macro_export]
macro_rules! use_case {
    ($(#[$m:meta])* $vis:vis $name:ident = $text:literal, $effect:ident, $audience:ident) => {
        $(#[$m])*
        $vis static $name: $crate::UseCase = $crate::UseCase {
            name: $text,
            effect: domain::access::Effect::$effect,
            audience: domain::access::Audience::$audience,
        };
        inventory::submit! { $crate::use_case::Registered(&$name) }
    };
}

/// On whose behalf a request runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Nobody is signed in.
    Nobody,
    /// A resident.
    Resident {
        /// Who.
        person: PersonId,
        /// Their session.
        session: SessionId,
    },
    /// An employee.
    Staff {
        /// Who.
        person: PersonId,
        /// Their session.
        session: SessionId,
    },
    /// An employee who looks through a resident's eyes, at one account, and changes nothing.
    ViewAs {
        /// The employee (RFC 8693: `act.sub`).
        actor: PersonId,
        /// The resident (RFC 8693: `sub`).
        subject: PersonId,
        /// The one account.
        account: AccountId,
        /// The record of this viewing.
        view_as: ViewAsId,
    },
    /// The program itself: a job, the command line, a signed webhook.
    System,
}

impl Principal {
    /// Who acts, for the audit.
    #[must_use]
    pub const fn actor(&self) -> Option<PersonId> {
        match self {
            Self::Nobody | Self::System => None,
            Self::Resident { person, .. } | Self::Staff { person, .. } => Some(*person),
            Self::ViewAs { actor, .. } => Some(*actor),
        }
    }

    /// On whose behalf, where that is someone else.
    #[must_use]
    pub const fn subject(&self) -> Option<PersonId> {
        match self {
            Self::ViewAs { subject, .. } => Some(*subject),
            _ => None,
        }
    }

    /// The resident whose accounts may be opened.
    #[must_use]
    pub const fn resident(&self) -> Option<PersonId> {
        match self {
            Self::Resident { person, .. } => Some(*person),
            Self::ViewAs { subject, .. } => Some(*subject),
            _ => None,
        }
    }
}

/// The rule of access by kind of principal; what belongs to whom is checked by the use case itself.
#[must_use]
pub const fn admits(use_case: &UseCase, who: &Principal) -> bool {
    match (use_case.audience, who) {
        (Audience::Public, Principal::ViewAs { .. }) | (Audience::Resident, Principal::ViewAs { .. }) => {
            matches!(use_case.effect, Effect::Read)
        }
        (Audience::Public, _)
        | (Audience::Resident, Principal::Resident { .. })
        | (Audience::Staff, Principal::Staff { .. })
        | (Audience::System, Principal::System) => true,
        _ => false,
    }
}
