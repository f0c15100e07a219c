/*
 * INT 15h: system services.
 */
#include "bda.h"
#include "cmos.h"
#include "io.h"
#include "memory.h"
#include "mouse.h"
#include "pic.h"
#include "registers.h"

#define UNSUPPORTED 0x86
#define WAIT_BUSY 0x83
#define SMAP 0x534d4150
#define PORT_SYSTEM_CONTROL_A 0x92
#define SYSTEM_CONTROL_A20 0x02
#define A20_BOTH 0x0003 /* AX=2403h: by the 8042 and by port 92h */

/** AH=C0h's table (PS/2 BIOS Interface Technical Reference, "Return System Configuration Parameters"). */
static const struct {
	u16 bytes;
	u8 model, submodel, revision;
	u8 feature1, feature2, feature3, feature4, feature5;
} PACKED configuration = {
	8, 0xfc, 0x00, 0x01,
	0x74, /* two 8259s, a real-time clock, INT 15h AH=4Fh is called, an EBDA */
	0x40, /* INT 16h AH=09h */
	0x00, 0x00, 0x00,
};

static void fail(struct Registers *r, u8 code)
{
	r->ah = code;
	set_carry(r, true);
}

static void succeed(struct Registers *r)
{
	r->ah = 0;
	set_carry(r, false);
}

static bool a20(void)
{
	return inb(PORT_SYSTEM_CONTROL_A) & SYSTEM_CONTROL_A20;
}

static void set_a20(bool on)
{
	u8 control = inb(PORT_SYSTEM_CONTROL_A) & ~(SYSTEM_CONTROL_A20 | 1);
	outb(PORT_SYSTEM_CONTROL_A, control | (on ? SYSTEM_CONTROL_A20 : 0));
}

/** AH=24h. */
static void a20_service(struct Registers *r)
{
	u8 function = r->al;
	if (function > 3) {
		fail(r, UNSUPPORTED);
		return;
	}
	if (function < 2)
		set_a20(function == 1);
	if (function == 2)
		r->al = a20();
	if (function == 3)
		r->bx = A20_BOTH;
	succeed(r);
}

/** AH=87h: CX words between the descriptors 2 (source) and 3 (destination) of the table at ES:SI. */
static u32 descriptor_base(struct Registers *r, u16 offset)
{
	return (peek32(r->es, r->si + offset + 2) & 0xffffff) | (u32)peek8(r->es, r->si + offset + 7) << 24;
}

static void block_move(struct Registers *r)
{
	if (r->cx > 0x8000) {
		fail(r, UNSUPPORTED);
		return;
	}
	bool was_on = a20();
	set_a20(true);
	bool done = physical_copy(descriptor_base(r, 0x18), descriptor_base(r, 0x10), (u32)r->cx * 2);
	set_a20(was_on);
	if (done)
		succeed(r);
	else
		fail(r, 3); /* the gate could not be passed */
}

/** AX=E801h: KiB between 1 and 16 MiB, 64 KiB blocks above. */
static void memory_sizes(struct Registers *r)
{
	u32 kib = (memory_acpi >> 10) - 1024;
	r->cx = kib > 0x3c00 ? 0x3c00 : kib;
	r->dx = kib > 0x3c00 ? (memory_acpi - 0x1000000) >> 16 : 0;
	r->ax = r->cx;
	r->bx = r->dx;
	set_carry(r, false);
}

/** AX=E820h (ACPI, "INT 15H, E820H - Query System Address Map"). */
static void memory_range(struct Registers *r)
{
	if (r->edx != SMAP || r->ebx >= memory_ranges || r->ecx < sizeof(struct MemoryRange)) {
		fail(r, UNSUPPORTED);
		return;
	}
	far_copy(r->es, r->di, DATA_SEGMENT, (u32)&memory_map[r->ebx], sizeof(struct MemoryRange));
	r->ebx = r->ebx + 1 < memory_ranges ? r->ebx + 1 : 0;
	r->eax = SMAP;
	r->ecx = sizeof(struct MemoryRange);
	set_carry(r, false);
}

static void start_wait(u16 segment, u16 offset, u32 microseconds)
{
	bda->wait_flag.segment = segment;
	bda->wait_flag.offset = offset;
	bda->wait_microseconds = microseconds;
	bda->wait_active = 1;
	cmos_write(RTC_B, cmos_read(RTC_B) | RTC_B_PIE);
	cmos_read(RTC_C);
	pic_unmask(2);
	pic_unmask(8);
}

/** AH=83h: AL=0 starts to wait CX:DX microseconds and then sets bit 7 of ES:BX, AL=1 cancels. */
static void event_wait(struct Registers *r)
{
	if (r->al == 1) {
		bda->wait_active = 0;
		cmos_write(RTC_B, cmos_read(RTC_B) & ~RTC_B_PIE);
		succeed(r);
	} else if (bda->wait_active) {
		fail(r, WAIT_BUSY);
	} else {
		start_wait(r->es, r->bx, (u32)r->cx << 16 | r->dx);
		succeed(r);
	}
}

#define WAITING_HERE 0x02 /* in wait_active: by AH=86h */

/** AH=86h: returns after CX:DX microseconds. Called again after every interrupt until then. */
static void wait(struct Registers *r)
{
	u8 active = bda->wait_active;
	if ((active & WAITING_HERE) && !(active & 1)) { /* rtc_interrupt took bit 0 away */
		bda->wait_active = 0;
		succeed(r);
		return;
	}
	if (active == 0) {
		start_wait(0x40, OFFSET(struct BiosDataArea, wait_active), (u32)r->cx << 16 | r->dx);
		/* The flag that rtc_interrupt sets is wait_active's own bit 7. */
		bda->wait_active = 1 | WAITING_HERE;
		r->again = 1;
	} else if (active & WAITING_HERE) {
		r->again = 1;
	} else {
		fail(r, WAIT_BUSY);
	}
}

static void extended_memory_service(struct Registers *r)
{
	if (r->al == 0x01)
		memory_sizes(r);
	else if (r->al == 0x20)
		memory_range(r);
	else
		fail(r, UNSUPPORTED);
}

void int15(struct Registers *r)
{
	switch (r->ah) {
	case 0x24:
		a20_service(r);
		break;
	case 0x4f: /* the scan code in AL is kept as it is */
		set_carry(r, true);
		break;
	case 0x80: /* device open, close, program end: for multitasking systems to hook */
	case 0x81:
	case 0x82:
	case 0x85: /* SysReq */
	case 0x90: /* a device is busy, is ready */
	case 0x91:
		succeed(r);
		break;
	case 0x83:
		event_wait(r);
		break;
	case 0x86:
		wait(r);
		break;
	case 0x87:
		block_move(r);
		break;
	case 0x88:
		r->ax = memory_extended_kib();
		set_carry(r, false);
		break;
	case 0xc0:
		r->es = DATA_SEGMENT;
		r->bx = (u32)&configuration;
		succeed(r);
		break;
	case 0xc1:
		r->es = EBDA_SEGMENT;
		succeed(r);
		break;
	case 0xc2:
		mouse_service(r);
		break;
	case 0xe8:
		extended_memory_service(r);
		break;
	default: /* also 53h, APM, and D8h, EISA: absent */
		fail(r, UNSUPPORTED);
		break;
	}
}
