//! Which names the endpoint answers to.
//!
//! A page from elsewhere can give its own name the address of this machine (DNS
//! rebinding), and is then, to a browser, the same site as the endpoint. The
//! `Host` of its requests is still that name. So a name must be known; an IP
//! literal cannot be given another address.

use std::net::{IpAddr, Ipv6Addr};

/// The host names that are answered, besides `localhost` and IP literals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Whether an authority, `host` or `host:port`, is one to answer to.
    pub(crate) fn allow(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else { return false };
        is_ip_literal(host)
            || host.eq_ignore_ascii_case("localhost")
            || self.0.iter().any(|name| host.eq_ignore_ascii_case(name))
    }
}

/// The authority without its port; `None` where it is none.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some(host)
}

fn is_ip_literal(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()),
    }
}

/// A name that `--flame-allow-host` can take: no scheme, port or blank.
pub(crate) fn parse_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !text.is_empty() && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err("write a host name alone, such as `reth.example`, without scheme and port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_localhost_and_listed_names_are_answered() {
        let hosts = Hosts::new(["reth.example".to_owned()]);
        for authority in [
            "127.0.0.1",
            "127.0.0.1:9060",
            "192.0.2.7:80",
            "[::1]",
            "[::1]:9060",
            "localhost",
            "LocalHost:9060",
            "reth.example",
            "RETH.example:9060",
        ] {
            assert!(hosts.allow(authority), "{authority}");
        }
    }

    #[test]
    fn every_other_name_is_refused() {
        let hosts = Hosts::new(["reth.example".to_owned()]);
        for authority in [
            "",
            "evil.example",
            "evil.example:9060",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "sub.reth.example",
            "user@127.0.0.1",
            "127.0.0.1:9060:80",
            "127.0.0.1:x",
            "::1",
            "[::1",
            "[127.0.0.1]",
            "[::1]evil.example",
            "0x7f.1",
            "2130706433",
        ] {
            assert!(!hosts.allow(authority), "{authority}");
        }
    }

    #[test]
    fn a_name_is_neither_a_url_nor_has_a_port() {
        assert_eq!(parse_name("reth.example").as_deref(), Ok("reth.example"));
        for text in ["", "http://reth.example", "reth.example:9060", "*", "a b"] {
            assert!(parse_name(text).is_err(), "{text}");
        }
    }
}
