// SPDX-License-Identifier: Apache-2.0
//! Which versions of which operator sets may be asked for.

use crate::{
	error::InspectError,
	inspect::{MAX_NAME, shown},
	proto::ModelProto,
};
use std::collections::BTreeSet;

/// The newest version of each operator set that ONNX Runtime 1.31.1 runs. It knows version 27 of
/// the default set too, but takes it for one that is not released, and refuses it.
pub const NEWEST: &[(&str, i64)] = &[("", 26), ("ai.onnx.ml", 5), ("com.microsoft", 1)];

/// Operator sets that one file may import.
const MAX_IMPORTS: usize = 64;

/// The default domain has two names.
pub(crate) fn canonical(domain: &str) -> &str {
	if domain == "ai.onnx" { "" } else { domain }
}

/// The version of the default operator set; 0 if no operator of it is used. `used`: domains of the
/// graph's operators, canonical. Imports of domains that nothing uses are not looked at: exporters
/// list them.
pub(crate) fn check(model: &ModelProto, used: &BTreeSet<&str>) -> Result<u16, InspectError> {
	let imports = &model.opset_import;
	if imports.len() > MAX_IMPORTS || imports.iter().any(|set| set.domain.len() > MAX_NAME) {
		return Err(InspectError::Opset);
	}
	let mut default = 0;
	for (domain, newest) in NEWEST {
		let mut versions = imports.iter().filter(|set| canonical(&set.domain) == *domain);
		let version = match (versions.next(), versions.next()) {
			(Some(only), None) => only.version,
			(None, _) if !used.contains(domain) => continue,
			(None, _) if !domain.is_empty() => {
				return Err(InspectError::OpsetMissing { domain: shown(domain) });
			},
			_ => return Err(InspectError::Opset),
		};
		if !(1..=*newest).contains(&version) {
			let domain = if domain.is_empty() { "ai.onnx" } else { domain };
			return Err(InspectError::OpsetVersion {
				domain: domain.into(),
				version,
				newest: *newest,
			});
		}
		if domain.is_empty() {
			default = u16::try_from(version).map_err(|_| InspectError::Opset)?;
		}
	}
	Ok(default)
}
