/* A page fault without an IDT: #PF, #GP on its delivery, #DF, shutdown. */
#include "kit32.h"

void main(void)
{
	install_tables();
	print("about to shut down\n");
	static const struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) nothing = { 0, 0 };
	__asm__ volatile("lidt %0; ud2" : : "m"(nothing));
	print("never\n");
}
