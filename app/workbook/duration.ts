/** A span of time as people say it: `<1 ms`, `12 ms`, `1.2 s`, `2 min 5 s`, `1 h 4 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1) return "<1 ms";
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
