//! The endpoint of a session: open from its start to its end.

use std::net::{SocketAddr, TcpListener};

use tracing_flame_layer::Flame;

use crate::{
    Error,
    error::Kind,
    listen::{Address, Listening, Site},
    plan::Plan,
    run::COMMAND,
};

/// Listens where the plan says so. From here on the address is taken.
pub(crate) fn start(plan: &Plan, flame: &Flame) -> Result<Option<Listening>, Error> {
    let Some(listen) = &plan.listen else { return Ok(None) };
    let address = listen.address;
    let mut options = plan.options.clone();
    options.run.retain(|(name, _)| name != COMMAND);
    TcpListener::bind(address.0)
        .and_then(|socket| {
            let site = Site::new(flame.clone(), options, listen.hosts.clone());
            Listening::start(socket, site.with_metrics(listen.metrics.clone()))
        })
        .map(Some)
        .map_err(|source| Kind::Listen { address, source }.into())
}

/// One line that says where to look.
pub(crate) fn line(address: SocketAddr) -> String {
    if Address(address).is_loopback() {
        return format!("live at http://{address}/ until shutdown");
    }
    format!(
        "live at http://{address}/ until shutdown; warning: whoever can reach this address can \
         read span names and times and stop the recording"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_can_reach_is_warned_of() {
        let line = |text: &str| line(text.parse().expect(text));
        assert_eq!(line("127.0.0.1:9060"), "live at http://127.0.0.1:9060/ until shutdown");
        assert!(!line("[::1]:9060").contains("warning"));
        for address in ["0.0.0.0:9060", "[::]:9060", "192.0.2.7:9060"] {
            assert!(line(address).contains("warning: whoever can reach"), "{address}");
        }
    }
}
