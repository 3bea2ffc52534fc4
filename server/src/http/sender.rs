//! Where a request comes from: the peer, or whom a trusted proxy in front names as its peer.

use std::net::{IpAddr, SocketAddr};

use anyhow::Context as _;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use services::auth::From as Sender;

/// Reads the proxies of the settings: addresses and networks, separated by spaces.
///
/// # Errors
/// If one is neither.
pub fn proxies(text: &str) -> anyhow::Result<Vec<IpNet>> {
    text.split_whitespace()
        .map(|word| {
            word.parse::<IpNet>()
                .or_else(|_| word.parse::<IpAddr>().map(IpNet::from))
                .with_context(|| format!("`trusted_proxies`: `{word}` is no address and no network such as 10.0.0.0/8"))
        })
        .collect()
}

/// The sender of a request. For limits, an address stands for a home (IPv6: its first 64 bits).
pub fn sender(proxies: &[IpNet], request: &Request) -> Sender {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let address = match peer.map(|peer| named(proxies, peer, request.headers())) {
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
        None => String::new(),
    };
    let device = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Sender { address, device: device.to_owned() }
}

/// Walks `X-Forwarded-For` from its end, where the proxy next to us wrote, as long as those who wrote are trusted.
fn named(proxies: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|net| net.contains(&address));
    let mut address = peer.to_canonical();
    let chain: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in chain.iter().rev() {
        if !trusted(address) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(before) => address = before.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_by(peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = proxies("10.0.0.0/8 2001:db8::1").expect("readable");
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", axum::http::HeaderValue::from_static(value));
        }
        named(&proxies, peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(named_by("10.1.2.3", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(named_by("198.51.100.1", &["203.0.113.9"]), "198.51.100.1", "a stranger's header counts nothing");
        assert_eq!(
            named_by("10.1.2.3", &["198.51.100.7, 203.0.113.9"]),
            "203.0.113.9",
            "what the client wrote counts nothing"
        );
        assert_eq!(named_by("10.1.2.3", &["203.0.113.9, 10.9.9.9"]), "203.0.113.9", "two proxies of ours");
        assert_eq!(named_by("10.1.2.3", &["203.0.113.9", "10.9.9.9"]), "203.0.113.9", "in two headers");
        assert_eq!(named_by("::ffff:10.1.2.3", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(named_by("10.1.2.3", &["unknown"]), "10.1.2.3");
        assert_eq!(named_by("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn a_proxy_that_is_none_is_named() {
        let error = proxies("10.0.0.0/8 gateway").expect_err("refused").to_string();
        assert!(error.contains("`gateway`"), "{error}");
    }
}
