/* The output: a log of records, as `io/output.ts` reads it. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "machine.h"

enum { RECORD_EXIT, RECORD_STDOUT, RECORD_STDERR, RECORD_FOLDER, RECORD_FILE };

/* Writes a record through, without keeping any of it: a trap that follows loses nothing. A record is its tag, the
 * length, and so many bytes, which `record_bytes` and `record_program` give in pieces. */
void record_begin(u8 tag, u32 length);
/* A length within a record, as short as it can be written. */
void record_length(u32 length);
void record_bytes(const void *bytes, u32 length);
/* Bytes of the program's memory. */
void record_program(u32 at, u32 length);
void record_end(void);

/* Writes what is in `/out` and the exit code, and ends the program. */
_Noreturn void leave(i32 code);

#endif
