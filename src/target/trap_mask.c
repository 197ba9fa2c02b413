/*
 * SIGTRAP in the masks of the target's threads. A trap in a thread that blocks it makes the kernel unblock it
 * (force_sig_info_to_task in kernel/signal.c), and a tracer sees only what is left. So the masks have to be
 * known before: they are learned where they can be read, and where the program sets them.
 *
 * Known masks are kept as in a pile, since handlers of signals nest and give back what was. Without SIGTRAP a mask
 * tells which one is in force: what was put on top of it is over.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "ptrace.h"
#include "target_internal.h"

static uint64_t mask_of(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

static uint64_t without_trap(uint64_t mask)
{
	return mask & ~mask_of(SIGTRAP);
}

static bool read_mask(const struct task *task, uint64_t *mask)
{
	return ptrace_call(PTRACE_GETSIGMASK, task->tid, sizeof(*mask), (uintptr_t)mask) == 0;
}

/* Whether every signal that can be is blocked, but for SIGTRAP. */
static bool blocks_all_others(uint64_t mask)
{
	const uint64_t others = 0x7fffffff & ~(mask_of(SIGKILL) | mask_of(SIGSTOP) | mask_of(SIGTRAP));

	return (mask & others) == others;
}

/* ---- what is known ------------------------------------------------------ */

static const uint64_t *find_equal(const struct known_masks *known, uint64_t mask)
{
	for (size_t i = known->count; i-- > 0;)
		if (without_trap(known->items[i]) == without_trap(mask))
			return &known->items[i];
	return NULL;
}

/* In a handler more is blocked than outside of it. */
static const uint64_t *find_part(const struct known_masks *known, uint64_t mask)
{
	for (size_t i = known->count; i-- > 0;)
		if (!(without_trap(known->items[i]) & ~mask))
			return &known->items[i];
	return NULL;
}

/* Drops what was put on top of item, and item itself if it is not to stay. NULL: drops all. */
static void drop_from(struct known_masks *known, const uint64_t *item, bool stays)
{
	known->count = item ? (size_t)(item - known->items) + stays : 0;
}

static void put(struct known_masks *known, uint64_t mask)
{
	const uint64_t *same = find_equal(known, mask);

	if (same)
		drop_from(known, same, false);
	known->items = array_reserve(known->items, &known->capacity, known->count + 1, sizeof(mask));
	known->items[known->count++] = mask;
}

void known_masks_copy(struct known_masks *known, const struct known_masks *from)
{
	known->count = from->count;
	known->items = array_reserve(known->items, &known->capacity, known->count, sizeof(*known->items));
	if (known->count)
		memcpy(known->items, from->items, known->count * sizeof(*known->items));
}

/* In SIGTRAP's own handler nothing but SIGTRAP itself may be blocked in addition: that is not learned,
 * since it could not be told from what is in force when the handler has returned. */
void task_learn_mask(struct task *task, uint64_t mask)
{
	struct known_masks *known = &task->run->masks;
	const uint64_t *same = find_equal(known, mask);

	drop_from(known, same ? same : find_part(known, mask), true);
	if (!same || !(mask & mask_of(SIGTRAP)))
		put(known, mask);
}

void task_see_mask(struct task *task)
{
	uint64_t mask;

	if (read_mask(task, &mask))
		task_learn_mask(task, mask);
}

bool task_expect_mask(struct task *task, int how, uint64_t set)
{
	/* libc keeps its own two out of any mask. */
	const uint64_t of_libc = mask_of(32) | mask_of(33);
	struct known_masks *known = &task->run->masks;
	uint64_t change, mask;
	const uint64_t *now;

	if (!set || task_read_word(task, set, &change) < 0 || !read_mask(task, &mask))
		return false;
	now = find_equal(known, mask);
	drop_from(known, now ? now : find_part(known, mask), !now);
	change &= ~of_libc;
	if (how == SIG_BLOCK)
		put(known, mask | change);
	else if (how == SIG_UNBLOCK)
		put(known, mask & ~change);
	else
		put(known, change);
	return (change | mask) & mask_of(SIGTRAP) && !blocks_all_others(change | mask);
}

void process_expect_handler(struct process *process, int signal, uint64_t mask, uint64_t flags)
{
	uint64_t bit = signal > 0 && signal <= 64 ? mask_of(signal) : 0;

	/* Else nothing tells afterwards whether the handler has returned. */
	if (mask & mask_of(SIGTRAP) && !(flags & SA_NODEFER) && signal != SIGTRAP)
		process->trap_blocked_in |= bit;
	else
		process->trap_blocked_in &= ~bit;
}

void task_expect_handler(struct task *task, int signal)
{
	uint64_t mask;

	if ((signal != SIGTRAP && !(task->process->trap_blocked_in & mask_of(signal))) ||
	    task_signal_use(task, signal) != SIGNAL_HANDLED || !read_mask(task, &mask))
		return;
	if (signal == SIGTRAP) {
		task->run->in_trap_handler = true;
		return;
	}
	put(&task->run->masks, mask | mask_of(signal) | mask_of(SIGTRAP));
}

/* ---- at a trap ---------------------------------------------------------- */

/* A mask that nobody is known to have set, and that has everything else, was set by a system call of libc's own. */
static bool was_in_mask(const struct known_masks *known, uint64_t mask)
{
	const uint64_t *now = find_equal(known, mask);

	if (!now && blocks_all_others(mask))
		return true;
	now = now ? now : find_part(known, mask);
	return now && *now & mask_of(SIGTRAP);
}

/* The trap has taken SIGTRAP's handler away: then it was blocked, as it is in the handler itself. */
static bool was_in_handler(struct task *task)
{
	return task->run->in_trap_handler && (task->run->in_trap_handler = task_has_lost_handler(task));
}

static bool was_blocked(struct task *task, uint64_t *mask)
{
	return read_mask(task, mask) && (was_in_mask(&task->run->masks, *mask) || was_in_handler(task));
}

bool task_blocks_trap(struct task *task)
{
	uint64_t mask;

	return was_blocked(task, &mask);
}

/*
 * A SIGTRAP that was pending for this thread, blocked, takes the place of ours: the kernel keeps one of them, the first
 * (legacy_queue). It goes back to where it was: a signal that the task is resumed with while it blocks it
 * is queued again by the kernel (ptrace_signal), as it was.
 */
void task_keep_trap_blocked(struct task *task)
{
	uint64_t mask;

	if (!was_blocked(task, &mask))
		return;
	mask |= mask_of(SIGTRAP);
	ptrace_call(PTRACE_SETSIGMASK, task->tid, sizeof(mask), (uintptr_t)&mask);
	if (!task_is_at_trap(task))
		task->run->blocked_signal = SIGTRAP;
}

int task_take_blocked_signal(struct task *task, int signal)
{
	int blocked = task->run->blocked_signal;

	task->run->blocked_signal = 0;
	return signal ? signal : blocked;
}
