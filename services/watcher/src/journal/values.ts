/** JSON that keeps bigints: `12n` as the string "12n". Documents hold hex and addresses, which never look so. */

export function freeze(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
}

export function thaw<T>(text: string): T {
  return JSON.parse(text, (_, part) =>
    typeof part === 'string' && /^-?\d+n$/.test(part) ? BigInt(part.slice(0, -1)) : part,
  ) as T
}
