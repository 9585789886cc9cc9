// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzzers of the host build have in common, see fuzz.h.
 *
 *	*_fuzz_test [--seconds N] [--seed N] [--jobs N] [--runs N]
 *	*_fuzz_test --only SEED [--level N]
 *
 * Without arguments: a few seconds from a fixed seed.  Every program has a seed of its own,
 * counted up from the first; --only makes that one program again.  A program that fails
 * is made smaller and printed as a test vector, with the verifier's log of a level.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../kernel/verifier/env.h"
#include "fuzz.h"
#include "jit_run.h"
#include "ktap.h"

#define MAX_JOBS	64
#define REPORT_SECONDS	20
/* A smaller program has another way of failing: more runs to see it. */
#define MINIMISE_RUNS	64
/* Programs that take longer to verify than this, most of them loops, are let go. */
#define VERIFY_USEC	200000

static struct {
	u32 seconds, jobs, runs, level;
	u64 seed;
	bool only, log;
} opt = { .seconds = 5, .jobs = 1, .runs = 8, .level = BVM_LOG_STATS, .seed = 20240917 };

/** struct figures - what one process has done; shared with the one that reports */
struct figures {
	u64 seed;		/* of the program at work */
	u64 programs, accepted, runs, steps, insns;
	bool failed;
};

static struct figures *figures;	/* one a job */

/* The program at work and what was wrong with it. */
static const struct fuzz_prog *current_prog;
struct verif fuzz_verif;
const char *fuzz_wrong;
u32 fuzz_runs;
u64 fuzz_steps;
static char text[1 << 22];	/* the verifier's log */

static int verify(const struct fuzz_prog *p, void (*accepted)(struct bvm_env *env))
{
	static const struct itimerval limit = { .it_value.tv_usec = VERIFY_USEC }, none;
	int err;

	current_prog = p;
	fuzz_verif = (struct verif){
		.type = p->type, .insns = (struct bpf_insn *)p->insn, .len = p->len,
		.maps = fuzz_maps, .nr_maps = FUZZ_MAPS, .flags = p->flags,
		.claim = fuzz_target.accepted, .accepted = accepted,
	};
	/* every second one as most are loaded: without a log the certificate begins alone */
	if (opt.log || fuzz_mix(p->seed) & 1) {
		fuzz_verif.level = opt.level;
		fuzz_verif.log = text;
		fuzz_verif.log_size = sizeof(text);
	}
	text[0] = 0;
	host_signal = 0;
	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	err = verif_load(&fuzz_verif);
	setitimer(ITIMER_VIRTUAL, &none, NULL);
	if (err && err != -EACCES && err != -EINVAL && err != -E2BIG && err != -EAGAIN)
		fuzz_wrong = "strange errno";
	return err;
}

/* The program with all of its stack written. */
static struct fuzz_prog filled;

/*
 * What nobody has written can be read, and is whatever lies there: in machine code other
 * things than in the interpreter, the same at each run.
 */
static void fill_stacks(struct bvm_env *env)
{
	u32 i, off;

	filled = *current_prog;
	for (i = env->nr_funcs; i-- > 0;)
		for (off = 8; off <= env->funcs[i].depth; off += 8)
			fuzz_insert(&filled, env->funcs[i].start,
				    BPF_ST_MEM(BPF_DW, BPF_REG_10, -(s32)off,
					       fuzz_mix(filled.seed + off) >> (off % 32)));
}

/* Verifies and runs a program.  Return: its verdict; what is wrong is in @fuzz_wrong. */
static int try_program(const struct fuzz_prog *p)
{
	int err;

	fuzz_wrong = NULL;
	err = verify(p, fuzz_target.fills ? fill_stacks : fuzz_target.accepted);
	if (!err && fuzz_target.fills) {
		verif_free(&fuzz_verif);
		p = &filled;
		err = verify(p, NULL);
	}
	if (!err && !fuzz_wrong)
		fuzz_target.run(p);
	verif_free(&fuzz_verif);
	return err;
}

const struct fuzz_prog *fuzz_at_work(void)
{
	return current_prog;
}

/* Processor time that a program may take; SIGPROF comes then. */
static void limit_time(u32 seconds)
{
	struct itimerval limit = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &limit, NULL);
}

static bool fails(const struct fuzz_prog *p)
{
	limit_time(60);
	fuzz_runs = MINIMISE_RUNS;
	try_program(p);
	return fuzz_wrong;
}

static void report_failure(struct fuzz_prog *p)
{
	struct fuzz_prog small = *p;

	printf("# seed %llu: %s\n", (unsigned long long)p->seed, fuzz_wrong);
	fflush(stdout);
	if (fails(&small)) {
		fuzz_minimise(&small, fails);
		fails(&small);
		printf("# made smaller: %s\n", fuzz_wrong);
	}
	fuzz_print(current_prog);
	printf("log:\n%s", text);
	fflush(stdout);
}

/* One program.  Return: false if it fails. */
static bool one(struct figures *f, u64 seed)
{
	static struct fuzz_prog p;

	fuzz_generate(&p, seed);
	f->seed = seed;
	fuzz_runs = opt.runs;
	fuzz_steps = 0;
	limit_time(60);
	f->programs++;
	if (!try_program(&p)) {
		f->accepted++;
		f->runs += opt.runs;
	}
	f->steps += fuzz_steps;
	f->insns += fuzz_verif.facts.processed;
	if (fuzz_wrong)
		report_failure(&p);
	f->failed = fuzz_wrong || (fuzz_target.more && !fuzz_target.more(seed));
	return !f->failed;
}

static void work(u32 job)
{
	struct figures *f = &figures[job];
	time_t end = time(NULL) + opt.seconds;
	u64 seed = opt.seed + job;

	while (one(f, seed) && !opt.only && time(NULL) < end)
		seed += opt.jobs;
	limit_time(0);
}

/* Says which program it was that the sanitizer, a trap or the time limit ended. */
static void on_death(void)
{
	static struct fuzz_prog p;

	if (!current_prog)
		return;
	fuzz_generate(&p, current_prog->seed);
	printf("# seed %llu: killed\n", (unsigned long long)p.seed);
	fuzz_print(&p);
	fflush(stdout);
	current_prog = NULL;
}

/* Where to go on when machine code is ended by a signal. */
static sigjmp_buf way_out;
static bool guarded;

int fuzz_guard(void (*fn)(void *arg), void *arg, u32 usec)
{
	struct itimerval limit = { .it_value.tv_usec = usec }, none = {};
	int sig = sigsetjmp(way_out, 1);

	if (!sig) {
		WRITE_ONCE(guarded, true);
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		fn(arg);
	}
	WRITE_ONCE(guarded, false);
	setitimer(ITIMER_VIRTUAL, &none, NULL);
	return sig;
}

static void on_signal(int sig)
{
	if (READ_ONCE(guarded))
		siglongjmp(way_out, sig);
	on_death();
	_exit(1);
}

/* It is as if a fatal signal had come.  A helper that is at its heap is let finish. */
static void on_timer(int sig)
{
	static const struct itimerval soon = { .it_value.tv_usec = 1000 };

	host_signal = 1;
	if (READ_ONCE(guarded) && READ_ONCE(verif_busy))
		setitimer(ITIMER_VIRTUAL, &soon, NULL);
	else if (READ_ONCE(guarded))
		siglongjmp(way_out, sig);
}

void __asan_set_death_callback(void (*callback)(void)) __attribute__((__weak__));

static void catch_signals(void)
{
	static const int sigs[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGPROF };
	u32 i;

	signal(SIGVTALRM, on_timer);
	if (__asan_set_death_callback) {
		__asan_set_death_callback(on_death);
		signal(SIGABRT, on_signal);
		signal(SIGPROF, on_signal);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(sigs); i++)
		signal(sigs[i], on_signal);
}

/* ----------------------------------------------------------------- reporting */

static struct figures sum(void)
{
	struct figures all = {};
	u32 i;

	for (i = 0; i < opt.jobs; i++) {
		all.programs += figures[i].programs;
		all.accepted += figures[i].accepted;
		all.runs += figures[i].runs;
		all.steps += figures[i].steps;
		all.insns += figures[i].insns;
		all.failed |= figures[i].failed;
	}
	return all;
}

static void report(u32 seconds)
{
	struct figures f = sum();

	seconds = max(seconds, 1U);
	printf("# %u s: %llu programs, %llu accepted (%llu a second), %llu runs, ", seconds,
	       f.programs, f.accepted, f.accepted / seconds, f.runs);
	printf("%llu steps executed, %llu instructions verified\n", f.steps, f.insns);
	fflush(stdout);
}

/* Waits for all of @pid.  Return: whether each ended well; when one does not, all end. */
static bool wait_jobs(pid_t *pid, time_t start)
{
	u32 left = opt.jobs, i;
	time_t next = start + REPORT_SECONDS;
	bool ok = true;
	int status;

	while (left) {
		for (i = 0; i < opt.jobs; i++) {
			if (!pid[i] || waitpid(pid[i], &status, WNOHANG) != pid[i])
				continue;
			pid[i] = 0;
			left--;
			if (WIFEXITED(status) && !WEXITSTATUS(status))
				continue;
			if (ok)
				printf("# job %u ended at seed %llu\n", i, figures[i].seed);
			ok = false;
		}
		for (i = 0; i < opt.jobs && !ok; i++)
			if (pid[i])
				kill(pid[i], SIGKILL);
		if (left && time(NULL) >= next) {
			report(time(NULL) - start);
			next += REPORT_SECONDS;
		}
		usleep(50000);
	}
	return ok;
}

static bool fork_jobs(void)
{
	pid_t pid[MAX_JOBS];
	time_t start = time(NULL);
	u32 i;

	for (i = 0; i < opt.jobs; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		work(i);
		fflush(stdout);
		_exit(figures[i].failed);
	}
	return wait_jobs(pid, start);
}

static int usage(void)
{
	fprintf(stderr,
		"%s [--seconds N] [--seed N] [--jobs N] [--runs N] [--only SEED] [--level N]\n",
		program_invocation_short_name);
	return 2;
}

static bool parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'S' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "runs", required_argument, NULL, 'r' },
		{ "only", required_argument, NULL, 'o' },
		{ "level", required_argument, NULL, 'l' },
		{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		u64 n = optarg ? strtoull(optarg, NULL, 0) : 0;

		if (c == 's')
			opt.seconds = n;
		else if (c == 'S' || c == 'o')
			opt.seed = n;
		else if (c == 'j')
			opt.jobs = clamp(n, 1, MAX_JOBS);
		else if (c == 'r')
			opt.runs = max(n, 1);
		else if (c == 'l')
			opt.level = n;
		else
			return false;
		opt.only |= c == 'o';
		opt.log |= c == 'l';
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	time_t start = time(NULL);
	struct figures f;
	bool ok = true;

	if (!parse(argc, argv))
		return usage();
	ktap_plan(1);
	figures = mmap(NULL, MAX_JOBS * sizeof(*figures), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	catch_signals();
	/* memory that is freed is soon asked for again */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	host_reuse = !__asan_set_death_callback;
	fuzz_maps_init();
	printf("# seed %llu\n", (unsigned long long)opt.seed);
	fflush(stdout);
	if (opt.jobs > 1)
		ok = fork_jobs();
	else
		work(0);
	f = sum();
	report(time(NULL) - start);
	CHECK(ok && !f.failed, "see above");
	CHECK(f.programs < 500 || f.accepted > f.programs / 5, "%llu of %llu accepted", f.accepted,
	      f.programs);
	ktap_end(fuzz_target.name);
	fuzz_maps_free();
	return ktap_exit();
}
