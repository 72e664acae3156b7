//! The clock of those who share an operation's time.

/// A clock that runs at one `count`-th of the real one, in the unit of shares.
#[derive(Debug, Default)]
pub(super) struct SharedClock {
    pub(super) count: u64,
    pub(super) clock: u64,
    pub(super) remainder: u64,
    /// What was billed before it was due: nobody is given time for so long.
    pub(super) debt: u64,
}

impl SharedClock {
    /// What is left of some time once debts are paid.
    pub(super) fn pay(&mut self, share: u64) -> u64 {
        let paid = share.min(self.debt);
        self.debt = self.debt.wrapping_sub(paid);
        share.wrapping_sub(paid)
    }

    pub(super) fn advance(&mut self, share: u64) {
        let whole = share.wrapping_add(self.remainder);
        if self.count == 1 {
            self.clock = self.clock.wrapping_add(whole);
            self.remainder = 0;
        } else if let Some(share) = whole.checked_div(self.count) {
            self.clock = self.clock.wrapping_add(share);
            self.remainder = whole.checked_rem(self.count).unwrap_or_default();
        }
    }
}
