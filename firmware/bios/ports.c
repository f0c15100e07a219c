/*
 * INT 14h (16550 serial ports), INT 17h (parallel ports), INT 11h (equipment), INT 12h (memory).
 */
#include "ports.h"
#include "bda.h"
#include "io.h"
#include "registers.h"

#define UART_DATA 0
#define UART_DLL 0
#define UART_IER 1
#define UART_DLM 1
#define UART_IIR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define LCR_DLAB 0x80
#define LCR_FORMAT 0x1f
#define MCR_DTR_RTS 0x03
#define LSR_DR 0x01
#define LSR_THRE 0x20
#define TIMED_OUT 0x80

#define LPT_STATUS 1
#define LPT_CONTROL 2
#define STATUS_NOT_BUSY 0x80
#define STATUS_INVERTED 0x48 /* INT 17h inverts ACK# and ERROR# */
#define CONTROL_STROBE 0x01
#define CONTROL_INIT 0x04
#define CONTROL_SELECT 0x08
#define POLLS_A_UNIT 4000

static const u16 com_candidates[4] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
static const u16 lpt_candidates[3] = {0x378, 0x278, 0x3bc};
/* INT 14h AH=00h, AL bits 7..5: 110, 150, 300, 600, 1200, 2400, 4800, 9600 baud. */
static const u16 divisors[8] = {1047, 768, 384, 192, 96, 48, 24, 12};

static bool uart_present(u16 port)
{
	outb(port + UART_IER, 0x02);
	u8 ier = inb(port + UART_IER), iir = inb(port + UART_IIR);
	outb(port + UART_IER, 0);
	return ier == 0x02 && !(iir & 0x30);
}

static bool lpt_present(u16 port)
{
	outb(port, 0xaa);
	if (inb(port) != 0xaa)
		return false;
	outb(port, 0x55);
	return inb(port) == 0x55;
}

void ports_init(void)
{
	u8 coms = 0, lpts = 0;
	for (u32 i = 0; i < COUNT(com_candidates); i++)
		if (uart_present(com_candidates[i])) {
			bda->com_timeout[coms] = 0x0a;
			bda->com_port[coms++] = com_candidates[i];
		}
	for (u32 i = 0; i < COUNT(lpt_candidates); i++)
		if (lpt_present(lpt_candidates[i])) {
			bda->lpt_timeout[lpts] = 0x14;
			bda->lpt_port[lpts++] = lpt_candidates[i];
		}
	bda->equipment = bda->equipment | coms << EQUIPMENT_COM_SHIFT | lpts << EQUIPMENT_LPT_SHIFT;
}

static bool wait_for(u16 port, u8 bit, u8 units)
{
	for (u32 i = units * POLLS_A_UNIT + 1; i; i--)
		if (inb(port) & bit)
			return true;
	return false;
}

static void uart_initialize(u16 port, u8 parameters)
{
	u16 divisor = divisors[parameters >> 5];
	outb(port + UART_LCR, LCR_DLAB);
	outb(port + UART_DLL, divisor);
	outb(port + UART_DLM, divisor >> 8);
	outb(port + UART_LCR, parameters & LCR_FORMAT);
	outb(port + UART_IER, 0);
}

static void uart_send(struct Registers *r, u16 port, u8 timeout)
{
	outb(port + UART_MCR, MCR_DTR_RTS);
	bool ready = wait_for(port + UART_LSR, LSR_THRE, timeout);
	if (ready)
		outb(port + UART_DATA, r->al);
	r->ah = (inb(port + UART_LSR) & 0x7f) | (ready ? 0 : TIMED_OUT);
}

static void uart_receive(struct Registers *r, u16 port, u8 timeout)
{
	outb(port + UART_MCR, MCR_DTR_RTS);
	if (wait_for(port + UART_LSR, LSR_DR, timeout)) {
		r->ah = inb(port + UART_LSR) & 0x1e;
		r->al = inb(port + UART_DATA);
	} else {
		r->ah = TIMED_OUT | (inb(port + UART_LSR) & 0x7f);
	}
}

void int14(struct Registers *r)
{
	u16 port = r->dx < 4 ? bda->com_port[r->dx] : 0;
	if (!port) {
		r->ah = TIMED_OUT;
		return;
	}
	u8 timeout = bda->com_timeout[r->dx];
	switch (r->ah) {
	case 0x01:
		uart_send(r, port, timeout);
		return;
	case 0x02:
		uart_receive(r, port, timeout);
		return;
	case 0x00:
		uart_initialize(port, r->al);
		break;
	case 0x03:
		break;
	default:
		return;
	}
	r->ah = inb(port + UART_LSR);
	r->al = inb(port + UART_MSR);
}

static u8 lpt_status(u16 port)
{
	return (inb(port + LPT_STATUS) ^ STATUS_INVERTED) & 0xf8;
}

void int17(struct Registers *r)
{
	u16 port = r->dx < 3 ? bda->lpt_port[r->dx] : 0;
	if (!port)
		return;
	bool timed_out = false;
	if (r->ah == 0x00) {
		timed_out = !wait_for(port + LPT_STATUS, STATUS_NOT_BUSY, bda->lpt_timeout[r->dx]);
		outb(port, r->al);
		outb(port + LPT_CONTROL, CONTROL_SELECT | CONTROL_INIT | CONTROL_STROBE);
		outb(port + LPT_CONTROL, CONTROL_SELECT | CONTROL_INIT);
	} else if (r->ah == 0x01) {
		outb(port + LPT_CONTROL, CONTROL_SELECT);
		outb(port + LPT_CONTROL, CONTROL_SELECT | CONTROL_INIT);
	} else if (r->ah != 0x02) {
		return;
	}
	r->ah = lpt_status(port) | timed_out;
}

void int11(struct Registers *r)
{
	r->ax = bda->equipment;
}

void int12(struct Registers *r)
{
	r->ax = bda->memory_kib;
}
