/*
 * Runs sequences on the processor of this machine.
 *
 *	recorder <JOBS >CHECKSUMS                       struct job in, one u32 each out
 *	recorder FORMAT OPERATION ENVIRONMENT CHUNK     every step of one chunk, as text
 */
#include <stdio.h>
#include <stdlib.h>

#include "sequences.h"

static void print_operand(const char *name, const union operand *operand)
{
	printf(" %s", name);
	for (int i = 3; i >= 0; i--)
		printf(" %016lx", operand->words[i]);
}

static void print_step(const struct step *step)
{
	print_operand("a", &step->a);
	print_operand("b", &step->b);
	print_operand("c", &step->c);
	print_operand("->", &step->result);
	printf(" flags %04x\n", step->flags);
}

int main(int argc, char **argv)
{
	struct job job;
	if (argc == 5) {
		job = (struct job){ atoi(argv[1]), atoi(argv[2]), atoi(argv[3]), atoi(argv[4]) };
		printf("%08x\n", checksum(&job, print_step));
		return 0;
	}
	while (fread(&job, sizeof job, 1, stdin) == 1) {
		const u32 found = checksum(&job, NULL);
		if (fwrite(&found, sizeof found, 1, stdout) != 1)
			return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
