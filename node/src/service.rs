// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The parts of a running node and how they are joined.

use std::{path::Path, sync::Arc, time::Duration};

use futures::prelude::*;
use jurat_primitives::attestation_crypto::ATTESTATION_KEY_TYPE;
use jurat_runtime::{Hash, RuntimeApi};
use sc_chain_spec::ChainType;
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf, SharedVoterState};
use sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, HeapAllocStrategy};
use sc_network::{Event, NetworkBackend, NetworkEventStream, config::FullNetworkConfiguration};
use sc_service::{
	Configuration, PartialComponents, TaskManager, WarpSyncConfig, error::Error as ServiceError,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus::SyncOracle;
use sp_consensus_babe::{
	SlotDuration,
	inherents::{BabeCreateInherentDataProviders, InherentDataProvider as SlotInherent},
};
use sp_keystore::Keystore;
use sp_runtime::SaturatedConversion;
use sp_timestamp::InherentDataProvider as TimestampInherent;

use crate::{
	chain_spec::Block,
	equivocation::{self, EquivocationArgs},
	exchange::{self, ExchangeArgs},
	health::{self, HealthArgs},
	inference::{self, InferenceArgs, InferenceParams, InferenceService},
	rpc,
	serving::{self, ServingArgs, ServingParams},
};

/// Runs the runtime. The standard host functions are all it needs.
pub type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The chain.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// Picks the best chain: the longest.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// Transactions that wait.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

type FullGrandpaBlockImport = GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type FullBabeBlockImport = BabeBlockImport<
	Block,
	FullClient,
	FullGrandpaBlockImport,
	BabeCreateInherentDataProviders<Block>,
	FullSelectChain,
>;

/// Blocks between two justifications that are kept and served.
const GRANDPA_JUSTIFICATION_PERIOD: u32 = 512;

/// Time between two rounds of gossip.
const GRANDPA_GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// What consensus sets up before the network is there.
pub struct Consensus {
	block_import: FullBabeBlockImport,
	babe_link: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: LinkHalf<Block, FullClient, FullSelectChain>,
	telemetry: Option<Telemetry>,
}

/// The parts of a node that need no network; subcommands work with these.
pub type Partial = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	TransactionPool,
	Consensus,
>;

/// What runs the runtime, with a place for the machine code that it compiles: a start that finds it
/// there takes seconds less.
fn wasm_executor(config: &Configuration, cache: Option<&Path>) -> Executor {
	let cache = cache.map_or_else(|| config.base_path.path().join("wasm-cache"), Path::to_path_buf);
	// A directory that is not absolute is not used as a cache.
	let cache = std::path::absolute(&cache).unwrap_or(cache);
	let config = &config.executor;
	let heap = config.default_heap_pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| {
		HeapAllocStrategy::Static { extra_pages: pages.saturated_into() }
	});
	Executor::builder()
		.with_execution_method(config.wasm_method)
		.with_onchain_heap_alloc_strategy(heap)
		.with_offchain_heap_alloc_strategy(heap)
		.with_max_runtime_instances(config.max_runtime_instances)
		.with_runtime_cache_size(config.runtime_cache_size)
		.with_cache_path(cache)
		.build()
}

/// Sets up what needs no network. `wasm_cache`: where compiled runtimes are kept, if not in the base
/// path.
pub fn new_partial(
	config: &Configuration,
	wasm_cache: Option<&Path>,
) -> Result<Partial, ServiceError> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let executor = wasm_executor(config, wasm_cache);
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor,
			Vec::new(),
		)?;
	let client = Arc::new(client);

	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = sc_consensus::LongestChain::new(backend.clone());

	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_block_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		GRANDPA_JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(Telemetry::handle),
	)?;
	let justification_import = grandpa_block_import.clone();

	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_block_import,
		client.clone(),
		Arc::new(move |_, _| async move { Ok(inherents(slot_duration)) })
			as BabeCreateInherentDataProviders<Block>,
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;

	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(justification_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry.as_ref().map(Telemetry::handle),
		})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	})
}

/// The slot and the time that a block states.
fn inherents(slot_duration: SlotDuration) -> (SlotInherent, TimestampInherent) {
	let timestamp = TimestampInherent::from_system_time();
	let slot = SlotInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration);
	(slot, timestamp)
}

/// Options beyond those of every Substrate node.
#[derive(Clone, Copy)]
pub struct Options<'a> {
	/// Of inference and of the blob store.
	pub inference: &'a InferenceArgs,
	/// Of the exchange of blobs.
	pub exchange: &'a ExchangeArgs,
	/// Of serving.
	pub serving: &'a ServingArgs,
	/// Of the watch for equivocations.
	pub equivocation: &'a EquivocationArgs,
	/// Of the health endpoint.
	pub health: &'a HealthArgs,
	/// Where compiled runtimes are kept, if not in the base path.
	pub wasm_cache: Option<&'a Path>,
}

/// Starts a node.
pub fn new_full<N: NetworkBackend<Block, Hash>>(
	config: Configuration,
	options: Options<'_>,
) -> Result<TaskManager, ServiceError> {
	let Options { inference, exchange, serving, equivocation, health, wasm_cache } = options;
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, mut telemetry },
	} = new_partial(&config, wasm_cache)?;

	let role = config.role;
	let name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let enable_grandpa = !config.disable_grandpa;
	let enable_offchain_worker = config.offchain_worker.enabled || role.is_authority();
	let prometheus_registry = config.prometheus_registry().cloned();
	let authority_discovery_config = sc_authority_discovery::WorkerConfig {
		publish_non_global_ips: config.network.allow_non_globals_in_dht,
		public_addresses: config.network.public_addresses.clone(),
		persisted_cache_directory: config.network.net_config_path.clone(),
		..Default::default()
	};

	let metrics = N::register_notification_metrics(config.prometheus_registry());
	let mut net_config =
		FullNetworkConfiguration::<_, _, N>::new(&config.network, prometheus_registry.clone());

	let genesis_hash = client
		.block_hash(0)?
		.ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;
	let grandpa_protocol_name =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_protocol_config, grandpa_notification_service) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			grandpa_protocol_name.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_protocol_config);

	let blob_protocol =
		exchange::configure::<N>(&mut net_config, genesis_hash, config.chain_spec.fork_id());

	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));

	let (gossip_pool, gossip) = equivocation::overhear(transaction_pool.clone());
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: gossip_pool,
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let offchain_storage = backend
		.offchain_storage()
		.ok_or_else(|| ServiceError::Other("the database has no off-chain storage".into()))?;
	let store_dir = config.base_path.config_dir(config.chain_spec.id()).join("blobs");
	let store = inference::open_store(inference, &store_dir)
		.map_err(|error| ServiceError::Application(Box::new(error)))?;
	#[cfg(feature = "byzantine")]
	let blob_protocol = blob_protocol.through(|requests| {
		inference.misbehaviour.blob_requests(requests, task_manager.spawn_handle())
	});
	let blobs = exchange::start(exchange::Params {
		args: exchange,
		protocol: blob_protocol,
		store: store.clone(),
		network: network.clone(),
		sync: sync_service.clone(),
		spawner: task_manager.spawn_handle(),
		registry: prometheus_registry.as_ref(),
	})
	.map_err(|error| ServiceError::Application(Box::new(error)))?;
	let InferenceService { offchain_db, rpc: inference_rpc, executor, mailbox, vitals } =
		InferenceService::start(InferenceParams {
			args: inference,
			store: store.clone(),
			blobs: Arc::new(blobs.clone()),
			storage: offchain_storage,
			spawner: &task_manager.spawn_handle(),
			registry: prometheus_registry.as_ref(),
		})
		.map_err(|error| ServiceError::Application(Box::new(error)))?;

	let syncing = sync_service.clone();
	let serving_rpc = serving::start(ServingParams {
		args: serving,
		client: client.clone(),
		is_syncing: Box::new(move || syncing.is_major_syncing()),
		executor,
		exchange: blobs,
		store,
		announce: Box::new(move |releases| mailbox.set_serving(releases)),
		spawner: &task_manager.spawn_handle(),
		registry: prometheus_registry.as_ref(),
	})
	.map_err(|error| ServiceError::Application(Box::new(error)))?;

	if enable_offchain_worker {
		#[cfg(not(feature = "byzantine"))]
		let worker_pool = OffchainTransactionPoolFactory::new(transaction_pool.clone());
		#[cfg(feature = "byzantine")]
		let worker_pool = inference.misbehaviour.worker_pool(
			transaction_pool.clone(),
			client.clone(),
			keystore_container.keystore(),
			&task_manager,
		);
		let offchain_workers =
			sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
				runtime_api_provider: client.clone(),
				is_validator: role.is_authority(),
				keystore: Some(keystore_container.keystore()),
				offchain_db: Some(offchain_db),
				transaction_pool: Some(worker_pool),
				network_provider: Arc::new(network.clone()),
				// The worker talks to the executor through the off-chain database, and to nobody
				// else.
				enable_http_requests: false,
				custom_extensions: |_| Vec::new(),
			})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			offchain_workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	equivocation::start(equivocation::WatchParams {
		args: equivocation,
		client: client.clone(),
		pool: transaction_pool.clone(),
		gossip,
		keystore: keystore_container.keystore(),
		spawner: &task_manager.spawn_handle(),
		registry: prometheus_registry.as_ref(),
	})?;

	let (observed, syncing) = (client.clone(), sync_service.clone());
	let keystore = keystore_container.keystore();
	let duties = health::Duties {
		serves: role.is_authority(),
		has_peers: config.chain_spec.chain_type() != ChainType::Development,
	};
	let look = move || {
		let info = observed.chain_info();
		health::Condition {
			best: info.best_number,
			finalised: info.finalized_number,
			peers: syncing.num_connected_peers(),
			syncing: syncing.is_major_syncing(),
			has_attestation_key: !keystore.sr25519_public_keys(ATTESTATION_KEY_TYPE).is_empty(),
			inference: vitals.status(false),
		}
	};
	health::start(health, duties, Arc::new(look), &task_manager.spawn_handle())
		.map_err(|error| ServiceError::Application(Box::new(error)))?;

	let shared_voter_state = SharedVoterState::empty();
	let rpc_builder = {
		let client = client.clone();
		let pool = transaction_pool.clone();
		let select_chain = select_chain.clone();
		let keystore = keystore_container.keystore();
		let chain_spec = config.chain_spec.cloned_box();
		let shared_voter_state = shared_voter_state.clone();
		let justification_stream = grandpa_link.justification_stream();
		let shared_authority_set = grandpa_link.shared_authority_set().clone();
		let finality_provider = sc_consensus_grandpa::FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(shared_authority_set.clone()),
		);

		Box::new(move |subscription_executor| {
			rpc::create_full(rpc::FullDeps {
				client: client.clone(),
				pool: pool.clone(),
				select_chain: select_chain.clone(),
				chain_spec: chain_spec.cloned_box(),
				babe: rpc::BabeDeps {
					worker_handle: babe_worker.clone(),
					keystore: keystore.clone(),
				},
				grandpa: rpc::GrandpaDeps {
					shared_voter_state: shared_voter_state.clone(),
					shared_authority_set: shared_authority_set.clone(),
					justification_stream: justification_stream.clone(),
					subscription_executor,
					finality_provider: finality_provider.clone(),
				},
				extra: vec![inference_rpc.clone(), serving_rpc.clone()],
			})
			.map_err(Into::into)
		})
	};

	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder,
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	if role.is_authority() {
		let proposer = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			transaction_pool.clone(),
			prometheus_registry.as_ref(),
			telemetry.as_ref().map(Telemetry::handle),
		);
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: keystore_container.keystore(),
			client: client.clone(),
			select_chain,
			env: proposer,
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
			force_authoring,
			// Writes more slowly while finality lags, so that few blocks have to be undone.
			backoff_authoring_blocks: Some(
				sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
			),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(0.5),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking(
			"babe-proposer",
			Some("block-authoring"),
			babe,
		);

		let dht_events = network.event_stream("authority-discovery").filter_map(|event| async {
			match event {
				Event::Dht(event) => Some(event),
				_ => None,
			}
		});
		let (authority_discovery, _service) =
			sc_authority_discovery::new_worker_and_service_with_config(
				authority_discovery_config,
				client.clone(),
				Arc::new(network.clone()),
				Box::pin(dht_events),
				sc_authority_discovery::Role::PublishAndDiscover(keystore_container.keystore()),
				prometheus_registry.clone(),
				task_manager.spawn_handle(),
			);
		task_manager.spawn_handle().spawn(
			"authority-discovery-worker",
			Some("networking"),
			authority_discovery.run(),
		);
	}

	if enable_grandpa {
		let grandpa = sc_consensus_grandpa::GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GRANDPA_GOSSIP_DURATION,
				justification_generation_period: GRANDPA_JUSTIFICATION_PERIOD,
				name: Some(name),
				observer_enabled: false,
				// Whoever is no validator has nothing to sign.
				keystore: role.is_authority().then(|| keystore_container.keystore()),
				local_role: role,
				telemetry: telemetry.as_ref().map(Telemetry::handle),
				protocol_name: grandpa_protocol_name,
			},
			link: grandpa_link,
			network,
			sync: Arc::new(sync_service),
			notification_service: grandpa_notification_service,
			voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
			prometheus_registry,
			shared_voter_state,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
		};
		task_manager.spawn_essential_handle().spawn_blocking(
			"grandpa-voter",
			None,
			sc_consensus_grandpa::run_grandpa_voter(grandpa)?,
		);
	}

	Ok(task_manager)
}
