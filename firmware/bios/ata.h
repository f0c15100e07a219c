/* ATA task file (ATA/ATAPI-6, "I/O register descriptions") and the protocol's common steps. */
#pragma once
#include "disk.h"

#define ATA_DATA 0
#define ATA_ERROR 1
#define ATA_FEATURES 1
#define ATA_COUNT 2
#define ATA_LBA_LOW 3
#define ATA_LBA_MID 4
#define ATA_LBA_HIGH 5
#define ATA_DEVICE 6
#define ATA_STATUS 7
#define ATA_COMMAND 7

#define STATUS_BSY 0x80
#define STATUS_DF 0x20
#define STATUS_DRQ 0x08
#define STATUS_ERR 0x01
#define DEVICE_LBA 0x40
#define DEVICE_OBSOLETE 0xa0 /* bits 7 and 5: one in older drives */
#define CONTROL_NIEN 0x02
#define CONTROL_SRST 0x04
#define CONTROL_BASE 0x08

#define CMD_READ_SECTORS 0x20
#define CMD_READ_SECTORS_EXT 0x24
#define CMD_WRITE_SECTORS 0x30
#define CMD_WRITE_SECTORS_EXT 0x34
#define CMD_PACKET 0xa0
#define CMD_IDENTIFY_PACKET 0xa1
#define CMD_IDENTIFY 0xec

/** Selects the drive and turns its interrupt off. @returns false if it stays busy */
bool ata_begin(struct Disk *disk, u8 device_bits);
/** Turns the drive's interrupt on again, as operating systems expect to find it. */
void ata_end(struct Disk *disk);
/** Waits for BSY to clear. @returns the status, or STATUS_BSY after too long */
u8 ata_wait(struct Disk *disk);
