// SPDX-License-Identifier: Apache-2.0
//! How fast a blob goes from store to store on this machine, as a ratio to a plain copy of the same
//! file, which is read, written and synced.
//!
//! ```text
//! cargo run --release -p jurat-store --example throughput [MIB]
//! ```

use jurat_store::{Limits, Store, range_count};
use std::{
	env,
	fs::File,
	io::{self, Read, Write},
	path::Path,
	thread,
	time::Instant,
};

const MIB: usize = 1 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
	let mib = env::args().nth(1).map_or(Ok(256), |text| text.parse::<usize>())?;
	let dir = tempfile::tempdir()?;
	let file = dir.path().join("file");
	write_file(&file, mib)?;
	let from = Store::open(dir.path().join("from"), Limits::default())?;
	let (content, size) = from.put_file(&file)?;
	let seconds = |started: Instant| started.elapsed().as_secs_f64();
	let show = |what: &str, time: f64, copy: f64| {
		let (speed, ratio) = (mib as f64 / time, time / copy);
		println!("{what:<48} {time:>7.3} s {speed:>7.0} MiB/s {ratio:>6.2}");
	};

	println!("{mib} MiB; the last column is time as a multiple of the copy's");
	let started = Instant::now();
	copy(&file, &dir.path().join("copy"))?;
	let baseline = seconds(started);
	show("plain copy: read, write, sync", baseline, baseline);

	let started = Instant::now();
	from.encode_range(&content, size, 0)?;
	show("first range of a blob that was put (tree made)", seconds(started), baseline);

	let started = Instant::now();
	let mut encoded = Vec::with_capacity(range_count(size) as usize);
	for index in 0..range_count(size) {
		encoded.push(from.encode_range(&content, size, index)?);
	}
	let encoding = seconds(started);
	show("encode all ranges, one thread", encoding, baseline);

	for threads in [1, 4] {
		let to = Store::open(dir.path().join(format!("to-{threads}")), Limits::default())?;
		let download = to.download(&content, size)?;
		let started = Instant::now();
		thread::scope(|scope| {
			let work = |first: usize| {
				let (download, encoded) = (&download, &encoded);
				move || {
					let mine = encoded.iter().enumerate().skip(first).step_by(threads);
					for (index, range) in mine {
						download.accept(index as u64, range)?;
					}
					Ok::<_, jurat_store::StoreError>(())
				}
			};
			let running: Vec<_> = (0..threads).map(|first| scope.spawn(work(first))).collect();
			running.into_iter().try_for_each(|thread| {
				thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
			})
		})?;
		assert!(download.is_complete());
		let accepting = seconds(started);
		show(&format!("accept all, {threads} threads, complete and synced"), accepting, baseline);
		show(&format!("encode and accept, {threads} threads"), encoding + accepting, baseline);
	}
	Ok(())
}

fn write_file(path: &Path, mib: usize) -> io::Result<()> {
	let mut file = File::create(path)?;
	let mut bytes = blake3::Hasher::new().finalize_xof();
	let mut buffer = vec![0; MIB];
	for _ in 0..mib {
		bytes.fill(&mut buffer);
		file.write_all(&buffer)?;
	}
	file.sync_all()
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
	let (mut from, mut to) = (File::open(from)?, File::create(to)?);
	let mut buffer = vec![0; MIB];
	loop {
		match from.read(&mut buffer)? {
			0 => return to.sync_all(),
			read => to.write_all(&buffer[..read])?,
		}
	}
}
