// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Health over HTTP, for what restarts nodes and what sends them work (`--health-addr`).
//!
//! | `GET` | status |
//! | --- | --- |
//! | `/health` | 200 as long as the node answers |
//! | `/health/ready` | 200 if it can do its work, else 503 |
//!
//! Both give the same report, as JSON. Substrate's `/health/readiness`, on the RPC port, knows the
//! chain only.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use futures::FutureExt;
use http_body_util::Full;
use hyper::{
	Method, Request, Response, StatusCode,
	body::{Bytes, Incoming},
	header::{ALLOW, CONTENT_TYPE, HeaderValue},
	service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use jurat_runtime::BlockNumber;
use serde::Serialize;
use sp_core::traits::SpawnNamed;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::inference::Status;

/// Target of log lines.
const LOG_TARGET: &str = "health";

/// Connections at a time; more wait.
const CONNECTIONS: usize = 32;

/// How long a connection may take to say what it wants.
const HEADER_TIME: Duration = Duration::from_secs(5);

/// How long a connection may last.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// Options of the health endpoint.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Health")]
pub struct HealthArgs {
	/// Answer GET /health and /health/ready at this address, such as 127.0.0.1:9616. Not unless
	/// given.
	#[arg(long, value_name = "ADDR:PORT")]
	pub health_addr: Option<SocketAddr>,
}

/// What the node is there for.
#[derive(Clone, Copy, Debug)]
pub struct Duties {
	/// To serve models, as a validator does.
	pub serves: bool,
	/// To be one of several nodes.
	pub has_peers: bool,
}

/// How the node is doing.
#[derive(Clone, Debug, Serialize)]
pub struct Condition {
	/// Number of the best block.
	pub best: BlockNumber,
	/// Number of the last final block.
	pub finalised: BlockNumber,
	/// Peers.
	pub peers: usize,
	/// Whether it is far behind.
	pub syncing: bool,
	/// Whether a key for attestations is in its keystore.
	#[serde(skip)]
	pub has_attestation_key: bool,
	/// As in `inference_status`.
	pub inference: Status,
}

/// The report.
#[derive(Debug, Serialize)]
struct Report {
	/// Whether the node can do its work.
	ready: bool,
	/// Why not.
	problems: Vec<String>,
	#[serde(flatten)]
	condition: Condition,
}

impl Report {
	fn new(duties: Duties, condition: Condition) -> Self {
		let Condition { peers, syncing, has_attestation_key, inference, .. } = &condition;
		let mut problems = Vec::new();
		let mut problem = |is_one: bool, what: &dyn Fn() -> String| {
			if is_one {
				problems.push(what());
			}
		};
		problem(*syncing, &|| "the node is behind the chain".into());
		problem(duties.has_peers && *peers == 0, &|| "the node has no peers".into());
		if duties.serves {
			problem(!inference.available, &|| {
				let reason = inference.reason.as_deref().unwrap_or("no engine");
				format!("no model can be run: {reason}")
			});
			problem(inference.declines.is_some(), &|| {
				let wrong = inference.declines.as_deref().unwrap_or_default();
				format!("this machine computes something otherwise: {wrong}")
			});
			problem(!has_attestation_key, &|| {
				"no attestation key (type infr) is in the keystore".into()
			});
		}
		Self { ready: problems.is_empty(), problems, condition }
	}
}

/// Why health cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at --health-addr {0}: {1}")]
pub struct StartError(SocketAddr, #[source] io::Error);

type Look = Arc<dyn Fn() -> Condition + Send + Sync>;

/// Listens, if an address is given, until the node stops. The address that is listened at.
pub fn start(
	args: &HealthArgs,
	duties: Duties,
	look: Look,
	spawner: &dyn SpawnNamed,
) -> Result<Option<SocketAddr>, StartError> {
	let Some(addr) = args.health_addr else { return Ok(None) };
	let bound = std::net::TcpListener::bind(addr).and_then(|listener| {
		listener.set_nonblocking(true)?;
		Ok((listener.local_addr()?, listener))
	});
	let (addr, listener) = bound.map_err(|error| StartError(addr, error))?;
	let task = async move {
		match TcpListener::from_std(listener) {
			Ok(listener) => serve(listener, duties, look).await,
			Err(error) => tracing::error!(target: LOG_TARGET, %error, "health is not told"),
		}
	};
	tracing::info!(target: LOG_TARGET, "health is told at http://{addr}/health");
	spawner.spawn("health", None, task.boxed());
	Ok(Some(addr))
}

async fn serve(listener: TcpListener, duties: Duties, look: Look) {
	let permits = Arc::new(Semaphore::new(CONNECTIONS));
	loop {
		// Never closed.
		let Ok(permit) = permits.clone().acquire_owned().await else { return };
		let stream = match listener.accept().await {
			Ok((stream, _)) => stream,
			Err(error) => {
				// Such as too many open files: that may pass.
				tracing::debug!(target: LOG_TARGET, %error, "no connection");
				tokio::time::sleep(Duration::from_millis(100)).await;
				continue;
			},
		};
		let look = look.clone();
		tokio::spawn(async move {
			let service = service_fn(|request| {
				let response = answer(&request, duties, &*look);
				async move { Ok::<_, Infallible>(response) }
			});
			let connection = hyper::server::conn::http1::Builder::new()
				.timer(TokioTimer::new())
				.header_read_timeout(HEADER_TIME)
				.serve_connection(TokioIo::new(stream), service);
			// Whoever hangs up, or takes too long, needs no answer.
			let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
			drop(permit);
		});
	}
}

fn answer(
	request: &Request<Incoming>,
	duties: Duties,
	look: &dyn Fn() -> Condition,
) -> Response<Full<Bytes>> {
	let mut response = Response::new(Full::default());
	let needs_ready = match request.uri().path() {
		"/health" => false,
		"/health/ready" => true,
		_ => {
			*response.status_mut() = StatusCode::NOT_FOUND;
			return response;
		},
	};
	if !matches!(*request.method(), Method::GET | Method::HEAD) {
		*response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
		response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
		return response;
	}
	let report = Report::new(duties, look());
	if needs_ready && !report.ready {
		*response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
	}
	let json = HeaderValue::from_static("application/json");
	response.headers_mut().insert(CONTENT_TYPE, json);
	let body = serde_json::to_vec(&report).unwrap_or_default();
	*response.body_mut() = Full::new(body.into());
	response
}

#[cfg(test)]
mod tests {
	use super::*;
	use parking_lot::Mutex;
	use sp_core::testing::TaskExecutor;
	use std::{
		io::{Read, Write},
		net::TcpStream,
	};

	const DUTIES: Duties = Duties { serves: true, has_peers: true };

	fn well() -> Condition {
		let inference = Status { available: true, ..Status::default() };
		Condition {
			best: 9,
			finalised: 7,
			peers: 3,
			syncing: false,
			has_attestation_key: true,
			inference,
		}
	}

	fn problems(duties: Duties, change: impl FnOnce(&mut Condition)) -> Vec<String> {
		let mut condition = well();
		change(&mut condition);
		let report = Report::new(duties, condition);
		assert_eq!(report.ready, report.problems.is_empty());
		report.problems
	}

	#[test]
	fn each_problem_is_named() {
		assert!(problems(DUTIES, |_| ()).is_empty());
		let one = |change: fn(&mut Condition), part: &str| {
			let problems = problems(DUTIES, change);
			assert!(problems.len() == 1 && problems[0].contains(part), "{problems:?}");
		};
		one(|it| it.syncing = true, "behind");
		one(|it| it.peers = 0, "peers");
		one(|it| it.has_attestation_key = false, "infr");
		one(|it| it.inference.declines = Some("sum_u8_s8".into()), "sum_u8_s8");
		one(
			|it| it.inference = Status { reason: Some("no library".into()), ..Status::default() },
			"no library",
		);
	}

	#[test]
	fn who_need_not_serve_or_have_peers_is_ready_without() {
		let alone = Duties { serves: false, has_peers: false };
		let problems = problems(alone, |it| {
			(it.peers, it.has_attestation_key) = (0, false);
			it.inference = Status::default();
		});
		assert!(problems.is_empty(), "{problems:?}");
	}

	fn ask(addr: SocketAddr, line: &str) -> (u16, String) {
		let mut stream = TcpStream::connect(addr).unwrap();
		write!(stream, "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
		let mut response = String::new();
		stream.read_to_string(&mut response).unwrap();
		let (head, body) = response.split_once("\r\n\r\n").unwrap();
		let status = head.split(' ').nth(1).unwrap().parse().unwrap();
		(status, body.into())
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn what_restarts_nodes_and_what_sends_them_work_are_told_apart() {
		let condition = Arc::new(Mutex::new(well()));
		let seen = condition.clone();
		let args = HealthArgs { health_addr: Some(([127, 0, 0, 1], 0).into()) };
		let look: Look = Arc::new(move || seen.lock().clone());
		let spawner = TokioSpawner;
		let addr = start(&args, DUTIES, look, &spawner).unwrap().unwrap();
		let taken = HealthArgs { health_addr: Some(addr) };
		let second = start(&taken, DUTIES, Arc::new(well), &TaskExecutor::new());
		assert!(second.unwrap_err().to_string().contains(&addr.to_string()));

		tokio::task::spawn_blocking(move || {
			let (status, body) = ask(addr, "GET /health/ready");
			let report: serde_json::Value = serde_json::from_str(&body).unwrap();
			assert_eq!((status, &report["ready"], &report["best"]), (200, &true.into(), &9.into()));
			assert_eq!(report["inference"]["available"], true);
			condition.lock().syncing = true;
			assert_eq!(ask(addr, "GET /health").0, 200);
			let (status, body) = ask(addr, "GET /health/ready");
			assert!(status == 503 && body.contains("behind"), "{status} {body}");
			assert_eq!(ask(addr, "HEAD /health/ready"), (503, String::new()));
			assert_eq!(ask(addr, "POST /health").0, 405);
			assert_eq!(ask(addr, "GET /metrics").0, 404);
		})
		.await
		.unwrap();
	}

	/// Runs tasks where the test runs.
	#[derive(Clone)]
	struct TokioSpawner;

	impl SpawnNamed for TokioSpawner {
		fn spawn(
			&self,
			_: &'static str,
			_: Option<&'static str>,
			task: futures::future::BoxFuture<'static, ()>,
		) {
			tokio::spawn(task);
		}

		fn spawn_blocking(
			&self,
			name: &'static str,
			group: Option<&'static str>,
			task: futures::future::BoxFuture<'static, ()>,
		) {
			self.spawn(name, group, task);
		}
	}

	#[test]
	fn nobody_listens_unless_told_to() {
		let args = HealthArgs { health_addr: None };
		let none = start(&args, DUTIES, Arc::new(well), &TaskExecutor::new());
		assert_eq!(none.unwrap(), None);
	}
}
