//! What `--flame-listen` can be.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

/// An address to listen on, as typed: a port alone is one of this machine's only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) SocketAddr);

impl Address {
    /// Whether only this machine can reach it.
    pub(crate) fn is_loopback(self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let port = text.strip_prefix("localhost:").unwrap_or(text);
        if let Ok(port) = port.parse::<u16>() {
            return Ok(Self(SocketAddr::new(loopback, port)));
        }
        text.parse().map(Self).map_err(|_| {
            "write a port, such as `9060`, for this machine only, or an address and a port, \
             such as `192.0.2.7:9060` or `[::1]:9060`"
                .to_owned()
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_this_machine() {
        for (text, address) in [
            ("9060", "127.0.0.1:9060"),
            ("0", "127.0.0.1:0"),
            ("localhost:9060", "127.0.0.1:9060"),
            ("127.0.0.1:9060", "127.0.0.1:9060"),
            ("[::1]:9060", "[::1]:9060"),
        ] {
            let parsed: Address = text.parse().expect(text);
            assert_eq!(parsed.to_string(), address, "{text}");
            assert!(parsed.is_loopback(), "{text}");
        }
    }

    #[test]
    fn other_machines_are_let_in_by_an_address_only() {
        for text in ["0.0.0.0:9060", "[::]:9060", "192.0.2.7:9060"] {
            let parsed: Address = text.parse().expect(text);
            assert!(!parsed.is_loopback(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_would_be() {
        for text in ["", "70000", "-1", ":9060", "127.0.0.1", "reth.example:9060", "::1"] {
            let why = text.parse::<Address>().expect_err(text);
            assert!(why.contains("`9060`") && why.contains("`[::1]:9060`"), "{why}");
        }
    }
}
