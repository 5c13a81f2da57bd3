// SPDX-License-Identifier: Apache-2.0
//! What the runtime APIs say of the chain's state. Without a block, the best one is asked.

use super::{AccountId32, Balance, BlockNumber, Client, decode, rpc_error};
use crate::error::{Error, Result};
use codec::{Decode, Encode};
use jurat_primitives::{
	Assurance, ModelId, ReleaseId, RequestId, RequestInput, Settlement,
	custody::CustodyRecord,
	request::Quote,
	view::{AttesterView, EconomicSecurity, ModelView, PendingPenalty, ReleaseView, RequestView},
};
use subxt::{
	dynamic::Value,
	ext::frame_decode::storage::{IntoDecodableValues, IntoEncodableValues},
	utils::H256,
};

/// A model, as this chain has it.
pub type Model = ModelView<AccountId32, Balance>;
/// A release, as this chain has it.
pub type Release = ReleaseView<Balance, BlockNumber>;
/// An open request, as this chain has it.
pub type Request = RequestView<AccountId32, Balance, BlockNumber>;
/// The end of a request, as this chain has it.
pub type Settled = Settlement<AccountId32, Balance, BlockNumber>;
/// An attester, as this chain has it.
pub type Attester = AttesterView<AccountId32, Balance, BlockNumber>;
/// A penalty that waits, as this chain has it.
pub type Pending = PendingPenalty<AccountId32, Balance, BlockNumber>;
/// What those who agreed on an answer can still lose, as this chain has it.
pub type Security = EconomicSecurity<AccountId32, Balance>;

/// Models asked for at once: the most that the API gives.
const PAGE: u32 = 100;

/// What the chain says now of a request that has ended, besides how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
	/// What those who agreed on its answer can still lose; `None` if there is no answer.
	pub security: Option<Security>,
	/// The block before which a larger panel may be asked; `None` if none may be.
	pub contestable_until: Option<BlockNumber>,
}

/// An account's balance, in planck of JUR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Decode)]
pub struct AccountBalance {
	/// What can be spent or held.
	pub free: Balance,
	/// What is held: deposits, bonds, escrows.
	pub reserved: Balance,
	/// Of the free part, what is locked.
	pub frozen: Balance,
}

impl Client {
	/// Calls a runtime API. `args` is the tuple of its arguments.
	pub async fn runtime_api<R: Decode>(
		&self,
		method: &str,
		args: impl Encode,
		at: Option<H256>,
	) -> Result<R> {
		let bytes = self.legacy.state_call(method, Some(&args.encode()), at).await;
		let bytes = bytes.map_err(|error| rpc_error(method, error))?;
		let mut rest = bytes.as_slice();
		let value = R::decode(&mut rest).map_err(|error| decode(method, error))?;
		if !rest.is_empty() {
			return Err(decode(method, format!("{} bytes too many", rest.len())));
		}
		Ok(value)
	}

	/// A model.
	pub async fn model(&self, model: ModelId) -> Result<Option<Model>> {
		self.runtime_api("ModelsApi_model", (model,), None).await
	}

	/// The model of this name.
	pub async fn model_by_name(&self, name: &str) -> Result<Option<ModelId>> {
		self.model_by_name_at(name, None).await
	}

	/// The model of this name, in a block.
	pub async fn model_by_name_at(&self, name: &str, at: Option<H256>) -> Result<Option<ModelId>> {
		self.runtime_api("ModelsApi_model_by_name", (name,), at).await
	}

	/// Every model.
	pub async fn models(&self) -> Result<Vec<Model>> {
		let mut models: Vec<Model> = Vec::new();
		// One block for all pages, so that they fit each other.
		let at = self.best().await?.hash;
		let mut start: ModelId = 0;
		loop {
			let page: Vec<Model> =
				self.runtime_api("ModelsApi_models", (start, PAGE), Some(at)).await?;
			let Some(last) = page.last().map(|model| model.model) else { return Ok(models) };
			models.extend(page);
			// A page may be short for the numbers of removed models; only an empty one is the last.
			match last.checked_add(1) {
				Some(next) if next > start => start = next,
				_ => return Ok(models),
			}
		}
	}

	/// A release.
	pub async fn release(&self, release: ReleaseId) -> Result<Option<Release>> {
		self.runtime_api("ModelsApi_release", (release,), None).await
	}

	/// The releases of a model, oldest version first.
	pub async fn releases(&self, model: ModelId) -> Result<Vec<Release>> {
		self.runtime_api("ModelsApi_releases", (model,), None).await
	}

	/// An attester.
	pub async fn attester(&self, who: &AccountId32) -> Result<Option<Attester>> {
		self.runtime_api("AttestationApi_attester", (who,), None).await
	}

	/// The attesters that announce a release.
	pub async fn servers(&self, release: ReleaseId) -> Result<Vec<AccountId32>> {
		self.runtime_api("AttestationApi_servers", (release,), None).await
	}

	/// The releases that an attester announces.
	pub async fn announced(&self, attester: &AccountId32) -> Result<Vec<ReleaseId>> {
		self.runtime_api("AttestationApi_serving", *attester, None).await
	}

	/// What became of the questions to an attester whether it has the files.
	pub async fn custody_record(&self, attester: &AccountId32) -> Result<CustodyRecord> {
		self.runtime_api("CustodyApi_record", *attester, None).await
	}

	/// What a request would cost. An error if the release is not known or the assurance unsound.
	pub async fn quote(
		&self,
		release: ReleaseId,
		assurance: Assurance,
		input_size: u64,
	) -> Result<Quote<Balance>> {
		let args = (release, assurance, input_size);
		let quote: Option<_> = self.runtime_api("InferenceApi_quote", args, None).await?;
		quote.ok_or(Error::NoRelease(release))
	}

	/// An open request.
	pub async fn request(&self, request: RequestId) -> Result<Option<Request>> {
		self.request_at(request, None).await
	}

	/// An open request, in a block.
	pub async fn request_at(
		&self,
		request: RequestId,
		at: Option<H256>,
	) -> Result<Option<Request>> {
		self.runtime_api("InferenceApi_request", (request,), at).await
	}

	/// How a request ended, while its result is kept.
	pub async fn settlement(&self, request: RequestId) -> Result<Option<Settled>> {
		self.settlement_at(request, None).await
	}

	/// How a request ended, in a block.
	pub async fn settlement_at(
		&self,
		request: RequestId,
		at: Option<H256>,
	) -> Result<Option<Settled>> {
		self.runtime_api("InferenceApi_settlement", (request,), at).await
	}

	/// The input of a request that is open or can be escalated.
	pub async fn input(&self, request: RequestId) -> Result<Option<RequestInput>> {
		self.storage("Inference", "Inputs", (request,), None).await
	}

	/// What the chain says now of a request that has ended, besides how.
	pub async fn aftermath(&self, request: RequestId, settled: &Settled) -> Result<Aftermath> {
		let at = Some(self.best().await?.hash);
		let api = "InferenceApi_contestable_until";
		let contestable_until = self.runtime_api(api, (request,), at).await?;
		let security = match settled.answer {
			None => None,
			Some(_) => self.runtime_api("InferenceApi_economic_security", (request,), at).await?,
		};
		Ok(Aftermath { security, contestable_until })
	}

	/// Checks the invariants of the three pallets; the text says what does not hold.
	pub async fn check_invariants(&self) -> Result<Result<(), String>> {
		let result: Result<(), Vec<u8>> =
			self.runtime_api("InferenceApi_check_invariants", (), None).await?;
		Ok(result.map_err(|text| String::from_utf8_lossy(&text).into_owned()))
	}

	/// An account's balance. An account that does not exist has none.
	pub async fn balance(&self, who: &AccountId32) -> Result<AccountBalance> {
		// `frame_system::AccountInfo`: nonce and three reference counts before the balance.
		type Info = (u32, u32, u32, u32, AccountBalance);
		let info: Option<Info> = self.storage("System", "Account", (*who,), None).await?;
		Ok(info.map(|info| info.4).unwrap_or_default())
	}

	/// A storage item of any pallet. `keys` is the tuple of the map's keys, `()` for a plain value.
	pub async fn storage<V: Decode>(
		&self,
		pallet: &str,
		item: &str,
		keys: impl IntoEncodableValues + IntoDecodableValues,
		at: Option<H256>,
	) -> Result<Option<V>> {
		let at = match at {
			Some(hash) => hash,
			None => self.block_hash(None).await?,
		};
		let at = self.api().at_block(at).await;
		let at = at.map_err(|error| Error::Disconnected(error.to_string()))?;
		let label = format!("{pallet}.{item}");
		let address = subxt::dynamic::storage::<_, Value>(pallet, item);
		let value = at.storage().try_fetch(address, keys).await;
		match value.map_err(|error| decode(&label, error))? {
			None => Ok(None),
			Some(value) => {
				V::decode(&mut value.bytes()).map(Some).map_err(|error| decode(&label, error))
			},
		}
	}
}
