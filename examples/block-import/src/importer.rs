//! The import itself: from a chain file to a database, one block at a time.

use crate::{
    block::{SealedBlock, decode_block, seal},
    chain_file::ChainFile,
    chain_spec::ChainSpec,
    error::{Error, Verdict},
    execution::{Executed, execute_block},
    genesis::{genesis_header, genesis_trie, read_genesis, write_genesis},
    progress::Progress,
    report::Report,
    senders::{SignatureRule, recover_senders},
    storage::{BlockRecord, Database, Durability, Head, PlainState as _, StorageError},
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
    check_root: bool,
}

impl Importer {
    /// Opens the database and takes up its chain, or starts one.
    fn open(import: &Import) -> Result<Self, Error> {
        let genesis = read_genesis(&import.genesis)?;
        let spec = ChainSpec::from_genesis(&genesis)?;
        let mut trie = genesis_trie(&genesis)?;
        let header = genesis_header(&genesis, &spec, trie.root());
        let hash = header.hash_slow();
        let database = Database::open(&import.datadir, import.durability)?;
        match database.genesis_hash()? {
            None => Self::start(&genesis, database, spec, trie, header, hash, import),
            Some(found) if found == hash => {
                drop(trie);
                Self::resume(database, spec, import)
            }
            Some(found) => {
                Err(Error::OtherChain { path: import.datadir.clone(), found, expected: hash })
            }
        }
    }

    fn start(
        genesis: &Genesis,
        database: Database,
        spec: ChainSpec,
        trie: StateTrie,
        header: Header,
        hash: B256,
        import: &Import,
    ) -> Result<Self, Error> {
        let head = Head {
            number: 0,
            total_difficulty: header.difficulty,
            paris_block: spec.paris_block(),
        };
        write_genesis(&database, genesis, &header, hash, &head)?;
        let check_root = import.check_root;
        Ok(Self { spec, database, trie, head, head_hash: hash, head_header: header, check_root })
    }

    #[instrument(level = "debug", skip_all)]
    fn resume(database: Database, mut spec: ChainSpec, import: &Import) -> Result<Self, Error> {
        let reader = database.reader()?;
        let damaged = |what: &str| StorageError::Damaged {
            path: import.datadir.clone(),
            what: what.to_owned(),
            why: "it is missing".to_owned(),
        };
        let head = reader.head()?.ok_or_else(|| damaged("the head"))?;
        let header = reader.header(head.number)?;
        let (head_hash, head_header) = header.ok_or_else(|| damaged("the head's header"))?;
        spec.resume(head.paris_block);
        let mut trie = StateTrie::default();
        reader.for_each_account(|address, info, storage| {
            trie.insert_account(address, info, storage.iter().copied());
        })?;
        if trie.root() != head_header.state_root {
            let why = format!(
                "its root is {}, and block {} says {}",
                trie.root(),
                head.number,
                head_header.state_root
            );
            let what = "the state".to_owned();
            return Err(StorageError::Damaged { path: import.datadir.clone(), what, why }.into());
        }
        drop(reader);
        let check_root = import.check_root;
        Ok(Self { spec, database, trie, head, head_hash, head_header, check_root })
    }

    fn import(
        &mut self,
        import: &Import,
        progress: impl FnOnce(u64) -> Progress,
    ) -> Result<Report, Error> {
        let mut file = ChainFile::open(&import.chain)?;
        let progress = progress(file.bytes());
        let mut report = Report {
            blocks: 0,
            transactions: 0,
            gas: 0,
            wall: Default::default(),
            head_number: 0,
            head_hash: B256::ZERO,
        };
        // A chain file may begin with the genesis block, and may not.
        let mut next = None;
        while next.is_none_or(|number| import.last_block.is_none_or(|last| number <= last)) {
            let expected = next.unwrap_or(1);
            let Some(rlp) = file.next_block(expected)? else { break };
            let block = decode_block(&rlp, expected)?;
            let number = block.header.number;
            if next.is_none() && number == 0 {
                self.check_known(&seal(block, rlp))?;
                next = Some(1);
                continue;
            }
            if import.last_block.is_some_and(|last| expected > last) {
                break;
            }
            Verdict::on(expected).equal("number", &expected, &number)?;
            let block = seal(block, rlp);
            if number <= self.head.number {
                self.check_known(&block)?;
            } else {
                self.import_block(&block)?;
                report.blocks += 1;
                report.transactions += block.block.body.transactions.len() as u64;
                report.gas += block.block.header.gas_used;
            }
            progress.at(file.offset(), number);
            next = Some(expected + 1);
        }
        self.check_head(import.expect_head)?;
        (report.head_number, report.head_hash) = (self.head.number, self.head_hash);
        Ok(report)
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

    fn check_head(&self, expected: Option<B256>) -> Result<(), Error> {
        match expected {
            Some(expected) if expected != self.head_hash => Err(Error::UnexpectedHead {
                number: self.head.number,
                expected,
                got: self.head_hash,
            }),
            _ => Ok(()),
        }
    }

    /// Verifies a block from its first field to its last, then commits it.
    fn import_block(&mut self, sealed: &SealedBlock) -> Result<(), Error> {
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
        let executed = execute_block(&self.spec, block, &senders, &mut state, &mut self.trie)?;
        drop(state);
        verify_outcome(block, &executed)?;
        verify_state_root(block, self.trie.apply(&executed.changes))?;
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
