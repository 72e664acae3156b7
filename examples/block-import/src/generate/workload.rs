//! What the transactions of the generated chain do.

use super::{
    accounts::{Accounts, Signer, address, seed},
    contracts::{Addresses, balance_slot, call, word},
    rng::Rng,
    transaction::{Call, Envelope, Unsigned, authorize, versioned_hash},
};
use crate::error::Error;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, Bytes, U256, keccak256};

/// Fewer than a block may carry, so that the blob fee stays where it is.
const MAX_BLOBS: usize = 6;
const GWEI: u64 = 1_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transfer,
    Token,
    TokenWithAccessList,
    Swap,
    Hash,
    Create,
    Blob,
    SetCode,
}

impl Kind {
    /// Each kind and how many of a hundred transactions are of it.
    const SHARES: [(Self, u64); 8] = [
        (Self::Transfer, 40),
        (Self::Token, 20),
        (Self::TokenWithAccessList, 9),
        (Self::Swap, 15),
        (Self::Hash, 8),
        (Self::Create, 4),
        (Self::Blob, 2),
        (Self::SetCode, 2),
    ];

    /// The first few transactions of a block are one of each kind, so that a
    /// small chain has them all.
    fn choose(index: u64, rng: &mut Rng) -> Self {
        if let Some((kind, _)) = Self::SHARES.get(index as usize) {
            return *kind;
        }
        let mut ticket = rng.below(100);
        for (kind, share) in Self::SHARES {
            if ticket < share {
                return kind;
            }
            ticket -= share;
        }
        Self::Transfer
    }
}

/// Makes up transactions and keeps count of nonces.
#[derive(Debug)]
pub(super) struct Workload {
    accounts: Accounts,
    contracts: Addresses,
    rng: Rng,
    sender_nonces: Vec<u64>,
    authority_nonces: Vec<u64>,
    /// Counts everything that must differ each time: new accounts, salts, blobs.
    fresh: u64,
    set_codes: usize,
}

impl Workload {
    pub(super) fn new(accounts: Accounts) -> Self {
        Self {
            sender_nonces: vec![0; accounts.senders.len()],
            authority_nonces: vec![0; accounts.authorities.len()],
            accounts,
            contracts: Addresses::new(),
            rng: Rng::seeded(0x626c_6f63_6b73),
            fresh: 0,
            set_codes: 0,
        }
    }

    /// The transactions of a block, in order.
    pub(super) fn transactions(
        &mut self,
        count: u64,
        base_fee: u64,
    ) -> Result<Vec<Unsigned>, Error> {
        let mut blobs = 0;
        let mut transactions = Vec::new();
        for index in 0..count {
            let mut kind = Kind::choose(index, &mut self.rng);
            if kind == Kind::Blob {
                blobs += 1;
                if blobs > MAX_BLOBS {
                    kind = Kind::Transfer;
                }
            }
            let from = self.rng.index(self.accounts.senders.len());
            let (call, envelope) = self.transaction(kind, self.accounts.senders[from])?;
            let nonce = self.sender_nonces[from];
            self.sender_nonces[from] += 1;
            let from = self.accounts.senders[from];
            transactions.push(Unsigned { from, nonce, base_fee, call, envelope });
        }
        Ok(transactions)
    }

    /// Somebody who is there already.
    pub(super) fn holder(&mut self) -> Address {
        *self.rng.pick(&self.accounts.holders)
    }

    pub(super) fn gwei(&mut self) -> u64 {
        1 + self.rng.below(GWEI)
    }

    fn transaction(&mut self, kind: Kind, from: Signer) -> Result<(Call, Envelope), Error> {
        Ok(match kind {
            Kind::Transfer => self.transfer(),
            Kind::Token => (self.token_transfer(), Envelope::DynamicFee),
            Kind::TokenWithAccessList => self.token_transfer_with_access_list(from),
            Kind::Swap => (self.swap(), Envelope::DynamicFee),
            Kind::Hash => (self.hash(400), Envelope::DynamicFee),
            Kind::Create => (self.create(), Envelope::DynamicFee),
            Kind::Blob => self.blob(),
            Kind::SetCode => self.set_code()?,
        })
    }

    /// One of eight goes to an account that was not there before.
    fn transfer(&mut self) -> (Call, Envelope) {
        let to = if self.rng.below(8) == 0 {
            address(seed("new account", self.next_fresh()))
        } else {
            self.holder()
        };
        let value = U256::from(self.gwei()) * U256::from(GWEI);
        let call = Call { to, value, input: Bytes::new(), gas_limit: 21_000 };
        (call, if self.rng.below(3) == 0 { Envelope::Legacy } else { Envelope::DynamicFee })
    }

    fn token_transfer(&mut self) -> Call {
        let (token, to, amount) = (self.token(), self.holder(), self.gwei());
        let input = call("transfer(address,uint256)", &[to.into_word(), word(amount)]);
        contract_call(token, input, 100_000)
    }

    fn token_transfer_with_access_list(&mut self, from: Signer) -> (Call, Envelope) {
        let (token, to, amount) = (self.token(), self.holder(), self.gwei());
        let input = call("transfer(address,uint256)", &[to.into_word(), word(amount)]);
        let storage_keys = vec![balance_slot(from.address), balance_slot(to)];
        let list = AccessList(vec![AccessListItem { address: token, storage_keys }]);
        (contract_call(token, input, 100_000), Envelope::AccessList(list))
    }

    fn swap(&mut self) -> Call {
        let (sells_first, amount) = (self.rng.below(2), 1_000 + self.gwei());
        let input = call("swap(bool,uint256)", &[word(sells_first), word(amount)]);
        contract_call(self.contracts.pair, input, 250_000)
    }

    fn hash(&mut self, rounds: u64) -> Call {
        let rounds = rounds + self.rng.below(rounds);
        let input = call("run(bytes32,uint256)", &[word(self.rng.next()), word(rounds)]);
        contract_call(self.contracts.hasher, input, 80_000 + 500 * rounds)
    }

    fn create(&mut self) -> Call {
        let salt = keccak256(self.next_fresh().to_be_bytes());
        let input = call("create(bytes32,uint256)", &[salt, word(self.gwei())]);
        contract_call(self.contracts.factory, input, 400_000)
    }

    fn blob(&mut self) -> (Call, Envelope) {
        let hash = keccak256(self.next_fresh().to_be_bytes());
        (self.hash(20), Envelope::Blob { versioned_hash: versioned_hash(hash) })
    }

    /// The next authority delegates, and its new code is called at once.
    fn set_code(&mut self) -> Result<(Call, Envelope), Error> {
        let index = self.set_codes % self.accounts.authorities.len();
        self.set_codes += 1;
        let authority = self.accounts.authorities[index];
        let nonce = self.authority_nonces[index];
        self.authority_nonces[index] += 1;
        let authorization = authorize(&authority, nonce, self.contracts.wallet)?;
        let call = contract_call(authority.address, call("use()", &[]), 200_000);
        Ok((call, Envelope::SetCode(authorization)))
    }

    fn token(&mut self) -> Address {
        *self.rng.pick(&self.contracts.tokens)
    }

    const fn next_fresh(&mut self) -> u64 {
        self.fresh += 1;
        self.fresh
    }
}

const fn contract_call(to: Address, input: Bytes, gas_limit: u64) -> Call {
    Call { to, value: U256::ZERO, input, gas_limit }
}
