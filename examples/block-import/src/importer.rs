//! The import itself: from a chain file to a database, one block at a time.

use crate::{
    block::{SealedBlock, decode_block, seal},
    chain_file::ChainFile,
    chain_spec::ChainSpec,
    error::{Error, Verdict},
    execution::{Executed, Load, execute_block},
    genesis::{genesis_header, genesis_trie, read_genesis, write_genesis},
    progress::Progress,
    report::Report,
    senders::{SignatureRule, recover_senders},
    storage::{BlockRecord, Database, Durability, Head, PlainState as _},
    trie::{StateTrie, full_state_root},
    verify::{verify_body, verify_header, verify_ommers, verify_outcome, verify_state_root},
};
use alloy_consensus::Header;
use alloy_genesis::Genesis;
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::B256;
use revm::{database::State, database_interface::WrapDatabaseRef};
use std::{path::PathBuf, time::Instant};
use tracing::{info_span, instrument};

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct Import {
    /// The genesis file.
    pub genesis: PathBuf,
    /// The chain file.
    pub chain: PathBuf,
    /// Where the database is, or is to be.
    pub datadir: PathBuf,
    /// What a commit waits for.
    pub durability: Durability,
    /// The last block to import; `None` for all there are.
    pub last_block: Option<u64>,
    /// The hash that the last block must have.
    pub expect_head: Option<B256>,
    /// Also recompute each block's state root from the whole state.
    pub check_root: bool,
    /// A block whose execution is made longer.
    pub slow_block: Option<u64>,
    /// Rounds of hashing by which each block's execution is made longer.
    pub slower_by: u32,
}

impl Import {
    /// Imports the chain. What is committed stays committed where it fails.
    ///
    /// The time it reports is that of the `import` span.
    ///
    /// # Errors
    ///
    /// Where a file or the database fails, or a block is not valid.
    pub fn run(&self, progress: impl FnOnce(u64) -> Progress) -> Result<Report, Error> {
        let _span = info_span!("import").entered();
        let started = Instant::now();
        let mut importer = Importer::open(self)?;
        let mut report = importer.import(self, progress)?;
        // Closing the database is part of the work.
        drop(importer);
        report.wall = started.elapsed();
        Ok(report)
    }
}

/// A chain that grows, and the database that it is in.
#[derive(Debug)]
struct Importer {
    spec: ChainSpec,
    database: Database,
    /// The state after the last committed block. A block that fails leaves it
    /// anywhere, so the importer ends with the first failure.
    trie: StateTrie,
    head: Head,
    head_hash: B256,
    head_header: Header,
    expect_head: Option<B256>,
    check_root: bool,
    slow_block: Option<u64>,
    slower_by: u32,
}

impl Importer {
    /// Opens the database and takes up its chain, or starts one.
    fn open(import: &Import) -> Result<Self, Error> {
        let genesis = read_genesis(&import.genesis)?;
        let spec = ChainSpec::from_genesis(&genesis)?;
        let mut trie = genesis_trie(&genesis)?;
        let header = genesis_header(&genesis, &spec, trie.root());
        let mut importer = Self {
            database: Database::open(&import.datadir, import.durability)?,
            head: Head {
                number: 0,
                total_difficulty: header.difficulty,
                paris_block: spec.paris_block(),
            },
            head_hash: header.hash_slow(),
            head_header: header,
            spec,
            trie,
            expect_head: import.expect_head,
            check_root: import.check_root,
            slow_block: import.slow_block,
            slower_by: import.slower_by,
        };
        match importer.database.genesis_hash()? {
            None => importer.start(&genesis)?,
            Some(found) if found == importer.head_hash => importer.resume()?,
            Some(found) => {
                let (path, expected) = (import.datadir.clone(), importer.head_hash);
                return Err(Error::OtherChain { path, found, expected });
            }
        }
        Ok(importer)
    }

    fn start(&self, genesis: &Genesis) -> Result<(), Error> {
        write_genesis(&self.database, genesis, &self.head_header, self.head_hash, &self.head)
    }

    /// Moves from the genesis block to the last one committed.
    #[instrument(level = "debug", skip_all)]
    fn resume(&mut self) -> Result<(), Error> {
        let reader = self.database.reader()?;
        let head = reader.head()?.ok_or_else(|| reader.damaged("the head", &"it is missing"))?;
        let header = reader.header(head.number)?;
        let header = header.ok_or_else(|| reader.damaged("the head's header", &"it is missing"))?;
        (self.head_hash, self.head_header) = header;
        self.head = head;
        self.spec.resume(head.paris_block);
        self.trie = StateTrie::default();
        reader.for_each_account(|address, info, storage| {
            self.trie.insert_account(address, info, storage.iter().copied());
        })?;
        let (root, expected) = (self.trie.root(), self.head_header.state_root);
        if root != expected {
            let why = format!("its root is {root}, and block {} says {expected}", head.number);
            return Err(reader.damaged("the state", &why).into());
        }
        Ok(())
    }

    fn import(
        &mut self,
        import: &Import,
        progress: impl FnOnce(u64) -> Progress,
    ) -> Result<Report, Error> {
        let mut file = ChainFile::open(&import.chain)?;
        let progress = progress(file.bytes());
        let mut report = Report::default();
        let mut next = read_block(&mut file, 1)?;
        // A chain file may begin with the genesis block, or with the one after it.
        let mut expected =
            next.as_ref().map_or(0, |first| u64::from(first.block.header.number > 0));
        while let Some(block) = next {
            if import.last_block.is_some_and(|last| last < expected) {
                break;
            }
            let offset = file.offset();
            let child = match import.last_block {
                Some(last) if last == expected => Ok(None),
                _ => read_block(&mut file, expected + 1),
            };
            self.take(&block, expected, Voucher::of(&child), &mut report)?;
            progress.at(offset, expected);
            expected += 1;
            next = child?;
        }
        self.check_head(self.head.number, self.head_hash)?;
        (report.head_number, report.head_hash) = (self.head.number, self.head_hash);
        Ok(report)
    }

    /// Imports a block, or finds it in the database already.
    fn take(
        &mut self,
        block: &SealedBlock,
        expected: u64,
        voucher: Voucher<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let number = block.block.header.number;
        Verdict::on(expected).equal("number", &expected, &number)?;
        if number <= self.head.number {
            return self.check_known(block);
        }
        self.import_block(block, voucher)?;
        report.blocks += 1;
        report.transactions += block.block.body.transactions.len() as u64;
        report.gas += block.block.header.gas_used;
        Ok(())
    }

    /// Verifies that a block that is in the database already is the same one.
    fn check_known(&self, block: &SealedBlock) -> Result<(), Error> {
        let number = block.block.header.number;
        let known = self.database.reader()?.hash(number)?;
        Ok(Verdict::on(number).equal_if_any(
            "hash (the block is in the database already)",
            known,
            Some(block.hash),
        )?)
    }

    fn check_head(&self, number: u64, hash: B256) -> Result<(), Error> {
        match self.expect_head {
            Some(expected) if expected != hash => {
                Err(Error::UnexpectedHead { number, expected, got: hash })
            }
            _ => Ok(()),
        }
    }

    /// Verifies that whoever knows a block's hash knows it by this one: some of a
    /// header's bytes break no rule whatever they are.
    fn verify_hash(&self, block: &SealedBlock, voucher: Voucher<'_>) -> Result<(), Error> {
        let number = block.block.header.number;
        match voucher {
            Voucher::Child(child) => {
                let parent_hash = &child.block.header.parent_hash;
                Ok(Verdict::on(number + 1).equal("parent hash", &block.hash, parent_hash)?)
            }
            Voucher::User => self.check_head(number, block.hash),
            Voucher::Nobody => Ok(()),
        }
    }

    /// Verifies a block from its first field to its last, then commits it.
    fn import_block(&mut self, sealed: &SealedBlock, voucher: Voucher<'_>) -> Result<(), Error> {
        let block = &sealed.block;
        let header = &block.header;
        self.spec.observe_total_difficulty(self.head.number + 1, self.head.total_difficulty);
        verify_header(&self.spec, header, &self.head_header, self.head_hash)?;
        verify_body(&self.spec, block, sealed.rlp.len())?;
        let senders =
            recover_senders(header.number, &block.body.transactions, self.signature_rule(header))?;
        let reader = self.database.reader()?;
        verify_ommers(&self.spec, block, &reader)?;
        let mut state =
            State::builder().with_database(WrapDatabaseRef(reader)).with_bundle_update().build();
        let is_slow = self.slow_block == Some(header.number);
        let load = match (is_slow, self.slower_by) {
            (true, _) => Load::Extra,
            (false, 0) => Load::Usual,
            (false, rounds) => Load::Slower(rounds),
        };
        let executed =
            execute_block(&self.spec, block, &senders, &mut state, &mut self.trie, load)?;
        drop(state);
        verify_outcome(block, &executed)?;
        verify_state_root(block, self.trie.apply(&executed.changes))?;
        self.verify_hash(sealed, voucher)?;
        self.save(sealed, &executed)
    }

    fn signature_rule(&self, header: &Header) -> SignatureRule {
        if self.spec.is_homestead_active_at_block(header.number) {
            SignatureRule::LowS
        } else {
            SignatureRule::Any
        }
    }

    #[instrument(level = "debug", name = "save_blocks", skip_all)]
    fn save(&mut self, sealed: &SealedBlock, executed: &Executed) -> Result<(), Error> {
        let header = &sealed.block.header;
        let head = Head {
            number: header.number,
            total_difficulty: self.head.total_difficulty.saturating_add(header.difficulty),
            paris_block: self.spec.paris_block(),
        };
        let receipts = alloy_rlp::encode(&executed.receipts);
        let record =
            BlockRecord { hash: sealed.hash, header, rlp: &sealed.rlp, receipts: &receipts };
        let writer = self.database.writer()?;
        writer.write_block(&record, &executed.changes, &head)?;
        if self.check_root {
            verify_state_root(&sealed.block, full_state_root(&writer)?)?;
        }
        writer.commit()?;
        (self.head, self.head_hash, self.head_header) = (head, sealed.hash, header.clone());
        Ok(())
    }
}

/// Who knows a block's hash.
#[derive(Debug, Clone, Copy)]
enum Voucher<'b> {
    /// The block after it.
    Child(&'b SealedBlock),
    /// The user, if anybody: it is the last one.
    User,
    /// There is a block after it, which cannot be read.
    Nobody,
}

impl<'b> Voucher<'b> {
    const fn of(child: &'b Result<Option<SealedBlock>, Error>) -> Self {
        match child {
            Ok(Some(child)) => Self::Child(child),
            Ok(None) => Self::User,
            Err(_) => Self::Nobody,
        }
    }
}

/// The next block of a file; `number` is what it should be.
fn read_block(file: &mut ChainFile, number: u64) -> Result<Option<SealedBlock>, Error> {
    let Some(rlp) = file.next_block(number)? else { return Ok(None) };
    Ok(Some(seal(decode_block(&rlp, number)?, rlp)))
}
