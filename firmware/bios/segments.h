/* Constants that assembly shares with C: the segments (far.h) and the frame (registers.h). */
#define DATA_SEGMENT 0xe000
#define CODE_SEGMENT 0xf000

#define FRAME_EAX 0
#define FRAME_EBX 4
#define FRAME_ECX 8
#define FRAME_EDX 12
#define FRAME_ESI 16
#define FRAME_EDI 20
#define FRAME_EBP 24
#define FRAME_ESP 28
#define FRAME_DS 32
#define FRAME_ES 34
#define FRAME_FS 36
#define FRAME_GS 38
#define FRAME_SS 40
#define FRAME_IP 42
#define FRAME_CS 44
#define FRAME_FLAGS 46
#define FRAME_HANDLER 48
#define FRAME_AGAIN 50
#define FRAME_SIZE 52
