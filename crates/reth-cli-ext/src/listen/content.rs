//! What is sent back: bytes, and what is held until they are sent.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Buf, Bytes, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::activity::Busy;

/// The body of a response, in one piece.
pub(super) struct Content(Option<Piece>);

/// Bytes on their way out. They, and what is held with them, go when the last
/// of them is written, or the connection ends.
pub(super) struct Piece {
    bytes: Bytes,
    held: Held,
}

/// What a response occupies until it is written.
#[derive(Default)]
pub(super) struct Held {
    /// A place among the profiles that are being drawn or written.
    pub(super) place: Option<OwnedSemaphorePermit>,
    /// The connection's mark that it is not idle.
    pub(super) busy: Option<Busy>,
}

impl Content {
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        Self(Some(Piece { bytes: bytes.into(), held: Held::default() }))
    }

    /// How many bytes there are to send.
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |piece| piece.bytes.len())
    }

    /// The bytes by themselves.
    #[cfg(test)]
    pub(super) fn into_vec(self) -> Vec<u8> {
        self.0.map_or_else(Vec::new, |piece| piece.bytes.into())
    }

    /// Leaves the bytes out: the answer to `HEAD`.
    pub(super) fn clear(&mut self) {
        if let Some(piece) = &mut self.0 {
            piece.bytes.clear();
        }
    }

    /// Holds on to a place until the bytes are sent.
    pub(super) fn hold_place(&mut self, place: OwnedSemaphorePermit) {
        if let Some(piece) = &mut self.0 {
            piece.held.place = Some(place);
        }
    }

    /// Keeps the connection from being idle until the bytes are sent.
    pub(super) fn hold_busy(&mut self, busy: Busy) {
        if let Some(piece) = &mut self.0 {
            piece.held.busy = Some(busy);
        }
    }
}

impl Body for Content {
    type Data = Piece;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, Infallible>>> {
        Poll::Ready(self.0.take().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len() as u64)
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}
