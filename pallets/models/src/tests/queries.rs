// SPDX-License-Identifier: Apache-2.0
use crate::{MAX_MODELS_PER_QUERY, mock::*};
use frame_support::assert_ok;
use jurat_primitives::ModelId;

fn page(start: ModelId, count: u32) -> Vec<ModelId> {
	Registry::models(start, count).into_iter().map(|view| view.model).collect()
}

#[test]
fn models_come_in_pages_in_the_order_of_their_numbers() {
	ExtBuilder::build_and_execute(|| {
		for name in ["net-0", "net-1", "net-2", "net-3"] {
			created(name);
		}
		assert_ok!(Registry::remove_model(signed(ALICE), 1));
		assert_eq!(page(0, 2), [0, 2]);
		assert_eq!(page(3, 2), [3]);
		assert_eq!(page(4, 2), [] as [ModelId; 0]);
		assert_eq!(page(ModelId::MAX, 2), [] as [ModelId; 0]);
		assert_eq!(page(0, 0), [] as [ModelId; 0]);
	});
}

#[test]
fn a_page_is_bounded() {
	ExtBuilder::build_and_execute(|| {
		for number in 0..=MAX_MODELS_PER_QUERY {
			created(&format!("net-{number}"));
		}
		assert_eq!(page(0, u32::MAX).len(), MAX_MODELS_PER_QUERY as usize);
	});
}

#[test]
fn releases_come_oldest_version_first() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let versions = [version(0, 1), version(0, 2), version(1, 0), version(300, 0)];
		let published = versions.map(|version| published(model, version));
		let listed: Vec<_> = Registry::releases(model).into_iter().map(|v| v.release).collect();
		assert_eq!(listed, published);
		for view in Registry::releases(model) {
			assert_eq!(Registry::release_view(view.release), Some(view));
		}
		assert_eq!(Registry::releases(model + 1), vec![]);
	});
}

#[test]
fn what_does_not_exist_is_not_shown() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Registry::model_view(0), None);
		assert_eq!(Registry::release_view(unknown_release()), None);
		assert_eq!(Registry::model_by_name(b"acme/net"), None);
		assert_eq!(Registry::model_by_name(&[b'a'; 65]), None);
	});
}
