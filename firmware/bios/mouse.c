/*
 * INT 15h AH=C2h and IRQ 12: the PS/2 mouse (PS/2 BIOS Interface Technical Reference, "Pointing Device BIOS
 * Interface"). The driver's handler gets three-byte packets: status, x, y.
 */
#include "mouse.h"
#include "far.h"
#include "io.h"
#include "keyboard.h"
#include "pic.h"

#define ACK 0xfa
#define MOUSE_RESET 0xff
#define MOUSE_ENABLE 0xf4
#define MOUSE_DISABLE 0xf5
#define MOUSE_SET_RATE 0xf3
#define MOUSE_STATUS 0xe9
#define MOUSE_SET_SCALING_1 0xe6
#define MOUSE_SET_RESOLUTION 0xe8
#define MOUSE_GET_ID 0xf2
#define MOUSE_OK 0xaa

enum { NO_ERROR, BAD_FUNCTION, BAD_INPUT, INTERFACE_ERROR, RESEND, NO_HANDLER };

static struct {
	struct Far handler;
	u8 packet[3];
	u8 received;
} mouse;

static bool send(u8 byte)
{
	return i8042_command(CMD_8042_WRITE_AUX) && i8042_write_data(byte) && i8042_read_data() == ACK;
}

/** Interrupts of the controller's two devices off while we poll. @returns the mode before */
static u8 quiet(void)
{
	i8042_command(CMD_8042_READ_MODE);
	u8 mode = i8042_read_data();
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(mode & ~(MODE_8042_IRQ1 | MODE_8042_IRQ12 | MODE_8042_DISABLE_AUX));
	return mode;
}

static void restore(u8 mode)
{
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(mode);
}

/** AL=01h, 05h: BL the answer AAh, BH the device's id. */
static u8 reset(struct Registers *r)
{
	mouse.received = 0;
	if (!send(MOUSE_RESET))
		return INTERFACE_ERROR;
	r->bl = i8042_read_data();
	r->bh = i8042_read_data();
	return r->bl == MOUSE_OK ? NO_ERROR : INTERFACE_ERROR;
}

static u8 status(struct Registers *r)
{
	if (!send(MOUSE_STATUS))
		return INTERFACE_ERROR;
	r->bl = i8042_read_data();
	r->cl = i8042_read_data();
	r->dl = i8042_read_data();
	return NO_ERROR;
}

static u8 enable(struct Registers *r, u8 *mode)
{
	if (r->bh > 1)
		return BAD_INPUT;
	if (r->bh == 1 && mouse.handler.segment == 0 && mouse.handler.offset == 0)
		return NO_HANDLER;
	if (!send(r->bh ? MOUSE_ENABLE : MOUSE_DISABLE))
		return INTERFACE_ERROR;
	*mode &= ~(MODE_8042_DISABLE_AUX | MODE_8042_IRQ12);
	if (r->bh)
		*mode |= MODE_8042_IRQ12;
	mouse.received = 0;
	pic_unmask(2);
	pic_unmask(12);
	return NO_ERROR;
}

static u8 set_rate(struct Registers *r)
{
	static const u8 rates[] = {10, 20, 40, 60, 80, 100, 200};
	if (r->bh >= sizeof(rates))
		return BAD_INPUT;
	return send(MOUSE_SET_RATE) && send(rates[r->bh]) ? NO_ERROR : INTERFACE_ERROR;
}

static u8 set_resolution(struct Registers *r)
{
	if (r->bh > 3)
		return BAD_INPUT;
	return send(MOUSE_SET_RESOLUTION) && send(r->bh) ? NO_ERROR : INTERFACE_ERROR;
}

/** AL=06h: BH=0 status, 1 scaling 1:1, 2 scaling 2:1. */
static u8 extended(struct Registers *r)
{
	if (r->bh == 0)
		return status(r);
	if (r->bh > 2)
		return BAD_INPUT;
	return send(MOUSE_SET_SCALING_1 + r->bh - 1) ? NO_ERROR : INTERFACE_ERROR;
}

static u8 get_id(struct Registers *r)
{
	if (!send(MOUSE_GET_ID))
		return INTERFACE_ERROR;
	r->bh = i8042_read_data();
	return NO_ERROR;
}

static u8 perform(struct Registers *r, u8 *mode)
{
	switch (r->al) {
	case 0x00:
		return enable(r, mode);
	case 0x01:
	case 0x05: /* BH = packet size; only 3 is */
		return r->al == 0x05 && r->bh != 3 ? BAD_INPUT : reset(r);
	case 0x02:
		return set_rate(r);
	case 0x03:
		return set_resolution(r);
	case 0x04:
		return get_id(r);
	case 0x06:
		return extended(r);
	case 0x07:
		mouse.handler = (struct Far){r->bx, r->es};
		return NO_ERROR;
	default:
		return BAD_FUNCTION;
	}
}

void mouse_service(struct Registers *r)
{
	u8 mode = quiet();
	r->ah = perform(r, &mode);
	restore(mode);
	set_carry(r, r->ah != NO_ERROR);
}

/** IRQ 12, see irq12 in vectors.S. */
void mouse_byte(struct Registers *r)
{
	r->al = 0;
	if ((inb(PORT_8042_STATUS) & (STATUS_8042_OUTPUT_FULL | STATUS_8042_AUX)) !=
	    (STATUS_8042_OUTPUT_FULL | STATUS_8042_AUX))
		return;
	mouse.packet[mouse.received++] = inb(PORT_8042_DATA);
	if (mouse.received < 3)
		return;
	mouse.received = 0;
	if (mouse.handler.segment == 0 && mouse.handler.offset == 0)
		return;
	r->al = 1;
	r->bx = mouse.packet[0];
	r->cx = mouse.packet[1];
	r->dx = mouse.packet[2];
	r->es = mouse.handler.segment;
	r->di = mouse.handler.offset;
}
