/** `1234567` as `1,234,567`: for counts such as gas, never for money. */
export function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}
