//! Which of our hosts a request is for. The host says which cookie counts, so that a resident's own session and an employee's
//! viewing cannot mix.

use anyhow::{Context as _, bail};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use services::Settings;
use url::Url;

use super::Http;

/// One of our hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Residents' own pages and staff pages.
    Portal,
    /// Residents' pages as an employee views them.
    Assist,
}

/// Our origins, in the forms in which they are compared.
#[derive(Clone, Debug)]
pub struct Origins {
    /// `https://my.example.org`
    pub portal: String,
    /// `https://assist.my.example.org`
    pub assist: String,
    /// `https://pay.example.org`
    pub pay: String,
    portal_host: String,
    assist_host: String,
    /// Whether the portal is served over https, as browsers see it.
    pub secure: bool,
}

impl Origins {
    /// Reads the origins of the settings.
    ///
    /// # Errors
    /// If one is no http origin, or two hosts are the same.
    pub fn read(settings: &Settings) -> anyhow::Result<Self> {
        let one = |name: &str, text: &str| -> anyhow::Result<(String, String, bool)> {
            let url = Url::parse(text).with_context(|| format!("{name} = {text:?} is no origin"))?;
            let host = url.host_str().with_context(|| format!("{name} = {text:?} names no host"))?;
            if !matches!(url.scheme(), "http" | "https") {
                bail!("{name} = {text:?} is neither http nor https");
            }
            let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            Ok((url.origin().ascii_serialization(), authority, url.scheme() == "https"))
        };
        let (portal, portal_host, secure) = one("portal_origin", &settings.portal_origin)?;
        let (assist, assist_host, _) = one("assist_origin", &settings.assist_origin)?;
        let (pay, pay_host, _) = one("pay_origin", &settings.pay_origin)?;
        if portal_host == assist_host || portal_host == pay_host || assist_host == pay_host {
            bail!("portal_origin, assist_origin and pay_origin must be three different hosts");
        }
        Ok(Self { portal, assist, pay, portal_host, assist_host, secure })
    }

    /// Which site a `Host` header means.
    #[must_use]
    pub fn site_of(&self, host: &str) -> Option<Site> {
        let default = if self.secure { ":443" } else { ":80" };
        let host = host.strip_suffix(default).unwrap_or(host);
        if host.eq_ignore_ascii_case(&self.portal_host) {
            Some(Site::Portal)
        } else if host.eq_ignore_ascii_case(&self.assist_host) {
            Some(Site::Assist)
        } else {
            None
        }
    }

    /// The origin of a site.
    #[must_use]
    pub fn of(&self, site: Site) -> &str {
        match site {
            Site::Portal => &self.portal,
            Site::Assist => &self.assist,
        }
    }
}

/// What only the portal's own host answers: signing in and everything of staff. On the assist host it does not exist.
const PORTAL_ONLY: &[&str] = &[
    "/staff",
    "/sign-in",
    "/claim",
    "/confirm",
    "/recover",
    "/new-password",
    "/new-email",
    "/api/sign-in",
    "/api/sign-out",
    "/api/auth",
    "/outbox",
    "/webhooks",
];

/// What only the assist host answers.
const ASSIST_ONLY: &[&str] = &["/view-as"];

fn under(path: &str, roots: &[&str]) -> bool {
    roots.iter().any(|r| path.strip_prefix(r).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn host_of<'a>(headers: &'a HeaderMap, uri: &'a axum::http::Uri) -> Option<&'a str> {
    headers.get(header::HOST).and_then(|h| h.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str()))
}

/// Finds out which site is meant; an unknown host is answered 421, a page of the other site 404.
pub async fn site(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let known = host_of(request.headers(), request.uri()).and_then(|h| http.origins.site_of(h));
    // Health is asked by address, before names exist.
    let site = match known {
        Some(site) => site,
        None if path.starts_with("/health/") => Site::Portal,
        None => return (StatusCode::MISDIRECTED_REQUEST, "this server has no site of that name").into_response(),
    };
    let misplaced = match site {
        Site::Portal => under(path, ASSIST_ONLY),
        Site::Assist => under(path, PORTAL_ONLY),
    };
    if misplaced {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    request.extensions_mut().insert(site);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_says_which_site_is_meant() {
        let origins = Origins::read(&Settings::default()).expect("the defaults are origins");
        assert_eq!(origins.site_of("localhost:8620"), Some(Site::Portal));
        assert_eq!(origins.site_of("Assist.Localhost:8620"), Some(Site::Assist));
        for other in ["localhost", "localhost:8621", "evil.example", "assist.localhost.evil.example:8620", ""] {
            assert_eq!(origins.site_of(other), None, "{other}");
        }
        let settings = Settings { portal_origin: "https://my.example.org".into(), ..Settings::default() };
        let origins = Origins::read(&settings).expect("origins");
        assert_eq!(origins.site_of("my.example.org:443"), Some(Site::Portal));
        assert!(origins.secure);
    }

    #[test]
    fn one_host_for_two_sites_is_refused() {
        let settings = Settings { assist_origin: "http://localhost:8620/".into(), ..Settings::default() };
        assert!(Origins::read(&settings).is_err());
    }
}
