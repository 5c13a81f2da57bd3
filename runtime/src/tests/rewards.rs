// SPDX-License-Identifier: Apache-2.0
//! What attesters earn, and what of it reaches those who nominate them: on real exposures, as the
//! election made them.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Get,
};
use jurat_primitives::{
	Answer, Assurance, Outcome, ReleaseId, RequestInput, RequestOptions,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	income::PagedExposures,
	settlement::Member,
};
use pallet_session::SessionManager;
use pallet_staking::RewardDestination;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{BoundedVec, Perbill};

use super::{
	inference::{active_release, apply, begin, end, genesis, origin, sign, tensors, validators},
	new_test_ext,
};
use crate::{
	AccountId, Attestation, Balance, Balances, Inference, Rewards, Runtime, RuntimeCall,
	RuntimeOrigin, Staking,
	configs::{attestation::Exposures, governance::TreasuryAccount},
	constants::{
		MAX_EXPOSURE_PAGE_SIZE,
		currency::{EXISTENTIAL_DEPOSIT, JUR},
	},
	parameters::dynamic_params::rewards::{ClaimPeriod, DefaultCommission},
};

type Failure = pallet_inference_rewards::Error<Runtime>;

/// Two accounts that nominate all validators.
const NOMINATORS: [(Sr25519Keyring, Balance); 2] =
	[(Sr25519Keyring::Eve, 70_001 * JUR), (Sr25519Keyring::One, 30_007 * JUR)];

fn free(who: &AccountId) -> Balance {
	Balances::free_balance(who)
}

fn pot() -> AccountId {
	Rewards::account_id()
}

/// Ends the running era and begins the next one, with an election.
fn next_era() {
	let era = Exposures::era();
	// As many sessions as eras: each is forced.
	assert_ok!(Staking::force_new_era(RuntimeOrigin::root()));
	assert!(<Staking as SessionManager<AccountId>>::new_session(era + 1).is_some());
	<Staking as SessionManager<AccountId>>::end_session(era);
	<Staking as SessionManager<AccountId>>::start_session(era + 1);
	assert_eq!(Exposures::era(), era + 1);
}

/// Both nominators nominate, and the next era knows it.
fn nominate() {
	let gift = 50_000 * JUR;
	let one = Sr25519Keyring::One.to_account_id();
	assert_ok!(Balances::transfer_keep_alive(origin(Sr25519Keyring::Ferdie), one.into(), gift));
	for (nominator, stake) in NOMINATORS {
		assert_ok!(Staking::bond(origin(nominator), stake, RewardDestination::Stash));
		let targets = validators().map(|validator| validator.to_account_id().into());
		assert_ok!(Staking::nominate(origin(nominator), targets.into()));
	}
	next_era();
}

/// Ferdie asks in block 3, and three validators answer. Returns the panel.
fn answered_request(release: ReleaseId) -> Vec<Member<AccountId, Balance>> {
	begin(3);
	let assurance = Assurance::quorum(3);
	let options = RequestOptions { assurance, max_fee: Balance::MAX, deadline: 50, min_stake: 0 };
	let input = RequestInput::Inline(tensors("x"));
	assert_ok!(Inference::request(origin(Sr25519Keyring::Ferdie), release, input, options));
	end(3);

	begin(4);
	let seats = Attestation::seats(0);
	let digest = pallet_inference::Requests::<Runtime>::get(0).unwrap().digest;
	end(4);

	begin(5);
	let answer = Answer::Output(tensors("y"));
	let sworn = answer_digest(&answer);
	for seat in &seats {
		let commitment = commitment(&genesis(), &digest, &seat.attester, &sworn, &[3; 32]);
		let entries =
			BoundedVec::truncate_from(vec![CommitEntry { request: 0, digest, commitment }]);
		let batch = CommitBatch { attester: seat.attester.clone(), session: 0, entries };
		let signature = sign(&seat.attester, &batch.signing_payload(&genesis()));
		apply(pallet_attestation::Call::commit { batch, signature }.into());
	}
	end(5);

	begin(6);
	for seat in &seats {
		let revealed = Revealed::Full(answer.clone());
		let entry = RevealEntry { request: 0, digest, salt: [3; 32], revealed };
		let entries = BoundedVec::truncate_from(vec![entry]);
		let batch = RevealBatch { attester: seat.attester.clone(), session: 0, entries };
		let signature = sign(&seat.attester, &batch.signing_payload(&genesis()));
		apply(pallet_attestation::Call::reveal { batch, signature }.into());
	}
	end(6);

	let settlement = Inference::settlement(0).expect("settled in the block of the reveals");
	assert_eq!(settlement.outcome, Outcome::Answered(tensors("y")));
	assert_eq!(settlement.agreement, 3);
	settlement.panel.into_inner()
}

/// What of an attester's pay is its nominators', reckoned by hand.
fn shared(attester: &AccountId, pay: Balance) -> Balance {
	let overview = Exposures::overview(Exposures::era(), attester).expect("a validator");
	let commission = Perbill::from_percent(10).mul_ceil(pay);
	(pay - commission) * (overview.total - overview.own) / overview.total
}

#[test]
fn a_nominator_is_paid_after_the_era_and_everything_adds_up() {
	new_test_ext("local").execute_with(|| {
		begin(2);
		let release = active_release();
		nominate();
		end(2);
		let before: Vec<_> = validators().map(|v| free(&v.to_account_id())).into();
		let issuance = Balances::total_issuance();
		let panel = answered_request(release);

		// At once: to each attester its own, and to the pot what is its nominators'.
		let mut in_the_pot = 0;
		for (validator, before) in validators().into_iter().zip(before) {
			let account = validator.to_account_id();
			let Some(member) = panel.iter().find(|member| member.attester == account) else {
				assert_eq!(free(&account), before);
				continue;
			};
			let part = shared(&account, member.paid);
			assert!(part > 0);
			assert_eq!(free(&account), before + member.paid - part);
			in_the_pot += part;
		}
		assert_eq!(free(&pot()), EXISTENTIAL_DEPOSIT + in_the_pot);

		// Not before the era is over.
		let caller = || origin(Sr25519Keyring::Ferdie);
		let era = Exposures::era();
		let early = Rewards::payout(caller(), panel[0].attester.clone(), era, 0);
		assert_eq!(early.unwrap_err().error, Failure::EraNotOver.into());

		next_era();
		let nominators = NOMINATORS.map(|(nominator, _)| nominator.to_account_id());
		let had = nominators.each_ref().map(free);
		let treasury = free(&TreasuryAccount::get());
		for member in &panel {
			assert_eq!(Rewards::unpaid(member.attester.clone())[0].pages, [0]);
			let paid = Rewards::payout(caller(), member.attester.clone(), era, 0).unwrap();
			assert_eq!(paid.pays_fee, Pays::No);
			assert_eq!(Rewards::unpaid(member.attester.clone()), []);
		}
		let gains: Vec<_> = nominators.iter().zip(had).map(|(who, had)| free(who) - had).collect();
		// Their stakes are about 70 to 30, and so are their gains.
		assert!(gains[1] > 0 && gains[0] > 2 * gains[1] && gains[0] < 3 * gains[1], "{gains:?}");
		let dust = free(&TreasuryAccount::get()) - treasury;
		assert!(dust < 2 * panel.len() as Balance, "{dust}");
		assert_eq!(gains.iter().sum::<Balance>() + dust, in_the_pot);
		assert_eq!(free(&pot()), EXISTENTIAL_DEPOSIT);
		assert_eq!(Balances::total_issuance(), issuance);
		assert_ok!(crate::invariants::check());
	});
}

#[test]
fn what_nobody_claims_goes_to_the_treasury() {
	new_test_ext("local").execute_with(|| {
		begin(2);
		let release = active_release();
		nominate();
		end(2);
		let panel = answered_request(release);
		let era = Exposures::era();
		let attester = &panel[0].attester;
		let part = shared(attester, panel[0].paid);
		let sweep = || Rewards::sweep(origin(Sr25519Keyring::Ferdie), attester.clone(), era);
		pallet_staking::ActiveEra::<Runtime>::mutate(|active| {
			active.as_mut().unwrap().index += ClaimPeriod::get();
		});
		assert_noop!(sweep(), Failure::ClaimPeriodRunning);
		pallet_staking::ActiveEra::<Runtime>::mutate(|active| {
			active.as_mut().unwrap().index += 1;
		});
		let treasury = free(&TreasuryAccount::get());
		assert_eq!(sweep().unwrap().pays_fee, Pays::No);
		assert_eq!(free(&TreasuryAccount::get()), treasury + part);
		assert_ok!(crate::invariants::check());
	});
}

#[test]
fn a_validator_sets_its_commission_and_others_do_not() {
	new_test_ext("local").execute_with(|| {
		let set =
			|who, percent| Rewards::set_commission(origin(who), Perbill::from_percent(percent));
		assert_noop!(set(Sr25519Keyring::Eve, 5), Failure::NotValidator);
		assert_noop!(set(Sr25519Keyring::Alice, 12), Failure::RiseTooSteep);
		assert_ok!(set(Sr25519Keyring::Alice, 11));
		let alice = Sr25519Keyring::Alice.to_account_id();
		assert_eq!(Rewards::commission(alice), Perbill::from_percent(11));
		let bob = Sr25519Keyring::Bob.to_account_id();
		assert_eq!(Rewards::commission(bob), DefaultCommission::get());
	});
}

#[test]
fn genesis_endows_the_pot_of_the_nominators() {
	for preset in ["development", "local"] {
		new_test_ext(preset).execute_with(|| {
			assert_eq!(free(&pot()), EXISTENTIAL_DEPOSIT);
		});
	}
}

#[test]
fn exposures_are_known_for_longer_than_nominators_may_claim() {
	new_test_ext("local").execute_with(|| {
		let known: u32 = <Runtime as pallet_staking::Config>::HistoryDepth::get();
		assert!(ClaimPeriod::get() < known);
	});
}

#[test]
fn the_largest_page_fits_a_block_many_times() {
	let validator = Sr25519Keyring::Alice.to_account_id();
	let call = pallet_inference_rewards::Call::payout { validator, era: 0, page: 0 };
	let charged = RuntimeCall::from(call).get_dispatch_info().call_weight;
	use pallet_inference_rewards::WeightInfo;
	type Weights = <Runtime as pallet_inference_rewards::Config>::WeightInfo;
	assert_eq!(charged, Weights::payout(MAX_EXPOSURE_PAGE_SIZE));
	let block = crate::configs::system::RuntimeBlockWeights::get().max_block;
	assert!(charged.saturating_mul(5).all_lte(block), "{charged} of {block}");
}
