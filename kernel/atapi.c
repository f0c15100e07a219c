/*
 * An ATAPI CD-ROM drive on one of the two IDE channels, by programmed I/O and polling.
 * Sources: ATA/ATAPI-4, "PACKET" and "IDENTIFY PACKET DEVICE"; MMC-2, "READ (10)"; SPC-2, "REQUEST SENSE".
 */
#include "disk.h"

/* Task file, as offsets from a channel's base. */
#define REG_DATA 0
#define REG_FEATURES 1
#define REG_INTERRUPT_REASON 2
#define REG_BYTE_COUNT_LOW 4
#define REG_BYTE_COUNT_HIGH 5
#define REG_DEVICE 6
#define REG_STATUS 7
#define REG_COMMAND 7

#define STATUS_BSY 0x80
#define STATUS_DF 0x20
#define STATUS_DRQ 0x08
#define STATUS_ERR 0x01
#define REASON_COMMAND 0x01 /* CoD: the drive expects the packet */
#define DEVICE_SLAVE 0x10
#define CONTROL_NIEN 0x02

#define COMMAND_DEVICE_RESET 0x08
#define COMMAND_PACKET 0xa0
#define COMMAND_IDENTIFY_PACKET_DEVICE 0xa1

#define SIGNATURE_LOW 0x14 /* in the byte count registers after a reset: a packet device */
#define SIGNATURE_HIGH 0xeb

#define PACKET_TEST_UNIT_READY 0x00
#define PACKET_REQUEST_SENSE 0x03
#define PACKET_READ_10 0x28
#define PACKET_SIZE 12
#define SENSE_SIZE 18
#define SENSE_KEY 0x0f /* in byte 2 */
#define SENSE_UNIT_ATTENTION 6

#define PATIENCE 10000000 /* polls before a drive is given up */
#define READY_ATTEMPTS 8  /* a drive reports each unit attention once */

struct place {
	const char *name;
	uint16_t base, control;
	uint8_t device;
};

/* The addresses that a PIIX3 decodes in compatibility mode. */
static const struct place places[] = {
	{ "secondary master", 0x170, 0x376, 0 },
	{ "secondary slave", 0x170, 0x376, DEVICE_SLAVE },
	{ "primary master", 0x1f0, 0x3f6, 0 },
	{ "primary slave", 0x1f0, 0x3f6, DEVICE_SLAVE },
};

static const struct place *drive; /* NULL if there is none */
static unsigned changes;          /* unit attentions so far */

/* Waits for BSY to clear; returns the status, or 0xff where nothing answers. */
static uint8_t wait_idle(const struct place *at) {
	for (int i = 0; i < PATIENCE; i++) {
		uint8_t status = inb(at->base + REG_STATUS);
		if (status == 0xff || !(status & STATUS_BSY)) return status;
	}
	return 0xff;
}

/* The status is valid 400 ns after a selection; reading the alternate status four times takes that long. */
static void select(const struct place *at) {
	outb(at->base + REG_DEVICE, 0xa0 | at->device);
	for (int i = 0; i < 4; i++) (void)inb(at->control);
}

static uint16_t byte_count(const struct place *at) {
	return inb(at->base + REG_BYTE_COUNT_LOW) | inb(at->base + REG_BYTE_COUNT_HIGH) << 8;
}

static void read_words(const struct place *at, void *to, size_t words) {
	__asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"((uint16_t)(at->base + REG_DATA)) : "memory");
}

static bool is_packet_device(const struct place *at) {
	select(at);
	if (wait_idle(at) == 0xff) return false;
	outb(at->control, CONTROL_NIEN);
	outb(at->base + REG_COMMAND, COMMAND_DEVICE_RESET);
	if (wait_idle(at) == 0xff || byte_count(at) != (SIGNATURE_HIGH << 8 | SIGNATURE_LOW)) return false;
	outb(at->base + REG_COMMAND, COMMAND_IDENTIFY_PACKET_DEVICE);
	if ((wait_idle(at) & (STATUS_DRQ | STATUS_ERR)) != STATUS_DRQ) return false;
	uint16_t identity[256];
	read_words(at, identity, 256);
	return true;
}

/* Takes one block of data in as the drive offers it. Bytes beyond `room` are read and dropped. */
static size_t take_block(uint8_t *to, size_t room) {
	size_t offered = byte_count(drive), kept = offered < room ? offered : room;
	read_words(drive, to, kept / 2);
	for (size_t i = kept / 2; i < (offered + 1) / 2; i++) (void)inw(drive->base + REG_DATA);
	return kept;
}

/* Sends a packet and reads the answer, at most `size` bytes. Returns the bytes read, or -1 after a check condition. */
static int64_t packet_command(const uint8_t packet[PACKET_SIZE], void *to, size_t size) {
	select(drive);
	if (wait_idle(drive) == 0xff) return -1;
	outb(drive->base + REG_FEATURES, 0); /* PIO */
	outb(drive->base + REG_BYTE_COUNT_LOW, SECTOR_SIZE & 0xff);
	outb(drive->base + REG_BYTE_COUNT_HIGH, SECTOR_SIZE >> 8);
	outb(drive->base + REG_COMMAND, COMMAND_PACKET);
	if (!(wait_idle(drive) & STATUS_DRQ) || !(inb(drive->base + REG_INTERRUPT_REASON) & REASON_COMMAND)) return -1;
	for (int i = 0; i < PACKET_SIZE; i += 2) outw(drive->base + REG_DATA, packet[i] | packet[i + 1] << 8);
	size_t done = 0;
	for (;;) {
		uint8_t status = wait_idle(drive);
		if (status & (STATUS_ERR | STATUS_DF)) return -1;
		if (!(status & STATUS_DRQ)) return done;
		if (byte_count(drive) == 0) return -1; /* against the protocol, and it would go on for ever */
		done += take_block((uint8_t *)to + done, size - done);
	}
}

/* After a reset or a change of disc the next command fails with a unit attention, until its sense data is read. */
static bool become_ready(void) {
	const uint8_t test[PACKET_SIZE] = { PACKET_TEST_UNIT_READY };
	uint8_t sense[SENSE_SIZE];
	const uint8_t request[PACKET_SIZE] = { PACKET_REQUEST_SENSE, [4] = SENSE_SIZE };
	for (int i = 0; i < READY_ATTEMPTS; i++) {
		if (packet_command(test, NULL, 0) >= 0) return true;
		if (packet_command(request, sense, SENSE_SIZE) < SENSE_SIZE) continue;
		if ((sense[2] & SENSE_KEY) == SENSE_UNIT_ATTENTION) changes++;
	}
	return false;
}

bool atapi_ready(unsigned *generation) {
	bool ready = drive && become_ready();
	*generation = changes;
	return ready;
}

static bool read_once(uint32_t sector, uint16_t count, void *to) {
	const uint8_t packet[PACKET_SIZE] = {
		PACKET_READ_10, 0, sector >> 24, sector >> 16, sector >> 8, sector, 0, count >> 8, count,
	};
	return packet_command(packet, to, (size_t)count * SECTOR_SIZE) == (int64_t)count * SECTOR_SIZE;
}

bool atapi_read(uint32_t sector, uint32_t count, void *to) {
	if (!drive) return false;
	while (count > 0) {
		uint16_t some = count > 32 ? 32 : count;
		if (!read_once(sector, some, to) && !(become_ready() && read_once(sector, some, to))) {
			dprintf("atapi: cannot read sector %u\n", sector);
			return false;
		}
		sector += some, count -= some, to = (uint8_t *)to + (size_t)some * SECTOR_SIZE;
	}
	return true;
}

void atapi_init(void) {
	for (size_t i = 0; i < sizeof places / sizeof *places && !drive; i++)
		if (is_packet_device(&places[i])) drive = &places[i];
	if (!drive) {
		dprintf("atapi: no drive\n");
		return;
	}
	dprintf("atapi: CD-ROM drive, %s, %s\n", drive->name, become_ready() ? "disc ready" : "no disc");
}

const char *atapi_place(void) { return drive ? drive->name : NULL; }
