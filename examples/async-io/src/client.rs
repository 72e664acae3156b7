//! Clients, which ask for pages and look at what they get.

use std::{io, net::SocketAddr};

use futures_util::future::try_join_all;

use crate::wire::Lines;

/// Asks for so many pages by so many clients, each for one at a time.
pub(crate) async fn ask(server: SocketAddr, requests: u32, clients: u32) -> io::Result<()> {
    let clients = (0..clients).map(|client| {
        let questions = (client..requests).step_by(clients as usize);
        ask_each(server, questions)
    });
    try_join_all(clients).await.map(drop)
}

async fn ask_each(server: SocketAddr, questions: impl Iterator<Item = u32>) -> io::Result<()> {
    let mut lines = Lines::connect(server).await?;
    for question in questions {
        let page = lines.ask(&format!("page {question}")).await?;
        if !page.starts_with(&format!("page {question}: 10 items, ")) {
            return Err(io::Error::other(format!("asked for page {question}, got `{page}`")));
        }
    }
    Ok(())
}
