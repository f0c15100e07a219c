/*
 * What the benchmark programs share: types, ports, and marks. A mark is a line on COM1,
 * "NAME CHECKSUM" or "NAME CHECKSUM COUNT", numbers as eight hexadecimal digits. The host times from
 * mark to mark; the checksum proves that the work was done, and done right; the count says how many round trips it was.
 * Built with NATIVE, marks go to standard output.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* A measured routine: kept whole, so that all compilers give the translator the same shape. */
#define KERNEL __attribute__((noinline)) static

/* Which phases are to run, a bit each in the order of the program; the host changes it in the image. */
extern u32 selected;

static inline void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#ifdef NATIVE
int putchar(int);
#define put_byte putchar
#else
#define put_byte(byte) outb(0x3f8, byte)
#endif

static void put_text(const char *text)
{
	while (*text)
		put_byte(*text++);
}

static void put_hex(u32 value)
{
	put_byte(' ');
	for (int shift = 28; shift >= 0; shift -= 4)
		put_byte("0123456789abcdef"[(value >> shift) & 15]);
}

/* After the work that it names. */
static inline void mark(const char *name, u32 checksum)
{
	put_text(name);
	put_hex(checksum);
	put_byte('\n');
}

/* The same for `count` round trips, of which one is to be known. */
static inline void mark_each(const char *name, u32 checksum, u32 count)
{
	put_text(name);
	put_hex(checksum);
	put_hex(count);
	put_byte('\n');
}

/* Whether the next phase is to run. To be asked once a phase, in their order. */
static inline int is_next_selected(void)
{
	static u32 phase;
	return (selected >> phase++) & 1;
}

#define PHASE(name, work) PHASE_WITH(1, name, work)

/* A phase that is left out, unmeasured, on a processor without what it is made of. */
#define PHASE_WITH(present, name, work)                \
	do {                                           \
		if (is_next_selected() && (present))   \
			mark(name, work);              \
	} while (0)
