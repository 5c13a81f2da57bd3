// SPDX-License-Identifier: Apache-2.0
//! Rules on system calls: three filters, of which the kernel obeys the strictest.
//!
//! | calls | answer | why |
//! | --- | --- | --- |
//! | [`allowed`] | done | ONNX Runtime and this crate make them while sessions are made and run, found with `strace` over the ONNX backend tests; and what a process makes that ends, in order or not |
//! | [`refused`] | `EPERM` | libraries try them and go on without: the allocator and the C++ runtime look for settings, a logger for the time zone, a model's author for a file beside it. An error keeps the child, and the answer is typed |
//! | [`absent`] | `ENOSYS` | newer forms of calls whose arguments a filter cannot see; callers fall back to the older form |
//! | all others | the process ends (`SIGSYS`) | sockets, programs, processes, tracing, `io_uring`, mounts, keys, BPF: no model has a use for them, so who makes them has taken over the process. One job is lost, and the log says why |

use seccompiler::{
	BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
	SeccompRule, apply_filter_all_threads,
};
use std::{collections::BTreeMap, env::consts::ARCH, process};

/// Why system calls are not filtered.
#[derive(Debug, thiserror::Error)]
pub enum SeccompError {
	/// The filter cannot be built: an unknown machine.
	#[error("no filter for this machine: {0}")]
	Build(#[from] seccompiler::BackendError),
	/// The kernel refuses it.
	#[error(transparent)]
	Apply(#[from] seccompiler::Error),
}

/// Rules by the call's number. A call with an empty list is matched whatever its arguments.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Filters the system calls of all threads of this process, from now on.
pub fn apply() -> Result<(), SeccompError> {
	// Each call for a filter also calls `prctl`: only the last one may forbid the two.
	for filter in filters(process::id())? {
		apply_filter_all_threads(&filter)?;
	}
	Ok(())
}

/// The filters of a process with this number, in the order in which they must be installed.
fn filters(own: u32) -> Result<[BpfProgram; 3], seccompiler::BackendError> {
	let filter = |rules, otherwise, matched| {
		SeccompFilter::new(rules, otherwise, matched, ARCH.try_into()?)?.try_into()
	};
	let errno = |number: i32| SeccompAction::Errno(number.unsigned_abs());
	let mut passed = allowed(own)?;
	for (call, rules) in refused()?.into_iter().chain(any(absent())) {
		// What is in both passes as `allowed` has it.
		passed.entry(call).or_insert(rules);
	}
	Ok([
		filter(any(absent()), SeccompAction::Allow, errno(libc::ENOSYS))?,
		filter(refused()?, SeccompAction::Allow, errno(libc::EPERM))?,
		filter(passed, SeccompAction::KillProcess, SeccompAction::Allow)?,
	])
}

fn any(calls: &[i64]) -> Rules {
	calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// The call, if this condition on one of its arguments holds.
fn only(
	call: i64,
	argument: u8,
	length: SeccompCmpArgLen,
	operator: SeccompCmpOp,
	value: u64,
) -> Result<(i64, Vec<SeccompRule>), seccompiler::BackendError> {
	let condition = SeccompCondition::new(argument, length, operator, value)?;
	Ok((call, vec![SeccompRule::new(vec![condition])?]))
}

/// Calls that are done.
fn allowed(own: u32) -> Result<Rules, seccompiler::BackendError> {
	use SeccompCmpArgLen::{Dword, Qword};
	use SeccompCmpOp::{Eq, MaskedEq};
	let mut rules = any(&[
		// The socket, the model's file, the log.
		libc::SYS_read,
		libc::SYS_pread64,
		libc::SYS_write,
		libc::SYS_writev,
		libc::SYS_recvfrom,
		libc::SYS_recvmsg,
		libc::SYS_sendto,
		libc::SYS_lseek,
		libc::SYS_fstat,
		libc::SYS_close,
		// Memory; with conditions, below.
		libc::SYS_munmap,
		libc::SYS_mremap,
		libc::SYS_madvise,
		libc::SYS_brk,
		// Threads that are there already, and time.
		libc::SYS_futex,
		libc::SYS_sched_yield,
		libc::SYS_sched_getaffinity,
		libc::SYS_getcpu,
		libc::SYS_rseq,
		libc::SYS_set_robust_list,
		libc::SYS_clock_gettime,
		libc::SYS_clock_getres,
		libc::SYS_clock_nanosleep,
		libc::SYS_nanosleep,
		libc::SYS_gettimeofday,
		libc::SYS_getrandom,
		// Who am I; how the process ends, also by an abort.
		libc::SYS_getpid,
		libc::SYS_getppid,
		libc::SYS_gettid,
		libc::SYS_rt_sigreturn,
		libc::SYS_sigaltstack,
		libc::SYS_restart_syscall,
		libc::SYS_exit,
		libc::SYS_exit_group,
	]);
	// No page that can be executed: all code was there before the first model.
	let executable = libc::PROT_EXEC as u64;
	rules.extend([
		only(libc::SYS_mmap, 2, Dword, MaskedEq(executable), 0)?,
		only(libc::SYS_mprotect, 2, Dword, MaskedEq(executable), 0)?,
		// The name of a thread.
		only(libc::SYS_prctl, 0, Dword, Eq, libc::PR_SET_NAME as u64)?,
		// Signals to this process alone.
		only(libc::SYS_kill, 0, Dword, Eq, own.into())?,
		only(libc::SYS_tgkill, 0, Dword, Eq, own.into())?,
	]);
	// What the end by a fault or an abort needs. Not more: who could ignore or block a signal
	// could outlive its CPU time. (`refused` answers who wants more.)
	rules.extend(any(&[libc::SYS_rt_sigprocmask, libc::SYS_rt_sigaction]));
	// Likewise a thread, which `refused` answers with an error; not a process, which ends this one.
	let thread = libc::CLONE_THREAD as u64;
	rules.extend([only(libc::SYS_clone, 0, Qword, MaskedEq(thread), thread)?]);
	Ok(rules)
}

/// Calls that fail with `EPERM`.
fn refused() -> Result<Rules, seccompiler::BackendError> {
	use SeccompCmpArgLen::{Dword, Qword};
	use SeccompCmpOp::{MaskedEq, Ne};
	let mut rules = any(&[
		libc::SYS_openat,
		libc::SYS_faccessat,
		libc::SYS_readlinkat,
		libc::SYS_newfstatat,
		libc::SYS_statfs,
		libc::SYS_fstatfs,
		libc::SYS_getcwd,
		libc::SYS_chdir,
		libc::SYS_getdents64,
		libc::SYS_ftruncate,
		libc::SYS_fcntl,
		libc::SYS_ioctl,
		libc::SYS_dup,
		libc::SYS_uname,
		libc::SYS_sysinfo,
		libc::SYS_getrusage,
		libc::SYS_prlimit64,
		libc::SYS_sched_setaffinity,
		libc::SYS_sched_setscheduler,
		libc::SYS_setpriority,
		libc::SYS_membarrier,
		libc::SYS_getuid,
		libc::SYS_geteuid,
		libc::SYS_getgid,
		libc::SYS_getegid,
	]);
	#[cfg(target_arch = "x86_64")]
	rules.extend(any(&[
		libc::SYS_open,
		libc::SYS_access,
		libc::SYS_stat,
		libc::SYS_lstat,
		libc::SYS_readlink,
		libc::SYS_getrlimit,
		libc::SYS_time,
	]));
	let thread = libc::CLONE_THREAD as u64;
	rules.extend([
		only(libc::SYS_clone, 0, Qword, MaskedEq(thread), thread)?,
		only(libc::SYS_rt_sigprocmask, 0, Dword, Ne, libc::SIG_UNBLOCK as u64)?,
	]);
	let fatal = [libc::SIGSEGV, libc::SIGBUS, libc::SIGABRT];
	let none_of: Result<_, _> = fatal
		.into_iter()
		.map(|signal| SeccompCondition::new(0, Dword, Ne, signal as u64))
		.collect();
	rules.extend([(libc::SYS_rt_sigaction, vec![SeccompRule::new(none_of?)?])]);
	Ok(rules)
}

/// Calls that the kernel does not seem to have.
const fn absent() -> &'static [i64] {
	&[
		libc::SYS_clone3,
		libc::SYS_openat2,
		libc::SYS_faccessat2,
		libc::SYS_statx,
		libc::SYS_futex_waitv,
		libc::SYS_set_mempolicy,
		libc::SYS_get_mempolicy,
		libc::SYS_mbind,
	]
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn no_call_that_reaches_out_gets_an_answer() {
		let mut answered: BTreeSet<i64> = allowed(1).unwrap().into_keys().collect();
		answered.extend(refused().unwrap().into_keys());
		answered.extend(absent());
		for call in [
			libc::SYS_socket,
			libc::SYS_socketpair,
			libc::SYS_connect,
			libc::SYS_bind,
			libc::SYS_listen,
			libc::SYS_accept4,
			libc::SYS_sendmsg,
			libc::SYS_execve,
			libc::SYS_execveat,
			libc::SYS_ptrace,
			libc::SYS_process_vm_readv,
			libc::SYS_process_vm_writev,
			libc::SYS_pidfd_getfd,
			libc::SYS_pidfd_send_signal,
			libc::SYS_tkill,
			libc::SYS_io_uring_setup,
			libc::SYS_io_uring_enter,
			libc::SYS_mount,
			libc::SYS_umount2,
			libc::SYS_pivot_root,
			libc::SYS_chroot,
			libc::SYS_unshare,
			libc::SYS_setns,
			libc::SYS_bpf,
			libc::SYS_perf_event_open,
			libc::SYS_userfaultfd,
			libc::SYS_memfd_create,
			libc::SYS_keyctl,
			libc::SYS_add_key,
			libc::SYS_seccomp,
			libc::SYS_setrlimit,
			libc::SYS_setuid,
			libc::SYS_name_to_handle_at,
			libc::SYS_open_by_handle_at,
			libc::SYS_init_module,
			libc::SYS_shmget,
			libc::SYS_mq_open,
			libc::SYS_personality,
			libc::SYS_pkey_mprotect,
		] {
			assert!(!answered.contains(&call), "{call}");
		}
	}

	#[test]
	fn a_call_is_done_or_refused_and_not_both() {
		let (done, refused) = (allowed(1).unwrap(), refused().unwrap());
		// These are in both, by their arguments: they pass one filter so that another can refuse.
		let both: BTreeSet<_> =
			done.into_keys().filter(|call| refused.contains_key(call)).collect();
		let signals = [libc::SYS_rt_sigprocmask, libc::SYS_rt_sigaction];
		assert_eq!(both, BTreeSet::from([libc::SYS_clone, signals[0], signals[1]]));
		assert!(absent().iter().all(|call| !refused.contains_key(call)));
	}
}
