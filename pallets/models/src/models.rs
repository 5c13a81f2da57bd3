// SPDX-License-Identifier: Apache-2.0
//! Models: names, metadata, ownership.

use crate::{
	Config, Error, Event, HoldReason, MIN_MODEL_NAME, Metadata, ModelName, ModelNames, ModelRecord,
	ModelRecordOf, Models, NextModel, Pallet,
};
use frame_support::{ensure, pallet_prelude::*};
use jurat_primitives::ModelId;
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	/// A model of this owner.
	pub(crate) fn owned_model(
		model: ModelId,
		owner: &T::AccountId,
	) -> Result<ModelRecordOf<T>, Error<T>> {
		let record = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(&record.owner == owner, Error::<T>::NotOwner);
		Ok(record)
	}

	pub(crate) fn do_create_model(
		owner: T::AccountId,
		name: ModelName,
		metadata: Metadata,
	) -> Result<ModelId, DispatchError> {
		Self::check_name(&name)?;
		Self::check_metadata(&metadata)?;
		ensure!(!ModelNames::<T>::contains_key(&name), Error::<T>::NameTaken);
		let model = NextModel::<T>::get();
		let next = model.checked_add(1).ok_or(Error::<T>::TooManyModels)?;

		let deposit = Self::model_deposit(&name, &metadata);
		Self::hold_model_deposit(&owner, deposit.amount)?;
		NextModel::<T>::put(next);
		ModelNames::<T>::insert(&name, model);
		let record = ModelRecord {
			owner: owner.clone(),
			name: name.clone(),
			metadata,
			deposit,
			releases: 0,
			release_deposits: Zero::zero(),
			newest: None,
		};
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::ModelCreated { model, owner, name });
		Ok(model)
	}

	pub(crate) fn do_transfer_model(
		owner: T::AccountId,
		model: ModelId,
		new_owner: T::AccountId,
	) -> DispatchResult {
		let mut record = Self::owned_model(model, &owner)?;
		ensure!(owner != new_owner, Error::<T>::AlreadyOwner);
		Self::move_deposits(&record, &new_owner)?;
		record.owner = new_owner.clone();
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::ModelTransferred { model, from: owner, to: new_owner });
		Ok(())
	}

	pub(crate) fn do_update_metadata(
		owner: T::AccountId,
		model: ModelId,
		metadata: Metadata,
	) -> DispatchResult {
		let mut record = Self::owned_model(model, &owner)?;
		Self::check_metadata(&metadata)?;
		let deposit = Self::model_deposit(&record.name, &metadata);
		Self::change_deposit(HoldReason::Model, &owner, record.deposit.amount, deposit.amount)?;
		record.deposit = deposit;
		record.metadata = metadata;
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::MetadataUpdated { model });
		Ok(())
	}

	pub(crate) fn do_remove_model(owner: T::AccountId, model: ModelId) -> DispatchResult {
		let record = Self::owned_model(model, &owner)?;
		ensure!(record.releases == 0, Error::<T>::HasReleases);
		Self::release_model_deposit(&owner, record.deposit.amount)?;
		ModelNames::<T>::remove(&record.name);
		Models::<T>::remove(model);
		Self::deposit_event(Event::ModelRemoved { model });
		Ok(())
	}

	/// See [`ModelName`] for the rule. Without it `a//b`, `/a` and `a-` would be names that look
	/// like others or that no path or URL can carry.
	fn check_name(name: &[u8]) -> Result<(), Error<T>> {
		ensure!(name.len() >= MIN_MODEL_NAME, Error::<T>::NameTooShort);
		let separator = |byte: &u8| matches!(byte, b'-' | b'.' | b'/');
		let allowed =
			|byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || separator(byte);
		ensure!(name.iter().all(allowed), Error::<T>::NameCharacter);
		let at_an_end = [name.first(), name.last()].into_iter().flatten().any(separator);
		let doubled = name.windows(2).any(|pair| pair.iter().all(separator));
		ensure!(!at_an_end && !doubled, Error::<T>::NameSeparator);
		Ok(())
	}

	fn check_metadata(metadata: &[u8]) -> Result<(), Error<T>> {
		ensure!(core::str::from_utf8(metadata).is_ok(), Error::<T>::MetadataNotUtf8);
		Ok(())
	}
}
