/* Tables at F0000h that describe the machine to people and to older kernels. */
#pragma once
/** SMBIOS 2.4's, and the checksums of `_32_` and `$PIR`. */
void smbios_init(void);
