/*
 * Physical memory: one bit a frame, 1 for taken. What the loader did not call usable is taken for good.
 */
#include "boot.h"
#include "limine.h"
#include "memory.h"

#define LOW_MEMORY 0x100000 /* the first MiB is left to the firmware */
#define BITS 64

static uint64_t *bitmap; /* in the direct map */
static size_t frame_count, free_count, usable_count;
static size_t search_from; /* no word before this one has a zero */

static bool taken(size_t frame) { return bitmap[frame / BITS] >> (frame % BITS) & 1; }

static void release(size_t frame) {
	bitmap[frame / BITS] &= ~(1ul << (frame % BITS));
	free_count++;
	if (frame / BITS < search_from) search_from = frame / BITS;
}

/* Whole words at once: a big machine has a million frames. */
static void release_many(size_t frame, size_t end) {
	while (frame < end) {
		if (frame % BITS == 0 && frame + BITS <= end) {
			release(frame);
			bitmap[frame / BITS] = 0;
			free_count += BITS - 1;
			frame += BITS;
		} else release(frame++);
	}
}

static void take(size_t frame) {
	bitmap[frame / BITS] |= 1ul << (frame % BITS);
	free_count--;
}

/* Whole frames of a range, above the first MiB. */
static size_t first_frame(const struct memory_range *range) {
	uint64_t base = range->base < LOW_MEMORY ? LOW_MEMORY : range->base;
	return ROUND_UP(base, PAGE_SIZE) / PAGE_SIZE;
}
static size_t end_frame(const struct memory_range *range) { return (range->base + range->length) / PAGE_SIZE; }

static void release_ranges(uint64_t type) {
	for (size_t i = 0; i < boot_info.range_count; i++) {
		const struct memory_range *range = &boot_info.ranges[i];
		if (range->type != type) continue;
		size_t from = first_frame(range), end = end_frame(range);
		if (from >= end) continue;
		release_many(from, end);
		usable_count += end - from;
	}
}

static void count_frames(void) {
	for (size_t i = 0; i < boot_info.range_count; i++) {
		const struct memory_range *range = &boot_info.ranges[i];
		bool memory = range->type == LIMINE_MEMMAP_USABLE || range->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE;
		if (memory && end_frame(range) > frame_count) frame_count = end_frame(range);
	}
}

/* The first usable place with room for the bitmap itself. */
static uint64_t place_bitmap(size_t frames) {
	for (size_t i = 0; i < boot_info.range_count; i++) {
		const struct memory_range *range = &boot_info.ranges[i];
		bool fits = first_frame(range) + frames <= end_frame(range);
		if (range->type == LIMINE_MEMMAP_USABLE && fits) return first_frame(range) * PAGE_SIZE;
	}
	panic("no room for the frame bitmap of %lu KiB", frames * PAGE_SIZE / 1024);
}

void frames_init(void) {
	count_frames();
	size_t words = ROUND_UP(frame_count, BITS) / BITS;
	size_t own = ROUND_UP(words * sizeof *bitmap, PAGE_SIZE) / PAGE_SIZE;
	uint64_t place = place_bitmap(own);
	bitmap = direct(place);
	memset(bitmap, 0xff, words * sizeof *bitmap);
	search_from = words;
	release_ranges(LIMINE_MEMMAP_USABLE);
	for (size_t i = 0; i < own; i++) take(place / PAGE_SIZE + i);
	dprintf("memory: %lu KiB usable\n", usable_count * PAGE_SIZE / 1024);
}

void frames_reclaim_loader(void) {
	release_ranges(LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
	dprintf("memory: %lu KiB usable with the loader's\n", usable_count * PAGE_SIZE / 1024);
}

uint64_t frame_alloc(void) {
	size_t words = ROUND_UP(frame_count, BITS) / BITS;
	while (search_from < words && bitmap[search_from] == ~0ul) search_from++;
	if (search_from == words) return 0;
	size_t frame = search_from * BITS + __builtin_ctzll(~bitmap[search_from]);
	take(frame);
	return frame * PAGE_SIZE;
}

void frame_free(uint64_t frame) {
	size_t index = frame / PAGE_SIZE;
	if (index >= frame_count || !taken(index)) panic("frame %lx freed, but it was not taken", frame);
	release(index);
}

size_t frames_free(void) { return free_count; }
size_t frames_total(void) { return usable_count; }
