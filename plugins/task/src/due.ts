/** The instant that is a duration later than another: calendar parts in UTC, so that P1M is the same day of the next month. */
export function laterBy(at: number, duration: string): number {
  const parts =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(
      duration,
    );
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (
    parts?.slice(1) ?? []
  ).map((part: string | undefined) => Number(part ?? 0));
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + years * 12 + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return (
    date.getTime() +
    (weeks * 7 + days) * 86_400_000 +
    (hours * 3_600 + minutes * 60 + seconds) * 1_000
  );
}
