/** For parts that print one line of JSON when they are up: the line's object, if it has all of these keys. */
export function readJson<T extends object>(line: string, ...keys: (keyof T & string)[]): T | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as T
    return keys.every((key) => key in value) ? value : undefined
  } catch {
    return undefined
  }
}
