#ifndef KECCAK_H
#define KECCAK_H

#include "machine.h"

/* Keccak-256, as Solidity has it, of 40 bytes. */
void keccak256_40(const u8 preimage[40], u8 hash[32]);

#endif
