/* tree: the processes of a recording below those that made them. A damaged file may tell of circles. */
#include <stdlib.h>

#include "fmprof/analyze.h"

/* Numbers are an index + 1; 0 is none. */
struct node {
	size_t parent, first, last, next;
	bool placed;
};

struct tree {
	const struct report *report;
	struct node *nodes; /* [0] stands above all others */
	struct report_branch *branches;
	size_t count;
};

static void nodes_link(struct tree *tree)
{
	const struct report *report = tree->report;
	struct table numbers = {0};

	for (size_t i = report->process_count; i-- > 0;)
		table_put(&numbers, (uint64_t)report->processes[i]->pid, &tree->nodes[i + 1]);
	for (size_t number = 1; number <= report->process_count; number++) {
		const struct report_process *process = report->processes[number - 1];
		/* The latest in front of it that had the number; else, in a damaged file, the first behind it. */
		const struct node *parent =
			process->parent > 0 ? table_get(&numbers, (uint64_t)process->parent) : NULL;
		struct node *node = &tree->nodes[number], *above = tree->nodes;

		if (parent && parent != node)
			node->parent = (size_t)(parent - tree->nodes);
		above += node->parent;
		if (above->last)
			tree->nodes[above->last].next = number;
		else
			above->first = number;
		above->last = number;
		table_put(&numbers, (uint64_t)process->pid, node);
	}
	table_free(&numbers);
}

/* A process and all below it, without recursion: a chain may be as long as there are processes. */
static void branches_add(struct tree *tree, size_t top)
{
	size_t number = top;
	unsigned depth = 0;

	for (;;) {
		struct node *node = &tree->nodes[number];

		if (!node->placed) {
			node->placed = true;
			tree->branches[tree->count++] =
				(struct report_branch){tree->report->processes[number - 1], depth};
			if (node->first) {
				number = node->first;
				depth++;
				continue;
			}
		}
		while (number != top && !tree->nodes[number].next) {
			number = tree->nodes[number].parent;
			depth--;
		}
		if (number == top)
			return;
		number = tree->nodes[number].next;
	}
}

struct report_branch *report_tree(const struct report *report)
{
	struct tree tree = {
		.report = report,
		.nodes = mem_alloc((report->process_count + 1) * sizeof(*tree.nodes)),
		.branches = mem_alloc((report->process_count + 1) * sizeof(*tree.branches)),
	};

	nodes_link(&tree);
	for (size_t number = tree.nodes[0].first; number; number = tree.nodes[number].next)
		branches_add(&tree, number);
	for (size_t number = 1; number <= report->process_count; number++)
		if (!tree.nodes[number].placed)
			branches_add(&tree, number);
	free(tree.nodes);
	return tree.branches;
}
