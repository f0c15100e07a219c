/*
 * Segments in protected mode: bases, call gates with parameters, returns to outer rings, conforming code, rings 1 and 2;
 * and limits and rights, which QEMU does not check. SDM 3A, "Protection".
 */
#include "kit32.h"

#define DATA FREE_SELECTOR              /* what a test describes */
#define GATE (FREE_SELECTOR + 16)
#define RING1_CODE (FREE_SELECTOR + 24)
#define RING1_DATA (FREE_SELECTOR + 32)
#define CONFORMING (FREE_SELECTOR + 40)
#define AVAILABLE_TSS 0x0089
#define GATE_OF_CALLS 0x008c

static u8 window[8192] __attribute__((aligned(4096)));

/* The argument is a selector or an offset; FS holds DATA in the second half. */
__asm__(".text\n"
	"load_ds: mov 4(%esp), %ds; ret\n"
	"load_ss: mov 4(%esp), %ss; ret\n"
	"load_fs: mov 4(%esp), %fs; ret\n"
	"jump_far: mov 4(%esp), %eax; push %eax; push $1f; ljmp *(%esp); 1: add $8, %esp; ljmp $8, $2f; 2: ret\n"
	".globl fs_read_here, fs_write_here, ds_read_here, cs_write_here, call_far_here\n"
	"fs_read: mov 4(%esp), %eax; fs_read_here: mov %fs:(%eax), %ebx; ret\n"
	"fs_write: mov 4(%esp), %eax; fs_write_here: mov %ebx, %fs:(%eax); ret\n"
	"cs_write: mov 4(%esp), %eax; cs_write_here: mov %ebx, %cs:(%eax); ret\n"
	"call_far: mov 4(%esp), %eax; push %eax; push $0; call_far_here: lcall *(%esp); add $8, %esp; ret\n"
	".section .user, \"ax\"\n"
	"user_gate: push $0x33333333; push $0x22222222; push $0x11111111; lcall $0x4b, $0; int $0x80\n"
	"user_stop: mov %cs, %eax; mov %ss, %ebx; int $0x80\n"
	"user_conforming: lcall $0x60, $conforming; int $0x80\n"
	".previous\n"
	/* A call gate's target: the copied parameters go to registers. */
	"gate_target: mov 8(%esp), %ecx; mov 12(%esp), %edx; mov 16(%esp), %esi; mov %esp, %ebx; mov %ss, %edi; int $0x81\n"
	"gate_return: lret $12\n"
	"conforming: mov %cs, %ecx; lret\n"
	"ring1_stop: mov %cs, %eax; mov %ss, %ebx; int $0x80\n"
	/* RETF and IRET to an outer ring with a frame from the argument: EIP, CS, ESP, SS. */
	"return_outer: mov 4(%esp), %eax; push 12(%eax); push 8(%eax); push 4(%eax); push (%eax); return_here: lret\n"
	".globl return_here");
void load_ds(long);
void load_ss(long);
void load_fs(long);
void jump_far(long);
void fs_read(long);
void fs_write(long);
void cs_write(long);
void call_far(long);
void return_outer(long);
extern u8 fs_read_here[], fs_write_here[], cs_write_here[], user_gate[], user_stop[], user_conforming[];
extern u8 gate_target[], gate_return[], ring1_stop[];

static void describe(u32 base, u32 limit, u16 attributes)
{
	gdt[DATA / 8] = segment_descriptor(base, limit, attributes);
	__asm__ volatile("mov %0, %%fs" : : "r"(DATA));
}

static void bases(void)
{
	*(volatile u32 *)(window + 0x120) = 0xcafef00d;
	describe((u32)window + 0x100, 0xfff, 0x4093);
	report("read through a base", attempt(fs_read, 0x20));
	u32 found;
	__asm__ volatile("mov %%fs:0x20, %0" : "=r"(found));
	value("  what was read", found);
	__asm__ volatile("movl $0x12345678, %fs:0x24");
	value("  what was written", *(volatile u32 *)(window + 0x124));
	describe((u32)window + 0x1000, 0xfffff, 0xc093);
	__asm__ volatile("mov %%fs:-0xee0, %0" : "=r"(found));
	value("  offsets wrap at 4 GiB", found);
	__asm__ volatile("lea %%fs:0x20, %0" : "=r"(found));
	value("  LEA has no base", found);
	__asm__ volatile("mov %1, %%esi; lea %2, %%edi; cld; fs movsl" : "=D"(found) : "r"(-0xee0), "m"(window[0]) : "esi", "memory");
	value("  MOVS from FS", *(volatile u32 *)window);
}

static void loads(void)
{
	static const u16 attributes[] = { 0xc091, 0xc0f3, 0xc073, 0xc0f7, 0xc0f9, 0xc09b, 0xc09f, 0xc0fb, 0x0082, AVAILABLE_TSS, 0x008b, 0x0080, GATE_OF_CALLS, 0xc093, 0xc013 };
	for (unsigned i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		gdt[DATA / 8] = segment_descriptor(0, 0xfffff, attributes[i]);
		value("attributes", attributes[i]);
		report("  DS", attempt(load_ds, DATA));
		report("  DS with RPL 3", attempt(load_ds, DATA | 3));
		report("  SS", attempt(load_ss, DATA));
		report("  SS with RPL 3", attempt(load_ss, DATA | 3));
		if (attributes[i] != AVAILABLE_TSS && attributes[i] != GATE_OF_CALLS) {
			report("  far jump", attempt(jump_far, DATA));
			report("  far jump with RPL 3", attempt(jump_far, DATA | 3));
		}
		u32 rights = 0, limit = 0, found, lar, lsl;
		__asm__("lar %2, %0; setz %b1" : "+r"(rights), "=q"(found) : "r"(DATA));
		lar = found & 1;
		__asm__("lsl %2, %0; setz %b1" : "+r"(limit), "=q"(found) : "r"(DATA));
		lsl = found & 1;
		value("  LAR", lar ? rights : 0);
		value("  LSL", lsl ? limit : 0);
	}
	report("null DS", attempt(load_ds, 0));
	report("null SS", attempt(load_ss, 0));
	gdt[DATA / 8] = segment_descriptor(0, 0xfffff, 0xc092);
	attempt(load_ds, DATA);
	value("accessed bit", gdt[DATA / 8] >> 40 & 0xff);
}

static void call_gates(void)
{
	gdt[GATE / 8] = gate_descriptor((u32)gate_target, KERNEL_CODE, CALL_GATE | DPL3, 3);
	report("call gate with three parameters", run_user((u32)user_gate, 0));
	value("  bytes on the inner stack", tss.esp0 - trap.ebx);
	value("  first", trap.ecx);
	value("  second", trap.edx);
	value("  third", trap.esi);
	value("  SS", trap.edi);
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, KERNEL_CODE, CALL_GATE | DPL3, 3);
	report("call gate and RETF 12", run_user((u32)user_gate, 0));
	value("  DS after it", trap.handler_ds);
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, KERNEL_CODE, CALL_GATE, 3);
	report("call gate of DPL 0", run_user((u32)user_gate, 0));
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, KERNEL_CODE, (CALL_GATE | DPL3) & ~0x80, 3);
	report("call gate that is not present", run_user((u32)user_gate, 0));
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, KERNEL_DATA, CALL_GATE | DPL3, 3);
	report("call gate to data", run_user((u32)user_gate, 0));
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, 0, CALL_GATE | DPL3, 3);
	report("call gate to null", run_user((u32)user_gate, 0));
	u32 saved = tss.ss0;
	tss.ss0 = 0;
	gdt[GATE / 8] = gate_descriptor((u32)gate_return, RING1_CODE, CALL_GATE | DPL3, 3);
	tss.ss1 = 0;
	tss.ss0 = saved;
	report("call gate with a null inner stack", run_user((u32)user_gate, 0));
	tss.ss1 = KERNEL_DATA;
	report("call gate with an inner stack of another ring", run_user((u32)user_gate, 0));
}

static void rings(void)
{
	gdt[RING1_CODE / 8] = segment_descriptor(0, 0xfffff, 0xc0bb);
	gdt[RING1_DATA / 8] = segment_descriptor(0, 0xfffff, 0xc0b3);
	u32 ring1[] = { (u32)ring1_stop, RING1_CODE | 1, (u32)window + 4096, RING1_DATA | 1 };
	report("far return to ring 1", attempt(return_outer, (long)ring1));
	value("  CS", trap.eax);
	value("  SS", trap.ebx);
	value("  DS", trap.handler_ds);
	u32 ring3[] = { (u32)user_stop, USER_CODE | 3, (u32)window + 4096, USER_DATA | 3 };
	report("far return to ring 3", attempt(return_outer, (long)ring3));
	value("  DS", trap.handler_ds);
	ring3[3] = USER_DATA;
	report("far return to ring 3, SS with RPL 0", attempt(return_outer, (long)ring3));
	ring3[3] = 0;
	report("far return to ring 3, null SS", attempt(return_outer, (long)ring3));
	ring3[3] = USER_DATA | 3;
	ring3[1] = USER_CODE | 2;
	report("far return to ring 3, CS with RPL 2", attempt(return_outer, (long)ring3));
	gdt[CONFORMING / 8] = segment_descriptor(0, 0xfffff, 0xc09f);
	report("call of conforming code by ring 3", run_user((u32)user_conforming, 0));
	value("  CS there", trap.ecx);
}

/* From here on QEMU lets everything pass. */
static void limits(void)
{
	describe((u32)window, 0x7ff, 0x4093);
	manual("last doubleword", attempt(fs_read, 0x7fc), -1, 0, 0);
	manual("a byte beyond the limit", attempt(fs_read, 0x7fd), 13, 0, (u32)fs_read_here);
	manual("beyond the limit", attempt(fs_write, 0x800), 13, 0, (u32)fs_write_here);
	manual("an offset that wraps", attempt(fs_read, -2), 13, 0, (u32)fs_read_here);
	describe((u32)window, 0x7ff, 0x4097);
	manual("expand-down, below", attempt(fs_read, 0x7fc), 13, 0, (u32)fs_read_here);
	manual("expand-down, across its limit", attempt(fs_read, 0x7fe), 13, 0, (u32)fs_read_here);
	manual("expand-down, above", attempt(fs_read, 0x800), -1, 0, 0);
	describe((u32)window, 0x7ff, 0x0097);
	manual("16-bit expand-down, its last", attempt(fs_read, 0xfffc), -1, 0, 0);
	manual("16-bit expand-down, beyond 64 KiB", attempt(fs_read, 0xfffd), 13, 0, (u32)fs_read_here);
	describe((u32)window, 1, 0xc093);
	manual("limit in pages, last", attempt(fs_read, 0x1ffc), -1, 0, 0);
	manual("limit in pages, beyond", attempt(fs_read, 0x1ffe), 13, 0, (u32)fs_read_here);
}

static void rights(void)
{
	describe((u32)window, 0xfff, 0x4091);
	manual("write to read-only data", attempt(fs_write, 0), 13, 0, (u32)fs_write_here);
	manual("read of read-only data", attempt(fs_read, 0), -1, 0, 0);
	manual("write to code", attempt(cs_write, (long)window), 13, 0, (u32)cs_write_here);
	describe((u32)window, 0xfff, 0x409b);
	manual("read of readable code", attempt(fs_read, 0), -1, 0, 0);
	manual("write to readable code", attempt(fs_write, 0), 13, 0, (u32)fs_write_here);
	__asm__ volatile("mov %0, %%fs" : : "r"(0));
	manual("read through a null selector", attempt(fs_read, (long)window), 13, 0, (u32)fs_read_here);
}

void main(void)
{
	install_tables();
	gdt[RING1_CODE / 8] = segment_descriptor(0, 0xfffff, 0xc0bb);
	gdt[RING1_DATA / 8] = segment_descriptor(0, 0xfffff, 0xc0b3);
	bases();
	loads();
	call_gates();
	rings();
	limits();
	rights();
	print("done\n");
}
