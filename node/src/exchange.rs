// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Blobs from and for peers: `jurat-exchange`, joined to this node's network.

use std::sync::Arc;

use futures::{FutureExt, StreamExt};
use jurat_exchange::{
	Config, Connected, Exchange, ExchangeParams, Hints, MirrorError, Mirrors, SubstrateNetwork,
	async_channel::Receiver, protocol_config,
};
use jurat_runtime::Hash;
use jurat_store::Store;
use sc_network::{
	Event, NetworkBackend, ProtocolName, config::FullNetworkConfiguration,
	request_responses::IncomingRequest, service::traits::NetworkService,
};
use sc_network_sync::SyncingService;
use sc_service::SpawnTaskHandle;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

use crate::chain_spec::Block;

const MIB: u64 = 1024 * 1024;

/// Group of tasks.
const GROUP: Option<&str> = Some("exchange");

/// Options of the exchange of blobs.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Exchange of blobs")]
pub struct ExchangeArgs {
	/// Send at most so many MiB of model files and inputs in a second, to all peers together.
	/// Default: as many as the line takes.
	#[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
	pub blob_upload_mib: Option<u64>,

	/// Parts of 1 MiB of one file that are asked of peers at a time.
	#[arg(long, value_name = "N", default_value_t = 8,
		value_parser = clap::value_parser!(u16).range(1..=64))]
	pub blob_parallel: u16,

	/// Files that are fetched from peers at a time; more wait.
	#[arg(long, value_name = "N", default_value_t = 4,
		value_parser = clap::value_parser!(u16).range(1..=64))]
	pub blob_fetches: u16,

	/// Where to look for files that no peer has: addresses of web servers, with commas between
	/// them. A file is at ADDRESS/HASH.
	#[arg(long, value_name = "URL", value_delimiter = ',')]
	pub blob_mirrors: Vec<String>,

	/// Look at the addresses that releases name too, for files of releases that this node serves by
	/// rules and that nobody else has. Who publishes a release chooses them, and learns this
	/// node's address.
	#[arg(long)]
	pub blob_release_mirrors: bool,

	/// Allow mirrors at addresses that are not of the public internet: also those that releases
	/// name, which may then reach what is inside your network.
	#[arg(long)]
	pub blob_mirrors_private: bool,
}

impl ExchangeArgs {
	fn config(&self) -> Result<Config, MirrorError> {
		let mut config = Config::default();
		config.mirrors = match self.blob_mirrors.is_empty() {
			true => None,
			false => Some(Mirrors::new(self.blob_mirrors.clone(), self.blob_mirrors_private)?),
		};
		config.hints = match (self.blob_release_mirrors, self.blob_mirrors_private) {
			(false, _) => Hints::Ignored,
			(true, false) => Hints::Public,
			(true, true) => Hints::All,
		};
		config.serve.upload = self.blob_upload_mib.map(|upload| upload.saturating_mul(MIB));
		config.parallel = self.blob_parallel.into();
		config.parallel_all = config.parallel_all.max(config.parallel);
		config.fetches = self.blob_fetches.into();
		Ok(config)
	}
}

/// Why the exchange cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
	/// An option names no mirror.
	#[error("--blob-mirrors: {0}")]
	Mirrors(#[from] MirrorError),
	/// The metrics are there already.
	#[error("cannot register the metrics of the exchange of blobs: {0}")]
	Metrics(#[from] PrometheusError),
}

/// The protocol, of which the network knows and which nobody answers yet.
pub struct Protocol {
	name: ProtocolName,
	requests: Receiver<IncomingRequest>,
}

#[cfg(feature = "byzantine")]
impl Protocol {
	/// The same, with something between the network and who answers.
	pub fn through(
		self,
		between: impl FnOnce(Receiver<IncomingRequest>) -> Receiver<IncomingRequest>,
	) -> Self {
		Self { requests: between(self.requests), ..self }
	}
}

/// Tells the network of the protocol, before it starts.
pub fn configure<N: NetworkBackend<Block, Hash>>(
	net_config: &mut FullNetworkConfiguration<Block, Hash, N>,
	genesis_hash: Hash,
	fork_id: Option<&str>,
) -> Protocol {
	let (config, name, requests) = protocol_config::<Block, N>(genesis_hash, fork_id);
	net_config.add_request_response_protocol(config);
	Protocol { name, requests }
}

/// What the exchange needs of the node.
pub struct Params<'a> {
	/// Options.
	pub args: &'a ExchangeArgs,
	/// What [`configure`] gave.
	pub protocol: Protocol,
	/// Where blobs are and go.
	pub store: Store,
	/// The network, running.
	pub network: Arc<dyn NetworkService>,
	/// Knows who is connected.
	pub sync: Arc<SyncingService<Block>>,
	/// Runs tasks until the node stops.
	pub spawner: SpawnTaskHandle,
	/// Takes the metrics.
	pub registry: Option<&'a Registry>,
}

/// Starts to answer peers, and to tell them what is here. What this gives gets blobs from them.
pub fn start(params: Params<'_>) -> Result<Exchange, StartError> {
	let Params { args, protocol, store, network, sync, spawner, registry } = params;
	let connected: Connected = Box::new(move || {
		let sync = sync.clone();
		async move {
			let peers = sync.peers_info().await.unwrap_or_default();
			peers.into_iter().map(|(peer, _)| peer).collect::<Vec<_>>()
		}
		.boxed()
	});
	let events = network.event_stream("blob-exchange").filter_map(|event| async {
		match event {
			Event::Dht(event) => Some(event),
			_ => None,
		}
	});
	let network = SubstrateNetwork::new(network, protocol.name, connected);
	spawner.spawn("blob-hash-table", GROUP, network.run(events));
	let (exchange, server, announcer) = Exchange::new(ExchangeParams {
		store,
		network: Arc::new(network),
		requests: protocol.requests,
		spawner: Arc::new(spawner.clone()),
		registry,
		config: args.config()?,
	})?;
	spawner.spawn("blob-server", GROUP, server.run());
	spawner.spawn("blob-announcer", GROUP, announcer.run());
	Ok(exchange)
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Parser)]
	struct Cli {
		#[command(flatten)]
		exchange: ExchangeArgs,
	}

	fn parse(args: &[&str]) -> Result<ExchangeArgs, clap::Error> {
		Cli::try_parse_from([&["node"], args].concat()).map(|cli| cli.exchange)
	}

	#[test]
	fn nothing_is_asked_of_mirrors_unless_the_operator_says_so() {
		let config = parse(&[]).unwrap().config().unwrap();
		assert!(config.mirrors.is_none() && config.serve.upload.is_none());
		let two = ["--blob-mirrors", "https://a.org,http://b.org/blobs"];
		assert!(parse(&two).unwrap().config().unwrap().mirrors.is_some());
		assert!(parse(&["--blob-mirrors", "ftp://a.org"]).unwrap().config().is_err());
		assert_eq!(config.hints, Hints::Ignored);
		let hints = |args: &[&str]| parse(args).unwrap().config().unwrap().hints;
		assert_eq!(hints(&["--blob-release-mirrors"]), Hints::Public);
		let private = "--blob-mirrors-private";
		assert_eq!(hints(&["--blob-release-mirrors", private]), Hints::All);
		assert_eq!(hints(&["--blob-mirrors", "https://a.org", private]), Hints::Ignored);
	}

	#[test]
	fn limits_are_in_binary_units_and_never_nothing() {
		let args = parse(&["--blob-upload-mib", "3", "--blob-parallel", "64"]).unwrap();
		let config = args.config().unwrap();
		assert_eq!(config.serve.upload, Some(3 << 20));
		assert_eq!((config.parallel, config.parallel_all), (64, 64));
		for none in ["--blob-upload-mib", "--blob-parallel", "--blob-fetches"] {
			assert!(parse(&[none, "0"]).is_err(), "{none}");
		}
	}
}
