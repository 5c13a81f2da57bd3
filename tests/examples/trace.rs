use anyhow::Result;
use codec::Decode;
use jurat_cli::{Client, client::AccountId32};
use jurat_tests::{attestation::attestations, events::in_block};

fn name(who: &AccountId32) -> &'static str {
	for n in ["Alice", "Bob", "Charlie", "Dave"] {
		if jurat_tests::actors::account_of(n) == *who {
			return n;
		}
	}
	"?"
}

#[tokio::main]
async fn main() -> Result<()> {
	let args: Vec<String> = std::env::args().collect();
	let client = Client::connect(&args[1]).await?;
	let (from, to): (u32, u32) = (args[2].parse()?, args[3].parse()?);
	for number in from..=to {
		let Ok(hash) = client.block_hash(Some(number)).await else { break };
		println!("#{number} {hash:?} attestation txs: {}", attestations(&client, hash).await.map(|a| a.len()).unwrap_or(999));
		for e in in_block(&client, hash).await? {
			let x = e.extrinsic.map(|x| x.to_string()).unwrap_or("-".into());
			if e.pallet == "Attestation" {
				let mut f = e.fields.as_slice();
				match e.name.as_str() {
					"PanelDrawn" => { let (r, m, u) = <(u64, Vec<AccountId32>, u32)>::decode(&mut f)?; println!("   [{x}] r{r} panel {:?} until {u}", m.iter().map(name).collect::<Vec<_>>()); }
					"Committed" => { let (r, a) = <(u64, AccountId32)>::decode(&mut f)?; println!("   [{x}] r{r} committed {}", name(&a)); }
					"RevealsOpened" => { let (r, u) = <(u64, u32)>::decode(&mut f)?; println!("   [{x}] r{r} reveals until {u}"); }
					"Revealed" => { let (r, a) = <(u64, AccountId32)>::decode(&mut f)?; println!("   [{x}] r{r} revealed {}", name(&a)); }
					"FaultRecorded" => { let (a, r, u) = <(AccountId32, u64, u8)>::decode(&mut f)?; println!("   [{x}] r{r} FAULT {} {u}", name(&a)); }
					other => println!("   [{x}] {other}"),
				}
			} else if e.pallet == "Inference" {
				let mut f = e.fields.as_slice();
				let r = u64::decode(&mut f)?;
				println!("   [{x}] r{r} {}", e.name);
			}
		}
	}
	Ok(())
}
