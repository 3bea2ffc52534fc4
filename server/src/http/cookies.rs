//! Our cookies: names, how they are set and taken away.

use axum::http::{HeaderMap, HeaderValue, header};

/// One of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// A resident's session, on the portal's host.
    Resident,
    /// An employee's session, on the portal's host below `/staff`.
    Staff,
    /// A viewing, on the assist host.
    Assist,
    /// A form on its way back.
    Form,
    /// A form that waits for its person to sign in; by itself, so that a mistyped password does not take its place.
    Waiting,
    /// What a form did, said on the next page.
    Done,
}

/// Longer than any session, so that a session that ended by itself is still known to have been someone's: what they had typed
/// is kept for them.
const SESSION_DAYS: u32 = 30;

impl Cookie {
    const fn stem(self) -> &'static str {
        match self {
            Self::Resident => "ms_session",
            Self::Staff => "ms_staff",
            Self::Assist => "ms_assist",
            Self::Form => "ms_form",
            Self::Waiting => "ms_waiting",
            Self::Done => "ms_done",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Staff => "/staff",
            _ => "/",
        }
    }

    const fn seconds(self) -> Option<u32> {
        match self {
            Self::Resident | Self::Staff => Some(SESSION_DAYS * 86_400),
            // Goes with the browser: a viewing lasts half an hour at most.
            Self::Assist => None,
            Self::Form | Self::Waiting => Some(15 * 60),
            Self::Done => Some(60),
        }
    }

    /// The name. Over https a prefix makes browsers refuse it from other hosts or without `Secure`.
    fn name(self, secure: bool) -> String {
        let prefix = match (secure, self) {
            (false, _) => "",
            (true, Self::Staff) => "__Secure-",
            (true, _) => "__Host-",
        };
        format!("{prefix}{}", self.stem())
    }

    /// Its value in a request.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.to_owned())
            .filter(|v| !v.is_empty() && v.len() <= 256)
    }

    /// Sets it.
    pub fn set(self, headers: &mut HeaderMap, value: &str, secure: bool) {
        let age = self.seconds().map(|s| format!("; Max-Age={s}")).unwrap_or_default();
        self.write(headers, value, &age, secure);
    }

    /// Takes it away.
    pub fn clear(self, headers: &mut HeaderMap, secure: bool) {
        self.write(headers, "", "; Max-Age=0", secure);
    }

    fn write(self, headers: &mut HeaderMap, value: &str, age: &str, secure: bool) {
        let flag = if secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path={}; HttpOnly; SameSite=Lax{age}{flag}", self.name(secure), self.path());
        if let Ok(text) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_locked_away_from_scripts_and_other_sites() {
        let mut headers = HeaderMap::new();
        Cookie::Resident.set(&mut headers, "abc", true);
        assert_eq!(
            headers[header::SET_COOKIE],
            "__Host-ms_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure"
        );
        let mut headers = HeaderMap::new();
        Cookie::Staff.clear(&mut headers, false);
        assert_eq!(headers[header::SET_COOKIE], "ms_staff=; Path=/staff; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn only_the_cookie_of_that_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("x=1; ms_session=abc; ms_sessions=no"));
        assert_eq!(Cookie::Resident.read(&headers, false).as_deref(), Some("abc"));
        assert_eq!(Cookie::Resident.read(&headers, true), None);
        assert_eq!(Cookie::Staff.read(&headers, false), None);
    }
}
