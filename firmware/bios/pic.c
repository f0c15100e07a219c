/*
 * 8259A pair. The AT puts the master's eight lines at vectors 08h-0Fh, the slave's at 70h-77h, with the slave
 * on the master's line 2 (8259A, "Initialization Command Words").
 */
#include "pic.h"
#include "bda.h"
#include "io.h"
#include "log.h"
#include "registers.h"

#define PIC1 0x20
#define PIC2 0xa0
#define ICW1_INIT_ICW4 0x11
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b
#define CASCADE 2
#define VECTOR_MASTER 0x08
#define VECTOR_SLAVE 0x70

static void program(u16 port, u8 vector, u8 icw3, u8 mask)
{
	outb(port, ICW1_INIT_ICW4);
	outb(port + 1, vector);
	outb(port + 1, icw3);
	outb(port + 1, ICW4_8086);
	outb(port + 1, mask);
}

void pic_init(void)
{
	program(PIC1, VECTOR_MASTER, 1 << CASCADE, (u8) ~(1 << CASCADE));
	program(PIC2, VECTOR_SLAVE, CASCADE, 0xff);
}

void pic_unmask(u8 irq)
{
	u16 port = irq < 8 ? PIC1 + 1 : PIC2 + 1;
	outb(port, inb(port) & ~(1 << (irq & 7)));
}

static u8 in_service(u16 port)
{
	outb(port, OCW3_READ_ISR);
	return inb(port);
}

bool pic_in_service(u8 irq)
{
	return in_service(PIC1) & (1 << irq);
}

/** A line without a service: ended, masked, and left in 40:6B for programs that probe (PC/AT BIOS). */
void unexpected_interrupt(struct Registers *r)
{
	(void)r;
	u8 master = in_service(PIC1), slave = in_service(PIC2);
	if (slave) {
		outb(PIC2 + 1, inb(PIC2 + 1) | slave);
		outb(PIC2, OCW2_EOI);
	}
	master &= (u8) ~(1 << CASCADE);
	outb(PIC1 + 1, inb(PIC1 + 1) | master);
	if (master || slave)
		outb(PIC1, OCW2_EOI);
	bda->last_interrupt = master | slave ? master | slave : 0xff;
}
