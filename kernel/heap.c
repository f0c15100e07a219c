/*
 * The heap: blocks in address order, each behind a header, first fit, neighbours merged when freed.
 *
 *   HEAP_BASE [header|payload][header|payload] ... top
 *
 * Pages between HEAP_BASE and `top` are mapped. The heap grows at the top when nothing fits, and when the
 * last block is free its pages go back, so a failed operation that frees what it took leaves every
 * figure as it was. A freed payload is not written to.
 */
#include "memory.h"

#define ALIGNMENT 16
#define INITIAL_SIZE (1ul << 20)
#define MAGIC_TAKEN 0x7a6b656e
#define MAGIC_FREE 0x66726565

struct block {
	size_t size;            /* of the payload, a multiple of ALIGNMENT */
	struct block *previous; /* in address order */
	uint32_t magic;
	uint32_t padding[3];
};
_Static_assert(sizeof(struct block) % ALIGNMENT == 0, "payloads are aligned");
#define SMALLEST (sizeof(struct block) + ALIGNMENT)

static struct block *first, *last;
static uint64_t top = HEAP_BASE;
static size_t used_bytes, used_blocks;

static uint64_t payload(const struct block *block) { return (uint64_t)(block + 1); }
static uint64_t end_of(const struct block *block) { return payload(block) + block->size; }
static struct block *next(const struct block *block) { return block == last ? NULL : (struct block *)end_of(block); }
static bool is_free(const struct block *block) { return block->magic == MAGIC_FREE; }

static void set_previous_of_next(struct block *block) {
	struct block *after = next(block);
	if (after) after->previous = block;
}

/* Makes a free block of what lies behind the first `size` payload bytes, if it is worth a block. */
static void split(struct block *block, size_t size) {
	if (block->size - size < SMALLEST) return;
	struct block *rest = (struct block *)(payload(block) + size);
	*rest = (struct block){ block->size - size - sizeof *rest, block, MAGIC_FREE, { 0 } };
	block->size = size;
	if (block == last) last = rest;
	else set_previous_of_next(rest);
}

/* Swallows the next block, which is free. */
static void absorb_next(struct block *block) {
	struct block *after = next(block);
	block->size += sizeof *after + after->size;
	if (after == last) last = block;
	else set_previous_of_next(block);
}

/* Maps [top, end). On failure nothing is mapped. */
static bool map_until(uint64_t end) {
	for (uint64_t at = top; at < end; at += PAGE_SIZE) {
		uint64_t frame = frame_alloc();
		if (frame && page_map(at, frame, PAGE_WRITE)) continue;
		if (frame) frame_free(frame);
		while (at > top) frame_free(page_unmap(at -= PAGE_SIZE));
		return false;
	}
	top = end;
	return true;
}

/* Grows the heap until its last block is free and has `size` bytes. */
static bool grow(size_t size) {
	size_t missing = is_free(last) ? size - last->size : size + sizeof *last;
	uint64_t end = ROUND_UP(top + missing, PAGE_SIZE), start = top;
	if (end > HEAP_LIMIT || (end - top) / PAGE_SIZE > frames_free() || !map_until(end)) return false;
	if (is_free(last)) {
		last->size += end - start;
		return true;
	}
	struct block *added = (struct block *)start;
	*added = (struct block){ end - start - sizeof *added, last, MAGIC_FREE, { 0 } };
	last = added;
	return true;
}

/* Gives the pages behind a free last block back, down to the initial size. */
static void shrink(void) {
	if (!is_free(last)) return;
	uint64_t keep = ROUND_UP(payload(last) + ALIGNMENT, PAGE_SIZE);
	if (keep < HEAP_BASE + INITIAL_SIZE) keep = HEAP_BASE + INITIAL_SIZE;
	if (keep >= top) return;
	last->size -= top - keep;
	while (top > keep) frame_free(page_unmap(top -= PAGE_SIZE));
}

/* Where an aligned payload could start in a free block: at its own, or far enough in that the gap makes a block. */
static uint64_t aligned_start(const struct block *block, size_t alignment) {
	uint64_t start = ROUND_UP(payload(block), alignment);
	while (start != payload(block) && start - payload(block) < SMALLEST) start += alignment;
	return start;
}

static struct block *find(size_t size, size_t alignment) {
	for (struct block *block = first; block; block = next(block)) {
		if (!is_free(block)) continue;
		uint64_t start = aligned_start(block, alignment);
		if (start + size <= end_of(block)) return block;
	}
	return NULL;
}

/* Takes `size` bytes out of a free block that `find` returned. */
static void *carve(struct block *block, size_t size, size_t alignment) {
	uint64_t start = aligned_start(block, alignment);
	if (start != payload(block)) {
		split(block, start - payload(block) - sizeof *block);
		block = next(block);
	}
	split(block, size);
	block->magic = MAGIC_TAKEN;
	used_bytes += block->size;
	used_blocks++;
	return (void *)payload(block);
}

void *kmalloc_aligned(size_t size, size_t alignment) {
	if (size > HEAP_LIMIT - HEAP_BASE || alignment > HEAP_LIMIT - HEAP_BASE) return NULL;
	if (alignment & (alignment - 1)) panic("kmalloc_aligned: %lu is not a power of two", alignment);
	if (alignment < ALIGNMENT) alignment = ALIGNMENT;
	size = ROUND_UP(size ? size : 1, ALIGNMENT);
	struct block *block = find(size, alignment);
	if (!block) {
		size_t worst = alignment == ALIGNMENT ? size : size + alignment + SMALLEST;
		if (!grow(worst)) return NULL;
		block = last;
	}
	return carve(block, size, alignment);
}

void *kmalloc(size_t size) { return kmalloc_aligned(size, ALIGNMENT); }

static struct block *block_of(void *pointer, const char *who) {
	uint64_t address = (uint64_t)pointer;
	if (address < HEAP_BASE + sizeof(struct block) || address >= top || address % ALIGNMENT)
		panic("%s: %p is not in the heap", who, pointer);
	struct block *block = (struct block *)address - 1;
	if (is_free(block)) panic("%s: %p is free already", who, pointer);
	if (block->magic != MAGIC_TAKEN) panic("%s: %p is not a block, or its header was overwritten", who, pointer);
	return block;
}

void kfree(void *pointer) {
	if (!pointer) return;
	struct block *block = block_of(pointer, "kfree");
	block->magic = MAGIC_FREE;
	used_bytes -= block->size;
	used_blocks--;
	if (block != last && is_free(next(block))) absorb_next(block);
	if (block->previous && is_free(block->previous)) absorb_next(block->previous);
	shrink();
}

/* Grows a block into the free one behind it, if that is enough. */
static bool extend_in_place(struct block *block, size_t size) {
	struct block *after = next(block);
	if (!after || !is_free(after) || block->size + sizeof *after + after->size < size) return false;
	used_bytes -= block->size;
	absorb_next(block);
	split(block, size);
	used_bytes += block->size;
	return true;
}

void *krealloc(void *pointer, size_t size) {
	if (!pointer) return kmalloc(size);
	struct block *block = block_of(pointer, "krealloc");
	if (size > HEAP_LIMIT - HEAP_BASE) return NULL;
	size_t rounded = ROUND_UP(size ? size : 1, ALIGNMENT);
	if (rounded <= block->size || extend_in_place(block, rounded)) return pointer;
	void *moved = kmalloc(size);
	if (!moved) return NULL;
	memcpy(moved, pointer, block->size);
	kfree(pointer);
	return moved;
}

struct heap_usage heap_usage(void) { return (struct heap_usage){ used_bytes, used_blocks, top - HEAP_BASE }; }

void heap_init(void) {
	if (!map_until(HEAP_BASE + INITIAL_SIZE)) panic("no memory for the heap");
	first = last = (struct block *)HEAP_BASE;
	*first = (struct block){ INITIAL_SIZE - sizeof *first, NULL, MAGIC_FREE, { 0 } };
}
