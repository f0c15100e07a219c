/*
 * COM1: a 16550 at 3F8h, line 4. 115200 baud, 8 bits, no parity, one stop bit.
 * Source: National Semiconductor PC16550D datasheet. Register names are the datasheet's.
 */
#include "input.h"
#include "interrupt.h"
#include "output.h"

#define COM1 0x3f8
#define RBR (COM1 + 0)
#define THR (COM1 + 0)
#define DLL (COM1 + 0)
#define IER (COM1 + 1)
#define DLM (COM1 + 1)
#define IIR (COM1 + 2)
#define FCR (COM1 + 2)
#define LCR (COM1 + 3)
#define MCR (COM1 + 4)
#define LSR (COM1 + 5)
#define SCR (COM1 + 7)

#define IER_RDA 0x01
#define FCR_ENABLE_AND_CLEAR 0x07
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define MCR_DTR_RTS_OUT2 0x0b /* OUT2 gates the interrupt line in a PC */
#define LSR_DR 0x01
#define LSR_THRE 0x20
#define LSR_TEMT 0x40 /* the shift register is empty too */
#define DIVISOR_115200 1

#define PATIENCE 1000000 /* reads of LSR before a byte is given up */

static bool present;

void serial_init(void) {
	outb(SCR, 0x5a);
	present = inb(SCR) == 0x5a;
	if (!present) return;
	outb(IER, 0);
	outb(LCR, LCR_DLAB);
	outb(DLL, DIVISOR_115200);
	outb(DLM, 0);
	outb(LCR, LCR_8N1);
	outb(FCR, FCR_ENABLE_AND_CLEAR);
	outb(MCR, MCR_DTR_RTS_OUT2);
}

static void received(void) {
	(void)inb(IIR);
	while (inb(LSR) & LSR_DR) input_from_serial(inb(RBR));
}

void serial_start_input(void) {
	if (!present) return;
	irq_handle(IRQ_COM1, received);
	outb(IER, IER_RDA);
	received(); /* what came before has raised no edge */
}

static void send(char byte) {
	for (int i = 0; i < PATIENCE; i++) {
		if (!(inb(LSR) & LSR_THRE)) continue;
		outb(THR, byte);
		return;
	}
}

void serial_drain(void) {
	if (!present) return;
	for (int i = 0; i < PATIENCE && !(inb(LSR) & LSR_TEMT); i++) {}
}

void serial_write(const char *text, size_t length) {
	if (!present) return;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') send('\r');
		send(text[i]);
	}
}
