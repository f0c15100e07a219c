/*
 * ACPI 1.0 tables: RSDP -> RSDT -> FADT -> FACS and DSDT. There is no APIC, so there is no MADT: interrupts
 * go by the 8259s. The DSDT is AML that dsdt.ts writes when the ROM is built.
 */
#include "acpi.h"
#include "bytes.h"
#include "log.h"
#include "memory.h"
#include "pci.h"
#include "tables.h"

struct AcpiHeader {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} PACKED;

struct Rsdt {
	struct AcpiHeader header;
	u32 fadt;
} PACKED;

struct Fadt {
	struct AcpiHeader header;
	u32 firmware_ctrl, dsdt;
	u8 int_model, reserved;
	u16 sci_int;
	u32 smi_cmd;
	u8 acpi_enable, acpi_disable, s4bios_req, reserved2;
	u32 pm1a_evt_blk, pm1b_evt_blk, pm1a_cnt_blk, pm1b_cnt_blk, pm2_cnt_blk, pm_tmr_blk, gpe0_blk, gpe1_blk;
	u8 pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len, gpe0_blk_len, gpe1_blk_len, gpe1_base, reserved3;
	u16 p_lvl2_lat, p_lvl3_lat, flush_size, flush_stride;
	u8 duty_offset, duty_width, day_alrm, mon_alrm, century, reserved4[3];
	u32 flags;
} PACKED;
_Static_assert(sizeof(struct Fadt) == 116, "ACPI 1.0's FADT");

struct Facs {
	char signature[4];
	u32 length, hardware_signature, waking_vector, global_lock, flags;
	u8 reserved[40];
} PACKED;
_Static_assert(sizeof(struct Facs) == 64, "ACPI 1.0's FACS");

/* PIIX4's power management ports, and QEMU's and Gantry's answers to SMI_CMD. */
#define PM1_EVT 0x00
#define PM1_CNT 0x04
#define PM_TMR 0x08
#define GPE0_PORT 0xafe0
#define SMI_CMD_PORT 0xb2
#define ACPI_ENABLE 0xf1
#define ACPI_DISABLE 0xf0
#define SCI_IRQ 9
#define LATENCY_NO_C2 0xfff
#define LATENCY_NO_C3 0xfff
#define FADT_WBINVD 0x01
#define FADT_PROC_C1 0x04
#define FADT_SLP_BUTTON 0x20 /* there is no fixed sleep button */
#define FADT_FIX_RTC 0x40
#define CMOS_CENTURY 0x32

/* Offsets in the ACPI area. */
#define AT_RSDT 0x000
#define AT_FADT 0x040
#define AT_DSDT 0x100

#define RSDP_CHECKSUM 8
#define RSDP_RSDT 16
#define RSDP_BYTES 20

extern const char acpi_rsdp[];
extern const u8 dsdt_aml[];
extern const u16 dsdt_aml_bytes;

static void fill_header(struct AcpiHeader *h, const char *signature, u32 length)
{
	put_text(h->signature, signature, 4);
	h->length = length;
	h->revision = 1;
	put_text(h->oem_id, "GANTRY", 6);
	put_text(h->oem_table_id, "GANTRYPC", 8);
	h->oem_revision = 1;
	put_text(h->creator_id, "GTRY", 4);
	h->creator_revision = 1;
}

static void finish(struct AcpiHeader *h, u32 offset)
{
	h->checksum = checksum_of(h, h->length);
	physical_copy(memory_acpi + offset, physical(h), h->length);
}

static void fill_ports(struct Fadt *f)
{
	f->pm1a_evt_blk = pm_base + PM1_EVT;
	f->pm1a_cnt_blk = pm_base + PM1_CNT;
	f->pm_tmr_blk = pm_base + PM_TMR;
	f->gpe0_blk = GPE0_PORT;
	f->pm1_evt_len = 4;
	f->pm1_cnt_len = 2;
	f->pm_tmr_len = 4;
	f->gpe0_blk_len = 4;
}

static void write_fadt(void)
{
	struct Fadt f;
	zero(&f, sizeof(f));
	fill_header(&f.header, "FACP", sizeof(f));
	fill_ports(&f);
	f.firmware_ctrl = memory_nvs;
	f.dsdt = memory_acpi + AT_DSDT;
	f.sci_int = SCI_IRQ;
	f.smi_cmd = SMI_CMD_PORT;
	f.acpi_enable = ACPI_ENABLE;
	f.acpi_disable = ACPI_DISABLE;
	f.p_lvl2_lat = LATENCY_NO_C2;
	f.p_lvl3_lat = LATENCY_NO_C3;
	f.century = CMOS_CENTURY;
	f.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_SLP_BUTTON | FADT_FIX_RTC;
	finish(&f.header, AT_FADT);
}

static void write_rsdt(void)
{
	struct Rsdt r;
	zero(&r, sizeof(r));
	fill_header(&r.header, "RSDT", sizeof(r));
	r.fadt = memory_acpi + AT_FADT;
	finish(&r.header, AT_RSDT);
}

static void write_facs(void)
{
	struct Facs f;
	zero(&f, sizeof(f));
	put_text(f.signature, "FACS", 4);
	f.length = sizeof(f);
	physical_copy(memory_nvs, physical(&f), sizeof(f));
}

/** Without its pointer the RSDP must not be found: it keeps a wrong checksum until here. */
static void publish(void)
{
	poke32(CODE_SEGMENT, (u32)acpi_rsdp + RSDP_RSDT, memory_acpi + AT_RSDT);
	poke8(CODE_SEGMENT, (u32)acpi_rsdp + RSDP_CHECKSUM, checksum_in_code(acpi_rsdp, RSDP_BYTES));
}

void acpi_init(void)
{
	if (!pm_base)
		return;
	write_facs();
	physical_copy(memory_acpi + AT_DSDT, physical(dsdt_aml), dsdt_aml_bytes);
	write_fadt();
	write_rsdt();
	publish();
	log("ACPI: RSDT at %08x\n", memory_acpi + AT_RSDT);
}
