//! How people are reached.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An e-mail address as typed, trimmed; compared without regard to case through [`Email::normal`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Not an e-mail address such as `name@example.com`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address such as name@example.com")]
pub struct NotAnEmail;

impl Email {
    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared and must be unique: lower case.
    #[must_use]
    pub fn normal(&self) -> String {
        self.0.to_lowercase()
    }

    /// For a shared screen: first letter and domain, `m•••@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (name, host) = self.0.split_once('@').unwrap_or((&self.0, ""));
        format!("{}•••@{host}", name.chars().next().unwrap_or('•'))
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        let t = text.trim();
        let (name, host) = t.rsplit_once('@').ok_or(NotAnEmail)?;
        let plain = |s: &str| {
            !s.is_empty() && s.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>(),;:\\\"".contains(c))
        };
        if t.len() > 254
            || name.contains('@')
            || !plain(name)
            || !plain(host)
            || !host.contains('.')
            || host.starts_with('.')
            || host.ends_with('.')
        {
            return Err(NotAnEmail);
        }
        Ok(Self(t.to_owned()))
    }
}

impl From<Email> for String {
    fn from(e: Email) -> Self {
        e.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A North American telephone number, kept as ten digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Not a telephone number such as `650-555-0123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number such as 650-555-0123")]
pub struct NotAPhone;

impl Phone {
    /// Ten digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// For a shared screen: the last two digits.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("(•••) •••-••{}", &self.0[8..])
    }
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;
    fn try_from(text: String) -> Result<Self, NotAPhone> {
        if text.chars().any(|c| !(c.is_ascii_digit() || " ()-.+".contains(c))) {
            return Err(NotAPhone);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits =
            if digits.len() == 11 { digits.strip_prefix('1').map(str::to_owned).ok_or(NotAPhone)? } else { digits };
        if digits.len() == 10 { Ok(Self(digits)) } else { Err(NotAPhone) }
    }
}

impl From<Phone> for String {
    fn from(p: Phone) -> Self {
        p.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) {}-{}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_masked() {
        let e = Email::try_from(" Maria@Example.com ".to_owned()).expect("an address");
        assert_eq!(
            (e.as_str(), e.normal().as_str(), e.masked().as_str()),
            ("Maria@Example.com", "maria@example.com", "M•••@Example.com")
        );
        for bad in ["", "a@b", "a b@c.d", "a@@b.c", "@b.c", "a@.c", "x\n@b.c"] {
            assert_eq!(Email::try_from(bad.to_owned()), Err(NotAnEmail), "{bad:?}");
        }
    }

    #[test]
    fn telephone_numbers_are_ten_digits() {
        let p = Phone::try_from("+1 (650) 555-0123".to_owned()).expect("a number");
        assert_eq!((p.to_string().as_str(), p.masked().as_str()), ("(650) 555-0123", "(•••) •••-••23"));
        assert_eq!(Phone::try_from("555-0123".to_owned()), Err(NotAPhone));
    }
}
