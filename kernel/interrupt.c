/*
 * The interrupt descriptor table, the two 8259s and the dispatch of what trap.S catches.
 * Sources: SDM 3A, "Interrupt and Exception Handling"; Intel 8259A datasheet.
 */
#include "interrupt.h"

/* 8259 ports and words. */
#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA 0xa1
#define ICW1_INIT 0x10
#define ICW1_ICW4 0x01
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b

#define VECTOR_IRQ0 0x20
#define IRQ_COUNT 16

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type; /* present, DPL, type */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
#define GATE_INTERRUPT 0x8e /* present, ring 0, 64-bit interrupt gate: interrupts off inside */

#define VECTOR_NMI 2
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_MACHINE_CHECK 18

extern const uint64_t trap_stubs[256];
void trap(struct trap_frame *frame);

static struct gate idt[256] __attribute__((aligned(16)));
static void (*handlers[IRQ_COUNT])(void);

static void set_gate(int vector, uint8_t ist) {
	uint64_t stub = trap_stubs[vector];
	idt[vector] = (struct gate){
		.offset_low = stub,
		.selector = SELECTOR_CODE,
		.ist = ist,
		.type = GATE_INTERRUPT,
		.offset_middle = stub >> 16,
		.offset_high = stub >> 32,
	};
}

static void load_idt(void) {
	for (int vector = 0; vector < 256; vector++) set_gate(vector, 0);
	set_gate(VECTOR_NMI, IST_NMI);
	set_gate(VECTOR_DOUBLE_FAULT, IST_DOUBLE_FAULT);
	set_gate(VECTOR_MACHINE_CHECK, IST_MACHINE_CHECK);
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = { sizeof idt - 1, (uint64_t)idt };
	__asm__ volatile("lidt %0" ::"m"(idtr));
}

/* The BIOS has the lines at vectors 8h and 70h, but 8h to 0Fh are exceptions. 8259A datasheet, "Initialization". */
static void remap_pics(void) {
	outb(PIC1_COMMAND, ICW1_INIT | ICW1_ICW4);
	outb(PIC2_COMMAND, ICW1_INIT | ICW1_ICW4);
	outb(PIC1_DATA, VECTOR_IRQ0);
	outb(PIC2_DATA, VECTOR_IRQ0 + 8);
	outb(PIC1_DATA, 1 << IRQ_CASCADE);
	outb(PIC2_DATA, IRQ_CASCADE);
	outb(PIC1_DATA, ICW4_8086);
	outb(PIC2_DATA, ICW4_8086);
	outb(PIC1_DATA, 0xff & ~(1 << IRQ_CASCADE));
	outb(PIC2_DATA, 0xff);
}

void interrupts_init(void) {
	load_idt();
	remap_pics();
}

void irq_handle(uint8_t line, void (*handler)(void)) {
	uint16_t port = line < 8 ? PIC1_DATA : PIC2_DATA;
	handlers[line] = handler;
	outb(port, inb(port) & ~(1 << (line & 7)));
}

/* Lines 7 and 15 also stand for a request that went away before it was acknowledged; then no in-service bit is set. */
static bool spurious(uint8_t line) {
	if ((line & 7) != 7) return false;
	uint16_t port = line < 8 ? PIC1_COMMAND : PIC2_COMMAND;
	outb(port, OCW3_READ_ISR);
	if (inb(port) & 0x80) return false;
	if (line >= 8) outb(PIC1_COMMAND, OCW2_EOI);
	return true;
}

static void dispatch_irq(uint8_t line) {
	if (spurious(line)) return;
	if (handlers[line]) handlers[line]();
	if (line >= 8) outb(PIC2_COMMAND, OCW2_EOI);
	outb(PIC1_COMMAND, OCW2_EOI);
}

/* Called by trap.S with interrupts off. Returns only for interrupts: no exception is expected in this kernel. */
void trap(struct trap_frame *frame) {
	if (frame->vector >= VECTOR_IRQ0 && frame->vector < VECTOR_IRQ0 + IRQ_COUNT) {
		dispatch_irq(frame->vector - VECTOR_IRQ0);
		return;
	}
	report_exception(frame);
}
